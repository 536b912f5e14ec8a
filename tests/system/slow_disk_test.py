"""What is told while the disk does not answer: no answer leaves before it is durable, and nobody waits for ever."""

import concurrent.futures
import datetime
import time

from harness import SystemTest, main, product
from people import MERGE_PATCH
from preloaded import Preloaded

SOURCE = r"""
static int held_sync(long number, int file) {
  struct timespec moment = {0, 1000000};
  while (shared && *shared) nanosleep(&moment, 0);
  return (int)syscall(number, file);
}
int fdatasync(int file) { return held_sync(SYS_fdatasync, file); }
int fsync(int file) { return held_sync(SYS_fsync, file); }
"""


class SlowDiskTest(SystemTest):
    def test_whoever_asks_meanwhile_is_told_in_time_to_ask_again(self):
        disk = Preloaded(self.folder, SOURCE)
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

    def until_refused(self, client, path, reason):
        """Until what is being written has been judged, it is answered as it was."""
        while (answer := client.get(path)).status == 200:
            pass
        self.assert_problem(answer, 503, reason)


if __name__ == "__main__":
    main()
