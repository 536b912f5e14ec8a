"""What each route of the reference shop's catalogue makes possible is possible here: rows 14 to 25 of its route table.

The other rows are in reference_shop_test.py.
"""

from harness import SharedServerTest, main, product
from people import patch

PRODUCTS = "/api/v1/products"
ADMIN_PRODUCTS = "/api/v1/admin/products"
CATEGORIES = "/api/v1/categories"
ADMIN_CATEGORIES = "/api/v1/admin/categories"
TEAPOT = {"sku": "teapot", "name": "Teapot", "description": "Clay", "price": {"amount": 25900, "currency": "CNY"},
          "pictures": ["https://a.example/pot.jpg"], "attributes": [{"name": "material", "values": ["clay"]}]}


class ReferenceCatalogueTest(SharedServerTest):
    rows = [product(f"tea-{i}", category="tea/green" if i % 2 else "tea/black") for i in range(6)]

    def test_row_14_find_products_of_a_category_page_by_page(self):
        found, cursor = [], ""
        while cursor is not None:
            page = self.guest.ok("GET", f"{PRODUCTS}?category=tea/green&limit=2{'&cursor=' if cursor else ''}{cursor}")
            found += [item["sku"] for item in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual(found, ["tea-1", "tea-3", "tea-5"])

    def test_row_15_add_a_product_with_its_stock(self):
        made = self.admin.ok("POST", ADMIN_PRODUCTS, {**TEAPOT, "sku": "row-15"}, status=201)
        stock = f"/api/v1/admin/stock/{made['id']}"
        self.admin.ok("POST", f"{stock}/receipts", {"quantity": 40, "reason": "first delivery"}, status=201)
        self.assertEqual(self.admin.ok("GET", stock)["available"], 40)
        for client, status in ((self.guest, 401), (self.server.customer("row_15"), 403)):
            self.assert_problem(client.post(ADMIN_PRODUCTS, {**TEAPOT, "sku": "row-15b"}), status)

    def test_row_16_see_a_product(self):
        made = self.admin.ok("POST", ADMIN_PRODUCTS, {**TEAPOT, "sku": "row-16"}, status=201)
        shown = self.guest.ok("GET", f"{PRODUCTS}/{made['id']}")
        self.assertEqual({name: shown[name] for name in TEAPOT}, {**TEAPOT, "sku": "row-16"})
        self.assert_problem(self.guest.get(f"{PRODUCTS}/7zzzzzzzzzzzzzzzzzzzzzzzzz"), 404, "product.not_found")

    def test_row_17_delete_a_product(self):
        id_ = self.admin.ok("POST", ADMIN_PRODUCTS, {**TEAPOT, "sku": "row-17"}, status=201)["id"]
        self.assertTrue(self.admin.ok("DELETE", f"{ADMIN_PRODUCTS}/{id_}")["deleted"])
        self.assert_problem(self.guest.get(f"{PRODUCTS}/{id_}"), 404, "product.not_found")
        self.assert_problem(self.server.customer("row_17").send("DELETE", f"{ADMIN_PRODUCTS}/{id_}"), 403)

    def test_row_18_change_a_product_its_price_its_state_and_its_stock(self):
        id_ = self.admin.ok("POST", ADMIN_PRODUCTS, {**TEAPOT, "sku": "row-18"}, status=201)["id"]
        wanted = {"name": "Better teapot", "description": "", "price": {"amount": 0, "currency": "CNY"}}
        changed = patch(self.admin, wanted, f"{ADMIN_PRODUCTS}/{id_}", headers={"If-Match": "*"})
        self.assertEqual(changed.status, 200, changed)
        shown = self.guest.ok("GET", f"{PRODUCTS}/{id_}")
        self.assertEqual({name: shown[name] for name in wanted}, wanted)
        self.assertEqual(shown["pictures"], TEAPOT["pictures"])
        corrected = self.admin.ok("POST", f"/api/v1/admin/stock/{id_}/adjustments",
                                  {"from": 0, "to": 7, "reason": "counted"})
        self.assertEqual((corrected["on_hand"], corrected["available"]), (7, 7))
        withdrawn = patch(self.admin, {"published": False}, f"{ADMIN_PRODUCTS}/{id_}", headers={"If-Match": "*"})
        self.assertEqual(withdrawn.status, 200, withdrawn)
        self.assert_problem(self.server.customer("row_18").post("/api/v1/cart/items",
                                                                {"product_id": id_, "quantity": 1}), 409,
                            "product.withdrawn")

    def test_row_19_see_several_products_at_once(self):
        ids = [self.skus[f"tea-{i}"] for i in (4, 0, 2)]
        self.assertEqual([item["id"] for item in self.guest.ok("GET", f"{PRODUCTS}?ids={','.join(ids)}")["items"]], ids)

    def test_row_20_nobody_takes_stock_but_by_ordering(self):
        # The reference shop let everybody lock stock; here holds are made by orders alone, and only shown.
        paths = [path for path in self.guest.ok("GET", "/openapi.json")["paths"] if "stock" in path]
        self.assertTrue(paths)
        for path in paths:
            self.assertRegex(path, r"^/api/v1/admin/(stock|analytics)\b")
        self.assertEqual(self.admin.ok("GET", f"/api/v1/admin/stock/{self.skus['tea-0']}/holds")["items"], [])

    def test_row_21_see_a_category(self):
        black = next(item for item in self.guest.ok("GET", CATEGORIES)["items"] if item["path"] == "tea/black")
        self.assertEqual(self.guest.ok("GET", f"{CATEGORIES}/{black['id']}"), black)
        self.assert_problem(self.guest.get(f"{CATEGORIES}/7zzzzzzzzzzzzzzzzzzzzzzzzz"), 404)

    def test_row_22_add_a_category_with_its_description(self):
        made = self.admin.ok("POST", ADMIN_CATEGORIES, {"name": "row-22", "description": "kept"}, status=201)
        shown = self.guest.ok("GET", f"{CATEGORIES}/{made['id']}")
        self.assertEqual((shown["name"], shown["description"]), ("row-22", "kept"))
        self.assert_problem(self.server.customer("row_22").post(ADMIN_CATEGORIES, {"name": "x"}), 403)

    def test_row_23_delete_a_category_and_keep_its_products(self):
        id_ = self.admin.ok("POST", ADMIN_CATEGORIES, {"name": "row-23"}, status=201)["id"]
        pot = self.admin.ok("POST", ADMIN_PRODUCTS, {**TEAPOT, "sku": "row-23", "category_id": id_}, status=201)["id"]
        self.assertTrue(self.admin.ok("DELETE", f"{ADMIN_CATEGORIES}/{id_}")["deleted"])
        self.assert_problem(self.guest.get(f"{CATEGORIES}/{id_}"), 404)
        self.assertNotIn("category", self.guest.ok("GET", f"{PRODUCTS}/{pot}"))

    def test_row_24_change_a_category(self):
        id_ = self.admin.ok("POST", ADMIN_CATEGORIES, {"name": "row-24"}, status=201)["id"]
        changed = patch(self.admin, {"name": "row-24b", "description": "new"}, f"{ADMIN_CATEGORIES}/{id_}",
                        headers={"If-Match": "*"})
        self.assertEqual(changed.status, 200, changed)
        shown = self.guest.ok("GET", f"{CATEGORIES}/{id_}")
        self.assertEqual((shown["name"], shown["description"]), ("row-24b", "new"))

    def test_row_25_see_all_categories(self):
        paths = [item["path"] for item in self.guest.ok("GET", CATEGORIES)["items"]]
        self.assertEqual([path for path in paths if path.startswith("tea")], ["tea", "tea/black", "tea/green"])


if __name__ == "__main__":
    main()
