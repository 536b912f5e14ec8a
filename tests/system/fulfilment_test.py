"""What happens to an order once it is paid: shipments, delivery, receipt, cancellation and refunds."""

from harness import ADDRESS, SharedServerTest, SystemTest, eventually, main, product, read_events
from ledger import Ledger
from paying import CUP, TEA, PayingTest


class FulfilmentTest(SharedServerTest):
    rows = [product("tea", stock=1_000, price=1999), product("cup", stock=1_000, price=501)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada, cls.bob = cls.server.customer("ada"), cls.server.customer("bob")
        cls.tea, cls.cup = cls.skus["tea"], cls.skus["cup"]

    @classmethod
    def tearDownClass(cls):
        cls.server.settled_position()
        super().tearDownClass()
        faults = Ledger(read_events(cls.server.data)).check_settled()
        if faults:
            raise AssertionError(f"the books do not balance: {faults}")

    def place(self, teas=2, cups=3):
        items = [{"product_id": id_, "quantity": n} for id_, n in ((self.tea, teas), (self.cup, cups)) if n]
        return self.ada.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)["id"]

    def paid(self, **quantities):
        order = self.place(**quantities)
        payment = self.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)
        self.guest.ok("POST", f"/sandbox/payments/{payment['id']}", {"outcome": "success"})
        return order

    def show(self, order):
        return self.ada.ok("GET", f"/api/v1/orders/{order}")

    def admin_post(self, order, what, body=None, **more):
        return self.admin.post(f"/api/v1/admin/orders/{order}/{what}", body, **more)

    def ship(self, order, *lines, **more):
        body = {"carrier": "SF Express", "tracking_number": "SF1"}
        if lines:
            body["lines"] = [{"product_id": id_, "quantity": n} for id_, n in lines]
        return self.admin_post(order, "shipments", body, **more)

    def refunded(self, order):
        payment = self.show(order)["payment_id"]
        return self.ada.ok("GET", f"/api/v1/orders/{order}/payments/{payment}")["refunded"]["amount"]

    def on_hand(self, product_id):
        return self.admin.ok("GET", f"/api/v1/admin/stock/{product_id}")["on_hand"]

    def test_an_order_is_shipped_in_parts_delivered_and_confirmed(self):
        order = self.paid()
        first = self.ship(order, (self.tea, 2), (self.cup, 1), key="ship-1")
        self.assertEqual((first.status, first.json["state"]), (201, "partially_shipped"), first)
        again = self.ship(order, (self.tea, 2), (self.cup, 1), key="ship-1")
        self.assertEqual((again.status, len(again.json["shipments"])), (201, 1), again)
        self.assert_problem(self.ship(order, (self.cup, 3)), 409, "order.too_many")
        rest = self.ship(order).json
        self.assertEqual((rest["state"], [line["shipped"] for line in rest["lines"]]), ("shipped", [2, 3]))
        seen = self.show(order)["shipments"]
        self.assertEqual([(s["carrier"], s["tracking_number"], [l["quantity"] for l in s["lines"]]) for s in seen],
                         [("SF Express", "SF1", [2, 1]), ("SF Express", "SF1", [2])])
        self.assert_problem(self.ada.post(f"/api/v1/orders/{order}/cancel"), 409, "order.not_cancellable")
        delivered = self.admin_post(order, "delivery")
        self.assertEqual((delivered.status, delivered.json["state"]), (200, "delivered"), delivered)
        done = self.ada.post(f"/api/v1/orders/{order}/receipt")
        self.assertEqual((done.status, done.json["state"]), (200, "completed"), done)

    def test_the_history_of_an_order_is_its_events_without_the_address(self):
        order = self.paid(teas=1, cups=0)
        self.ship(order)
        answer = self.ada.get(f"/api/v1/orders/{order}/history")
        events = answer.json["items"]
        self.assertEqual([event["type"] for event in events],
                         ["order.placed", "order.line_reserved", "order.awaiting_payment", "order.payment_opened",
                          "order.paid", "order.shipped"])
        self.assertEqual([event["version"] for event in events], list(range(1, len(events) + 1)))
        self.assertEqual(events[-1]["data"]["carrier"], "SF Express")
        self.assertNotIn("personal", answer.body.decode())
        self.assertNotIn("address", events[0]["data"])
        self.assertTrue(answer.headers["ETag"])
        self.assertEqual(self.admin.ok("GET", f"/api/v1/admin/orders/{order}/history")["items"], events)
        self.assert_problem(self.bob.get(f"/api/v1/orders/{order}/history"), 404, "order.not_found")
        self.assert_problem(self.admin.get(f"/api/v1/orders/{order}/history"), 404, "order.not_found")

    def test_an_order_goes_to_one_of_the_owners_addresses_as_it_was_then(self):
        saved = self.ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)
        body = {"items": [{"product_id": self.tea, "quantity": 1}], "address_id": saved["id"]}
        placed = self.ada.post("/api/v1/orders", body, key="to-a-saved-one")
        self.assertEqual((placed.status, placed.json["address"]), (201, ADDRESS), placed)
        self.assertEqual(self.ada.send("DELETE", f"/api/v1/account/addresses/{saved['id']}").status, 204)
        self.assertEqual(self.show(placed.json["id"])["address"], ADDRESS)
        again = self.ada.post("/api/v1/orders", body, key="to-a-saved-one")
        self.assertEqual((again.status, again.json), (201, placed.json), again)
        self.assert_problem(self.ada.post("/api/v1/orders", body), 409, "order.address_not_found")
        for wrong in ({**body, "address": ADDRESS}, {"items": body["items"]}):
            self.assert_problem(self.ada.post("/api/v1/orders", wrong), 400, "field.invalid")

    def test_a_step_that_is_not_legal_now_is_refused_with_those_that_are(self):
        order = self.place()
        problem = self.assert_problem(self.ship(order), 409, "order.illegal_transition")
        self.assertEqual((problem["state"], problem["next_steps"]), ("awaiting_payment", ["pay", "cancel"]))
        self.assert_problem(self.admin_post(order, "delivery"), 409, "order.illegal_transition")
        self.assert_problem(self.ada.post(f"/api/v1/orders/{order}/receipt"), 409, "order.illegal_transition")
        self.assert_problem(self.admin_post(order, "refunds", {"reason": "none"}), 409, "order.illegal_transition")
        self.assertEqual(self.show(order)["state"], "awaiting_payment")

    def test_b02_a_paid_order_that_is_cancelled_is_refunded_and_its_goods_can_be_sold_again(self):
        before = self.on_hand(self.tea)
        order = self.paid()
        eventually("the goods are deducted", lambda: self.on_hand(self.tea) == before - 2)
        cancelled = self.ada.post(f"/api/v1/orders/{order}/cancel")
        self.assertEqual(cancelled.status, 200, cancelled)
        eventually("all of it went back", lambda: self.refunded(order) == 2 * 1999 + 3 * 501)
        eventually("the order is closed", lambda: self.show(order)["state"] == "closed_refunded")
        eventually("the goods are back", lambda: self.on_hand(self.tea) == before)
        self.assert_problem(self.ship(order), 409, "order.illegal_transition")

    def test_of_three_cups_that_come_back_at_once_the_two_broken_ones_are_not_sold_again(self):
        order = self.paid()
        self.ship(order)
        before = self.on_hand(self.cup)
        lines = [{"product_id": self.cup, "quantity": 1, "restock": True}, {"product_id": self.cup, "quantity": 2}]
        self.assertEqual(self.admin_post(order, "refunds", {"reason": "broken", "lines": lines}).status, 201)
        eventually("three cups went back", lambda: self.refunded(order) == 3 * 501)
        self.server.settled_position()
        self.assertEqual(self.on_hand(self.cup), before + 1)

    def test_refunds_by_line_end_at_exactly_what_was_paid_and_restock_what_they_say(self):
        order = self.paid()
        self.ship(order)
        before = self.on_hand(self.cup)
        body = {"reason": "broken", "lines": [{"product_id": self.cup, "quantity": 1, "restock": True}]}
        first = self.admin_post(order, "refunds", body, key="refund-1")
        self.assertEqual(first.status, 201, first)
        self.assertEqual(self.admin_post(order, "refunds", body, key="refund-1").status, 201)
        eventually("one cup went back", lambda: self.refunded(order) == 501)
        eventually("it can be sold again", lambda: self.on_hand(self.cup) == before + 1)
        body["lines"][0]["quantity"] = 3
        self.assert_problem(self.admin_post(order, "refunds", body), 409, "order.too_many")
        self.assertEqual(self.admin_post(order, "refunds", {"reason": "the rest"}).status, 201)
        eventually("everything went back", lambda: self.refunded(order) == 2 * 1999 + 3 * 501)
        eventually("the order is closed", lambda: self.show(order)["state"] == "closed_refunded")
        self.assertEqual(self.on_hand(self.cup), before + 1)
        self.assert_problem(self.admin_post(order, "refunds", {"reason": "more"}), 409, "order.illegal_transition")

    def test_only_an_administrator_ships_and_refunds_and_only_the_owner_confirms(self):
        order = self.paid()
        for what, body in (("shipments", {"carrier": "X"}), ("refunds", {"reason": "x"}), ("delivery", None),
                           ("cancel", None)):
            self.assertEqual(self.ada.post(f"/api/v1/admin/orders/{order}/{what}", body).status, 403, what)
        self.assert_problem(self.bob.post(f"/api/v1/orders/{order}/receipt"), 404, "order.not_found")
        self.assertEqual(self.admin.ok("GET", f"/api/v1/admin/orders/{order}")["id"], order)
        self.assertEqual(self.show(order)["state"], "paid")

    def test_bad_input_changes_nothing(self):
        order = self.paid()
        tag = self.ada.get(f"/api/v1/orders/{order}").headers["ETag"]
        line = {"product_id": self.tea, "quantity": 1}
        for what, body in (("shipments", {}), ("shipments", {"carrier": ""}), ("shipments", {"carrier": "x" * 101}),
                           ("shipments", {"carrier": "x", "lines": []}),
                           ("shipments", {"carrier": "x", "lines": [{**line, "quantity": 0}]}),
                           ("shipments", {"carrier": "x", "lines": [{**line, "quantity": -1}]}),
                           ("shipments", {"carrier": "x", "lines": [{**line, "product_id": order}]}),
                           ("refunds", {}), ("refunds", {"reason": "x", "lines": []}),
                           ("refunds", {"reason": "x", "restock": True, "lines": [line]}),
                           ("delivery", {"at": "now"}), ("cancel", {"why": "x"})):
            answer = self.admin_post(order, what, body)
            self.assertTrue(400 <= answer.status < 500, (what, body, answer))
        stale = self.ship(order, headers={"If-Match": '"v9999"'})
        self.assertEqual(stale.status, 412, stale)
        self.assertEqual(self.ada.get(f"/api/v1/orders/{order}").headers["ETag"], tag)
        missing = self.admin_post("0" * 26, "delivery")
        self.assertEqual(missing.status, 404, missing)


class RefusedRefundTest(SystemTest):
    def test_a_refund_that_its_provider_refused_is_made_once_an_administrator_asks_again(self):
        self.import_rows(product("tea", stock=10, price=1999))
        server = self.start("payments.sandbox_faults=fail_refund")
        ada, admin = server.customer("ada"), server.admin()
        items = [{"product_id": server.products()["tea"], "quantity": 1}]
        order = ada.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)["id"]
        payment = ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
        ada.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        ada.ok("POST", f"/api/v1/orders/{order}/cancel")

        def refunds(client):
            return client.ok("GET", f"/api/v1/admin/payments/{payment}")["refunds"]

        refused = eventually("the provider has refused", lambda: [r for r in refunds(admin) if r["status"] == "refused"])
        retry = f"/api/v1/admin/payments/{payment}/refunds/{refused[0]['refund_id']}/retry"
        self.assertTrue(refused[0]["problem"])
        self.assert_problem(ada.post(retry), 403, "access.denied")
        other = retry.replace(refused[0]["refund_id"], order)
        self.assert_problem(admin.post(other), 404, "payment.refund_not_found")
        server.stop()

        server = self.start()
        admin, ada = server.admin(), server.log_in("ada")
        self.assertEqual(refunds(admin)[0]["status"], "refused")
        self.assertEqual(admin.post(retry).status, 200)
        done = eventually("it is refunded", lambda: [r for r in refunds(admin) if r["status"] == "refunded"])
        self.assertEqual([r["amount"]["amount"] for r in done], [1999])
        self.assert_problem(admin.post(retry), 409, "payment.refund_not_refused")
        eventually("the order is closed",
                   lambda: ada.ok("GET", f"/api/v1/orders/{order}")["state"] == "closed_refunded")


class ForgottenKeyTest(PayingTest):
    settings = ("idempotency.retention_s=60",)

    def test_a_key_that_was_forgotten_and_comes_again_with_something_else_is_obeyed(self):
        order = self.order(tea=2, cup=2)
        payment = self.begin(order)["id"]
        self.ada.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        self.await_order(order, "paid")

        def line(sku):
            return [{"product_id": self.skus[sku], "quantity": 1}]

        for what, body in (("refunds", {"reason": "broken"}), ("shipments", {"carrier": "SF"})):
            path = f"/api/v1/admin/orders/{order}/{what}"
            self.admin.ok("POST", path, {**body, "lines": line("tea")}, status=201, key="k-1")
            self.assert_problem(self.admin.post(path, {**body, "lines": line("cup")}, key="k-1"), 422,
                                "idempotency.key_reused")
            self.clock.move("2 min")
            self.admin.ok("POST", path, {**body, "lines": line("cup")}, status=201, key="k-1")
        self.assertEqual(len(self.ada.ok("GET", f"/api/v1/orders/{order}")["shipments"]), 2)
        eventually("both are refunded", lambda: self.ada.ok(
            "GET", f"/api/v1/orders/{order}/payments/{payment}")["refunded"]["amount"] == TEA + CUP)
        self.end()


if __name__ == "__main__":
    main()
