"""The ledger of the stock, read from the log as an auditor would, after crowds and crashes."""

import http.client
import random
import threading

from harness import ADDRESS, SystemTest, eventually, main, product, read_events
from keeper import Keeper, balanced, pay
from ledger import Ledger


class AuditTest(SystemTest):
    def test_the_ledger_balances_at_every_position_whatever_keepers_and_buyers_do_at_once(self):
        self.import_rows(*(product(f"sku-{i}", stock=30) for i in range(4)))
        server = self.start()
        ids = list(server.products().values())
        server.customer("ada")
        keepers = [Keeper(server.admin(), id_) for id_ in ids]

        def keep(seed):
            chance = random.Random(seed)
            admin = server.admin()
            for _ in range(40):
                keeper = Keeper(admin, chance.choice(ids))
                now = keeper.stock()
                what = chance.randrange(5)
                if what == 0:
                    keeper.adjust(now["on_hand"], max(now["on_hand"] + chance.randrange(-9, 9), 0))
                elif what == 1:
                    admin.post(f"{keeper.path}/receipts", {"quantity": chance.randrange(1, 9), "reason": "delivery"})
                elif what == 2:
                    keeper.configure({"low_threshold": chance.choice((None, 0, 5, 20))})
                else:
                    keeper.configure({"mode": chance.choice(("tracked", "tracked", "untracked"))})

        def buy(seed):
            chance = random.Random(seed)
            ada = server.log_in("ada")
            for _ in range(40):
                items = [{"product_id": id_, "quantity": chance.randrange(1, 6)} for id_ in chance.sample(ids, 2)]
                placed = ada.post("/api/v1/orders", {"items": items, "address": ADDRESS})
                if placed.status != 201:
                    self.assert_problem(placed, 409, "order.stock_short")
                elif chance.randrange(2):
                    ada.post(f"/api/v1/orders/{placed.json['id']}/cancel")
                elif chance.randrange(2):
                    pay(ada, placed.json["id"])

        failures = []

        def guarded(act, seed):
            try:
                act(seed)
            except Exception as failure:  # told by the test's own thread
                failures.append(repr(failure))

        threads = [threading.Thread(target=guarded, args=(act, seed)) for seed in range(3) for act in (keep, buy)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        server.settled_position()
        for keeper in keepers:
            stock, movements = keeper.stock(), keeper.movements()
            self.assertTrue(balanced(stock), stock)
            self.assertEqual(sum(movement["change"] for movement in movements), stock["on_hand"])
            sums = {kind: sum(m["change"] for m in movements if m["kind"] == kind)
                    for kind in ("received", "adjusted", "restocked", "sold")}
            self.assertEqual(sums, {"received": stock["received"], "adjusted": stock["adjusted"],
                                    "restocked": stock["restocked"], "sold": -stock["sold"]})
        server.stop()
        self.assertEqual(Ledger(read_events(self.data)).check_settled(), [])


class CrashTest(SystemTest):
    def test_b25_b26_a_kill_between_the_order_and_its_payment_leaks_no_reservation(self):
        self.import_rows(product("tea", stock=10))
        server = self.start("order.payment_timeout_s=2")
        ada, tea = server.customer("ada"), server.products()["tea"]
        order = ada.ok("POST", "/api/v1/orders", {"items": [{"product_id": tea, "quantity": 4}], "address": ADDRESS},
                       status=201)["id"]
        server.kill()
        server = self.start("order.payment_timeout_s=2")
        keeper = Keeper(server.admin(), tea)
        ada = server.log_in("ada")
        eventually("the order is cancelled", lambda: ada.ok("GET", f"/api/v1/orders/{order}")["state"] == "cancelled")
        eventually("its stock is free", lambda: keeper.figures("reserved", "available") == (0, 10))
        self.assertEqual(keeper.holds()["items"], [])

    def test_a_guests_cart_killed_while_it_is_merged_arrives_once(self):
        self.import_rows(product("tea", stock=10))
        server = self.start()
        ada, tea = server.customer("ada"), server.products()["tea"]
        guest = server.guest()
        token = guest.ok("POST", "/api/v1/guest-carts", status=201)["token"]
        guest.ok("POST", "/api/v1/cart/items", {"product_id": tea, "quantity": 3},
                 headers={"Souk-Cart-Token": token})

        def merge():
            try:
                ada.post("/api/v1/cart/merge", {"cart_token": token})
            except (OSError, http.client.HTTPException):
                pass

        merging = threading.Thread(target=merge)
        merging.start()
        server.kill()
        merging.join()
        server = self.start()
        ada = server.log_in("ada")
        for _ in range(2):
            cart = ada.ok("POST", "/api/v1/cart/merge", {"cart_token": token})
            self.assertEqual([line["quantity"] for line in cart["items"]], [3])


if __name__ == "__main__":
    main()
