"""What each route of the reference shop's catalogue makes possible is possible here: rows 14 to 25 of its route table.

The other rows are in reference_shop_test.py.
"""

from harness import SharedServerTest, main, product
from people import patch

PRODUCTS = "/api/v1/products"
ADMIN_PRODUCTS = "/api/v1/admin/products"
TEAPOT = {"sku": "teapot", "name": "Teapot", "description": "Clay", "price": {"amount": 25900, "currency": "CNY"},
          "pictures": ["https://a.example/pot.jpg"]}


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


if __name__ == "__main__":
    main()
