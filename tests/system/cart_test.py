"""Carts of accounts and of guests, and looking ahead at an order, against the real binary."""

import threading

from harness import ADDRESS, PASSWORD, SharedServerTest, eventually, main, product

CART = "/api/v1/cart"
ITEMS = "/api/v1/cart/items"
PREVIEW = "/api/v1/checkout/preview"
NOBODY = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


class CartTest(SharedServerTest):
    rows = [product("tea", stock=50, price=1000), product("cup", stock=50, price=300), product("rare", stock=2),
            product("none", stock=0), *(product(f"many-{i:03}", stock=5) for i in range(110))]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.cup, cls.rare, cls.none = (cls.skus[sku] for sku in ("tea", "cup", "rare", "none"))

    def shopper(self):
        name = "".join(c for c in self.id().rsplit(".", 1)[-1] if c.isalnum())[-20:]
        self.count = getattr(self, "count", 0) + 1
        return self.server.customer(f"{name}{self.count}")

    def open_guest(self):
        guest = self.server.guest()
        opened = guest.ok("POST", "/api/v1/guest-carts", status=201)
        return guest, {"Souk-Cart-Token": opened["token"]}

    def change(self, sku, patch):
        self.admin.ok("PATCH", f"/api/v1/admin/products/{self.skus[sku]}", patch, media="application/merge-patch+json",
                      headers={"If-Match": "*"})

    def price(self, sku, amount):
        self.change(sku, {"price": yuan(amount)})

    def lines(self, client, **more):
        return {line["product_id"]: line for line in client.ok("GET", CART, **more)["items"]}

    # --- lines

    def test_a_line_is_selected_until_somebody_says_otherwise(self):
        ada = self.shopper()
        self.assertTrue(ada.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 2})["selected"])
        ada.ok("POST", ITEMS, {"product_id": self.cup, "quantity": 1})
        changed = ada.ok("PUT", f"{ITEMS}/{self.tea}", {"selected": False})
        self.assertEqual((changed["quantity"], changed["selected"]), (2, False))
        cart = ada.ok("GET", CART)
        self.assertEqual([(line["selected"], line["total"]["amount"]) for line in cart["items"]],
                         [(False, 2000), (True, 300)])
        self.assertEqual(cart["totals"], [yuan(300)])
        both = ada.ok("PUT", f"{ITEMS}/{self.tea}", {"selected": True, "quantity": 5})
        self.assertEqual((both["quantity"], both["selected"]), (5, True))
        self.assertEqual(ada.ok("GET", CART)["totals"], [yuan(5300)])

    def test_a_change_of_a_line_says_what_to_change(self):
        ada = self.shopper()
        self.assert_problem(ada.send("PUT", f"{ITEMS}/{self.tea}", {}), 400, "cart.change_empty")
        self.assert_problem(ada.send("PUT", f"{ITEMS}/{self.tea}", {"selected": True}), 404, "cart.item_not_found")
        self.assert_problem(ada.send("PUT", f"{ITEMS}/{self.tea}", {"selected": "yes"}), 400, "field.invalid")

    def test_b66_a_negative_quantity_or_none_is_refused_and_changes_nothing(self):
        ada = self.shopper()
        ada.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 3})
        for quantity in (-1, 0, -(2**53) + 1):
            self.assert_problem(ada.post(ITEMS, {"product_id": self.tea, "quantity": quantity}), 400,
                                "cart.quantity_invalid")
            self.assert_problem(ada.send("PUT", f"{ITEMS}/{self.tea}", {"quantity": quantity}), 400,
                                "cart.quantity_invalid")
        for item in (None, [], 7, {}, {"product_id": self.tea}, {"product_id": None, "quantity": 1}):
            self.assert_problem(ada.post(ITEMS, item if item is not None else b"null"), 400)
        self.assertEqual(self.lines(ada)[self.tea]["quantity"], 3)

    def test_b66_adds_of_one_product_at_once_all_count(self):
        ada = self.shopper()
        clients = [self.server.guest() for _ in range(8)]
        failures = []

        def add(client):
            client.token = ada.token
            for _ in range(20):
                answer = client.post(ITEMS, {"product_id": self.tea, "quantity": 1})
                if answer.status != 200:
                    failures.append(answer)

        threads = [threading.Thread(target=add, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.lines(ada)[self.tea]["quantity"], 160)

    def test_a_cart_and_its_lines_have_their_limits(self):
        ada = self.shopper()
        for i in range(100):
            ada.ok("POST", ITEMS, {"product_id": self.skus[f"many-{i:03}"], "quantity": 1})
        over = {"product_id": self.skus["many-100"], "quantity": 1}
        self.assert_problem(ada.post(ITEMS, over), 409, "cart.too_many_lines")
        self.assert_problem(ada.post(ITEMS, {"product_id": self.skus["many-000"], "quantity": 9999}), 409,
                            "cart.quantity_too_large")
        self.assertEqual(len(ada.ok("GET", CART)["items"]), 100)

    # --- what a cart shows

    def test_every_read_says_what_changed_since_a_line_was_added(self):
        ada = self.shopper()
        ada.ok("POST", ITEMS, {"product_id": self.skus["many-101"], "quantity": 2})
        self.assertNotIn("changed", self.lines(ada)[self.skus["many-101"]])
        before = ada.get(CART).headers["ETag"]
        self.price("many-101", 2500)
        line = self.lines(ada)[self.skus["many-101"]]
        self.assertEqual(line["changed"], {"price_then": yuan(1999), "price_now": yuan(2500),
                                           "name_then": "Product many-101", "name_now": "Product many-101"})
        self.assertEqual((line["unit_price"], line["total"]), (yuan(2500), yuan(5000)))
        self.assertEqual(ada.get(CART, headers={"If-None-Match": before}).status, 200)
        # Neither setting a quantity nor adding more says that the change was seen; putting it in anew does.
        ada.ok("PUT", f"{ITEMS}/{self.skus['many-101']}", {"quantity": 3})
        ada.ok("POST", ITEMS, {"product_id": self.skus["many-101"], "quantity": 1})
        self.assertEqual(self.lines(ada)[self.skus["many-101"]]["changed"], line["changed"])
        ada.ok("DELETE", f"{ITEMS}/{self.skus['many-101']}")
        ada.ok("POST", ITEMS, {"product_id": self.skus["many-101"], "quantity": 2})
        self.assertNotIn("changed", self.lines(ada)[self.skus["many-101"]])

    def test_a_line_of_which_there_are_too_few_says_how_many_there_are_and_is_not_added_up(self):
        ada = self.shopper()
        ada.ok("POST", ITEMS, {"product_id": self.rare, "quantity": 3})
        ada.ok("POST", ITEMS, {"product_id": self.cup, "quantity": 1})
        line = self.lines(ada)[self.rare]
        self.assertEqual((line["availability"], line["available"]), ("short", 2))
        self.assertEqual(ada.ok("GET", CART)["totals"], [yuan(300)])
        ada.ok("PUT", f"{ITEMS}/{self.rare}", {"quantity": 2})
        line = self.lines(ada)[self.rare]
        self.assertEqual(line["availability"], "in_stock")
        self.assertNotIn("available", line)

    def test_b27_a_withdrawn_product_is_neither_added_nor_ordered_and_a_cart_that_holds_it_says_so(self):
        ada, ink = self.shopper(), self.skus["many-102"]
        ada.ok("POST", ITEMS, {"product_id": ink, "quantity": 1})
        ada.ok("POST", ITEMS, {"product_id": self.cup, "quantity": 1})
        self.change("many-102", {"published": False})
        self.assertEqual(self.lines(ada)[ink]["availability"], "withdrawn")
        self.assertEqual(ada.ok("GET", CART)["totals"], [yuan(300)])
        self.assertEqual(self.problems(ada.ok("POST", PREVIEW, {})), ["withdrawn"])
        self.assert_problem(ada.post(ITEMS, {"product_id": ink, "quantity": 1}), 409, "product.withdrawn")
        self.assert_problem(ada.post("/api/v1/orders", {"address": ADDRESS}), 409, "product.withdrawn")
        self.assertEqual(ada.ok("PUT", f"{ITEMS}/{ink}", {"selected": False})["selected"], False)
        self.assertEqual(ada.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201)["total"], yuan(300))
        self.change("many-102", {"published": True})
        self.assertEqual(self.lines(ada)[ink]["availability"], "in_stock")

    def test_b30_no_line_is_ever_shown_without_its_price_while_many_read_at_once(self):
        ada = self.shopper()
        for i in range(20):
            ada.ok("POST", ITEMS, {"product_id": self.skus[f"many-{i:03}"], "quantity": 1})
        wrong = []

        def read():
            client = self.server.guest()
            client.token = ada.token
            for _ in range(30):
                cart = client.ok("GET", CART)
                if cart["totals"] != [yuan(20 * 1999)] or any(line["unit_price"]["amount"] != 1999 or not line["name"]
                                                              for line in cart["items"]):
                    wrong.append(cart)

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    # --- ordering

    def test_ordering_a_cart_takes_the_selected_lines_and_leaves_the_others(self):
        ada = self.shopper()
        ada.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 2})
        ada.ok("POST", ITEMS, {"product_id": self.cup, "quantity": 4})
        ada.ok("PUT", f"{ITEMS}/{self.cup}", {"selected": False})
        order = ada.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201)
        self.assertEqual([(line["product_id"], line["quantity"]) for line in order["lines"]], [(self.tea, 2)])
        left = eventually("the ordered line leaves the cart", lambda: [lines for lines in [self.lines(ada)]
                                                                       if self.tea not in lines])[0]
        self.assertEqual([line["quantity"] for line in left.values()], [4])
        self.assert_problem(ada.post("/api/v1/orders", {"address": ADDRESS}), 409, "cart.nothing_selected")

    # --- guests

    def test_a_guest_shops_with_a_token_instead_of_an_account(self):
        guest, token = self.open_guest()
        self.assertRegex(token["Souk-Cart-Token"], r"^[A-Za-z0-9_-]{43}$")
        guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 2}, headers=token)
        guest.ok("PUT", f"{ITEMS}/{self.cup}", {"quantity": 3, "selected": False}, headers=token)
        cart = guest.ok("GET", CART, headers=token)
        self.assertEqual([(line["product_id"], line["quantity"], line["selected"]) for line in cart["items"]],
                         [(self.tea, 2, True), (self.cup, 3, False)])
        self.assertEqual(cart["totals"], [yuan(2000)])
        guest.ok("DELETE", f"{ITEMS}/{self.tea}", headers=token)
        self.assertEqual(guest.ok("DELETE", CART, headers=token), {"items": [], "totals": []})

    def test_a_guest_without_a_token_or_with_a_wrong_one_has_no_cart(self):
        guest, token = self.open_guest()
        self.assert_problem(guest.get(CART), 401, "token.missing")
        self.assert_problem(guest.post(ITEMS, {"product_id": self.tea, "quantity": 1}), 401, "token.missing")
        for wrong in ("", "x", token["Souk-Cart-Token"][:-1], "A" * 43, "!" * 43):
            for method, path, body in (("GET", CART, None), ("POST", ITEMS, {"product_id": self.tea, "quantity": 1}),
                                       ("DELETE", CART, None)):
                answer = guest.send(method, path, body, headers={"Souk-Cart-Token": wrong})
                self.assert_problem(answer, 404, "cart.not_found")
        ada = self.shopper()
        self.assert_problem(ada.get(CART, headers=token), 400, "cart_token.ambiguous")

    def test_two_guests_who_choose_the_same_key_for_their_carts_do_not_meet(self):
        carts = []
        for quantity in (1, 2):
            guest = self.server.guest()
            opened = guest.ok("POST", "/api/v1/guest-carts", status=201)
            token = {"Souk-Cart-Token": opened["token"]}
            for _ in range(2):  # said again, it counts once
                guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": quantity}, headers=token, key="add-1")
            carts.append((opened["token"], self.lines(guest, headers=token)[self.tea]["quantity"]))
        self.assertNotEqual(carts[0][0], carts[1][0])
        self.assertEqual([quantity for _, quantity in carts], [1, 2])

    def test_a_guests_token_is_nowhere_in_the_log_or_the_access_log(self):
        guest, token = self.open_guest()
        guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 1}, headers=token)
        self.server.settled_position()
        secret = token["Souk-Cart-Token"].encode()
        for path in [*self.shared_folder.rglob("*")]:
            if path.is_file():
                self.assertNotIn(secret, path.read_bytes(), path)

    def test_a_guests_cart_is_merged_once_whoever_asks_how_often(self):
        ada, bob = self.shopper(), self.shopper()
        ada.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 2})
        guest, token = self.open_guest()
        guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 3}, headers=token)
        guest.ok("POST", ITEMS, {"product_id": self.cup, "quantity": 1}, headers=token)
        body = {"cart_token": token["Souk-Cart-Token"]}
        for _ in range(3):
            merged = ada.ok("POST", "/api/v1/cart/merge", body)
            self.assertEqual([(line["product_id"], line["quantity"]) for line in merged["items"]],
                             [(self.tea, 5), (self.cup, 1)])
        self.assert_problem(bob.post("/api/v1/cart/merge", body), 409, "cart.spent")
        self.assert_problem(guest.get(CART, headers=token), 409, "cart.spent")
        self.assert_problem(guest.post(ITEMS, {"product_id": self.tea, "quantity": 1}, headers=token), 409,
                            "cart.spent")
        self.assertEqual(bob.ok("GET", CART)["items"], [])

    def test_a_guests_cart_merged_by_many_at_once_comes_in_once(self):
        ada = self.shopper()
        guest, token = self.open_guest()
        guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 7}, headers=token)
        body = {"cart_token": token["Souk-Cart-Token"]}
        statuses = []

        def merge():
            client = self.server.guest()
            client.token = ada.token
            statuses.append(client.post("/api/v1/cart/merge", body).status)

        threads = [threading.Thread(target=merge) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 8)
        self.assertEqual(self.lines(ada)[self.tea]["quantity"], 7)

    def test_logging_in_brings_a_guests_cart_along_and_never_fails_because_of_it(self):
        ada = self.shopper()
        ada.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 1})
        guest, token = self.open_guest()
        guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 2}, headers=token)
        name = ada.ok("GET", "/api/v1/account")["username"]
        body = {"username": name, "password": PASSWORD, "cart_token": token["Souk-Cart-Token"]}
        self.assert_problem(guest.post("/api/v1/sessions", {**body, "password": "wrong-one-42"}), 401)
        self.assertEqual(self.lines(guest, headers=token)[self.tea]["quantity"], 2)
        for _ in range(2):
            self.assertNotIn("cart_problem", guest.ok("POST", "/api/v1/sessions", body, status=201))
            self.assertEqual(self.lines(ada)[self.tea]["quantity"], 3)
        stranger = self.shopper().ok("GET", "/api/v1/account")["username"]
        session = guest.ok("POST", "/api/v1/sessions", {**body, "username": stranger}, status=201)
        self.assertEqual(session["cart_problem"], "cart.spent")
        self.assertTrue(session["access_token"])
        session = guest.ok("POST", "/api/v1/sessions", {**body, "cart_token": "nonsense"}, status=201)
        self.assertEqual(session["cart_problem"], "cart.not_found")

    def test_a_merge_needs_a_cart_and_somebody_to_have_it(self):
        ada = self.shopper()
        self.assert_problem(ada.post("/api/v1/cart/merge", {"cart_token": "nonsense"}), 404, "cart.not_found")
        self.assert_problem(ada.post("/api/v1/cart/merge", {"cart_token": "A" * 43}), 404, "cart.not_found")
        self.assert_problem(ada.post("/api/v1/cart/merge", {}), 400, "field.invalid")
        guest, token = self.open_guest()
        answer = guest.post("/api/v1/cart/merge", {"cart_token": token["Souk-Cart-Token"]})
        self.assert_problem(answer, 401, "token.missing")

    # --- looking ahead

    def problems(self, preview):
        return [problem["reason"] for problem in preview["problems"]]

    def test_a_preview_of_items_adds_up_and_reserves_nothing(self):
        ada = self.shopper()
        items = [{"product_id": self.tea, "quantity": 1}, {"product_id": self.cup, "quantity": 2},
                 {"product_id": self.tea, "quantity": 1}]
        before = self.server.settled_position()
        preview = ada.ok("POST", PREVIEW, {"items": items})
        self.assertEqual([(line["product_id"], line["quantity"]) for line in preview["lines"]],
                         [(self.tea, 2), (self.cup, 2)])
        self.assertEqual((preview["totals"], preview["problems"], preview["can_be_placed"]), ([yuan(2600)], [], True))
        self.assertEqual(self.server.settled_position(), before)

    def test_a_preview_lists_every_problem_at_once(self):
        ada = self.shopper()
        items = [{"product_id": self.rare, "quantity": 9}, {"product_id": self.none, "quantity": 1},
                 {"product_id": NOBODY, "quantity": 1}, {"product_id": self.cup, "quantity": 1}]
        preview = ada.ok("POST", PREVIEW, {"items": items})
        self.assertEqual(self.problems(preview), ["short", "short", "deleted"])
        self.assertEqual(preview["problems"][0], {"reason": "short", "blocking": True, "product_id": self.rare,
                                                  "asked": 9, "available": 2})
        self.assertEqual((preview["totals"], preview["can_be_placed"]), ([yuan(300)], False))

    def test_a_preview_of_the_cart_is_of_its_selected_lines(self):
        ada = self.shopper()
        self.assertEqual(self.problems(ada.ok("POST", PREVIEW, {})), ["empty"])
        ada.ok("POST", ITEMS, {"product_id": self.skus["many-105"], "quantity": 1})
        ada.ok("PUT", f"{ITEMS}/{self.cup}", {"quantity": 1, "selected": False})
        self.price("many-105", 1500)
        preview = ada.ok("POST", PREVIEW, {})
        self.assertEqual(self.problems(preview), ["price_changed"])
        self.assertEqual((preview["totals"], preview["can_be_placed"]), ([yuan(1500)], True))
        guest, token = self.open_guest()
        guest.ok("POST", ITEMS, {"product_id": self.tea, "quantity": 2}, headers=token)
        self.assertEqual(guest.ok("POST", PREVIEW, {}, headers=token)["totals"], [yuan(2000)])
        self.assert_problem(guest.post(PREVIEW, {}), 401, "token.missing")

    def test_b23_a_negative_quantity_cannot_hide_among_the_items_of_a_preview(self):
        ada = self.shopper()
        for items in ([{"product_id": self.tea, "quantity": -1}],
                      [{"product_id": self.tea, "quantity": 5}, {"product_id": self.tea, "quantity": -4}]):
            self.assert_problem(ada.post(PREVIEW, {"items": items}), 400, "order.quantity_invalid")
        many = [{"product_id": self.tea, "quantity": 1}] * 101
        self.assert_problem(ada.post(PREVIEW, {"items": many}), 400, "order.too_many_lines")
        large = [{"product_id": self.tea, "quantity": 10000}]
        self.assert_problem(ada.post(PREVIEW, {"items": large}), 400, "order.quantity_too_large")

    def test_a_preview_says_that_an_address_is_not_the_callers(self):
        ada = self.shopper()
        items = [{"product_id": self.tea, "quantity": 1}]
        preview = ada.ok("POST", PREVIEW, {"items": items, "address_id": NOBODY})
        self.assertEqual((self.problems(preview), preview["can_be_placed"]), (["address_not_found"], False))


if __name__ == "__main__":
    main()
