"""What administrators are told of sales and stock, against the real binary: as JSON and as CSV, and the same in both."""

import csv
import io

from harness import ADDRESS, SharedServerTest, main, product

ROUTE = "/api/v1/admin/analytics"
REPORTS = ("sales", "funnel", "products", "categories", "cancellations", "customers", "stock")


class AnalyticsTest(SharedServerTest):
    rows = [product("tea", stock=100, price=1_000, category="food/tea"), product("cup", stock=100, price=250)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.cup = cls.skus["tea"], cls.skus["cup"]
        cls.ada, cls.bob = cls.server.customer("ada"), cls.server.customer("bob")
        cls.ada.ok("POST", "/api/v1/cart/items", {"product_id": cls.tea, "quantity": 2})
        cls.pay(cls.ada, cls.order(cls.ada))
        cls.pay(cls.bob, cls.order(cls.bob, (cls.tea, 1), (cls.cup, 4)))
        cls.bob.ok("POST", f"/api/v1/orders/{cls.order(cls.bob, (cls.cup, 3))}/cancel", {})
        guest = cls.guest.ok("POST", "/api/v1/guest-carts", {}, status=201)["token"]
        cls.guest.ok("POST", "/api/v1/cart/items", {"product_id": cls.cup, "quantity": 1},
                     headers={"Souk-Cart-Token": guest})
        cls.server.settled_position()

    @staticmethod
    def order(client, *lines):
        body = {"address": ADDRESS}
        if lines:
            body["items"] = [{"product_id": id_, "quantity": quantity} for id_, quantity in lines]
        return client.ok("POST", "/api/v1/orders", body, status=201)["id"]

    @classmethod
    def pay(cls, client, order):
        payment = client.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
        cls.guest.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})

    def items(self, report, query=""):
        return self.admin.ok("GET", f"{ROUTE}/{report}{query}")["items"]

    def total(self, report, column, query=""):
        return sum(item[column] for item in self.items(report, query))

    def test_sales_count_what_was_placed_paid_and_cancelled(self):
        for bucket in ("", "?bucket=hour", "?bucket=day"):
            told = {column: self.total("sales", column, bucket) for column in (
                "placed", "placed_from_cart", "placed_items", "placed_minor", "paid", "paid_items", "paid_minor",
                "cancelled", "cancelled_minor", "rejected", "refunded_minor")}
            self.assertEqual(told, {
                "placed": 3, "placed_from_cart": 1, "placed_items": 10, "placed_minor": 4_750, "paid": 2, "paid_items": 7,
                "paid_minor": 4_000, "cancelled": 1, "cancelled_minor": 750, "rejected": 0, "refunded_minor": 0})
        self.assertEqual(self.items("sales", "?from=2020-01-01&to=2020-02-01"), [])

    def test_the_funnel_leads_from_carts_of_guests_and_customers_to_paid_orders(self):
        self.assertEqual([self.total("funnel", column) for column in ("carts", "placed", "placed_from_cart", "paid")],
                         [2, 3, 1, 2])

    def test_products_and_categories_are_those_of_paid_orders_the_largest_revenue_first(self):
        self.assertEqual(self.items("products"), [
            {"product_id": self.tea, "currency": "CNY", "orders": 2, "items": 3, "revenue_minor": 3_000},
            {"product_id": self.cup, "currency": "CNY", "orders": 1, "items": 4, "revenue_minor": 1_000}])
        category = self.guest.ok("GET", f"/api/v1/products/{self.tea}")["category"]["id"]
        self.assertEqual([(item.get("category_id"), item["items"]) for item in self.items("categories")],
                         [(category, 3), (None, 4)])

    def test_cancellations_customers_and_stock(self):
        self.assertEqual(self.items("cancellations"),
                         [{"reason": "user", "currency": "CNY", "orders": 1, "total_minor": 750}])
        self.assertEqual([(item["account_id"], item["placed"], item["paid"], item["cancelled"], item["paid_minor"])
                          for item in self.items("customers")],
                         [(account, placed, 1, cancelled, 2_000) for account, placed, cancelled in
                          sorted([(self.ada.account, 1, 0), (self.bob.account, 2, 1)])])
        levels = {item["product_id"]: item for item in self.items("stock")}
        self.assertEqual([levels[self.tea][key] for key in ("on_hand", "reserved", "sold")], [97, 0, 3])
        self.assertEqual([levels[self.cup][key] for key in ("on_hand", "reserved", "sold")], [96, 0, 4])

    def test_csv_says_the_same(self):
        for report in REPORTS:
            with self.subTest(report=report):
                answer = self.admin.get(f"{ROUTE}/{report}.csv")
                self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8")
                lines = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
                shown = [{key: "" if value is None else str(value) for key, value in item.items()}
                         for item in self.items(report)]
                self.assertEqual([{key: value for key, value in line.items() if value or key in item}
                                  for line, item in zip(lines, shown)], shown)
                self.assertEqual(len(lines), len(shown))

    def test_pages_follow_each_other_in_the_period_of_the_first(self):
        for report in REPORTS:
            with self.subTest(report=report):
                whole = self.items(report)
                pages, cursor = [], ""
                while cursor is not None:
                    page = self.admin.ok("GET", f"{ROUTE}/{report}?limit=1{cursor and '&cursor='}{cursor}")
                    self.assertLessEqual(len(page["items"]), 1)
                    pages += page["items"]
                    cursor = page["next_cursor"]
                self.assertEqual(pages, whole)
        cursor = self.admin.ok("GET", f"{ROUTE}/products?limit=1")["next_cursor"]
        for other in (f"categories?cursor={cursor}", f"products?from=2026-01-01&cursor={cursor}", "stock?cursor=x",
                      f"stock?cursor={cursor}"):
            self.assert_problem(self.admin.get(f"{ROUTE}/{other}"), 400, "cursor.invalid")

    def test_what_makes_no_sense_is_refused(self):
        for query, reason in (("from=yesterday!", "query.time_invalid"), ("from=2026-01-02&to=2026-01-01", "query.time_invalid"),
                              ("bucket=week", "query.bucket_invalid"), ("form=2026-01-01", "query.unknown"), ("to=2026-13-01", "query.time_invalid")):
            with self.subTest(query=query):
                self.assert_problem(self.admin.get(f"{ROUTE}/sales?{query}"), 400, reason)


if __name__ == "__main__":
    main()
