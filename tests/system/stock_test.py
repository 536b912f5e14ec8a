"""The stock as its keepers see it, and under pressure from many orders, against the real binary.

Each of the reference shop's faults B16 to B28 that can be provoked from outside has a test that names it.
"""

import threading

from harness import ADDRESS, SharedServerTest, eventually, main, product
from keeper import Keeper, balanced, pay

NOBODY = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


class StockTest(SharedServerTest):
    rows = [product(f"sku-{i:02}", stock=10) for i in range(30)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.customer("ada")
        cls.fresh = iter(sorted(cls.skus))

    def keeper(self):
        """Of a product that no other test uses."""
        return Keeper(self.admin, self.skus[next(self.fresh)])

    def order(self, keeper, quantity, client=None):
        return (client or self.ada).post("/api/v1/orders", {"items": [{"product_id": keeper.id, "quantity": quantity}],
                                                            "address": ADDRESS})

    def sold(self, keeper, quantity):
        order = self.order(keeper, quantity).json["id"]
        pay(self.ada, order)
        eventually("it is sold", lambda: keeper.stock()["sold"] >= quantity)
        return order

    # --- adjusting

    def test_a_correction_is_made_from_what_was_counted(self):
        keeper = self.keeper()
        answer = keeper.adjust(10, 7, "3 broken")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.json["on_hand"], answer.json["adjusted"]), (7, -3))
        self.assertTrue(balanced(answer.json))

    def test_a_stale_correction_is_refused_with_how_it_is_now(self):
        keeper = self.keeper()
        problem = self.assert_problem(keeper.adjust(9, 7), 409, "stock.stale")
        self.assertEqual((problem["on_hand"], problem["reserved"], problem["available"]), (10, 0, 10))
        self.assertEqual(keeper.stock()["on_hand"], 10)

    def test_a_correction_below_what_is_reserved_is_refused_with_how_it_is_now(self):
        keeper = self.keeper()
        self.assertEqual(self.order(keeper, 4).status, 201)
        problem = self.assert_problem(keeper.adjust(10, 3), 409, "stock.below_reserved")
        self.assertEqual((problem["on_hand"], problem["reserved"], problem["available"]), (10, 4, 6))
        self.assertEqual(keeper.adjust(10, 4).json["available"], 0)

    def test_b17_a_stock_corrected_to_nothing_is_sold_out_and_stays_so(self):
        keeper = self.keeper()
        self.assertEqual(keeper.adjust(10, 0).json["available"], 0)
        problem = self.assert_problem(self.order(keeper, 1), 409, "order.stock_short")
        self.assertEqual(problem["shortages"][0]["available"], 0)
        self.assertEqual(keeper.figures("on_hand", "reserved"), (0, 0))

    def test_bad_corrections_are_refused_and_change_nothing(self):
        keeper = self.keeper()
        for body, reason in (({"from": 10, "to": -1, "reason": ""}, "stock.quantity_invalid"),
                             ({"from": -1, "to": 1, "reason": ""}, "stock.quantity_invalid"),
                             ({"from": 10, "to": 1, "reason": "a\nb"}, "stock.reason_invalid"),
                             ({"from": 10, "to": 1, "reason": "x" * 201}, "stock.reason_invalid"),
                             ({"from": 10, "reason": ""}, "field.invalid"),
                             ({"from": 10.5, "to": 1, "reason": ""}, "field.invalid"),
                             ({"from": 10, "to": 2**53, "reason": ""}, None)):
            answer = self.admin.post(f"{keeper.path}/adjustments", body)
            self.assert_problem(answer, 400, reason)
        self.assertEqual(keeper.figures("on_hand", "adjusted"), (10, 0))
        self.assert_problem(self.admin.post(f"/api/v1/admin/stock/{NOBODY}/adjustments",
                                            {"from": 0, "to": 1, "reason": ""}), 404, "product.not_found")

    def test_a_correction_said_twice_with_one_key_is_made_once(self):
        keeper = self.keeper()
        body = {"from": 10, "to": 12, "reason": "found"}
        for _ in range(2):
            answer = self.admin.post(f"{keeper.path}/adjustments", body, key="count-" + keeper.id)
            self.assertEqual((answer.status, answer.json["on_hand"]), (200, 12))

    def test_corrections_and_reservations_at_once_never_sell_what_is_not_there(self):
        keeper = self.keeper()
        placed, wrong, stop = [], [], threading.Event()

        def buy(client):
            while not stop.is_set():
                answer = self.order(keeper, 1, client)
                if answer.status == 201:
                    placed.append(answer.json["id"])
                elif answer.json["reason"] == "order.stock_short":
                    return

        def count(client):
            mine = Keeper(client, keeper.id)
            for _ in range(40):
                now = mine.stock()
                answer = mine.adjust(now["on_hand"], max(now["reserved"] - 1, 0)).json
                if not (balanced(now) and 0 <= answer["reserved"] <= answer["on_hand"]):
                    wrong.append((now, answer))

        threads = [threading.Thread(target=buy, args=(self.server.log_in("ada"),)) for _ in range(3)]
        threads += [threading.Thread(target=count, args=(self.server.admin(),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads[3:]:
            thread.join()
        stop.set()
        for thread in threads[:3]:
            thread.join()
        self.server.settled_position()
        self.assertEqual(wrong, [])
        stock = keeper.stock()
        self.assertTrue(balanced(stock), stock)
        self.assertEqual(stock["reserved"], len(placed))

    # --- modes and thresholds

    def test_an_untracked_stock_is_never_short_and_counts_what_it_sells(self):
        keeper = self.keeper()
        self.assertEqual(keeper.configure({"mode": "untracked"}).json["mode"], "untracked")
        self.sold(keeper, 30)
        stock = keeper.stock()
        self.assertEqual((stock["sold"], stock["on_hand"], stock["reserved"]), (30, -20, 0))
        self.assertTrue(balanced(stock))
        problem = self.assert_problem(keeper.configure({"mode": "tracked"}), 409, "stock.below_reserved")
        self.assertEqual((problem["on_hand"], problem["mode"]), (-20, "untracked"))
        self.assertEqual(keeper.adjust(-20, 6).status, 200)
        self.assertEqual(keeper.configure({"mode": "tracked"}).json["available"], 6)
        self.assert_problem(self.order(keeper, 7), 409, "order.stock_short")

    def test_a_reservation_made_untracked_counts_when_the_stock_is_tracked_again(self):
        keeper = self.keeper()
        keeper.configure({"mode": "untracked"})
        self.assertEqual(self.order(keeper, 15).status, 201)
        problem = self.assert_problem(keeper.configure({"mode": "tracked"}), 409, "stock.below_reserved")
        self.assertEqual((problem["on_hand"], problem["reserved"]), (10, 15))
        keeper.adjust(10, 15)
        tracked = keeper.configure({"mode": "tracked"}).json
        self.assertEqual((tracked["reserved"], tracked["available"]), (15, 0))

    def test_a_stock_that_comes_down_to_its_threshold_is_listed_as_low_until_it_is_replenished(self):
        keeper = self.keeper()
        self.assertFalse(keeper.configure({"low_threshold": 5}).json["low"])
        self.assertEqual(self.order(keeper, 5).status, 201)
        stock = keeper.stock()
        self.assertTrue(stock["low"])
        position = keeper.configure({"low_threshold": 6}).headers["Souk-Position"]

        def low():
            page = self.admin.ok("GET", "/api/v1/admin/stock?low=true&limit=100", headers={"Souk-Position": position})
            return {item["product_id"]: item for item in page["items"]}

        self.assertEqual(low()[keeper.id]["available"], 5)
        self.assertTrue(low()[keeper.id]["low_since"])
        received = self.admin.post(f"{keeper.path}/receipts", {"quantity": 9, "reason": "delivery"})
        position = received.headers["Souk-Position"]
        self.assertFalse(received.json["low"])
        self.assertNotIn(keeper.id, low())

    def test_a_patch_changes_what_it_names_and_null_takes_the_threshold_away(self):
        keeper = self.keeper()
        keeper.configure({"low_threshold": 3})
        self.assertEqual(keeper.configure({"mode": "untracked"}).json["low_threshold"], 3)
        self.assertNotIn("low_threshold", keeper.configure({"low_threshold": None}).json)
        self.assertEqual(keeper.configure({}).json["mode"], "untracked")
        for patch, reason in (({"mode": None}, "field.invalid"), ({"mode": "guessed"}, "field.invalid"),
                              ({"low_threshold": -1}, "stock.threshold_invalid"), ({"on_hand": 3}, "field.invalid")):
            self.assert_problem(keeper.configure(patch), 400, reason)

    def test_a_patch_says_which_version_it_is_of_and_one_of_another_is_refused(self):
        keeper = self.keeper()
        needed = keeper.configure({"low_threshold": 2}, if_match=None)
        self.assert_problem(needed, 428, "request.precondition_required")
        for wrong in ("1.1.7", '"1.1.7', "W/", '"a" "b"'):
            refused = keeper.configure({"low_threshold": 2}, if_match=wrong)
            self.assert_problem(refused, 400, "request.if_match_invalid")
        self.assertNotIn("low_threshold", keeper.stock())
        old = self.admin.get(keeper.path).headers["ETag"]
        new = keeper.configure({"low_threshold": 2}, if_match=old).headers["ETag"]
        self.assert_problem(keeper.configure({"low_threshold": 4}, if_match=old), 412, "version.changed")
        self.assertEqual(keeper.configure({"low_threshold": 4}, if_match=new).status, 200)

    def test_b18_the_list_of_stocks_has_every_stock_once_however_many_pages_it_takes(self):
        self.server.settled_position()
        seen, cursor = [], ""
        while cursor is not None:
            page = self.admin.ok("GET", f"/api/v1/admin/stock?limit=7{'&cursor=' if cursor else ''}{cursor}")
            seen += [item["product_id"] for item in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual(sorted(seen), sorted(self.skus.values()))
        self.assert_problem(self.admin.get("/api/v1/admin/stock?low=maybe"), 400, "query.low_invalid")
        self.assert_problem(self.admin.get("/api/v1/admin/stock?cursor=nonsense"), 400, "cursor.invalid")

    # --- who holds what, and what moved

    def test_a_keeper_sees_who_holds_what(self):
        keeper = self.keeper()
        orders = {self.order(keeper, 1).json["id"] for _ in range(5)}
        first = keeper.holds("?limit=3")
        second = keeper.holds(f"?limit=3&cursor={first['next_cursor']}")
        self.assertEqual((len(first["items"]), len(second["items"]), second["next_cursor"]), (3, 2, None))
        held = first["items"] + second["items"]
        self.assertEqual({hold["order_id"] for hold in held}, orders)
        for hold in held:
            self.assertEqual(hold["quantity"], 1)
            due = self.ada.ok("GET", f"/api/v1/orders/{hold['order_id']}")["payment_due_at"]
            self.assertEqual(hold["expires_at"], due)
        other = self.keeper()
        self.assert_problem(self.admin.get(f"{other.path}/holds?cursor={first['next_cursor']}"), 400, "cursor.invalid")

    def test_every_movement_is_listed_with_its_reason_and_the_balance_after_it(self):
        keeper = self.keeper()
        order = self.sold(keeper, 4)
        keeper.adjust(6, 5, "1 broken")
        self.admin.ok("POST", f"{keeper.path}/receipts", {"quantity": 20, "reason": "delivery 7"}, status=201)
        self.server.settled_position()
        movements = keeper.movements()
        self.assertEqual([(m["kind"], m["change"], m["on_hand"], m["reason"]) for m in movements],
                         [("received", 20, 25, "delivery 7"), ("adjusted", -1, 5, "1 broken"), ("sold", -4, 6, ""),
                          ("received", 10, 10, "import")])
        self.assertEqual(movements[2]["order_id"], order)
        self.assertEqual(movements, sorted(movements, key=lambda m: -m["position"]))

    # --- faults of the reference shop

    def test_b16_b21_a_reservation_neither_expires_by_itself_nor_is_released_twice(self):
        keeper = self.keeper()
        order = self.order(keeper, 3).json["id"]
        for _ in range(3):
            answer = self.ada.post(f"/api/v1/orders/{order}/cancel")
        self.assertEqual(answer.json["state"], "cancelled")
        eventually("it is released", lambda: keeper.figures("reserved") == (0,))
        self.server.settled_position()
        self.assertEqual(keeper.figures("on_hand", "reserved", "available"), (10, 0, 10))

    def test_b19_b27_the_last_pieces_can_be_reserved_and_paid_and_count_as_sold(self):
        keeper = self.keeper()
        self.sold(keeper, 10)
        self.assertEqual(keeper.figures("on_hand", "reserved", "sold"), (0, 0, 10))

    def test_b20_a_payment_told_twice_is_deducted_once(self):
        keeper = self.keeper()
        order = self.order(keeper, 2).json["id"]
        payment = self.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)
        for _ in range(3):
            self.ada.post(f"/sandbox/payments/{payment['id']}", {"outcome": "success"})
        eventually("it is sold", lambda: keeper.stock()["sold"] == 2)
        self.server.settled_position()
        self.assertEqual(keeper.figures("on_hand", "sold"), (8, 2))

    def test_b22_what_is_received_is_available_at_once_beside_what_is_reserved(self):
        keeper = self.keeper()
        self.order(keeper, 4)
        received = self.admin.ok("POST", f"{keeper.path}/receipts", {"quantity": 5, "reason": ""}, status=201)
        self.assertEqual((received["on_hand"], received["reserved"], received["available"]), (15, 4, 11))

    def test_b23_one_product_named_twice_is_reserved_in_sum_and_negative_quantities_are_refused(self):
        keeper = self.keeper()
        twice = {"items": [{"product_id": keeper.id, "quantity": 6}, {"product_id": keeper.id, "quantity": 5}],
                 "address": ADDRESS}
        problem = self.assert_problem(self.ada.post("/api/v1/orders", twice), 409, "order.stock_short")
        self.assertEqual(problem["shortages"], [{"product_id": keeper.id, "asked": 11, "available": 10}])
        hidden = {"items": [{"product_id": keeper.id, "quantity": 6}, {"product_id": keeper.id, "quantity": -5}],
                  "address": ADDRESS}
        self.assert_problem(self.ada.post("/api/v1/orders", hidden), 400, "order.quantity_invalid")
        self.server.settled_position()
        self.assertEqual(keeper.figures("reserved", "available"), (0, 10))

    def test_b23_nobody_but_an_administrator_reaches_the_stock(self):
        keeper = self.keeper()
        for path, body in (("receipts", {"quantity": 1, "reason": ""}),
                           ("adjustments", {"from": 10, "to": 1, "reason": ""})):
            self.assert_problem(self.ada.post(f"{keeper.path}/{path}", body), 403, "access.denied")
            self.assert_problem(self.guest.post(f"{keeper.path}/{path}", body), 401, "token.missing")
        for path in (keeper.path, f"{keeper.path}/holds", f"{keeper.path}/movements", "/api/v1/admin/stock"):
            self.assert_problem(self.ada.get(path), 403, "access.denied")

    def test_b28_too_few_is_an_answer_with_figures_and_no_failure(self):
        keeper = self.keeper()
        problem = self.assert_problem(self.order(keeper, 11), 409, "order.stock_short")
        self.assertEqual(problem["shortages"], [{"product_id": keeper.id, "asked": 11, "available": 10}])


if __name__ == "__main__":
    main()
