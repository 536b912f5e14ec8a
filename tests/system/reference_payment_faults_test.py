"""Faults of the shop that Souk is compared with, about money and what was bought; by their numbers there.

The others about payments are in the tests of Alipay and of the sandbox; reference_faults.md lists where each is.
"""

from harness import ADDRESS, eventually, import_products, main, product
from paying import PayingTest

DEAR = 13_107_201  # 131,072.01 yuan: a float has lost the cent
LONG_NAME = "龙井茶" * 60  # 180 characters
LONG_DESCRIPTION = "Picked before the rain. " * 200


class ReferencePaymentFaultsTest(PayingTest):
    def prepare(self):
        import_products(self.data, [product("dear", stock=10, price=DEAR),
                                    {**product("long", stock=10), "name": LONG_NAME, "description": LONG_DESCRIPTION}])

    def buy(self, *items):
        body = {"items": [{"product_id": self.skus[sku], "quantity": n} for sku, n in items], "address": ADDRESS}
        return self.ada.ok("POST", "/api/v1/orders", body, status=201)

    def pay(self, order):
        payment = self.begin(order, way="page")["id"]
        self.server.guest().ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        self.await_order(order, "paid")
        return payment

    def stock(self, sku):
        return self.admin.ok("GET", f"/api/v1/admin/stock/{self.skus[sku]}")

    def test_b04_neither_time_nor_a_refused_cancellation_gives_away_what_was_paid(self):
        order = self.buy(("tea", 3))["id"]
        self.pay(order)
        self.clock.move("11 min")
        self.server.settled_position()
        self.assertEqual(self.state_of(order), "paid")
        self.admin.ok("POST", f"/api/v1/admin/orders/{order}/shipments", {"carrier": "SF"}, status=201)
        self.assert_problem(self.ada.post(f"/api/v1/orders/{order}/cancel"), 409, "order.not_cancellable")
        self.server.settled_position()
        stock = self.stock("tea")
        self.assertEqual((stock["sold"], stock["reserved"], stock["available"]), (3, 0, 97))
        self.end()

    def test_b10_nobody_pays_for_others_or_chooses_what_to_pay(self):
        order = self.buy(("tea", 2))
        eve = self.server.customer("eve")
        pay = f"/api/v1/orders/{order['id']}/payments"
        self.assert_problem(eve.post(pay, {"provider": "sandbox"}), 404, "order.not_found")
        self.assert_problem(self.server.guest().post(pay, {"provider": "sandbox"}), 401, "token.missing")
        for more in ({"amount": {"amount": 1, "currency": "CNY"}}, {"user_id": 1}, {"account_id": eve.account},
                     {"order_id": order["id"]}):
            self.assert_problem(self.ada.post(pay, {"provider": "sandbox", **more}), 400, "field.invalid")
        begun = self.begin(order["id"], way="page")
        self.assertEqual((begun["amount"], begun["state"]), (order["total"], "started"))
        self.assertTrue(begun["pay_url"])  # where to pay is told, and to nobody else
        self.assert_problem(eve.get(f"{pay}/{begun['id']}"), 404, "payment.not_found")
        self.pay(order["id"])
        self.assert_problem(self.ada.post(pay, {"provider": "sandbox"}), 409, "order.not_payable")
        self.end()

    def test_b12_amounts_are_exact_to_the_cent_however_large(self):
        order = self.buy(("dear", 3), ("tea", 1))
        self.assertEqual(order["total"]["amount"], 3 * DEAR + 1_999)
        payment = self.pay(order["id"])
        page = self.server.guest().get(f"/sandbox/payments/{payment}").body.decode()
        self.assertIn("393236.02 CNY", page)
        for lines, left in ((("dear", 1), 2 * DEAR + 1_999), (("tea", 1), 2 * DEAR), (("dear", 2), 0)):
            self.assertEqual(self.refund(order["id"], lines).status, 201)
            eventually("it is back", lambda left=left: self.refunded(order["id"], payment) == 3 * DEAR + 1_999 - left)
        self.await_order(order["id"], "closed_refunded")
        date = self.details(payment)["started_at"][:10]
        self.server.settled_position()
        bill = self.admin.ok("POST", "/api/v1/admin/reconciliations", {"provider": "sandbox", "date": date})
        self.assertEqual((bill["bill_lines"], bill["differences"]), (4, []))
        self.end()

    def refunded(self, order, payment):
        return self.ada.ok("GET", f"/api/v1/orders/{order}/payments/{payment}")["refunded"]["amount"]

    def test_b65_a_product_with_a_long_name_is_ordered_and_kept_whole(self):
        order = self.buy(("long", 1))["id"]
        self.pay(order)
        self.restart()
        (line,) = self.ada.ok("GET", f"/api/v1/orders/{order}")["lines"]
        self.assertEqual((line["name"], line["description"]), (LONG_NAME, LONG_DESCRIPTION))
        self.end()

    def test_b67_what_is_not_there_is_an_answer_and_no_fault(self):
        nothing = "7zzzzzzzzzzzzzzzzzzzzzzzzz"
        for client, method, path, body in (
                (self.ada, "GET", f"/api/v1/products/{nothing}", None),
                (self.admin, "PATCH", f"/api/v1/admin/products/{nothing}", {}),
                (self.admin, "GET", f"/api/v1/admin/stock/{nothing}", None),
                (self.ada, "POST", "/api/v1/cart/items", {"product_id": nothing, "quantity": 1}),
                (self.ada, "GET", f"/api/v1/orders/{nothing}", None),
                (self.ada, "POST", f"/api/v1/orders/{nothing}/cancel", None),
                (self.ada, "GET", f"/api/v1/orders/{nothing}/payments/{nothing}", None),
                (self.ada, "POST", "/api/v1/orders", {"items": [{"product_id": nothing, "quantity": 1}], "address": ADDRESS})):
            with self.subTest(method=method, path=path):
                media, seen = ("application/merge-patch+json", "*") if method == "PATCH" else ("application/json", None)
                answer = client.send(method, path, body, media=media, headers={"If-Match": seen})
                self.assert_problem(answer, 404)
        items = [{"product_id": self.skus["tea"], "quantity": 1}]
        for body in ({"items": items}, {"items": items, "address": None}, {"items": items, "address": {}},
                     {"items": items, "address": {**ADDRESS, "name": None}}, {"items": [], "address": ADDRESS},
                     {"items": [None], "address": ADDRESS}, {"address": ADDRESS}):
            with self.subTest(body=body):
                answer = self.ada.post("/api/v1/orders", body)
                self.assert_problem(answer, 409 if "items" not in body else 400)
        nowhere = self.ada.post("/api/v1/orders", {"items": items, "address_id": nothing})
        self.assert_problem(nowhere, 409, "order.address_not_found")
        self.assertEqual(self.logged_faults(), [])


if __name__ == "__main__":
    main()
