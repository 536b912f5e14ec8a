"""What every route keeps to, over the routes that /openapi.json lists: a new one is held to it without a word here."""

from harness import ADDRESS, SharedServerTest, main, product

HIDDEN = {"/sandbox/payments/{id}": {"get"}, "/sandbox/payments/{id}/decision": {"post"}}
BAD_BODIES = (b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"a":1}' * 2, b"[" * 2_000,
              b'{"no_such_field_anywhere":1}', b'{"a":1,"a":2}')
UNKNOWN_ID = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


class RoutesTest(SharedServerTest):
    rows = [product("tea", stock=1_000, price=1999, category="food", brand="Xihu")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.customer("ada")
        tea = cls.skus["tea"]
        order = cls.ada.ok("POST", "/api/v1/orders", {"items": [{"product_id": tea, "quantity": 1}], "address": ADDRESS},
                           status=201)["id"]
        payment = cls.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
        listed = cls.guest.ok("GET", f"/api/v1/products/{tea}")
        cls.ids = {"products": tea, "categories": listed["category"]["id"], "brands": listed["brand"]["id"],
                    "stock": tea, "orders": order, "payments": payment, "accounts": cls.ada.account,
                   "addresses": cls.ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)["id"],
                   "notifications": "sandbox", "differences": "1", "jobs": "guest_cart_sweep", "projections": "jobs"}
        paths = cls.guest.ok("GET", "/openapi.json")["paths"]
        cls.routes = [(path, method.upper(), operation) for path, item in paths.items()
                      for method, operation in item.items()]
        cls.methods = {path: {method.upper() for method in {*item, *HIDDEN.get(path, ())}}
                       for path, item in paths.items()}

    def path(self, pattern):
        """With the ids of things that are there, as far as there are any."""
        parts = pattern.split("/")
        return "/".join(self.ids.get(before, UNKNOWN_ID) if part.startswith("{") else part
                        for before, part in zip([""] + parts, parts))

    @staticmethod
    def schemes(operation):
        return [name for scheme in operation["security"] for name in scheme or [""]]

    @staticmethod
    def media_of(operation):
        return next(iter(operation.get("requestBody", {}).get("content", {})), None)

    def client_of(self, pattern):
        return self.admin if "/admin/" in pattern else self.ada

    def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(self):
        for pattern, methods in self.methods.items():
            allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
                with self.subTest(method=method, path=pattern):
                    answer = self.admin.send(method, self.path(pattern))
                    self.assert_problem(answer, 405, "request.method_not_allowed")
                    self.assertEqual(set(answer.headers["Allow"].split(", ")), allowed)

    def test_the_private_routes_ask_for_a_token_and_those_of_administrators_for_one_of_theirs(self):
        for pattern, method, operation in self.routes:
            with self.subTest(method=method, path=pattern):
                self.assertEqual("x-role" in operation, "/admin/" in pattern)
                media = self.media_of(operation) or "application/json"
                body = None if method in ("GET", "DELETE") else {}
                if "" in self.schemes(operation):
                    continue
                answer = self.guest.send(method, self.path(pattern), body, media=media)
                self.assert_problem(answer, 401, "token.missing")
                if "x-role" in operation:
                    answer = self.ada.send(method, self.path(pattern), body, media=media)
                    self.assert_problem(answer, 403, "access.denied")

    def test_head_answers_like_get_but_without_a_body(self):
        self.server.settled_position()  # lists must not grow between the two
        for pattern, method, operation in self.routes:
            if method != "GET" or "text/event-stream" in operation["responses"]["200"].get("content", {}):
                continue  # a stream has no end that could be waited for
            with self.subTest(path=pattern):
                client, path = self.client_of(pattern), self.path(pattern)
                get, head = client.get(path), client.send("HEAD", path)
                self.assertEqual(get.status, head.status)
                self.assertIn(get.status, (200, 404))
                self.assertEqual(head.body, b"")
                for name in ("Content-Type", "ETag", "Cache-Control"):
                    self.assertEqual(get.headers[name], head.headers[name], name)
                # What they measure grows in between; and a problem tells the request's own id.
                if pattern != "/metrics" and get.status == 200:
                    self.assertEqual(int(head.headers["Content-Length"]), len(get.body))

    def test_a_body_must_be_of_the_type_that_its_route_reads(self):
        for pattern, method, operation in self.routes:
            if not operation.get("requestBody", {}).get("required"):
                continue
            for media in ("text/plain", "application/xml", self.media_of(operation) + "; charset=latin-1"):
                with self.subTest(method=method, path=pattern, media=media):
                    answer = self.client_of(pattern).send(method, self.path(pattern), b"{}", media=media)
                    self.assert_problem(answer, 415, "request.unsupported_media_type")

    def test_a_body_that_says_nothing_sensible_is_a_declared_problem_and_changes_nothing(self):
        head = self.server.settled_position()
        for pattern, method, operation in self.routes:
            content = operation.get("requestBody", {}).get("content", {})
            if not content or pattern.startswith("/sandbox"):
                continue
            for body in BAD_BODIES:
                if body == b"" and not operation["requestBody"].get("required"):
                    continue
                with self.subTest(method=method, path=pattern, body=body[:40]):
                    path = self.path(pattern)
                    answer = self.client_of(pattern).send(method, path, body, media=self.media_of(operation))
                    self.assert_problem(answer, answer.status)
                    self.assertIn(answer.status, range(400, 500), answer)
                    self.assertIn(str(answer.status), operation["responses"])
        self.assertEqual(self.server.settled_position(), head)

    def test_an_id_that_is_none_is_not_found(self):
        for pattern, method, operation in self.routes:
            if "{" not in pattern or operation.get("requestBody", {}).get("required"):
                continue
            for id_ in ("7", "%20", "%2e%2e", "a" * 300, UNKNOWN_ID[:-1] + "%00"):
                path = "/".join(id_ if part.startswith("{") else part for part in pattern.split("/"))
                with self.subTest(method=method, path=path):
                    answer = self.client_of(pattern).send(method, path)
                    self.assertIn(answer.status, (400, 404), answer)
                    self.assert_problem(answer, answer.status)


if __name__ == "__main__":
    main()
