"""Many buyers and not enough for all of them."""

import collections
import itertools
import threading

from harness import ADDRESS, SystemTest, main, product, read_events
from ledger import Ledger

BUYERS, ORDERS, STOCK = 32, 500, 100


class RaceTest(SystemTest):
    def race(self, work):
        """Calls `work(buyer)` for each buyer, all at the same time; what it raises fails the test."""
        barrier, errors = threading.Barrier(BUYERS), []

        def run(buyer):
            try:
                barrier.wait()
                work(buyer)
            except Exception as error:  # told to the test's own thread
                errors.append(error)

        threads = [threading.Thread(target=run, args=(buyer,)) for buyer in self.buyers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_a_hundred_pieces_are_sold_to_a_hundred_of_five_hundred_orders(self):
        self.import_rows(product("rare", stock=STOCK))
        server = self.start()
        admin, rare = server.admin(), server.products()["rare"]
        self.buyers = [server.customer(f"buyer-{number}") for number in range(BUYERS)]
        body = {"items": [{"product_id": rare, "quantity": 1}], "address": ADDRESS}
        numbers, placed, refused = itertools.count(), collections.deque(), collections.deque()

        def buy(buyer):
            while next(numbers) < ORDERS:
                answer = buyer.post("/api/v1/orders", body)
                if answer.status == 201:
                    self.assertEqual(answer.json["state"], "awaiting_payment")
                    placed.append((buyer, answer.json["id"]))
                else:
                    problem = self.assert_problem(answer, 409, "order.stock_short")
                    self.assertEqual(problem["shortages"], [{"product_id": rare, "asked": 1, "available": 0}])
                    refused.append(problem["order_id"])

        self.race(buy)
        self.assertEqual((len(placed), len(refused)), (STOCK, ORDERS - STOCK))
        self.assertEqual(len({order for _, order in placed} | set(refused)), ORDERS)
        server.settled_position()
        stock = admin.ok("GET", f"/api/v1/admin/stock/{rare}")
        self.assertEqual((stock["on_hand"], stock["reserved"], stock["available"], stock["sold"]), (STOCK, STOCK, 0, 0))

        def pay(buyer):
            for owner, order in placed:
                if owner is not buyer:
                    continue
                payment = buyer.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)
                buyer.ok("POST", payment["pay_url"], {"outcome": "success"})

        self.race(pay)
        server.settled_position()
        stock = admin.ok("GET", f"/api/v1/admin/stock/{rare}")
        self.assertEqual((stock["on_hand"], stock["reserved"], stock["available"], stock["sold"]), (0, 0, 0, STOCK))
        server.stop()
        ledger = Ledger(read_events(self.data))
        self.assertEqual(ledger.check_settled(), [])
        states = collections.Counter(order.state for order in ledger.orders.values())
        self.assertEqual(states, {"paid": STOCK, "rejected": ORDERS - STOCK})


if __name__ == "__main__":
    main()
