"""What is told while the disk does not answer: no answer leaves before it is durable, and nobody waits for ever."""

import concurrent.futures
import datetime
import time

from harness import ADDRESS, SystemTest, main, product
from people import MERGE_PATCH
from preloaded import Preloaded

HELD = r"""
static void wait_while_held(void) {
  struct timespec moment = {0, 1000000};
  while (shared && *shared) nanosleep(&moment, 0);
}
"""
SYNCS = HELD + r"""
int fdatasync(int file) { wait_while_held(); return (int)syscall(SYS_fdatasync, file); }
int fsync(int file) { wait_while_held(); return (int)syscall(SYS_fsync, file); }
"""
READS = HELD + r"""
ssize_t pread(int file, void* out, size_t size, off_t offset) {
  wait_while_held();
  return syscall(SYS_pread64, file, out, size, offset);
}
"""


class SlowDiskTest(SystemTest):
    def test_whoever_asks_meanwhile_is_told_in_time_to_ask_again(self):
        disk = Preloaded(self.folder, SYNCS)
        self.import_rows(product("tea"))
        server = self.start("order.answer_deadline_ms=200", env=disk.environment)
        tea = server.products()["tea"]
        ada, admin = server.customer("ada"), server.admin()
        readers = [server.log_in("ada"), server.guest(), server.admin()]
        yesterday = str(datetime.date.fromtimestamp(time.time() - 2 * 86_400))
        add = {"product_id": tea, "quantity": 1}
        disk.set(1)
        try:
            with concurrent.futures.ThreadPoolExecutor() as several:
                writes = [several.submit(ada.post, "/api/v1/cart/items", add),
                          several.submit(admin.send, "PATCH", f"/api/v1/admin/products/{tea}", {"name": "Better tea"},
                                         media=MERGE_PATCH, headers={"If-Match": "*"})]
                compared = several.submit(readers[2].post, "/api/v1/admin/reconciliations",
                                          {"provider": "sandbox", "date": yesterday})
                self.until_refused(readers[0], "/api/v1/cart", "cart.not_read")
                self.until_refused(readers[1], f"/api/v1/products?ids={tea}", "product.not_read")
                self.assert_problem(compared.result(), 503, "reconciliation.not_yet")
                self.assertFalse(any(write.done() for write in writes))
                disk.set(0)
                self.assertEqual([write.result().status for write in writes], [200, 200])
        finally:
            disk.set(0)
        self.assertEqual(ada.ok("GET", "/api/v1/cart")["items"][0]["quantity"], 1)
        self.assertEqual(server.guest().ok("GET", f"/api/v1/products?ids={tea}")["items"][0]["name"], "Better tea")

    def test_whoever_was_told_that_nothing_was_placed_has_no_order(self):
        disk = Preloaded(self.folder, READS)
        # More than starting leaves in memory.
        self.import_rows(*(product(f"tea-{number}", description="leaf " * 1_000) for number in range(500)))
        server = self.start()
        server.customer("ada").close()
        tea = server.products()["tea-100"]
        server.stop()
        server = self.start("order.answer_deadline_ms=200", env=disk.environment)
        ada = server.log_in("ada")
        wanted = {"items": [{"product_id": tea, "quantity": 1}], "address": ADDRESS}
        disk.set(1)
        try:
            self.assert_problem(ada.post("/api/v1/orders", wanted, key="held"), 503, "order.not_yet")
        finally:
            disk.set(0)
        server.settled_position()
        self.assertEqual(ada.ok("GET", "/api/v1/orders")["items"], [])
        self.assertEqual(ada.post("/api/v1/orders", wanted, key="held").status, 201)

    def until_refused(self, client, path, reason):
        """Until what is being written has been judged, it is answered as it was."""
        while (answer := client.get(path)).status == 200:
            pass
        self.assert_problem(answer, 503, reason)


if __name__ == "__main__":
    main()
