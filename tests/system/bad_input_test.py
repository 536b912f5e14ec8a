"""Whatever is sent, the answer is a precise refusal, never a fault of ours, and nothing is written."""

import base64
import hashlib
import hmac
import json
import re
import socket
import time

import forge
from harness import ADDRESS, PASSWORD, SharedServerTest, eventually, main, product

MERGE_PATCH = "application/merge-patch+json"
UNKNOWN_ID = "7zzzzzzzzzzzzzzzzzzzzzzzzz"
MALFORMED = [b"", b" ", b"{", b"}", b"nonsense", b"{\"a\":1,}", b"{'a':1}", b"{} {}", b"{}x", b"{}\n[]", b"{\"a\":01}",
             b"{\"a\":+1}", b"{\"a\":NaN}", b"{\"a\":1e}",
             b"{\"a\":\"\x01\"}", b"{\"a\":\"\xff\"}", b"{\"a\":\"\xc3\"}",
             b"{\"a\":\"\xed\xa0\x80\"}", b"{\"a\":\"\\ud800\"}", b"{\"a\":\"\\x\"}", b"\x00", b"{}\x00",
             b"{\"a\x00\":1}",
             b"[" * 65 + b"]" * 65, b"{\"a\":" * 5000 + b"1" + b"}" * 5000, b"\xef\xbb\xbf" + b"[]x",
             b"\xff\xfe{\x00}\x00"]
NOT_OBJECTS = [b"[]", b"null", b"1", b"\"text\"", b"true"]
# JSON numbers that are no whole number from 1 to what fits anywhere.
QUANTITIES = ["-1", "0", "-0", "1.5", "1.0", "1e3", "1E0", "9007199254740992", "9223372036854775807",
              "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e308", "1e400", "\"1\"", "true",
              "null", "[1]", "{}"]


class BadInputTest(SharedServerTest):
    rows = [product("tea", stock=1000), product("cup", stock=1000)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada, cls.bob = cls.server.customer("ada"), cls.server.customer("bob")
        cls.tea, cls.cup = cls.skus["tea"], cls.skus["cup"]
        body = {"items": [{"product_id": cls.tea, "quantity": 1}], "address": ADDRESS}
        cls.order = cls.ada.ok("POST", "/api/v1/orders", body, status=201)["id"]
        payment = cls.ada.ok("POST", f"/api/v1/orders/{cls.order}/payments", {"provider": "sandbox"}, status=201)
        price = {"amount": 100, "currency": "CNY"}
        # Every route that reads a body: client, method, path, a body that would be taken, media type.
        cls.routes = [
            (cls.guest, "POST", "/api/v1/accounts",
             {"username": "carla", "email": "carla@mail.example", "password": PASSWORD}, "application/json"),
            (cls.guest, "POST", "/api/v1/sessions", {"username": "ada", "password": PASSWORD}, "application/json"),
            (cls.ada, "POST", "/api/v1/account/addresses", ADDRESS, "application/json"),
            (cls.guest, "POST", "/api/v1/password-resets", {"email": "nobody@mail.example"}, "application/json"),
            (cls.guest, "POST", "/api/v1/password-resets/confirm", {"token": "x", "password": PASSWORD},
             "application/json"),
            (cls.guest, "POST", "/api/v1/account/email-verification/confirm", {"token": "x"}, "application/json"),
            (cls.ada, "POST", "/api/v1/account/password",
             {"current_password": PASSWORD, "new_password": "another-one-43"}, "application/json"),
            (cls.ada, "POST", "/api/v1/cart/items", {"product_id": cls.tea, "quantity": 1}, "application/json"),
            (cls.ada, "PUT", f"/api/v1/cart/items/{cls.tea}", {"quantity": 1}, "application/json"),
            (cls.ada, "POST", "/api/v1/orders", body, "application/json"),
            (cls.ada, "POST", f"/api/v1/orders/{cls.order}/payments", {"provider": "sandbox"}, "application/json"),
            (cls.guest, "POST", f"/sandbox/payments/{payment['id']}", {"outcome": "success"}, "application/json"),
            (cls.admin, "POST", "/api/v1/admin/products", {"sku": "NEW", "name": "New", "price": price},
             "application/json"),
            (cls.admin, "PATCH", f"/api/v1/admin/products/{cls.tea}", {"name": "Other", "price": price}, MERGE_PATCH),
            (cls.admin, "POST", f"/api/v1/admin/stock/{cls.tea}/receipts", {"quantity": 1, "reason": "found"},
             "application/json"),
        ]

    def setUp(self):
        super().setUp()
        self.head = self.server.settled_position()
        self.faults = self.server.metrics()["souk_internal_errors_total"]

    def tearDown(self):
        self.assertEqual(self.server.settled_position(), self.head, "a refused request has written something")
        self.assertEqual(self.server.metrics()["souk_internal_errors_total"], self.faults)
        super().tearDown()

    def refused(self, client, method, path, body, status=400, reason=None, **more):
        with self.subTest(method=method, path=path, body=body if len(repr(body)) < 300 else repr(body)[:300]):
            if method == "PATCH":
                more = {"headers": {"If-Match": "*"}, **more}
            answer = client.send(method, path, body, **more)
            problem = self.assert_problem(answer, answer.status if status is None else status, reason)
            self.assertTrue(400 <= answer.status < 500, answer)
            self.assertTrue(problem.get("detail"), answer)
            return problem

    # --- bodies

    def test_a_body_that_is_no_json_object(self):
        for client, method, path, good, media in self.routes:
            for body in MALFORMED:
                self.refused(client, method, path, body, 400, "json.malformed", media=media)
            for body in NOT_OBJECTS:
                self.refused(client, method, path, body, 400, "field.invalid", media=media)
            text = json.dumps(good).encode()
            for body in (text + b" x", text + text, text[:-1], text + b"\x00"):
                self.refused(client, method, path, body, 400, "json.malformed", media=media)

    def places(self, value, path=()):
        """The way to each field of a body."""
        for name, inner in value.items():
            yield (*path, name)
            if isinstance(inner, dict):
                yield from self.places(inner, (*path, name))
            elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
                yield from self.places(inner[0], (*path, name, 0))

    def changed(self, good, way, change):
        """A copy in which `change` was applied to the object that holds the field, and its name."""
        copy = json.loads(json.dumps(good))
        holder = copy
        for step in way[:-1]:
            holder = holder[step]
        change(holder, way[-1])
        return copy

    def test_fields_that_are_missing_unknown_or_of_another_type(self):
        for client, method, path, good, media in self.routes:
            for way in self.places(good):
                optional = way == ("items",) or (method == "PUT" and way == ("quantity",))
                if not optional and not (media == MERGE_PATCH and len(way) == 1):
                    body = self.changed(good, way, lambda holder, name: holder.pop(name))
                    told = self.refused(client, method, path, body, 400, "field.invalid", media=media)
                    self.assertIn(str(way[-1]), told["detail"])
                extra = self.changed(good, way, lambda holder, name: holder.update(unknown_field=1))
                told = self.refused(client, method, path, extra, 400, "field.invalid", media=media)
                self.assertIn("unknown_field", told["detail"])
                for wrong in (1.5, True, {"a": 1}, [[]]):
                    body = self.changed(good, way, lambda holder, name, wrong=wrong: holder.update({name: wrong}))
                    self.refused(client, method, path, body, 400, "field.invalid", media=media)

    def test_a_field_that_is_there_twice(self):
        for client, method, path, good, media in self.routes:
            for name, value in good.items():
                text = json.dumps(good)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
                told = self.refused(client, method, path, text.encode(), 400, "field.invalid", media=media)
                self.assertIn("twice", told["detail"])

    def test_nobody_can_set_what_is_not_theirs_to_set(self):
        for client, method, path, good, media in self.routes:
            for name, value in (("id", UNKNOWN_ID), ("role", "admin"), ("account_id", self.bob.account),
                                ("state", "paid"), ("total", {"amount": 1, "currency": "CNY"}), ("discount", 1),
                                ("stock", 5), ("at", "now")):
                self.refused(client, method, path, {**good, name: value}, 400, "field.invalid", media=media)
        item = {"product_id": self.tea, "quantity": 1}
        for name in ("price", "unit_price", "total"):
            body = {"items": [{**item, name: {"amount": 1, "currency": "CNY"}}], "address": ADDRESS}
            self.refused(self.ada, "POST", "/api/v1/orders", body, 400, "field.invalid")

    # --- numbers and texts

    def test_quantities_that_are_none(self):
        address = json.dumps(ADDRESS)
        for number in QUANTITIES:
            cart = f'{{"product_id":"{self.tea}","quantity":{number}}}'
            for client, method, path, body in (
                    (self.ada, "POST", "/api/v1/cart/items", cart),
                    (self.ada, "PUT", f"/api/v1/cart/items/{self.tea}", f'{{"quantity":{number}}}'),
                    (self.ada, "POST", "/api/v1/orders", f'{{"items":[{cart}],"address":{address}}}'),
                    (self.ada, "POST", "/api/v1/orders",
                     f'{{"items":[{{"product_id":"{self.cup}","quantity":5}},{cart}],"address":{address}}}'),
                    (self.admin, "POST", f"/api/v1/admin/stock/{self.tea}/receipts",
                     f'{{"quantity":{number},"reason":"x"}}')):
                self.refused(client, method, path, body.encode())
        for number in ("10000", "9007199254740991"):
            self.refused(self.ada, "PUT", f"/api/v1/cart/items/{self.tea}", f'{{"quantity":{number}}}'.encode(), 400,
                         "cart.quantity_too_large")
        two = [{"product_id": self.tea, "quantity": 9999}, {"product_id": self.tea, "quantity": 1}]
        self.refused(self.ada, "POST", "/api/v1/orders", {"items": two, "address": ADDRESS}, 400,
                     "order.quantity_too_large")
        self.refused(self.admin, "POST", f"/api/v1/admin/stock/{self.tea}/receipts",
                     {"quantity": 2**53 - 1, "reason": "all there is"}, 409, "stock.too_large")

    def test_prices_that_are_none(self):
        for amount in ("-1", "1.5", "1e2", "9007199254740992", "\"1\"", "null"):
            body = f'{{"sku":"NEW","name":"New","price":{{"amount":{amount},"currency":"CNY"}}}}'
            self.refused(self.admin, "POST", "/api/v1/admin/products", body.encode())
        for currency in ("USD", "cny", "", "CNYY", 1, None):
            body = {"sku": "NEW", "name": "New", "price": {"amount": 1, "currency": currency}}
            self.refused(self.admin, "POST", "/api/v1/admin/products", body)

    def test_texts_that_are_too_long_or_hold_what_no_text_holds(self):
        name, address, account = "/api/v1/admin/products", "/api/v1/orders", "/api/v1/accounts"
        price = {"amount": 1, "currency": "CNY"}
        for bad in ("", " ", "x" * 201, "a\nb", "a\u0000b", "\u001b[31m", " padded "):
            self.refused(self.admin, "POST", name, {"sku": "NEW", "name": bad, "price": price}, 400,
                         "product.name_invalid")
        for bad in ("", "x" * 65, "a b", "茶", "a\u0000"):
            self.refused(self.admin, "POST", name, {"sku": bad, "name": "New", "price": price}, 400,
                         "product.sku_invalid")
        for field in ADDRESS:
            for bad in ("x" * 501, "a\u0000b", "a\r\nb"):
                body = {"items": [{"product_id": self.tea, "quantity": 1}], "address": {**ADDRESS, field: bad}}
                self.refused(self.ada, "POST", address, body, 400, f"address.{field}_invalid")
        good = {"username": "carla", "email": "carla@mail.example", "password": PASSWORD}
        for field, bads in (("username", ("", "ab", "x" * 65, "a b", "a\u0000b")),
                            ("password", ("", "1234567", "x" * 129)),
                            ("email", ("", "nobody", "@", "a@", "@b.example", "a@b@c.example", "a b@c.example"))):
            for bad in bads:
                self.refused(self.guest, "POST", account, {**good, field: bad}, 400, f"account.{field}_invalid")

    def test_lists_that_are_empty_or_too_long(self):
        item = {"product_id": self.tea, "quantity": 1}
        self.refused(self.ada, "POST", "/api/v1/orders", {"items": [], "address": ADDRESS}, 400, "order.empty")
        self.refused(self.ada, "POST", "/api/v1/orders", {"items": [item] * 101, "address": ADDRESS}, 400,
                     "order.too_many_lines")
        self.refused(self.bob, "POST", "/api/v1/orders", {"address": ADDRESS}, 409, "cart.empty")

    # --- ids

    def test_ids_that_are_unknown_foreign_or_none(self):
        bads = ("0", "x" * 26, "0" * 26, UNKNOWN_ID[:-1], UNKNOWN_ID + "0", "%F0%9F%8D%B5", "%00", "'%20or%201=1--",
                "8" + "0" * 25)
        for id_ in (*bads, UNKNOWN_ID, self.tea):
            for client, method, path, body in (
                    (self.ada, "GET", "/api/v1/orders/{}", None), (self.ada, "POST", "/api/v1/orders/{}/cancel", None),
                    (self.ada, "POST", "/api/v1/orders/{}/payments", {"provider": "sandbox"}),
                    (self.ada, "GET", "/api/v1/orders/" + self.order + "/payments/{}", None),
                    (self.guest, "POST", "/sandbox/payments/{}", {"outcome": "success"})):
                problem = self.refused(client, method, path.format(id_), body, None)
                self.assertIn(problem["status"], (400, 404) if "%00" in id_ else (404,), problem)
        for id_ in (*bads, UNKNOWN_ID, self.order):
            for client, method, path, body, media in (
                    (self.guest, "GET", "/api/v1/products/{}", None, None),
                    (self.ada, "PUT", "/api/v1/cart/items/{}", {"quantity": 1}, "application/json"),
                    (self.admin, "PATCH", "/api/v1/admin/products/{}", {"name": "x"}, MERGE_PATCH),
                    (self.admin, "GET", "/api/v1/admin/stock/{}", None, None),
                    (self.admin, "POST", "/api/v1/admin/stock/{}/receipts", {"quantity": 1, "reason": ""},
                     "application/json")):
                problem = self.refused(client, method, path.format(id_), body, None, media=media)
                self.assertIn(problem["status"], (400, 404) if "%00" in id_ else (404,), problem)
        for id_ in ("0", "x" * 26, "", "茶", self.tea + " ", 7, None):
            self.refused(self.ada, "POST", "/api/v1/cart/items", {"product_id": id_, "quantity": 1}, 400,
                         "field.invalid")
        for path in ("/api/v1/cart/items", "/api/v1/orders"):
            item = {"product_id": UNKNOWN_ID, "quantity": 1}
            body = item if path.endswith("items") else {"items": [item], "address": ADDRESS}
            self.refused(self.ada, "POST", path, body, 404, "product.not_found")
        for client in (self.bob, self.admin):
            self.refused(client, "POST", f"/api/v1/orders/{self.order}/cancel", None, 404, "order.not_found")

    # --- headers

    def test_idempotency_keys_that_are_none(self):
        for key in ("", "a b", "x" * 256, "a\tb", b"\xc3\xa9", b"a\x7f"):
            self.refused(self.ada, "POST", "/api/v1/cart/items", {"product_id": self.tea, "quantity": 1}, 400, key=key)

    def tokens(self):
        """Tokens that are not to be taken, each with the reason."""
        token, data = self.ada.token, self.server.data
        header, claims, signature = token.split(".")
        good, now = forge.claims_of(token), int(time.time())
        own = forge.own_header(data)
        own_header = forge.compact(own)

        def signed(changes=None, drop=(), header=own_header):
            changed = {name: value for name, value in {**good, **(changes or {})}.items() if name not in drop}
            return forge.sign(data, header, forge.compact(changed))

        taken = self.ada.get("/api/v1/cart", headers={"Authorization": "Bearer " + signed()})
        self.assertEqual(taken.status, 200, "the forger does not sign as the server does")
        promoted = forge.base64url(forge.compact({**good, "role": "administrator"}))
        for alg in ("none", "None", "NONE", "nOnE"):
            bare = forge.base64url(forge.compact({"alg": alg, "typ": "JWT"}))
            yield f"{bare}.{promoted}.", "token.malformed"
            yield f"{bare}.{promoted}.{signature}", "token.malformed"
            yield signed(header=forge.compact({**own, "alg": alg})), "token.malformed"
        for kid in ("../../dev/null", "' or 1=1", "", "x" * 300):
            yield signed(header=forge.compact({**own, "kid": kid})), "token.malformed"
        yield f"{header}.{promoted}.{signature}", "token.forged"
        for key in (b"", b"secret", b"\0" * 32, header.encode()):
            forged = hmac.new(key, f"{header}.{promoted}".encode(), hashlib.sha256).digest()
            yield f"{header}.{promoted}.{forge.base64url(forged)}", "token.forged"
        yield signed({"exp": now - 1, "iat": now - 100}), "token.expired"
        yield signed({"iss": "other"}), "token.foreign"
        yield signed({"aud": "other"}), "token.foreign"
        yield signed({"typ": "refresh"}), "token.foreign"
        for name in good:
            yield signed(drop=(name,)), "token.malformed"
        yield signed({"nbf": 0}), "token.malformed"
        yield signed({"exp": str(good["exp"])}), "token.malformed"
        yield signed({"role": "root"}), "token.malformed"
        for broken in ("", ".", "..", header, f"{header}.{claims}", token + ".x", token + "=", token[:-1], token + "A",
                       f"{header}.{claims}. {signature}", base64.b64encode(token.encode()).decode(), "x" * 2000):
            yield broken, "token.malformed"

    def test_tokens_that_are_not_ours_not_current_or_none(self):
        for token, reason in self.tokens():
            with self.subTest(token=token[:300]):
                answer = self.guest.get("/api/v1/cart", headers={"Authorization": "Bearer " + token})
                self.assert_problem(answer, 401, reason)
                answer = self.guest.get(f"/api/v1/admin/stock/{self.tea}", headers={"Authorization": "Bearer " + token})
                self.assert_problem(answer, 401, reason)
        for value in ("Basic YWRhOnNlc2FtZQ==", "Bearer", "Bearer ", self.ada.token, "bearer", "Token x"):
            answer = self.guest.get("/api/v1/cart", headers={"Authorization": value})
            self.assert_problem(answer, 401, "token.malformed")
        # A public route is not served either to somebody who claims to be who they are not.
        answer = self.guest.get("/api/v1/products", headers={"Authorization": "Bearer nonsense"})
        self.assert_problem(answer, 401, "token.malformed")

    def test_what_is_larger_than_its_limit(self):
        for client, method, path, good, media in self.routes:
            padded = json.dumps(good).encode() + b" " * (1 << 20)
            self.refused(client, method, path, padded, 413, "request.body_too_large", media=media)
        self.refused(self.guest, "GET", "/api/v1/products", None, 431, "request.header_too_large",
                     headers={"X-Padding": "x" * 9000})
        self.refused(self.guest, "GET", "/api/v1/products", None, 431, "request.header_too_large",
                     headers={"If-None-Match": "x" * 4097})
        self.assertEqual(self.guest.get("/api/v1/products", headers={"If-None-Match": "x" * 4096}).status, 200)
        self.refused(self.guest, "GET", "/api/v1/products", None, 431, "request.too_many_headers",
                     headers={f"X-{number}": "1" for number in range(70)})
        self.refused(self.guest, "GET", "/api/v1/products?category=" + "x" * 5000, None, 414,
                     "request.target_too_long")

    def raw(self, request):
        """The status of what is answered to these bytes, and whether the connection is closed behind it."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer

    def test_requests_that_are_not_http(self):
        host = b"Host: a\r\n"
        for request, status in (
                (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/9.9\r\n" + host + b"\r\n", 505),
                (b"GET / HTTP/1.1\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\n" + host + host + b"\r\n", 400), (b"BREW / HTTP/1.1\r\n" + host + b"\r\n", 501),
                (b"POST /api/v1/cart HTTP/1.1\r\n" + host + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
                (b"POST /api/v1/cart HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n", 400),
                (b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 400),
                (b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
                (b"GET /\x00 HTTP/1.1\r\n" + host + b"\r\n", 400), (b"GET /%zz HTTP/1.1\r\n" + host + b"\r\n", 400),
                (b"GET /a/../healthz HTTP/1.1\r\n" + host + b"\r\n", 400),
                (b"GET / HTTP/1.1\r\n" + host + b"X-A: a\x00b\r\n\r\n", 400)):
            with self.subTest(request=request):
                answer = self.raw(request)
                self.assertEqual(answer.split(b" ")[1:2], [str(status).encode()], answer)
                answers = re.findall(rb"HTTP/1\.1 \d{3} ", answer)
                self.assertEqual(len(answers), 1, "something was read as a second request")
                self.assertIn(b"application/problem+json", answer)
        eventually("it still serves", lambda: self.guest.get("/healthz").status == 200)


if __name__ == "__main__":
    main()
