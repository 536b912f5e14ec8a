"""Placing, cancelling and paying orders, and repeating every request that changes something."""

import threading

from harness import ADDRESS, ID, PASSWORD, TIME, SharedServerTest, eventually, main, product

MERGE_PATCH = "application/merge-patch+json"


class OrdersTest(SharedServerTest):
    rows = [product("plenty", stock=100_000, price=1999, pictures=["/p/1.webp", "/p/2.webp"], description="Good."),
            product("second", stock=100_000, price=1), product("few", stock=5), product("none", stock=0),
            product("dear", stock=10_000, price=2**53 - 1), product("gift", stock=100, price=0)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.customer("ada")
        cls.plenty, cls.second, cls.few, cls.none, cls.dear = (
            cls.skus[sku] for sku in ("plenty", "second", "few", "none", "dear"))

    def order(self, *lines, **more):
        return {"items": [{"product_id": id_, "quantity": quantity} for id_, quantity in lines], "address": ADDRESS,
                **more}

    def place(self, client, *lines, key=None):
        return client.ok("POST", "/api/v1/orders", self.order(*lines), status=201, key=key)

    def stock(self, id_):
        return self.admin.ok("GET", f"/api/v1/admin/stock/{id_}")

    def pay(self, client, order_id):
        payment = client.ok("POST", f"/api/v1/orders/{order_id}/payments", {"provider": "sandbox"}, status=201)
        self.guest.ok("POST", f"/sandbox/payments/{payment['id']}", {"outcome": "success"})
        return payment["id"]

    def head(self):
        return self.server.settled_position()

    # --- placing

    def test_an_order_answers_with_its_lines_total_and_next_steps(self):
        answer = self.ada.post("/api/v1/orders", self.order((self.plenty, 2), (self.second, 3)))
        self.assertEqual(answer.status, 201, answer)
        order = answer.json
        self.assertRegex(order["id"], ID)
        self.assertEqual(answer.headers["Location"], f"/api/v1/orders/{order['id']}")
        self.assertTrue(answer.headers["Souk-Position"])
        self.assertEqual((order["state"], order["next_steps"]), ("awaiting_payment", ["pay", "cancel"]))
        self.assertEqual(order["lines"][0], {
            "product_id": self.plenty, "sku": "plenty", "name": "Product plenty", "picture": "/p/1.webp",
            "description": "Good.", "unit_price": {"amount": 1999, "currency": "CNY"}, "quantity": 2,
            "total": {"amount": 3998, "currency": "CNY"}})
        self.assertEqual(order["total"], {"amount": 4001, "currency": "CNY"})
        self.assertEqual(order["address"], ADDRESS)
        for time in ("placed_at", "payment_due_at"):
            self.assertRegex(order[time], TIME)
        self.assertLess(order["placed_at"], order["payment_due_at"])
        shown = self.ada.get(answer.headers["Location"])
        self.assertEqual((shown.json, shown.headers["ETag"]), (order, answer.headers["ETag"]))
        unchanged = self.ada.get(answer.headers["Location"], headers={"If-None-Match": shown.headers["ETag"]})
        self.assertEqual((unchanged.status, unchanged.body), (304, b""))

    def test_an_order_that_costs_nothing_is_paid_from_the_start(self):
        gift = self.skus["gift"]
        orders = [self.place(self.ada, (gift, 2)) for _ in range(2)]
        for order in orders:
            self.assertEqual((order["state"], order["next_steps"]), ("paid", ["cancel", "ship", "refund"]))
            self.assertNotIn("payment_id", order)
            answer = self.ada.post(f"/api/v1/orders/{order['id']}/payments", {"provider": "sandbox"})
            self.assert_problem(answer, 409, "order.not_payable")
        self.head()
        self.assertEqual((self.stock(gift)["on_hand"], self.stock(gift)["reserved"]), (96, 0))
        for order in orders:
            self.assertEqual(self.ada.ok("POST", f"/api/v1/orders/{order['id']}/cancel")["state"], "closed_refunded")
        self.head()
        self.assertEqual(self.stock(gift)["on_hand"], 100)
        third = self.place(self.ada, (gift, 2))["id"]
        body = {"reason": "torn", "lines": [{"product_id": gift, "quantity": 1, "restock": True}]}
        self.assertEqual(self.admin.ok("POST", f"/api/v1/admin/orders/{third}/refunds", body, status=201)["state"], "paid")
        shipped = self.admin.ok("POST", f"/api/v1/admin/orders/{third}/shipments", {"carrier": "SF"}, status=201)
        self.assertEqual(shipped["state"], "shipped")
        self.assertEqual(self.ada.ok("POST", f"/api/v1/orders/{third}/receipt")["state"], "completed")

    def test_an_order_has_at_most_50_payments_and_the_last_of_them_pays_it(self):
        order = self.place(self.ada, (self.plenty, 1))["id"]
        path = f"/api/v1/orders/{order}/payments"
        for number in range(50):
            last = self.ada.ok("POST", path, {"provider": "sandbox"}, status=201, key=f"payment-{order}-{number}")["id"]
        self.assert_problem(self.ada.post(path, {"provider": "sandbox"}), 409, "order.too_many_payments")
        again = self.ada.ok("POST", path, {"provider": "sandbox"}, status=201, key=f"payment-{order}-49")
        self.assertEqual(again["id"], last)
        self.guest.ok("POST", f"/sandbox/payments/{last}", {"outcome": "success"})
        self.head()
        self.assertEqual(self.ada.ok("GET", f"/api/v1/orders/{order}")["state"], "paid")
        types = [event["type"] for event in self.ada.ok("GET", f"/api/v1/orders/{order}/history")["items"]]
        self.assertEqual((types.count("order.payment_opened"), types[-1]), (50, "order.paid"))

    def test_a_shortage_names_the_order_and_each_short_line_and_reserves_nothing(self):
        before = self.stock(self.plenty)["reserved"]
        body = self.order((self.plenty, 1), (self.few, 6), (self.none, 1))
        answer = self.ada.post("/api/v1/orders", body, key="short-1")
        problem = self.assert_problem(answer, 409, "order.stock_short")
        self.assertEqual(problem["position"], answer.headers["Souk-Position"])
        self.assertEqual(sorted(problem["shortages"], key=lambda line: line["asked"]),
                         [{"product_id": self.none, "asked": 1, "available": 0},
                          {"product_id": self.few, "asked": 6, "available": 5}])
        order = self.ada.ok("GET", f"/api/v1/orders/{problem['order_id']}")
        self.assertEqual((order["state"], order["next_steps"]), ("rejected", []))
        self.assertEqual(len(order["shortages"]), 2)
        again = self.assert_problem(self.ada.post("/api/v1/orders", body, key="short-1"), 409, "order.stock_short")
        self.assertEqual((again["order_id"], again["shortages"]), (problem["order_id"], problem["shortages"]))
        eventually("released again", lambda: self.stock(self.plenty)["reserved"] == before)

    def test_lines_of_one_product_are_summed_before_they_are_checked(self):
        answer = self.ada.post("/api/v1/orders", self.order((self.few, 3), (self.few, 3)))
        problem = self.assert_problem(answer, 409, "order.stock_short")
        self.assertEqual(problem["shortages"], [{"product_id": self.few, "asked": 6, "available": 5}])
        order = self.place(self.ada, (self.plenty, 3), (self.second, 1), (self.plenty, 4))
        self.assertEqual([(line["product_id"], line["quantity"]) for line in order["lines"]],
                         [(self.plenty, 7), (self.second, 1)])

    def test_a_total_that_the_client_saw_must_still_hold(self):
        body = self.order((self.plenty, 2), expected_total={"amount": 3998, "currency": "CNY"})
        self.ada.ok("POST", "/api/v1/orders", body, status=201)
        head = self.head()
        body["expected_total"]["amount"] = 3997
        answer = self.ada.post("/api/v1/orders", body)
        self.assertIn("3998", self.assert_problem(answer, 409, "order.total_changed")["detail"])
        too_dear = self.ada.post("/api/v1/orders", self.order((self.dear, 2)))
        self.assert_problem(too_dear, 400, "order.total_out_of_range")
        self.assertEqual(self.head(), head)

    def test_an_order_from_the_cart_empties_it_and_repeating_it_gives_the_same_order(self):
        ben = self.server.customer("ben")
        empty = ben.post("/api/v1/orders", {"address": ADDRESS}, key="cart-1")
        self.assert_problem(empty, 409, "cart.empty")
        ben.ok("POST", "/api/v1/cart/items", {"product_id": self.plenty, "quantity": 2})
        ben.ok("POST", "/api/v1/cart/items", {"product_id": self.second, "quantity": 1})
        # Nothing was written when the cart was empty, so the same key is judged anew.
        placed = ben.ok("POST", "/api/v1/orders", {"address": ADDRESS}, key="cart-1", status=201)
        self.assertEqual([line["quantity"] for line in placed["lines"]], [2, 1])
        eventually("the cart is empty", lambda: ben.ok("GET", "/api/v1/cart")["items"] == [])
        head = self.head()
        self.assertEqual(ben.ok("POST", "/api/v1/orders", {"address": ADDRESS}, key="cart-1", status=201), placed)
        ben.ok("POST", "/api/v1/cart/items", {"product_id": self.few, "quantity": 1})
        self.assertEqual(ben.ok("POST", "/api/v1/orders", {"address": ADDRESS}, key="cart-1", status=201), placed)
        self.assertEqual(self.head(), head + 1)
        self.assertEqual(len(ben.ok("GET", "/api/v1/orders")["items"]), 1)

    def test_an_order_shorter_than_its_stock_leaves_the_cart_alone(self):
        cleo = self.server.customer("cleo")
        cleo.ok("POST", "/api/v1/cart/items", {"product_id": self.none, "quantity": 2})
        self.assert_problem(cleo.post("/api/v1/orders", {"address": ADDRESS}), 409, "order.stock_short")
        self.assertEqual(cleo.ok("GET", "/api/v1/cart")["items"][0]["quantity"], 2)

    # --- the same key

    def test_requests_with_one_key_at_the_same_time_place_one_order(self):
        dan = self.server.customer("dan")
        answers, barrier = [], threading.Barrier(8)

        def race():
            client = self.server.guest()
            client.token = dan.token
            barrier.wait()
            answers.append(client.post("/api/v1/orders", self.order((self.second, 1)), key="at-once"))
            client.close()

        threads = [threading.Thread(target=race) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        placed = [answer for answer in answers if answer.status == 201]
        self.assertTrue(placed, answers)
        for answer in answers:
            if answer.status != 201:
                self.assert_problem(answer, 409, "idempotency.in_progress")
                self.assertTrue(answer.headers["Retry-After"])
        self.assertEqual({answer.json["id"] for answer in placed}, {placed[0].json["id"]})
        self.head()
        self.assertEqual([item["id"] for item in dan.ok("GET", "/api/v1/orders")["items"]], [placed[0].json["id"]])

    def mutating(self):
        """Routes that take an Idempotency-Key: client, method, path, body, another body, media type."""
        eve, json = self.server.customer("eve"), "application/json"
        eve.ok("POST", "/api/v1/cart/items", {"product_id": self.plenty, "quantity": 1})
        open_order, doomed = (self.place(eve, (self.plenty, 1))["id"] for _ in range(2))
        cart, admin, orders = "/api/v1/cart", "/api/v1/admin", "/api/v1/orders"
        account = {"username": "fritz", "email": "fritz@mail.example", "password": PASSWORD}
        made = {"sku": "MADE-1", "name": "Made", "price": {"amount": 1, "currency": "CNY"}}
        return [
            (self.guest, "POST", "/api/v1/accounts", account, {**account, "email": "f2@mail.example"}, json),
            (eve, "POST", f"{cart}/items", {"product_id": self.few, "quantity": 1},
             {"product_id": self.few, "quantity": 2}, json),
            (eve, "PUT", f"{cart}/items/{self.second}", {"quantity": 2}, {"quantity": 3}, json),
            (eve, "DELETE", f"{cart}/items/{self.second}", None, None, json),
            (eve, "DELETE", cart, None, None, json),
            (eve, "POST", orders, self.order((self.second, 1)), self.order((self.second, 2)), json),
            (eve, "POST", f"{orders}/{doomed}/cancel", None, {}, json),
            (eve, "POST", f"{orders}/{open_order}/payments", {"provider": "sandbox"}, None, json),
            (self.admin, "POST", f"{admin}/products", made, {**made, "name": "Else"}, json),
            (self.admin, "POST", f"{admin}/categories", {"name": "new"}, {"name": "newer"}, json),
            (self.admin, "POST", f"{admin}/brands", {"name": "New"}, {"name": "Newer"}, json),
            (self.admin, "POST", f"{admin}/products/{self.few}/withdraw", None, None, json),
            (self.admin, "PATCH", f"{admin}/products/{self.few}", {"description": "New", "published": True},
             {"description": "Newer"}, MERGE_PATCH),
            (self.admin, "POST", f"{admin}/stock/{self.none}/receipts", {"quantity": 0 + 1, "reason": "found"},
             {"quantity": 2, "reason": "found"}, json),
        ]

    def test_a_repeated_request_gives_the_same_answer_and_writes_nothing(self):
        for number, (client, method, path, body, other, media) in enumerate(self.mutating()):
            with self.subTest(method=method, path=path):
                key = f"route-{number}"
                before = self.head()
                seen = {"If-Match": "*"} if method == "PATCH" else None
                first = client.send(method, path, body, key=key, media=media, headers=seen)
                self.assertIn(first.status, (200, 201), first)
                head = self.head()
                self.assertGreater(head, before)
                again = client.send(method, path, body, key=key, media=media, headers=seen)
                self.assertEqual((again.status, again.json), (first.status, first.json))
                self.assertEqual(again.headers["Location"], first.headers["Location"])
                self.assertEqual(self.head(), head)
                if other is not None:
                    reused = client.send(method, path, other, key=key, media=media, headers=seen)
                    self.assert_problem(reused, 422, "idempotency.key_reused")
                    self.assertEqual(self.head(), head)
        # Stock was found for the product that others expect to be out: sell it.
        self.place(self.ada, (self.none, 1))

    def test_a_key_belongs_to_one_account_and_one_route(self):
        gus, hal = self.server.customer("gus"), self.server.customer("hal")
        orders = {self.place(client, (self.second, 1), key="mine")["id"] for client in (gus, hal)}
        self.assertEqual(len(orders), 2)
        gus.ok("POST", "/api/v1/cart/items", {"product_id": self.second, "quantity": 1}, key="mine")

    # --- cancelling

    def test_cancelling_gives_the_stock_back_and_can_be_said_twice(self):
        ida = self.server.customer("ida")
        before = self.stock(self.few)
        order = self.place(ida, (self.few, 2))["id"]
        self.assertEqual(self.stock(self.few)["reserved"], before["reserved"] + 2)
        for _ in range(2):
            cancelled = ida.ok("POST", f"/api/v1/orders/{order}/cancel")
            self.assertEqual((cancelled["state"], cancelled["cancel_reason"], cancelled["next_steps"]),
                             ("cancelled", "user", []))
        eventually("the stock is back", lambda: self.stock(self.few) == before)

    def test_what_is_over_cannot_be_cancelled_or_paid(self):
        jan = self.server.customer("jan")
        paid = self.place(jan, (self.second, 1))["id"]
        self.pay(jan, paid)
        self.assertEqual(jan.ok("GET", f"/api/v1/orders/{paid}")["next_steps"], ["cancel", "ship", "refund"])
        cancelled = self.place(jan, (self.second, 1))["id"]
        jan.ok("POST", f"/api/v1/orders/{cancelled}/cancel")
        for order, state in ((paid, "paid"), (cancelled, "cancelled")):
            refused = jan.post(f"/api/v1/orders/{order}/payments", {"provider": "sandbox"})
            self.assertEqual(self.assert_problem(refused, 409, "order.not_payable")["state"], state)

    # --- paying

    def test_a_payment_that_succeeds_pays_the_order_and_sells_its_stock(self):
        kim = self.server.customer("kim")
        before = self.stock(self.second)
        order = self.place(kim, (self.second, 4))["id"]
        path = f"/api/v1/orders/{order}/payments"
        started = kim.post(path, {"provider": "sandbox"})
        self.assertEqual((started.status, started.json["state"], started.json["amount"]),
                         (201, "started", {"amount": 4, "currency": "CNY"}))
        self.assertEqual(kim.ok("GET", started.headers["Location"]), started.json)
        self.assertEqual(started.json["pay_url"], f"/sandbox/payments/{started.json['id']}")
        settled = self.guest.ok("POST", started.json["pay_url"], {"outcome": "success"})
        self.assertEqual(settled["state"], "succeeded")
        shown = kim.ok("GET", f"/api/v1/orders/{order}")
        self.assertEqual((shown["state"], shown["payment_id"]), ("paid", started.json["id"]))
        self.head()
        after = self.stock(self.second)
        self.assertEqual((after["on_hand"], after["sold"], after["reserved"]),
                         (before["on_hand"] - 4, before["sold"] + 4, before["reserved"]))

    def test_a_payment_that_fails_leaves_the_order_to_be_paid_again(self):
        leo = self.server.customer("leo")
        order = self.place(leo, (self.second, 1))["id"]
        path = f"/api/v1/orders/{order}/payments"
        failed = leo.ok("POST", path, {"provider": "sandbox"}, status=201)
        self.assertEqual(self.guest.ok("POST", failed["pay_url"], {"outcome": "failure"})["state"], "closed")
        self.assertEqual(leo.ok("GET", f"/api/v1/orders/{order}")["state"], "awaiting_payment")
        self.pay(leo, order)
        self.assertEqual(leo.ok("GET", f"/api/v1/orders/{order}")["state"], "paid")
        # Money that comes after all for an order that is paid already goes back.
        self.guest.ok("POST", failed["pay_url"], {"outcome": "success"})
        eventually("the second payment is refunded",
                   lambda: leo.ok("GET", f"{path}/{failed['id']}")["state"] == "refunded")

    def test_two_strangers_with_one_key_settle_two_payments(self):
        oda = self.server.customer("oda")
        for _ in range(2):
            order = self.place(oda, (self.second, 1))["id"]
            payment = oda.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)
            settled = self.guest.ok("POST", payment["pay_url"], {"outcome": "success"}, key="a-key-like-any-other")
            self.assertEqual((settled["id"], settled["state"]), (payment["id"], "succeeded"))
            self.assertEqual(oda.ok("GET", f"/api/v1/orders/{order}")["state"], "paid")

    def test_a_payment_for_a_cancelled_order_is_refunded_by_itself(self):
        mia = self.server.customer("mia")
        order = self.place(mia, (self.second, 5))["id"]
        path = f"/api/v1/orders/{order}/payments"
        payment = mia.ok("POST", path, {"provider": "sandbox"}, status=201)
        mia.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.assertEqual(self.guest.send("POST", payment["pay_url"], {"outcome": "success"}).status, 200)

        def refunded():
            shown = mia.ok("GET", f"{path}/{payment['id']}")
            return shown if shown["state"] == "refunded" else None

        shown = eventually("the payment is refunded", refunded)
        self.assertEqual((shown["refunded"], shown["amount"]), ({"amount": 5, "currency": "CNY"},) * 2)
        self.assertEqual(mia.ok("GET", f"/api/v1/orders/{order}")["state"], "cancelled")

    def test_orders_are_listed_newest_first_by_state_and_page_by_page(self):
        nia = self.server.customer("nia")
        ids = [self.place(nia, (self.second, 1))["id"] for _ in range(5)]
        nia.ok("POST", f"/api/v1/orders/{ids[2]}/cancel")
        self.head()
        first = nia.ok("GET", "/api/v1/orders?limit=3")
        rest = nia.ok("GET", f"/api/v1/orders?limit=3&cursor={first['next_cursor']}")
        self.assertEqual([item["id"] for item in first["items"] + rest["items"]], ids[::-1])
        self.assertIsNone(rest["next_cursor"])
        cancelled = nia.ok("GET", "/api/v1/orders?state=cancelled")["items"]
        self.assertEqual([item["id"] for item in cancelled], [ids[2]])
        foreign = self.ada.get(f"/api/v1/orders?limit=3&cursor={first['next_cursor']}")
        self.assert_problem(foreign, 400, "cursor.invalid")


class ShortTimeoutTest(SharedServerTest):
    rows = [product("one", stock=1)]
    settings = ("order.payment_timeout_s=1",)

    def test_an_order_that_is_not_paid_in_time_is_cancelled_and_gives_its_stock_back(self):
        ada, one = self.server.customer("ada"), self.skus["one"]
        body = {"items": [{"product_id": one, "quantity": 1}], "address": ADDRESS}
        order = ada.ok("POST", "/api/v1/orders", body, status=201)["id"]
        self.assert_problem(ada.post("/api/v1/orders", body), 409, "order.stock_short")
        payment = ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)

        def cancelled():
            shown = ada.ok("GET", f"/api/v1/orders/{order}")
            return shown if shown["state"] == "cancelled" else None

        self.assertEqual(eventually("the order is cancelled", cancelled)["cancel_reason"], "payment_timeout")
        eventually("the stock is back",
                   lambda: self.admin.ok("GET", f"/api/v1/admin/stock/{one}")["available"] == 1)
        # Now the money comes.
        self.guest.send("POST", payment["pay_url"], {"outcome": "success"})
        eventually("the payment is refunded", lambda: ada.ok(
            "GET", f"/api/v1/orders/{order}/payments/{payment['id']}")["state"] == "refunded")


class NoSandboxTest(SharedServerTest):
    rows = [product("one", stock=1)]
    settings = ("payments.sandbox_enabled=false",)

    def test_a_provider_that_is_switched_off_has_no_route_and_takes_no_payments(self):
        ada = self.server.customer("ada")
        body = {"items": [{"product_id": self.skus["one"], "quantity": 1}], "address": ADDRESS}
        order = ada.ok("POST", "/api/v1/orders", body, status=201)["id"]
        refused = ada.post(f"/api/v1/orders/{order}/payments", {"provider": "sandbox"})
        self.assert_problem(refused, 400, "payment.provider_unknown")
        missing = self.guest.send("POST", f"/sandbox/payments/{order}", {"outcome": "success"})
        self.assert_problem(missing, 404, "request.no_such_route")


if __name__ == "__main__":
    main()
