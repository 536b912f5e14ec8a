"""Every call that changes something, over the routes that /openapi.json lists: said twice with one key it has one effect,
and the same key with other words is refused. A new route is not let through until there is a recipe for it in recipes.py.
"""

from harness import PASSWORD, main
from people import MERGE_PATCH
from recipes import Recipes

# They change nothing, however they are said.
HARMLESS = {"preview_checkout"}


class IdempotencyTest(Recipes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        document = cls.guest.ok("GET", "/openapi.json")
        cls.components = document["components"]["parameters"]
        cls.changing = [(path, method, operation) for path, item in document["paths"].items()
                        for method, operation in item.items()
                        if method != "get" and operation["operationId"] not in HARMLESS]

    def parameter(self, operation):
        found = [self.components[p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p for p in operation["parameters"]]
        return next((p for p in found if p["name"] == "Idempotency-Key"), None)

    @staticmethod
    def counts(parameter):
        return "without effect" not in parameter["description"]

    def say(self, call, client, body, key):
        return client.send(call.method, call.path, body, key=key, media=call.media, headers=call.headers)

    # --- the rule

    def test_every_call_that_changes_something_takes_a_key(self):
        for path, method, operation in self.changing:
            with self.subTest(method=method, path=path):
                parameter = self.parameter(operation)
                self.assertIsNotNone(parameter)
                if self.counts(parameter):
                    self.assertIn("422", operation["responses"])

    def test_said_twice_with_one_key_it_has_one_effect_and_in_other_words_it_is_refused(self):
        for path, method, operation in self.changing:
            if not self.counts(self.parameter(operation)):
                continue
            with self.subTest(method=method, path=path):
                recipe = getattr(self, operation["operationId"], None)
                self.assertIsNotNone(recipe, "write down how this route is called, in recipes.py")
                self.check(recipe(), operation)

    def check(self, call, operation):
        key = f"7f9c24e5-2f1b-4e6b-9d2a-{next(self.numbers):012x}"
        first = self.say(call, call.client, call.body, key)
        self.assertIn(first.status, range(200, 300), first)
        self.assertIn(str(first.status), operation["responses"])
        client = call.client if call.again in ("the same", None) else call.again()
        head = self.server.settled_position()
        if call.again is None:
            self.assert_problem(self.say(call, client, call.body, key), 401, "token.revoked")
        else:
            second, third = (self.say(call, client, call.body, key) for _ in range(2))
            self.assertIn(second.status, range(200, 300), second)
            self.assertEqual((second.status, second.body), (third.status, third.body))
            self.assertEqual(self.named(first), self.named(second))
            if call.other is not None:
                self.assert_problem(self.say(call, client, call.other, key), 422, "idempotency.key_reused")
        self.assertEqual(self.server.settled_position(), head)

    @staticmethod
    def named(answer):
        """What was made or changed: the same for a repeat, however it fares by then."""
        if not answer.body:
            return answer.status
        document = answer.json
        return {name: document[name] for name in ("id", "token", "product_id", "username") if name in document}

    def test_a_key_that_is_none_is_refused_everywhere(self):
        for path, method, operation in self.changing:
            recipe = getattr(self, operation["operationId"], None)
            client = self.admin if "/admin/" in path else self.ada
            for wrong in ("", "a b", "x" * 256, "ä"):
                with self.subTest(method=method, path=path, key=wrong):
                    body = {} if operation.get("requestBody", {}).get("required") else None
                    media = next(iter(operation.get("requestBody", {}).get("content", {})), "application/json")
                    answer = client.send(method.upper(), path.replace("{", "").replace("}", ""), body, media=media,
                                         headers={"Idempotency-Key": wrong.encode()})
                    self.assert_problem(answer, 400, "idempotency.key_invalid")
            self.assertTrue(recipe or not self.counts(self.parameter(operation)))

    def test_what_was_obeyed_is_answered_also_when_it_could_not_be_obeyed_any_more(self):
        category, other, brand = self.made("categories"), self.made("categories"), self.made("brands")
        body = {"sku": "obeyed", "name": "Obeyed", "price": {"amount": 100, "currency": "CNY"}, "category_id": category,
                "brand_id": brand}
        created = self.admin.post("/api/v1/admin/products", body, key="create-obeyed")
        self.assertEqual(created.status, 201, created)
        path = f"/api/v1/admin/products/{created.json['id']}"

        def move(key):
            return self.admin.send("PATCH", path, {"category_id": other}, media=MERGE_PATCH, key=key,
                                   headers={"If-Match": created.headers["ETag"]})

        moved = move("move-obeyed")
        self.assertEqual(moved.status, 200, moved)
        for gone in (f"categories/{category}", f"categories/{other}", f"brands/{brand}"):
            self.admin.ok("DELETE", f"/api/v1/admin/{gone}")
        again = self.admin.post("/api/v1/admin/products", body, key="create-obeyed")
        self.assertEqual((again.status, again.json["id"]), (201, created.json["id"]), again)
        self.assertEqual(move("move-obeyed").status, 200)
        self.assert_problem(self.admin.post("/api/v1/admin/products", {**body, "name": "x"}, key="create-obeyed"), 422,
                            "idempotency.key_reused")
        fresh = self.admin.post("/api/v1/admin/products", {**body, "sku": "fresh"}, key="create-fresh")
        self.assert_problem(fresh, 409, "product.category_not_found")
        self.assert_problem(move("move-fresh"), 409, "product.category_not_found")

    def test_where_a_key_has_no_effect_the_same_words_are_taken_again(self):
        login = {"username": "ada", "password": PASSWORD}
        sessions = [self.guest.post("/api/v1/sessions", login, key="one-key") for _ in range(2)]
        sessions.append(self.guest.post("/api/v1/sessions", {**login, "password": "wrong-" + PASSWORD}, key="one-key"))
        self.assertEqual([answer.status for answer in sessions], [201, 201, 401])
        for email in ("ada@mail.example", "nobody@mail.example", "ada@mail.example"):
            answer = self.guest.post("/api/v1/password-resets", {"email": email}, key="one-key")
            self.assertEqual((answer.status, answer.body), (202, b""))
        payment = self.payment(self.order())
        for outcome in ("success", "failure", "success"):
            paid = self.guest.post(f"/sandbox/payments/{payment}", {"outcome": outcome}, key="one-key")
            self.assertEqual((paid.status, paid.json["state"]), (200, "succeeded"))
        row = b'{"sku":"row-1","name":"Row","price":1}'
        for body, created in ((row, 1), (row, 0), (row.replace(b"row-1", b"row-2"), 1)):
            answer = self.admin.post("/api/v1/admin/catalogue/rows", body, key="one-key", media="application/jsonl")
            self.assertEqual((answer.status, answer.json["created"]), (200, created), answer)

    def test_a_guest_opens_one_cart_with_a_key_that_nobody_guesses_and_none_with_another(self):
        path = "/api/v1/guest-carts"
        key = "019302f4-8f3a-7c1e-8a2b-3c4d5e6f7a8b"
        first = self.guest.post(path, key=key)
        self.assertEqual(first.status, 201, first)
        add = {"product_id": self.tea, "quantity": 1}
        self.guest.ok("POST", "/api/v1/cart/items", add, headers={"Souk-Cart-Token": first.json["token"]})
        again = self.guest.post(path, key=key)
        self.assertEqual((again.status, again.json), (201, first.json))
        others = [self.guest.post(path, key=other) for other in (None, None, key[:-1] + "c", key.upper())]
        tokens = {answer.json["token"] for answer in (first, *others)}
        self.assertEqual(len(tokens), 5)
        self.assert_problem(self.guest.post(path, {}, key=key), 422, "idempotency.key_reused")
        for guessable in ("1", "my-cart", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "0" * 36, "customer-cart-checkout-1"):
            self.assert_problem(self.guest.post(path, key=guessable), 400, "idempotency.key_guessable")


if __name__ == "__main__":
    main()
