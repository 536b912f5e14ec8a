"""Searching products over HTTP, against the real binary."""

import json
import urllib.parse

from harness import SharedServerTest, main, product

SEARCH, SUGGESTIONS = "/api/v1/search", "/api/v1/search/suggestions"


class SearchTest(SharedServerTest):
    rows = [product("tea-1", name="明前龙井 Longjing Green Tea", description="清明前手采 <b>Hand</b> fired & light",
                    price=16_800, stock=5, category="food/tea", brand="拾叶 Shiye"),
            product("tea-2", name="桂花乌龙 Osmanthus Oolong Tea", price=5_800, stock=0, category="food/tea"),
            product("pot-1", name="紫砂壶 Clay teapot", price=25_000, stock=3, category="kitchen", brand="拾叶 Shiye"),
            *(product(f"cup-{n:02}", name=f"Cup number {n}", price=1_000 + n // 2, category="kitchen") for n in range(30))]

    def setUp(self):
        super().setUp()
        self.server.settled_position()

    def find(self, status=200, headers=None, **query):
        answer = self.guest.get(f"{SEARCH}?{urllib.parse.urlencode(query)}", headers=headers or {})
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def found(self, headers=None, **query):
        return [item["product"]["sku"] for item in self.find(headers=headers, **query)["items"]]

    def test_what_is_found_is_shown_with_stock_highlights_total_and_facets(self):
        page = self.find(q="龍井 TEA")
        self.assertEqual(page["total"], 1)
        self.assertIsNone(page["next_cursor"])
        item = page["items"][0]
        self.assertEqual(item["product"], self.guest.ok("GET", f"/api/v1/products/{self.skus['tea-1']}"))
        self.assertTrue(item["in_stock"])
        self.assertEqual(item["highlight"], {
            "name": "明前<em>龙井</em> Longjing Green <em>Tea</em>",
            "description": "清明前手采 &lt;b&gt;Hand&lt;/b&gt; fired &amp; light"})
        self.assertEqual([(one["path"], one["count"]) for one in page["facets"]["categories"]], [("food/tea", 1)])
        self.assertEqual([(one["name"], one["count"]) for one in page["facets"]["brands"]], [("拾叶 Shiye", 1)])
        self.assertEqual(page["facets"]["prices"][4], {"from": 20_000, "below": 50_000, "count": 0})
        self.assertEqual(sum(band["count"] for band in page["facets"]["prices"]), 1)
        self.assertNotIn("facets", self.find(q="龍井", facets="false"))

    def test_filters_are_by_path_name_price_and_stock(self):
        self.assertEqual(set(self.found(category="food")), {"tea-1", "tea-2"})
        self.assertEqual(set(self.found(brand="拾叶 Shiye")), {"tea-1", "pot-1"})
        self.assertEqual(self.found(brand="拾叶 Shiye", category="kitchen"), ["pot-1"])
        self.assertEqual(self.found(q="tea", in_stock="false"), ["tea-2"])
        self.assertEqual(self.found(price_min=16_800, price_max=16_800), ["tea-1"])
        self.assertEqual(self.find(category="no/such")["total"], 0)

    def test_each_page_goes_on_where_the_last_one_ended(self):
        for sort in ("relevance", "price", "price_desc", "newest", "sales"):
            with self.subTest(sort=sort):
                whole = self.found(q="cup", sort=sort, limit=100)
                self.assertEqual(len(whole), 30)
                paged, cursor = [], {}
                while cursor is not None:
                    page = self.find(q="cup", sort=sort, limit=7, **cursor)
                    self.assertEqual(page["total"], 30)
                    paged += [item["product"]["sku"] for item in page["items"]]
                    cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
                self.assertEqual(paged, whole)
        cursor = self.find(q="cup", limit=7)["next_cursor"]
        self.assertEqual(self.find(400, q="number", limit=7, cursor=cursor)["reason"], "cursor.invalid")

    def test_a_misspelt_word_is_corrected_and_said(self):
        page = self.find(q="longjnig")
        self.assertEqual((page["corrected"], page["total"]), ("longjing", 1))
        self.assertNotIn("corrected", self.find(q="longjing"))

    def test_a_change_is_seen_by_who_sends_its_position(self):
        new = self.admin.send("POST", "/api/v1/admin/products", {
            "sku": "pot-9", "name": "陶壶 Earthen jug", "price": {"amount": 777, "currency": "CNY"}})
        id_ = new.json["id"]
        find = lambda seen, **query: self.found(headers={"Souk-Position": seen}, **query)
        self.assertEqual(find(new.headers["Souk-Position"], q="earthen"), ["pot-9"])
        stock = self.admin.send("POST", f"/api/v1/admin/stock/{id_}/receipts", {"quantity": 1, "reason": "new"})
        self.assertEqual(find(stock.headers["Souk-Position"], q="earthen", in_stock="true"), ["pot-9"])
        cheaper = self.admin.send("PATCH", f"/api/v1/admin/products/{id_}",
                                  json.dumps({"price": {"amount": 555, "currency": "CNY"}}).encode(),
                                  media="application/merge-patch+json", headers={"If-Match": "*"})
        self.assertEqual(find(cheaper.headers["Souk-Position"], q="陶壶", price_max=555), ["pot-9"])
        away = self.admin.send("POST", f"/api/v1/admin/products/{id_}/withdraw")
        self.assertEqual(find(away.headers["Souk-Position"], q="earthen"), [])
        self.assertNotIn("pot-9", find(away.headers["Souk-Position"], q="pot-9"))

    def test_suggestions_make_a_text_whole(self):
        offered = self.guest.ok("GET", f"{SUGGESTIONS}?q=osm")
        self.assertEqual(offered["completions"], ["osmanthus"])
        self.assertEqual([one["name"] for one in offered["products"]], ["桂花乌龙 Osmanthus Oolong Tea"])
        offered = self.guest.ok("GET", f"{SUGGESTIONS}?q=" + urllib.parse.quote("桂"))
        self.assertEqual(offered["completions"], ["桂花乌龙"])
        offered = self.guest.ok("GET", f"{SUGGESTIONS}?q=" + urllib.parse.quote("拾"))
        self.assertEqual([one["name"] for one in offered["brands"]], ["拾叶 Shiye"])
        self.assertEqual([one["path"] for one in self.guest.ok("GET", f"{SUGGESTIONS}?q=kit")["categories"]], ["kitchen"])

    def test_what_makes_no_sense_is_refused(self):
        for query, reason in (("q=" + "a" * 513, "query.length_invalid"), ("q=%FF", None), ("sort=best", "query.sort_invalid"),
                              ("price_min=-1", "query.price_min_invalid"), ("price_max=1.5", "query.price_max_invalid"),
                              ("price_min=9007199254740992", "query.price_min_invalid"),
                              ("in_stock=yes", "query.in_stock_invalid"), ("facets=1", "query.facets_invalid"),
                              ("limit=0", "query.limit_invalid"), ("limit=101", "query.limit_invalid"),
                              ("cursor=abc", "cursor.invalid"), ("q=a&q=b", "query.duplicate"),
                              ("category=a&category_id=b", "query.ambiguous")):
            with self.subTest(query=query):
                self.assert_problem(self.guest.get(f"{SEARCH}?{query}"), 400, reason)

    def test_syntax_of_query_languages_is_text(self):
        for text in ('"', "'", "tea\" OR \"pot", "tea*", "NEAR(tea pot)", "name:tea", "-tea", "^tea", "(((", "tea AND", "%"):
            with self.subTest(text=text):
                self.find(q=text)
        self.assertEqual(self.find(q="tea* NOT")["total"], self.find(q="tea not")["total"])


if __name__ == "__main__":
    main()
