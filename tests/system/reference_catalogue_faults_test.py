"""Faults of the catalogue of the shop that Souk is compared with; by their numbers there.

B27 for withdrawn products is in cart_test.py, B22 for stock that is received and corrected in stock_test.py too.
"""

import pathlib
import threading

from harness import ADDRESS, SharedServerTest, SystemTest, main, product
from people import patch

PRODUCTS, ADMIN = "/api/v1/products", "/api/v1/admin"
ANY = {"If-Match": "*"}


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


class CatalogueFaultsTest(SharedServerTest):
    rows = [product(f"tea-{i:02}", stock=50, price=1000 + i, category="tea/green" if i % 2 else "tea/black", brand="Xihu")
            for i in range(30)]

    def create(self, sku, **more):
        return self.admin.ok("POST", f"{ADMIN}/products", {"sku": sku, "name": sku, "price": yuan(500), **more},
                             status=201)["id"]

    def change(self, id_, body):
        answer = patch(self.admin, body, f"{ADMIN}/products/{id_}", headers=ANY)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def order(self, client, id_, quantity=1):
        return client.post("/api/v1/orders", {"items": [{"product_id": id_, "quantity": quantity}], "address": ADDRESS})

    def test_b22_stock_of_a_new_product_can_be_had_at_once_and_an_edit_takes_none_of_it(self):
        ada = self.server.customer("b22")
        id_ = self.create("b22")
        self.admin.ok("POST", f"{ADMIN}/stock/{id_}/receipts", {"quantity": 3, "reason": "first"}, status=201)
        self.assertEqual(self.order(ada, id_, 2).status, 201)
        self.change(id_, {"name": "edited", "price": yuan(600)})
        stock = self.admin.ok("GET", f"{ADMIN}/stock/{id_}")
        self.assertEqual((stock["on_hand"], stock["reserved"], stock["available"]), (3, 2, 1))
        self.assertEqual(self.order(ada, id_).status, 201)
        self.assert_problem(self.order(ada, id_), 409, "order.stock_short")

    def test_b27_a_deleted_product_is_neither_shown_nor_added_nor_ordered_and_a_cart_that_holds_it_says_so(self):
        ada = self.server.customer("b27")
        id_ = self.create("b27")
        self.admin.ok("POST", f"{ADMIN}/stock/{id_}/receipts", {"quantity": 3, "reason": "first"}, status=201)
        ada.ok("POST", "/api/v1/cart/items", {"product_id": id_, "quantity": 1})
        self.assertEqual(self.admin.send("DELETE", f"{ADMIN}/products/{id_}").status, 200)
        self.assert_problem(self.guest.get(f"{PRODUCTS}/{id_}"), 404, "product.not_found")
        self.assertEqual(ada.ok("GET", "/api/v1/cart")["items"][0]["availability"], "deleted")
        preview = ada.ok("POST", "/api/v1/checkout/preview", {})
        self.assertEqual(([p["reason"] for p in preview["problems"]], preview["can_be_placed"]), (["deleted"], False))
        for body in ({"address": ADDRESS},
                     {"items": [{"product_id": id_, "quantity": 1}], "address": ADDRESS}):
            self.assert_problem(ada.post("/api/v1/orders", body), 404, "product.not_found")
        self.assert_problem(ada.post("/api/v1/cart/items", {"product_id": id_, "quantity": 1}), 404, "product.not_found")

    def test_b27_what_was_sold_is_counted(self):
        ada = self.server.customer("b27sold")
        id_ = self.skus["tea-00"]
        placed = self.order(ada, id_, 2).json["id"]
        payment = ada.ok("POST", f"/api/v1/orders/{placed}/payments", {"provider": "sandbox"}, status=201)["id"]
        ada.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        self.server.settled_position()
        stock = self.admin.ok("GET", f"{ADMIN}/stock/{id_}")
        self.assertEqual((stock["sold"], stock["on_hand"], stock["reserved"]), (2, 48, 0))

    def test_b29_b31_what_is_read_again_and_again_stays_whole(self):
        self.server.settled_position()
        paths = [f"{PRODUCTS}?category=tea&limit=100", f"{PRODUCTS}/{self.skus['tea-05']}",
                 f"{PRODUCTS}?ids={','.join(self.skus[f'tea-{i:02}'] for i in range(1, 30))}", "/api/v1/categories"]
        for path in paths:
            bodies = {self.guest.get(path).body for _ in range(200)}
            self.assertEqual(len(bodies), 1, path)
        self.assertEqual(len(self.guest.ok("GET", paths[0])["items"]), 30)

    def test_b30_many_readers_at_once_miss_no_product_and_see_no_price_that_was_never_set(self):
        self.server.settled_position()
        ada = self.server.customer("b30")
        ids = [self.skus[f"tea-{i:02}"] for i in range(10, 20)]
        for id_ in ids:
            ada.ok("POST", "/api/v1/cart/items", {"product_id": id_, "quantity": 1})
        faults, done = [], threading.Event()

        def read(path, token, items_of, count):
            client = self.server.guest()
            client.token = token
            while not done.is_set():
                items = items_of(client.ok("GET", path))
                prices = [(item.get("price") or item.get("unit_price"))["amount"] for item in items]
                if len(items) != count or not all(price >= 1000 for price in prices):
                    faults.append((path, len(items), prices))
                    return

        readers = [(f"{PRODUCTS}?ids={','.join(ids)}", None, lambda page: page["items"], 10),
                   (f"{PRODUCTS}?category=tea&limit=100", None, lambda page: page["items"], 30),
                   (f"{PRODUCTS}/{ids[0]}", None, lambda item: [item], 1),
                   ("/api/v1/cart", ada.token, lambda cart: cart["items"], 10)]
        threads = [threading.Thread(target=read, args=reader) for reader in readers * 2]
        for thread in threads:
            thread.start()
        for i in range(60):
            self.change(ids[i % 10], {"price": yuan(5000 + i)})
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])

    def test_b32_an_edit_and_a_deletion_are_seen_by_the_next_read_of_every_kind(self):
        ada = self.server.customer("b32")
        id_ = self.skus["tea-20"]
        ada.ok("POST", "/api/v1/cart/items", {"product_id": id_, "quantity": 1})
        listed = f"{PRODUCTS}?category=tea&limit=100"

        def seen(position):
            page = self.guest.ok("GET", listed, headers={"Souk-Position": position})
            return [item["price"] for item in page["items"] if item["id"] == id_]

        for amount in (4000, 4001, 0, 4002):
            position = self.change(id_, {"price": yuan(amount)}).headers["Souk-Position"]
            self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}/{id_}")["price"], yuan(amount))
            self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}?ids={id_}")["items"][0]["price"], yuan(amount))
            self.assertEqual(ada.ok("GET", "/api/v1/cart")["items"][0]["unit_price"], yuan(amount))
            self.assertEqual(seen(position), [yuan(amount)])
        deleted = self.admin.send("DELETE", f"{ADMIN}/products/{id_}")
        self.assert_problem(self.guest.get(f"{PRODUCTS}/{id_}"), 404)
        self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}?ids={id_}")["items"], [])
        self.assertEqual(seen(deleted.headers["Souk-Position"]), [])
        back = self.admin.post(f"{ADMIN}/products/{id_}/restore")
        self.assertEqual(seen(back.headers["Souk-Position"]), [yuan(4002)])

    def test_b33_an_edited_product_is_listed_once_with_its_category_and_a_deleted_one_not_at_all(self):
        category = self.admin.ok("POST", f"{ADMIN}/categories", {"name": "b33"}, status=201)["id"]
        ids = [self.create(f"b33-{i}", category_id=category) for i in range(3)]
        for i in range(5):
            self.change(ids[1], {"description": f"edit {i}"})
        position = self.admin.send("DELETE", f"{ADMIN}/products/{ids[2]}").headers["Souk-Position"]
        items = self.guest.ok("GET", f"{PRODUCTS}?category=b33", headers={"Souk-Position": position})["items"]
        self.assertEqual([item["id"] for item in items], ids[:2])
        self.assertEqual([item["category"] for item in items], [{"id": category, "path": "b33"}] * 2)

    def test_b35_a_page_has_its_size_and_its_order_whatever_is_asked_for(self):
        category = self.admin.ok("POST", f"{ADMIN}/categories", {"name": "b35"}, status=201)["id"]
        made = [self.create(f"b35-{i:02}", category_id=category) for i in (7, 3, 9, 1, 5)]
        made += [self.create(f"b35-many-{i}", category_id=category) for i in range(20)]
        self.server.settled_position()
        listed = f"{PRODUCTS}?category=b35"
        self.assertEqual([item["id"] for item in self.guest.ok("GET", listed)["items"]], made[:20])
        self.assertEqual([item["id"] for item in self.guest.ok("GET", f"{listed}&limit=100")["items"]], made)
        for limit in ("0", "-1", "101", "1000000000", "", "ten", "1.5"):
            self.assert_problem(self.guest.get(f"{listed}&limit={limit}"), 400, "query.limit_invalid")
        found, cursor = [], ""
        while cursor is not None:
            page = self.guest.ok("GET", f"{listed}&limit=7{'&cursor=' if cursor else ''}{cursor}")
            found += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual(found, made)
        self.assertEqual([item["id"] for item in self.guest.ok("GET", f"{PRODUCTS}?ids={','.join(made[4::-1])}")["items"]],
                         made[4::-1])

    def test_b36_categories_change_at_once_and_nothing_that_is_zero_or_false_is_passed_over(self):
        category = self.admin.ok("POST", f"{ADMIN}/categories", {"name": "b36", "description": "d"}, status=201)["id"]

        def shown():
            return [item for item in self.guest.ok("GET", "/api/v1/categories")["items"] if item["id"] == category]

        self.assertEqual(shown()[0]["name"], "b36")
        for name in ("b36-a", "b36-b"):
            patch(self.admin, {"name": name, "description": ""}, f"{ADMIN}/categories/{category}", headers=ANY)
            self.assertEqual((shown()[0]["name"], shown()[0]["description"]), (name, ""))
        self.admin.send("DELETE", f"{ADMIN}/categories/{category}")
        self.assertEqual(shown(), [])
        id_ = self.create("b36", purchase_limit=2)
        self.change(id_, {"price": yuan(0), "description": "", "published": False})
        kept = self.admin.ok("GET", f"{ADMIN}/products/{id_}")
        self.assertEqual((kept["price"], kept["description"], kept["published"]), (yuan(0), "", False))

    def test_b37_an_account_read_again_is_as_whole_as_at_first(self):
        ada = self.server.customer("b37")
        first = ada.ok("GET", "/api/v1/account")
        self.assertTrue(first["created_at"])
        for _ in range(3):
            self.assertEqual(ada.ok("GET", "/api/v1/account"), first)
        patch(ada, {"description": "new"}, headers=ANY)
        self.assertEqual(ada.ok("GET", "/api/v1/account"), {**first, "description": "new"})


class RebuiltTest(SystemTest):
    def test_b34_a_list_that_is_made_anew_holds_each_product_once_and_what_categories_are_called_now(self):
        self.import_rows(*(product(f"tea-{i}", category="tea", brand="Xihu") for i in range(5)))
        server = self.start()
        admin, skus = server.admin(), server.products()
        category = admin.ok("GET", f"{ADMIN}/categories")["items"][0]["id"]
        patch(admin, {"name": "teas"}, f"{ADMIN}/categories/{category}", headers=ANY)
        patch(admin, {"price": yuan(7)}, f"{ADMIN}/products/{skus['tea-1']}", headers=ANY)
        admin.send("DELETE", f"{ADMIN}/products/{skus['tea-2']}")
        server.settled_position()
        before = server.guest().ok("GET", f"{PRODUCTS}?category=teas")
        self.assertEqual(len(before["items"]), 4)
        for _ in range(2):
            server.stop()
            for file in pathlib.Path(self.data, "projections").glob("products.sqlite*"):
                file.unlink()
            server = self.start()
            server.settled_position()
            self.assertEqual(server.guest().ok("GET", f"{PRODUCTS}?category=teas"), before)
        page = server.guest().ok("GET", f"{PRODUCTS}/{skus['tea-1']}")
        self.assertEqual((page["category"], page["brand"]["name"]), ({"id": category, "path": "teas"}, "Xihu"))


if __name__ == "__main__":
    main()
