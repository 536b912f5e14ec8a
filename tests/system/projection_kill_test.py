"""kill -9 in the middle of projections, again and again: every read model is what the log says, made anew or not.

SOUK_PROJECTION_KILLS says how often (default 20) and SOUK_SEED what chance does; both are printed.
"""

import concurrent.futures
import os
import random
import sys
import threading
import time

from harness import ADDRESS, SystemTest, main, product, souk

KILLS = int(os.environ.get("SOUK_PROJECTION_KILLS", "20"))
SEED = int(os.environ.get("SOUK_SEED") or random.SystemRandom().randrange(1 << 32))
BUYERS = 2
ROUTE = "/api/v1/admin/projections"


class ProjectionKillTest(SystemTest):
    def setUp(self):
        super().setUp()
        print(f"SOUK_PROJECTION_KILLS={KILLS} SOUK_SEED={SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        self.import_rows(*(product(f"tea-{number}", stock=10_000_000) for number in range(20)))

    def buy(self, client, over):
        lines = [{"product_id": id_, "quantity": 1} for id_ in self.random.sample(self.ids, 3)]
        while not over.is_set():
            try:
                order = client.post("/api/v1/orders", {"items": lines, "address": ADDRESS}).json
                client.post(f"/api/v1/orders/{order['id']}/cancel", {})
            except Exception:  # it was killed
                return

    def test_every_read_model_is_the_fold_of_the_log_whenever_the_process_dies(self):
        server = self.start(quiet=True)
        self.ids = list(server.products().values())
        for number in range(BUYERS):
            server.customer(f"buyer{number}")
        taken_over = 0
        for _ in range(KILLS):
            admin, over = server.admin(), threading.Event()
            clients = [server.log_in(f"buyer{number}") for number in range(BUYERS)]
            with concurrent.futures.ThreadPoolExecutor(BUYERS) as pool:
                for client in clients:
                    pool.submit(self.buy, client, over)
                try:
                    before = admin.ok("GET", ROUTE)["items"]
                    for name in [item["name"] for item in before if "building" not in item]:
                        verb = self.random.choice(("rebuild", "rebuild", "rollback"))
                        admin.send("POST", f"{ROUTE}/{name}/{verb}", {})
                    time.sleep(self.random.uniform(0, 0.4))
                finally:
                    over.set()
                    server.kill()
            done = souk("projections", "diff", "all", "--data", self.data)
            self.assertEqual(done.returncode, 0, done)
            server = self.start(quiet=True)
            after = server.admin().ok("GET", ROUTE)["items"]
            taken_over += sum(one["generation"] != other["generation"] for one, other in zip(before, after))
        server.settled_position()
        server.stop()
        done = souk("projections", "diff", "all", "--data", self.data)
        self.assertEqual(done.returncode, 0, done)
        self.assertGreater(taken_over, 0)


if __name__ == "__main__":
    main()
