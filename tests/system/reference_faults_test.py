"""Faults of the shop that Souk is compared with, as far as no other test is named after them; by their numbers there."""

import concurrent.futures

from harness import ADDRESS, ID, SystemTest, eventually, main, product


class ReferenceFaultsTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.import_rows(product("tea", stock=1_000, price=1999), product("cup", stock=1_000, price=500))

    def begin(self, *settings):
        self.server = self.start(*settings)
        self.skus = self.server.products()
        return self.server.customer("ada"), self.server.admin()

    def order(self, sku="tea", quantity=1):
        return {"items": [{"product_id": self.skus[sku], "quantity": quantity}], "address": ADDRESS}

    def stock(self, admin, sku="tea"):
        return admin.ok("GET", f"/api/v1/admin/stock/{self.skus[sku]}")

    def test_b03_an_order_shows_the_state_that_it_is_in(self):
        ada, admin = self.begin()
        paid, cancelled = (ada.ok("POST", "/api/v1/orders", self.order(), status=201)["id"] for _ in range(2))
        for order in (paid, cancelled):
            self.assertEqual(ada.ok("GET", f"/api/v1/orders/{order}")["state"], "awaiting_payment")
        ada.ok("POST", f"/api/v1/orders/{cancelled}/cancel")
        payment = ada.ok("POST", f"/api/v1/orders/{paid}/payments", {"provider": "sandbox"}, status=201)["id"]
        settled = ada.post(f"/sandbox/payments/{payment}", {"outcome": "success"})
        seen = {"Souk-Position": settled.headers["Souk-Position"]}
        for order, state in ((paid, "paid"), (cancelled, "cancelled")):
            self.assertEqual(ada.ok("GET", f"/api/v1/orders/{order}")["state"], state)
            self.assertEqual(admin.ok("GET", f"/api/v1/admin/orders/{order}")["state"], state)
            listed = ada.ok("GET", f"/api/v1/orders?state={state}", headers=seen)["items"]
            self.assertEqual([item["id"] for item in listed], [order])

    def test_b14_an_order_that_is_sent_again_is_one_order_and_one_reservation(self):
        ada, admin = self.begin()

        def place(_):
            client = self.server.guest()
            client.token = ada.token
            answer = client.post("/api/v1/orders", self.order(), key="once")
            while answer.status == 409:  # the first is under way
                self.assert_problem(answer, 409, "idempotency.in_progress")
                answer = client.post("/api/v1/orders", self.order(), key="once")
            client.close()
            self.assertEqual(answer.status, 201, answer)
            return answer.json["id"]

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            ids = set(pool.map(place, range(16)))
        self.assertEqual(len(ids), 1)
        self.assertEqual(self.stock(admin)["reserved"], 1)

    def test_b15_a_payment_that_cannot_be_begun_leaves_one_order_and_an_emptied_cart(self):
        ada, admin = self.begin("payments.sandbox_faults=fail_create")
        ada.ok("POST", "/api/v1/cart/items", {"product_id": self.skus["tea"], "quantity": 2})
        placed = ada.post("/api/v1/orders", {"address": ADDRESS}, key="from-the-cart")
        self.assertEqual(placed.status, 201, placed)
        order = placed.json["id"]
        begun = ada.post(f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, key="pay")
        self.assertEqual((begun.status, begun.json["problem"]), (201, "the sandbox was told to fail"), begun)
        self.assertNotIn("pay_url", begun.json)
        eventually("the cart is empty", lambda: ada.ok("GET", "/api/v1/cart")["items"] == [])
        again = ada.post("/api/v1/orders", {"address": ADDRESS}, key="from-the-cart")
        self.assertEqual((again.status, again.json["id"]), (201, order))
        self.assertEqual(self.stock(admin)["reserved"], 2)
        self.assertEqual(ada.ok("GET", f"/api/v1/orders/{order}")["state"], "awaiting_payment")

    def test_b24_the_first_order_of_a_product_that_nobody_has_asked_for_is_an_order_like_any_other(self):
        self.begin()
        self.server.stop()
        server = self.start()  # nothing is in memory
        ada = server.log_in("ada")
        placed = ada.post("/api/v1/orders", self.order("cup"))
        self.assertEqual((placed.status, placed.json["state"]), (201, "awaiting_payment"), placed)
        ada.ok("POST", f"/api/v1/orders/{placed.json['id']}/cancel")
        admin = server.admin()
        eventually("it is given back", lambda: self.stock(admin, "cup")["reserved"] == 0)

    def test_b68_no_two_orders_have_one_id_however_often_the_server_starts(self):
        self.begin()
        ids = []
        for _ in range(5):
            ada = self.server.log_in("ada")
            ids += [ada.ok("POST", "/api/v1/orders", self.order(), status=201)["id"] for _ in range(20)]
            self.server.kill()
            self.server = self.start()
        for id_ in ids:
            self.assertRegex(id_, ID)
        self.assertEqual(len(set(ids)), 100)
        ada, listed, cursor = self.server.log_in("ada"), set(), ""
        while cursor is not None:
            page = ada.ok("GET", f"/api/v1/orders?limit=100{'&cursor=' if cursor else ''}{cursor}")
            listed |= {item["id"] for item in page["items"]}
            cursor = page["next_cursor"]
        self.assertEqual(listed, set(ids))


if __name__ == "__main__":
    main()
