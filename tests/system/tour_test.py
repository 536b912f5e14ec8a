"""The conventions of the public interface, against the real binary; routes_test.py holds every route to them."""

import forge
from harness import (ADMIN, ADDRESS, ID, PASSWORD, SharedServerTest, main, product)

UNKNOWN_ID = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


class TourTest(SharedServerTest):
    rows = [product(f"sku-{i:03}", category="tea/green" if i % 2 else "tea/black", brand=f"brand-{i % 3}")
            for i in range(45)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.customer("ada")
        cls.bob = cls.server.customer("bob")
        cls.tea = cls.skus["sku-000"]
        placed = cls.ada.ok("POST", "/api/v1/orders",
                            {"items": [{"product_id": cls.tea, "quantity": 1}], "address": ADDRESS}, status=201)
        cls.order = placed["id"]
        payment = cls.ada.ok("POST", f"/api/v1/orders/{cls.order}/payments", {"provider": "sandbox"}, status=201)
        cls.payment = payment["id"]

    # --- requests

    def test_a_path_that_is_none_is_not_found(self):
        for path in ("/", "/api/v1", "/api/v1/orders/", "/api/v1/Products", "/api/v1/products/a/b", "/api/v2/products"):
            with self.subTest(path=path):
                self.assert_problem(self.ada.get(path), 404, "request.no_such_route")

    def test_a_request_id_is_echoed_or_made(self):
        self.assertEqual(self.guest.get("/healthz", headers={"X-Request-Id": "trace.42-a"}).headers["X-Request-Id"],
                         "trace.42-a")
        for unsafe in ("a" * 65, "a b", "a\"b", "é"):
            made = self.guest.get("/healthz", headers={"X-Request-Id": unsafe.encode("latin-1")})
            self.assertNotEqual(made.headers["X-Request-Id"], unsafe)
            self.assertRegex(made.headers["X-Request-Id"], ID)
        refused = self.guest.get("/api/v1/cart", headers={"X-Request-Id": "trace-43"})
        self.assertEqual(refused.json["request_id"], "trace-43")

    # --- what belongs to somebody else

    def test_what_belongs_to_somebody_else_looks_like_what_is_not_there(self):
        cases = [("GET", "/api/v1/orders/{}", self.order, None),
                 ("POST", "/api/v1/orders/{}/cancel", self.order, None),
                 ("POST", "/api/v1/orders/{}/payments", self.order, {"provider": "sandbox"}),
                 ("GET", "/api/v1/orders/{}/payments/" + self.payment, self.order, None),
                 ("GET", "/api/v1/orders/" + self.order + "/payments/{}", self.payment, None)]
        for method, pattern, own_id, body in cases:
            for stranger in (self.bob, self.admin):
                with self.subTest(method=method, path=pattern):
                    headers = {"X-Request-Id": "same"}
                    foreign = stranger.send(method, pattern.format(own_id), body, headers=headers)
                    unknown = stranger.send(method, pattern.format(UNKNOWN_ID), body, headers=headers)
                    self.assert_problem(foreign, 404)
                    self.assertEqual(foreign.body, unknown.body)
                    for answer in (foreign, unknown):
                        del answer.headers["Date"]
                    self.assertEqual(sorted(foreign.headers.items()), sorted(unknown.headers.items()))
        self.assertEqual(self.bob.ok("GET", "/api/v1/orders")["items"], [])
        self.assertEqual(self.ada.ok("GET", f"/api/v1/orders/{self.order}")["state"], "awaiting_payment")

    # --- accounts and sessions

    def test_a_registration_answers_with_the_account_and_where_it_is(self):
        answer = self.guest.post("/api/v1/accounts",
                                 {"username": "Carla", "email": "carla@mail.example", "password": PASSWORD})
        self.assertEqual(answer.status, 201)
        account = answer.json
        self.assertEqual(answer.headers["Location"], "/api/v1/account")
        self.assertRegex(account["id"], ID)
        self.assertEqual((account["username"], account["email"], account["role"]),
                         ("Carla", "carla@mail.example", "user"))
        self.assertNotIn(PASSWORD, answer.body.decode())

    def test_names_are_taken_once_whatever_their_case(self):
        self.guest.ok("POST", "/api/v1/accounts",
                      {"username": "dora", "email": "dora@mail.example", "password": PASSWORD}, status=201)
        for body, reason in (({"username": "DORA", "email": "other@mail.example"}, "account.username_taken"),
                             ({"username": "dora2", "email": "Dora@Mail.example"}, "account.email_taken"),
                             ({"username": "dora", "email": "dora@mail.example"}, "account.username_taken"),
                             ({"username": ADMIN[0], "email": "k@mail.example"}, "account.username_taken")):
            with self.subTest(body=body):
                answer = self.guest.post("/api/v1/accounts", {**body, "password": PASSWORD})
                self.assert_problem(answer, 409, reason)
        # What a refused registration had claimed is free again.
        self.guest.ok("POST", "/api/v1/accounts",
                      {"username": "dora3", "email": "other@mail.example", "password": PASSWORD}, status=201)

    def test_a_session_is_a_bearer_token_and_wrong_credentials_look_alike(self):
        answer = self.guest.post("/api/v1/sessions", {"username": "ADA", "password": PASSWORD})
        self.assertEqual(answer.status, 201)
        self.assertEqual((answer.json["token_type"], answer.json["account_id"]), ("Bearer", self.ada.account))
        self.assertEqual(answer.json["expires_in"], 7200)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        headers = {"X-Request-Id": "same"}
        wrong = [self.guest.post("/api/v1/sessions", {"username": name, "password": word}, headers=headers)
                 for name, word in (("ada", "wrong-password"), ("nobody-here", PASSWORD), ("", ""), ("ada", "x" * 500))]
        for answer in wrong:
            self.assert_problem(answer, 401, "session.wrong_credentials")
            self.assertEqual(answer.body, wrong[0].body)

    # --- products, lists, positions

    def test_a_product_shows_money_as_minor_units_and_can_be_asked_for_conditionally(self):
        answer = self.guest.get(f"/api/v1/products/{self.tea}")
        self.assertEqual(answer.json["price"], {"amount": 1999, "currency": "CNY"})
        self.assertEqual((answer.json["category"]["path"], answer.json["brand"]["name"]), ("tea/black", "brand-0"))
        tag = answer.headers["ETag"]
        self.assertRegex(tag, r'^W/"\d+\.\d+\.\d+\.\d+"$')
        for known in (tag, "*", tag.removeprefix("W/"), f'"other", {tag}'):
            again = self.guest.get(f"/api/v1/products/{self.tea}", headers={"If-None-Match": known})
            self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
        other = self.guest.get(f"/api/v1/products/{self.tea}", headers={"If-None-Match": '"other"'})
        self.assertEqual(other.status, 200)
        self.assert_problem(self.guest.get(f"/api/v1/products/{UNKNOWN_ID}"), 404, "product.not_found")
        self.assert_problem(self.guest.get("/api/v1/products/none"), 404, "product.not_found")

    def test_a_list_is_paged_without_loss_or_repetition(self):
        seen, cursor, pages = [], None, 0
        while True:
            page = self.guest.ok("GET", "/api/v1/products?limit=7" + (f"&cursor={cursor}" if cursor else ""))
            seen += [item["sku"] for item in page["items"]]
            pages += 1
            cursor = page["next_cursor"]
            if cursor is None:
                break
        ours = [sku for sku in seen if sku.startswith("sku-")]
        self.assertEqual(sorted(ours), [row["sku"] for row in self.rows])
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(pages, -(-len(seen) // 7))
        self.assertEqual(len(self.guest.ok("GET", "/api/v1/products")["items"]), 20)
        self.assertEqual(len(self.guest.ok("GET", "/api/v1/products?limit=1")["items"]), 1)
        green = self.guest.ok("GET", "/api/v1/products?limit=100&category=tea/green")["items"]
        self.assertEqual(len(green), 22)
        self.assertEqual({item["category"]["path"] for item in green}, {"tea/green"})

    def test_only_a_lists_own_unaltered_cursor_is_taken(self):
        cursor = self.guest.ok("GET", "/api/v1/products?limit=2")["next_cursor"]
        other = "A" if cursor[5] != "A" else "B"
        altered = cursor[:5] + other + cursor[6:]
        for path in (f"/api/v1/products?cursor={altered}", f"/api/v1/products?cursor={cursor[:-1]}",
                     "/api/v1/products?cursor=", "/api/v1/products?cursor=2",
                     f"/api/v1/products?category=tea/green&cursor={cursor}", f"/api/v1/orders?cursor={cursor}"):
            with self.subTest(path=path):
                self.assert_problem(self.ada.get(path), 400, "cursor.invalid")
        for limit in ("0", "101", "abc", "-1", "", "1.0", "+5", "99999999999999999999"):
            for path in ("products", "orders"):
                with self.subTest(limit=limit, path=path):
                    self.assert_problem(self.ada.get(f"/api/v1/{path}?limit={limit}"), 400, "query.limit_invalid")
        self.assert_problem(self.ada.get("/api/v1/products?limit=1&limit=2"), 400, "query.duplicate")
        self.assert_problem(self.ada.get("/api/v1/orders?state=lost"), 400, "query.state_invalid")

    def test_a_read_with_the_position_of_a_write_sees_the_write(self):
        fay = self.server.customer("fay")
        fresh = self.admin.ok("POST", "/api/v1/admin/categories", {"name": "fresh"}, status=201)["id"]
        for i in range(20):
            made = self.admin.post("/api/v1/admin/products", {
                "sku": f"ryw-{i}", "name": f"Fresh {i}", "category_id": fresh,
                "price": {"amount": 5, "currency": "CNY"}})
            self.assertEqual(made.status, 201, made)
            listed = self.guest.ok("GET", "/api/v1/products?category=fresh&limit=100",
                                   headers={"Souk-Position": made.headers["Souk-Position"]})
            self.assertIn(f"ryw-{i}", [item["sku"] for item in listed["items"]])
            placed = fay.post("/api/v1/orders",
                              {"items": [{"product_id": self.tea, "quantity": 1}], "address": ADDRESS})
            self.assertEqual(placed.status, 201, placed)
            cancelled = fay.post(f"/api/v1/orders/{placed.json['id']}/cancel")
            listed = fay.ok("GET", "/api/v1/orders?limit=1",
                            headers={"Souk-Position": cancelled.headers["Souk-Position"]})
            self.assertEqual([(item["id"], item["state"]) for item in listed["items"]],
                             [(placed.json["id"], "cancelled")])

    def test_a_position_that_was_not_given_out_or_is_of_another_time_is_refused(self):
        data = self.server.data
        head = self.server.settled_position()
        good = self.ada.get("/api/v1/products", headers={"Souk-Position": forge.position_token(data, 1, head)})
        self.assertEqual(good.status, 200, good)
        cases = [("nonsense", 400, "position.invalid"), ("", 400, "position.invalid"),
                 ("A" * 28, 400, "position.invalid"),
                 (forge.position_token(data, 2, 1), 409, "position.other_epoch"),
                 (forge.position_token(data, 0, 1), 409, "position.other_epoch")]
        for path in ("/api/v1/products", "/api/v1/orders", "/api/v1/cart"):
            for token, status, reason in cases:
                with self.subTest(path=path, token=token):
                    self.assert_problem(self.ada.get(path, headers={"Souk-Position": token}), status, reason)
        # Nothing will ever be there: the wait is bounded.
        ahead = self.ada.get("/api/v1/products", headers={"Souk-Position": forge.position_token(data, 1, 1 << 40)})
        self.assert_problem(ahead, 503, "read.not_caught_up")
        self.assertEqual(ahead.headers["Retry-After"], "1")

    # --- the cart

    def test_the_cart_adds_sets_removes_and_clears(self):
        eve = self.server.customer("eve")
        first, second = self.skus["sku-001"], self.skus["sku-002"]
        self.assertEqual(eve.ok("GET", "/api/v1/cart"), {"items": [], "totals": []})
        added = eve.post("/api/v1/cart/items", {"product_id": first, "quantity": 2})
        self.assertEqual((added.status, added.json), (200, {"product_id": first, "quantity": 2, "selected": True,
                                                             "line_count": 1}))
        self.assertTrue(added.headers["Souk-Position"])
        self.assertEqual(eve.ok("POST", "/api/v1/cart/items", {"product_id": first, "quantity": 3})["quantity"], 5)
        self.assertEqual(eve.ok("PUT", f"/api/v1/cart/items/{second}", {"quantity": 4})["line_count"], 2)
        self.assertEqual(eve.ok("PUT", f"/api/v1/cart/items/{second}", {"quantity": 4})["quantity"], 4)
        cart = eve.get("/api/v1/cart")
        self.assertEqual([(item["product_id"], item["quantity"], item["total"]) for item in cart.json["items"]],
                         [(first, 5, {"amount": 9995, "currency": "CNY"}),
                          (second, 4, {"amount": 7996, "currency": "CNY"})])
        self.assertEqual(cart.json["totals"], [{"amount": 17991, "currency": "CNY"}])
        self.assertTrue(cart.headers["ETag"].startswith('W/"'))
        again = eve.get("/api/v1/cart", headers={"If-None-Match": cart.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(eve.ok("DELETE", f"/api/v1/cart/items/{first}")["line_count"], 1)
        self.assertEqual(eve.ok("DELETE", f"/api/v1/cart/items/{first}")["line_count"], 1)
        self.assertEqual(eve.ok("DELETE", "/api/v1/cart"), {"items": [], "totals": []})
        self.assertEqual(eve.ok("GET", "/api/v1/cart")["items"], [])
        unknown = eve.post("/api/v1/cart/items", {"product_id": UNKNOWN_ID, "quantity": 1})
        self.assert_problem(unknown, 404, "product.not_found")

    # --- administration

    def test_an_administrator_creates_a_product_and_its_stock(self):
        body = {"sku": "NEW-1", "name": "New", "price": {"amount": 100, "currency": "CNY"}}
        made = self.admin.post("/api/v1/admin/products", body)
        self.assertEqual(made.status, 201, made)
        id_ = made.json["id"]
        self.assertEqual(made.headers["Location"], f"/api/v1/admin/products/{id_}")
        self.assertEqual(self.admin.get(made.headers["Location"]).headers["ETag"], made.headers["ETag"])
        self.assert_problem(self.admin.post("/api/v1/admin/products", body), 409, "product.exists")
        stock = self.admin.ok("GET", f"/api/v1/admin/stock/{id_}")
        self.assertEqual(stock, {"product_id": id_, "mode": "tracked", "on_hand": 0, "reserved": 0, "available": 0,
                                 "received": 0, "adjusted": 0, "restocked": 0, "sold": 0, "low": False})
        got = self.admin.post(f"/api/v1/admin/stock/{id_}/receipts", {"quantity": 7, "reason": "first delivery"})
        self.assertEqual((got.status, got.headers["Location"]), (201, f"/api/v1/admin/stock/{id_}"))
        self.assertEqual((got.json["on_hand"], got.json["received"]), (7, 7))
        shown = self.admin.get(f"/api/v1/admin/stock/{id_}")
        self.assertEqual((shown.json, shown.headers["ETag"]), (got.json, got.headers["ETag"]))
        for path, sent in ((f"/api/v1/admin/stock/{UNKNOWN_ID}", None),
                           (f"/api/v1/admin/stock/{UNKNOWN_ID}/receipts", {"quantity": 1, "reason": ""})):
            answer = self.admin.send("POST" if sent else "GET", path, sent)
            self.assert_problem(answer, 404, "product.not_found")

    def test_a_merge_patch_changes_what_it_names_and_only_at_the_version_it_saw(self):
        id_ = self.skus["sku-010"]
        path, media = f"/api/v1/admin/products/{id_}", "application/merge-patch+json"
        before = self.admin.get(path)
        patch = {"name": "Renamed", "description": "Longer", "price": {"amount": 2500, "currency": "CNY"}}
        changed = self.admin.send("PATCH", path, patch, media=media, headers={"If-Match": before.headers["ETag"]})
        self.assertEqual(changed.status, 200, changed)
        self.assertEqual(changed.json, {**before.json, **patch})
        self.assertNotEqual(changed.headers["ETag"], before.headers["ETag"])
        for stale in (before.headers["ETag"], '"other"', "W/" + changed.headers["ETag"]):
            refused = self.admin.send("PATCH", path, {"name": "Late"}, media=media, headers={"If-Match": stale})
            self.assert_problem(refused, 412)
        for current in (changed.headers["ETag"], "*", f'"x", {changed.headers["ETag"]}'):
            same = self.admin.send("PATCH", path, {"name": "Renamed"}, media=media, headers={"If-Match": current})
            self.assertEqual((same.status, same.headers["ETag"]), (200, changed.headers["ETag"]))
        any_version = {"If-Match": "*"}
        bare = self.admin.send("PATCH", path, {"description": None, "pictures": None}, media=media, headers=any_version)
        self.assertEqual((bare.json["name"], bare.json["description"], bare.json["pictures"]), ("Renamed", "", []))
        for name in ("name", "price"):
            refused = self.admin.send("PATCH", path, {name: None}, media=media, headers=any_version)
            self.assert_problem(refused, 400, "field.invalid")
        for name in ("sku", "id", "stock"):
            refused = self.admin.send("PATCH", path, {name: "x"}, media=media, headers=any_version)
            self.assert_problem(refused, 400, "field.invalid")
        unknown = self.admin.send("PATCH", f"/api/v1/admin/products/{UNKNOWN_ID}", {"name": "x"}, media=media,
                                  headers=any_version)
        self.assert_problem(unknown, 404, "product.not_found")
        self.assertEqual(self.admin.ok("GET", path), bare.json)


if __name__ == "__main__":
    main()
