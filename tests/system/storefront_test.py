"""What is kept ready for those who look: product cards, answers of searches, hot products. Against the real binary."""

import json
import threading

from harness import ADDRESS, SharedServerTest, main, product


class StorefrontTest(SharedServerTest):
    rows = [product(f"tea-{n}", name=f"Tea number {n}", price=1_000 + n, stock=1_000, category="food") for n in range(20)]

    def setUp(self):
        super().setUp()
        self.server.settled_position()

    def figure(self, cache, result):
        return self.server.metrics()[f'souk_cache_lookups_total{{cache="{cache}",result="{result}"}}']

    def patch(self, id_, change):
        answer = self.admin.send("PATCH", f"/api/v1/admin/products/{id_}", json.dumps(change).encode(),
                                 media="application/merge-patch+json", headers={"If-Match": "*"})
        self.assertEqual(answer.status, 200, answer)
        return answer

    def test_a_product_is_shown_from_memory_and_never_older_than_a_change(self):
        id_ = self.skus["tea-0"]
        path = f"/api/v1/products/{id_}"
        self.guest.ok("GET", path)
        hits = self.figure("product_cards", "hit")
        first = self.guest.get(path)
        self.assertEqual(self.figure("product_cards", "hit"), hits + 1)
        self.assertEqual(self.guest.get(path, headers={"If-None-Match": first.headers["ETag"]}).status, 304)
        for price in range(2_000, 2_030):
            self.patch(id_, {"price": {"amount": price, "currency": "CNY"}})
            self.assertEqual(self.guest.ok("GET", path)["price"]["amount"], price)
        self.assertNotEqual(self.guest.get(path).headers["ETag"], first.headers["ETag"])
        self.admin.ok("DELETE", f"/api/v1/admin/products/{id_}")
        self.assert_problem(self.guest.get(path), 404, "product.not_found")
        self.admin.ok("POST", f"/api/v1/admin/products/{id_}/restore")
        self.assertEqual(self.guest.ok("GET", path)["price"]["amount"], 2_029)

    def test_a_card_shows_the_new_name_of_its_category_at_once(self):
        path = f"/api/v1/products/{self.skus['tea-1']}"
        category = self.guest.ok("GET", path)["category"]
        answer = self.admin.send("PATCH", f"/api/v1/admin/categories/{category['id']}", b'{"name":"drinks"}',
                                 media="application/merge-patch+json", headers={"If-Match": "*"})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.guest.ok("GET", path)["category"]["path"], "drinks")

    def test_rows_that_are_imported_are_shown_at_once(self):
        path = f"/api/v1/products/{self.skus['tea-2']}"
        self.guest.ok("GET", path)
        row = product("tea-2", name="Tea by rows", price=77, category="food")
        self.admin.send("POST", "/api/v1/admin/catalogue/rows", (json.dumps(row) + "\n").encode(), media="application/jsonl")
        self.assertEqual(self.guest.ok("GET", path)["name"], "Tea by rows")

    def test_readers_never_see_a_card_older_than_what_was_acknowledged(self):
        id_ = self.skus["tea-3"]
        path, acknowledged, older, done = f"/api/v1/products/{id_}", [0], [], threading.Event()

        def read():
            client = self.server.guest()
            while not done.is_set():
                known = acknowledged[0]
                seen = client.ok("GET", path)["price"]["amount"]
                if seen < known:
                    older.append((seen, known))
            client.close()

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for price in range(10_000, 10_150):
            self.patch(id_, {"price": {"amount": price, "currency": "CNY"}})
            acknowledged[0] = price
        done.set()
        for reader in readers:
            reader.join()
        self.assertEqual(older, [])

    def test_an_answer_is_kept_until_it_would_be_another(self):
        path = "/api/v1/search?q=number&sort=price&limit=3&facets=false"
        first = self.guest.get(path).body
        hits = self.figure("searches", "hit")
        self.assertEqual(self.guest.get(path).body, first)
        self.assertEqual(self.guest.get(path.replace("number", "NUMBERS")).body, first)
        self.assertEqual(self.figure("searches", "hit"), hits + 2)
        seen = self.patch(self.skus["tea-9"], {"price": {"amount": 1, "currency": "CNY"}}).headers["Souk-Position"]
        again = self.guest.ok("GET", path, headers={"Souk-Position": seen})
        self.assertEqual(again["items"][0]["product"]["id"], self.skus["tea-9"])
        seen = self.patch(self.skus["tea-9"], {"pictures": ["/new.webp"]}).headers["Souk-Position"]
        again = self.guest.ok("GET", path, headers={"Souk-Position": seen})
        self.assertEqual(again["items"][0]["product"]["pictures"], ["/new.webp"])

    def test_what_is_looked_at_carted_and_ordered_is_hot(self):
        ada, looked, ordered = self.server.customer("ada"), self.skus["tea-11"], self.skus["tea-12"]
        before = {one["product_id"]: one["points"] for one in self.admin.ok("GET", "/api/v1/admin/hot-products?limit=64")["items"]}
        for _ in range(3):
            self.guest.ok("GET", f"/api/v1/products/{looked}")
        for _ in range(2):
            ada.ok("POST", "/api/v1/cart/items", {"product_id": ordered, "quantity": 1}, key="hot-cart")
        ada.ok("POST", "/api/v1/cart/items", {"product_id": ordered, "quantity": 9_999}, status=409)
        for _ in range(2):
            ada.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201, key="hot-order")
        self.guest.get("/api/v1/products/7zzzzzzzzzzzzzzzzzzzzzzzzz")
        after = {one["product_id"]: one for one in self.admin.ok("GET", "/api/v1/admin/hot-products?limit=64")["items"]}
        self.assertEqual(after[looked]["points"] - before.get(looked, 0), 3)
        self.assertEqual(after[ordered]["points"] - before.get(ordered, 0), 14)
        self.assertEqual(after[ordered]["name"], "Tea number 12")
        self.assertNotIn("7zzzzzzzzzzzzzzzzzzzzzzzzz", after)
        self.assertGreater(self.server.metrics()["souk_hot_products_share"], 0)


if __name__ == "__main__":
    main()
