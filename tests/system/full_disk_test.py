"""A write that fails ends the process with a clear message, and nothing acknowledged is lost."""

import http.client
import json
import os
import resource
import shutil
import subprocess
import threading
import unittest

from harness import ADDRESS, BINARY, SystemTest, environment, main, product, read_events, souk
from ledger import Ledger

DISK_FAILED = 74
BUYERS = 4
TMPFS_MIB = 24


def limit_files_to(size):
    """For the child: no file grows beyond `size` bytes; writing more fails with EFBIG, as a full disk does."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


class FullDiskTest(SystemTest):
    def buy_until_it_ends(self, server):
        """What was acknowledged: the state of each order, and each cart's quantity."""
        id_ = server.products()["tea"]
        orders, carts, faults = {}, {}, []

        def run(buyer):
            body = {"items": [{"product_id": id_, "quantity": 1}], "address": ADDRESS}
            carts[buyer.account] = 0
            try:
                while True:
                    answer = buyer.post("/api/v1/orders", body)
                    if answer.status != 201:
                        faults.append(answer)
                        return
                    orders[answer.json["id"]] = "awaiting_payment"
                    buyer.ok("POST", "/api/v1/cart/items", {"product_id": id_, "quantity": 1})
                    carts[buyer.account] += 1
            except (OSError, http.client.HTTPException):
                return  # it has ended

        buyers = [server.customer(f"buyer-{os.urandom(4).hex()}") for _ in range(BUYERS)]
        threads = [threading.Thread(target=run, args=(buyer,)) for buyer in buyers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [], "a request was refused before the process ended")
        return orders, carts

    def check_after_the_failure(self, server, orders, carts):
        self.assertEqual(server.wait(), DISK_FAILED, server.stderr)
        self.assertRegex(server.stderr, r"souk: fatal: .{20,}")
        self.assertGreater(len(orders), 20)

    def check_all_is_there(self, orders, carts):
        again = self.start(quiet=True)
        again.settled_position()
        again.stop()
        ledger = Ledger(read_events(self.data))
        self.assertEqual(ledger.check_settled(), [])
        for id_, state in orders.items():
            self.assertIn(id_, ledger.orders, "an acknowledged order is lost")
            self.assertEqual(ledger.orders[id_].state, state)
        for account, quantity in carts.items():
            self.assertIn(sum(ledger.carts[account].values()) - quantity, (0, 1))

    def test_a_file_that_cannot_grow_stops_the_process(self):
        self.import_rows(product("tea", stock=1_000_000))
        # Three times in a row, so that a start on what the failure left is tried as well.
        for size in (512 << 10, 768 << 10, 1 << 20):
            with self.subTest(file_bytes_max=size):
                server = self.start(quiet=True, preexec=limit_files_to(size))
                orders, carts = self.buy_until_it_ends(server)
                self.check_after_the_failure(server, orders, carts)
                self.check_all_is_there(orders, carts)

    def test_an_import_that_cannot_be_written_says_so(self):
        rows = "".join(json.dumps(product(f"sku-{i}", description="x" * 1000)) + "\n" for i in range(5000))
        failed = subprocess.run([BINARY, "import", "--data", self.data, "-"], input=rows.encode(), capture_output=True,
                                env=environment(), preexec_fn=limit_files_to(1 << 20), timeout=60, check=False)
        self.assertEqual(failed.returncode, DISK_FAILED, failed)
        self.assertRegex(failed.stderr.decode(), r"souk: fatal: .{20,}")
        begun = read_events(self.data)
        done = souk("import", "--data", self.data, "-", stdin=rows.encode())
        self.assertEqual((done.returncode, b" 0 refused" in done.stderr), (0, True), done)
        events = read_events(self.data)
        self.assertEqual(events[:len(begun)], begun)
        self.assertEqual(len(events), 10_000)

    def test_a_full_file_system_stops_the_process(self):
        self.data.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MIB}m", "souk-test", self.data],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            raise unittest.SkipTest("no file system can be mounted here: " + mounted.stderr.decode().strip())
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.data], check=False)
        self.import_rows(product("tea", stock=1_000_000))
        server = self.start(quiet=True)
        free = shutil.disk_usage(self.data).free
        with open(self.data / "filler", "wb") as filler:
            filler.write(b"\0" * (free - (2 << 20)))
        orders, carts = self.buy_until_it_ends(server)
        self.check_after_the_failure(server, orders, carts)
        (self.data / "filler").unlink()
        self.check_all_is_there(orders, carts)


if __name__ == "__main__":
    main()
