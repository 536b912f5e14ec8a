"""Categories, brands and products, as everybody sees them and as administrators change them, against the real binary."""

from harness import ADDRESS, ID, SharedServerTest, main, product
from people import patch

UNKNOWN_ID = "7zzzzzzzzzzzzzzzzzzzzzzzzz"
CATEGORIES, BRANDS, PRODUCTS = "/api/v1/categories", "/api/v1/brands", "/api/v1/products"
ADMIN = "/api/v1/admin"
ANY = {"If-Match": "*"}


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


class CatalogueCase(SharedServerTest):
    def add_category(self, name, parent=None, **more):
        body = {"name": name, **({"parent_id": parent} if parent else {}), **more}
        return self.admin.ok("POST", f"{ADMIN}/categories", body, status=201)["id"]

    def add_brand(self, name, **more):
        return self.admin.ok("POST", f"{ADMIN}/brands", {"name": name, **more}, status=201)["id"]

    def add_product(self, sku, **more):
        return self.admin.ok("POST", f"{ADMIN}/products", {"sku": sku, "name": f"Product {sku}", "price": yuan(100),
                                                           **more}, status=201)["id"]

    def paths(self, client=None):
        client = client or self.guest
        prefix = ADMIN + "/categories" if client is self.admin else CATEGORIES
        return [item["path"] for item in client.ok("GET", prefix)["items"]]

    def tell(self, path, method="POST", body=None, **more):
        answer = self.admin.send(method, f"{ADMIN}/{path}", body, **more)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def listed(self, query, client=None):
        """The skus of a list that has seen every write so far."""
        client = client or self.guest
        prefix = f"{ADMIN}/products" if client is self.admin else PRODUCTS
        self.server.settled_position()
        found, cursor = [], ""
        while cursor is not None:
            page = client.ok("GET", f"{prefix}?{query}&limit=100{'&cursor=' if cursor else ''}{cursor}")
            found += [item["sku"] for item in page["items"]]
            cursor = page["next_cursor"]
        return found


class CategoriesTest(CatalogueCase):
    def test_the_tree_is_listed_in_its_order_and_changes_at_once(self):
        food = self.add_category("food", description="What is eaten")
        tea = self.add_category("tea", food)
        home = self.add_category("home")
        nuts = self.add_category("nuts", food, before_id=tea)
        ours = [path for path in self.paths() if path.split("/")[0] in ("food", "home")]
        self.assertEqual(ours, ["food", "food/nuts", "food/tea", "home"])
        self.assertEqual(self.guest.ok("GET", f"{CATEGORIES}/{tea}"),
                         {"id": tea, "parent_id": food, "name": "tea", "path": "food/tea", "description": ""})
        shown = next(item for item in self.guest.ok("GET", CATEGORIES)["items"] if item["id"] == food)
        self.assertEqual(shown, {"id": food, "name": "food", "path": "food", "description": "What is eaten"})
        self.tell(f"categories/{nuts}/move", body={"parent_id": home})
        self.tell(f"categories/{home}/move", body={"before_id": food})
        ours = [path for path in self.paths() if path.split("/")[0] in ("food", "home")]
        self.assertEqual(ours, ["home", "home/nuts", "food", "food/tea"])
        patch(self.admin, {"name": "kitchen", "description": None}, f"{ADMIN}/categories/{home}", headers=ANY)
        self.assertEqual(self.guest.ok("GET", f"{CATEGORIES}/{nuts}")["path"], "kitchen/nuts")

    def test_the_tree_has_a_strong_tag_that_changes_with_it(self):
        first = self.guest.get(CATEGORIES)
        tag = first.headers["ETag"]
        self.assertRegex(tag, r'^"\d+\.\d+\.\d+"$')
        again = self.guest.get(CATEGORIES, headers={"If-None-Match": tag})
        self.assertEqual((again.status, again.body), (304, b""))
        self.add_category("tagged")
        changed = self.guest.get(CATEGORIES, headers={"If-None-Match": tag})
        self.assertEqual(changed.status, 200)
        self.assertNotEqual(changed.headers["ETag"], tag)

    def test_a_deleted_category_is_there_for_administrators_only_and_comes_back(self):
        root = self.add_category("gone")
        leaf = self.add_category("leaf", root)
        self.assert_problem(self.admin.send("DELETE", f"{ADMIN}/categories/{root}"), 409, "category_tree.has_children")
        self.assertTrue(self.tell(f"categories/{leaf}", "DELETE").json["deleted"])
        self.tell(f"categories/{root}", "DELETE")
        self.assert_problem(self.guest.get(f"{CATEGORIES}/{leaf}"), 404, "category_tree.category_not_found")
        self.assertNotIn("gone/leaf", self.paths())
        self.assertIn("gone/leaf", self.paths(self.admin))
        self.assertTrue(self.admin.ok("GET", f"{ADMIN}/categories/{leaf}")["deleted"])
        self.assert_problem(self.admin.post(f"{ADMIN}/categories/{leaf}/restore"), 409,
                            "category_tree.parent_deleted")
        self.assert_problem(patch(self.admin, {"name": "x"}, f"{ADMIN}/categories/{leaf}", headers=ANY), 409,
                            "category_tree.deleted")
        self.tell(f"categories/{root}/restore")
        self.assertFalse(self.tell(f"categories/{leaf}/restore").json["deleted"])
        self.assertEqual(self.guest.ok("GET", f"{CATEGORIES}/{leaf}")["path"], "gone/leaf")

    def test_what_cannot_be_is_refused_and_changes_nothing(self):
        top = self.add_category("strict")
        below = self.add_category("below", top)
        before = self.admin.get(f"{ADMIN}/categories").body
        for body, reason in (({"name": "strict"}, "name_taken"), ({"name": "x", "parent_id": UNKNOWN_ID}, "parent_unknown"),
                             ({"name": "x", "before_id": below}, "before_unknown")):
            self.assert_problem(self.admin.post(f"{ADMIN}/categories", body), 409, f"category_tree.{reason}")
        for body in ({"name": ""}, {"name": "a/b"}, {"name": "x", "description": "d" * 501}):
            self.assert_problem(self.admin.post(f"{ADMIN}/categories", body), 400)
        self.assert_problem(self.admin.post(f"{ADMIN}/categories/{top}/move", {"parent_id": below}), 409,
                            "category_tree.cycle")
        self.assert_problem(patch(self.admin, {"name": None}, f"{ADMIN}/categories/{top}", headers=ANY), 400,
                            "field.invalid")
        for method, path in (("DELETE", UNKNOWN_ID), ("POST", f"{UNKNOWN_ID}/restore")):
            self.assert_problem(self.admin.send(method, f"{ADMIN}/categories/{path}"), 404,
                                "category_tree.category_not_found")
        self.assertEqual(self.admin.get(f"{ADMIN}/categories").body, before)

    def test_a_category_asked_for_twice_with_one_key_is_one(self):
        made = [self.admin.post(f"{ADMIN}/categories", {"name": "once"}, key="once") for _ in range(2)]
        self.assertEqual([answer.status for answer in made], [201, 201])
        self.assertEqual(made[0].json, made[1].json)
        self.assertRegex(made[0].json["id"], ID)
        self.assertEqual(made[0].headers["Location"], f"{ADMIN}/categories/{made[0].json['id']}")


class BrandsTest(CatalogueCase):
    def test_brands_are_listed_by_name_page_by_page(self):
        names = [f"page-{letter}" for letter in "dbac"]
        ids = {name: self.add_brand(name, description="Tea", logo="https://a.example/l.svg") for name in names}
        found, cursor = [], ""
        while cursor is not None:
            page = self.guest.ok("GET", f"{BRANDS}?limit=1{'&cursor=' if cursor else ''}{cursor}")
            found += page["items"]
            cursor = page["next_cursor"]
        ours = [item["name"] for item in found if item["name"].startswith("page-")]
        self.assertEqual(ours, sorted(names))
        self.assertEqual([item["name"] for item in found], sorted(item["name"] for item in found))
        self.assertEqual(self.guest.ok("GET", f"{BRANDS}/{ids['page-a']}"),
                         {"id": ids["page-a"], "name": "page-a", "description": "Tea",
                          "logo": "https://a.example/l.svg"})
        first = self.guest.get(f"{BRANDS}?limit=1")
        again = self.guest.get(f"{BRANDS}?limit=1", headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))

    def test_a_deleted_brand_is_there_for_administrators_only_and_comes_back(self):
        brand = self.add_brand("fleeting")
        self.assertTrue(self.tell(f"brands/{brand}", "DELETE").json["deleted"])
        self.assert_problem(self.guest.get(f"{BRANDS}/{brand}"), 404, "brands.brand_not_found")
        self.assertNotIn("fleeting", [item["name"] for item in self.guest.ok("GET", f"{BRANDS}?limit=100")["items"]])
        self.assertIn("fleeting", [item["name"] for item in self.admin.ok("GET", f"{ADMIN}/brands?limit=100")["items"]])
        self.assert_problem(self.admin.post(f"{ADMIN}/brands", {"name": "fleeting"}), 409, "brands.name_taken")
        self.assert_problem(patch(self.admin, {"name": "x"}, f"{ADMIN}/brands/{brand}", headers=ANY), 409,
                            "brands.deleted")
        self.assertFalse(self.tell(f"brands/{brand}/restore").json["deleted"])
        self.assertEqual(self.guest.ok("GET", f"{BRANDS}/{brand}")["name"], "fleeting")

    def test_a_merge_patch_changes_what_it_names(self):
        brand = self.add_brand("patched", description="old", logo="https://a.example/1.svg")
        changed = patch(self.admin, {"name": "Patched", "logo": None}, f"{ADMIN}/brands/{brand}", headers=ANY).json
        self.assertEqual(changed, {"id": brand, "name": "Patched", "description": "old", "logo": "", "deleted": False})
        for body, status in (({"name": None}, 400), ({"logo": "a b"}, 400), ({"id": brand}, 400)):
            self.assert_problem(patch(self.admin, body, f"{ADMIN}/brands/{brand}", headers=ANY), status)


class ProductsTest(CatalogueCase):
    rows = [product("shelf", stock=5)]

    def test_a_product_keeps_every_field_it_was_given(self):
        category, brand = self.add_category("whole"), self.add_brand("whole")
        body = {"sku": "WHOLE-1", "name": "Whole", "description": "all of it", "price": yuan(0),
                "category_id": category, "brand_id": brand, "pictures": ["https://a.example/1.jpg"],
                "attributes": [{"name": "colour", "values": ["red", "blue"]}], "purchase_limit": 3, "published": False}
        made = self.admin.post(f"{ADMIN}/products", body)
        self.assertEqual(made.status, 201, made)
        id_ = made.json["id"]
        self.assertEqual(made.json, {"id": id_, **body, "deleted": False})
        shown = self.admin.get(made.headers["Location"])
        self.assertEqual((shown.json, shown.headers["ETag"]), (made.json, made.headers["ETag"]))
        self.assert_problem(self.guest.get(f"{PRODUCTS}/{id_}"), 404, "product.not_found")
        published = self.tell(f"products/{id_}/publish").json
        self.assertTrue(published["published"])
        public = self.guest.ok("GET", f"{PRODUCTS}/{id_}")
        self.assertEqual(public, {"id": id_, **{name: body[name] for name in (
            "sku", "name", "description", "price", "pictures", "attributes", "purchase_limit")},
            "category": {"id": category, "path": "whole"}, "brand": {"id": brand, "name": "whole"}})
        bare = patch(self.admin, {name: None for name in ("description", "category_id", "brand_id", "pictures",
                                                          "attributes", "purchase_limit")},
                     f"{ADMIN}/products/{id_}", headers=ANY)
        self.assertEqual(bare.json, {"id": id_, "sku": "WHOLE-1", "name": "Whole", "description": "", "price": yuan(0),
                                     "pictures": [], "attributes": [], "published": True, "deleted": False})
        self.assertEqual(set(self.guest.ok("GET", f"{PRODUCTS}/{id_}")),
                         {"id", "sku", "name", "description", "price", "pictures", "attributes"})

    def test_what_is_wrong_with_a_field_is_refused_and_changes_nothing(self):
        id_ = self.add_product("WRONG-1")
        gone = self.add_category("wrong")
        self.tell(f"categories/{gone}", "DELETE")
        before = self.admin.get(f"{ADMIN}/products/{id_}")
        cases = [({"attributes": [{"name": "a", "values": []}]}, 400, "product.attributes_invalid"),
                 ({"attributes": [{"name": "a", "values": ["1"]}] * 2}, 400, "product.attributes_invalid"),
                 ({"purchase_limit": 0}, 400, "product.limit_invalid"),
                 ({"purchase_limit": -1}, 400, "product.limit_invalid"),
                 ({"category_id": UNKNOWN_ID}, 409, "product.category_not_found"),
                 ({"category_id": gone}, 409, "product.category_not_found"),
                 ({"brand_id": UNKNOWN_ID}, 409, "product.brand_not_found"),
                 ({"category_id": "tea"}, 400, "field.invalid"),
                 ({"price": {"amount": 1, "currency": "EUR"}}, 400, "product.currency_unknown")]
        for body, status, reason in cases:
            with self.subTest(body=body):
                self.assert_problem(patch(self.admin, body, f"{ADMIN}/products/{id_}", headers=ANY), status, reason)
                new = {"sku": "WRONG-2", "name": "n", "price": yuan(1), **body}
                self.assert_problem(self.admin.post(f"{ADMIN}/products", new), status, reason)
        after = self.admin.get(f"{ADMIN}/products/{id_}")
        self.assertEqual((after.body, after.headers["ETag"]), (before.body, before.headers["ETag"]))

    def test_a_deleted_product_is_there_for_administrators_only_and_comes_back_as_it_was(self):
        id_ = self.add_product("DEL-1", published=False)
        deleted = self.tell(f"products/{id_}", "DELETE")
        self.assertEqual((deleted.json["deleted"], deleted.json["published"]), (True, False))
        self.assertEqual(self.tell(f"products/{id_}", "DELETE").headers["ETag"], deleted.headers["ETag"])
        for body in ({"name": "x"}, {"published": True}):
            self.assert_problem(patch(self.admin, body, f"{ADMIN}/products/{id_}", headers=ANY), 409, "product.deleted")
        self.assert_problem(self.admin.post(f"{ADMIN}/products/{id_}/publish"), 409, "product.deleted")
        self.assert_problem(self.admin.post(f"{ADMIN}/products", {"sku": "DEL-1", "name": "n", "price": yuan(1)}), 409,
                            "product.exists")
        back = self.tell(f"products/{id_}/restore").json
        self.assertEqual((back["deleted"], back["published"]), (False, False))
        for path in ("restore", "publish", "withdraw"):
            self.assert_problem(self.admin.post(f"{ADMIN}/products/{UNKNOWN_ID}/{path}"), 404, "product.not_found")

    def test_who_would_overwrite_blindly_has_to_say_what_was_seen(self):
        category, brand, id_ = self.add_category("seen"), self.add_brand("seen"), self.add_product("SEEN-1")
        for path, body in ((f"categories/{category}", {"description": "new"}), (f"brands/{brand}", {"logo": "new"}),
                           (f"products/{id_}", {"description": "new"})):
            with self.subTest(path=path):
                seen = self.admin.get(f"{ADMIN}/{path}")
                self.assert_problem(patch(self.admin, body, f"{ADMIN}/{path}"), 428, "request.precondition_required")
                self.assert_problem(patch(self.admin, body, f"{ADMIN}/{path}", headers={"If-Match": '"1.1.99999"'}), 412,
                                    "version.changed")
                self.assertEqual(self.admin.get(f"{ADMIN}/{path}").body, seen.body)
                changed = patch(self.admin, body, f"{ADMIN}/{path}", headers={"If-Match": seen.headers["ETag"]})
                self.assertEqual(changed.status, 200, changed)
                self.assert_problem(patch(self.admin, {}, f"{ADMIN}/{path}", headers={"If-Match": seen.headers["ETag"]}),
                                    412, "version.changed")
        # What says nothing but the state it is to be in needs no such thing, and takes it all the same.
        stale = {"If-Match": '"1.1.99999"'}
        self.assert_problem(self.admin.post(f"{ADMIN}/products/{id_}/withdraw", headers=stale), 412, "version.changed")
        self.tell(f"products/{id_}/withdraw")

    def test_a_name_that_changes_is_shown_with_every_product_at_once(self):
        category, brand = self.add_category("before"), self.add_brand("before")
        id_ = self.add_product("NAMES-1", category_id=category, brand_id=brand)
        first = self.guest.get(f"{PRODUCTS}/{id_}")
        self.assertTrue(first.headers["ETag"].startswith('W/"'))
        known = {"If-None-Match": first.headers["ETag"]}
        self.assertEqual(self.guest.get(f"{PRODUCTS}/{id_}", headers=known).status, 304)
        patch(self.admin, {"name": "after"}, f"{ADMIN}/categories/{category}", headers=ANY)
        renamed = self.guest.get(f"{PRODUCTS}/{id_}", headers=known)
        self.assertEqual((renamed.status, renamed.json["category"]), (200, {"id": category, "path": "after"}))
        patch(self.admin, {"name": "after"}, f"{ADMIN}/brands/{brand}", headers=ANY)
        self.server.settled_position()
        for items in (self.guest.ok("GET", f"{PRODUCTS}?ids={id_}")["items"],
                      self.guest.ok("GET", f"{PRODUCTS}?category_id={category}")["items"],
                      [self.guest.ok("GET", f"{PRODUCTS}/{id_}")]):
            self.assertEqual([(item["category"]["path"], item["brand"]["name"]) for item in items], [("after", "after")])
        self.tell(f"categories/{category}", "DELETE")
        self.tell(f"brands/{brand}", "DELETE")
        shown = self.guest.ok("GET", f"{PRODUCTS}/{id_}")
        self.assertNotIn("category", shown)
        self.assertNotIn("brand", shown)
        kept = self.admin.ok("GET", f"{ADMIN}/products/{id_}")
        self.assertEqual((kept["category_id"], kept["brand_id"]), (category, brand))
        self.tell(f"categories/{category}/restore")
        self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}/{id_}")["category"]["path"], "after")

    def test_a_list_shows_a_product_as_its_own_page_does(self):
        category, brand = self.add_category("agree"), self.add_brand("agree")
        id_ = self.add_product("AGREE-1", category_id=category, brand_id=brand, purchase_limit=2,
                               attributes=[{"name": "colour", "values": ["red"]}], pictures=["https://a.example/1.jpg"])
        self.assertEqual(self.listed(f"category_id={category}"), ["AGREE-1"])
        page = self.guest.ok("GET", f"{PRODUCTS}/{id_}")
        self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}?category_id={category}")["items"], [page])
        self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}?ids={id_}")["items"], [page])

    # --- lists

    def test_a_list_is_of_a_category_with_everything_below_it_and_of_a_brand_by_id_or_by_name(self):
        top = self.add_category("list")
        left, right = self.add_category("left", top), self.add_category("right", top)
        brand = self.add_brand("listed")
        self.add_product("LIST-1", category_id=left, brand_id=brand)
        self.add_product("LIST-2", category_id=right)
        self.add_product("LIST-3", category_id=top, brand_id=brand)
        for query in (f"category_id={top}", "category=list"):
            self.assertEqual(self.listed(query), ["LIST-1", "LIST-2", "LIST-3"])
        self.assertEqual(self.listed("category=list/left"), ["LIST-1"])
        for query in (f"brand_id={brand}", "brand=listed"):
            self.assertEqual(self.listed(query), ["LIST-1", "LIST-3"])
        self.assertEqual(self.listed("brand=listed&category=list/left"), ["LIST-1"])
        for query in (f"category_id={UNKNOWN_ID}", "category=nowhere", "category=", f"brand_id={UNKNOWN_ID}", "brand=x"):
            self.assertEqual(self.listed(query), [], query)
        self.tell(f"categories/{left}/move", body={"parent_id": right})
        self.assertEqual(self.listed(f"category_id={right}"), ["LIST-1", "LIST-2"])
        self.tell(f"brands/{brand}", "DELETE")
        self.assertEqual(self.listed(f"brand_id={brand}"), [])
        self.assertEqual(self.listed(f"brand_id={brand}", self.admin), ["LIST-1", "LIST-3"])
        for query in (f"category_id={top}&category=list", f"brand_id={brand}&brand=listed"):
            self.assert_problem(self.guest.get(f"{PRODUCTS}?{query}"), 400, "query.ambiguous")
        for query, reason in (("category_id=tea", "query.category_id_invalid"), ("brand_id=", "query.brand_id_invalid")):
            self.assert_problem(self.guest.get(f"{PRODUCTS}?{query}"), 400, reason)

    def test_administrators_list_what_others_do_not_see_by_its_state(self):
        category = self.add_category("states")
        ids = {state: self.add_product(f"STATE-{state}", category_id=category)
               for state in ("published", "withdrawn", "deleted")}
        self.tell(f"products/{ids['withdrawn']}/withdraw")
        self.tell(f"products/{ids['deleted']}", "DELETE")
        self.assertEqual(self.listed(f"category_id={category}"), ["STATE-published"])
        for state in ids:
            self.assertEqual(self.listed(f"category_id={category}&state={state}", self.admin), [f"STATE-{state}"])
        self.assertEqual(len(self.listed(f"category_id={category}", self.admin)), 3)
        items = self.admin.ok("GET", f"{ADMIN}/products?category_id={category}")["items"]
        self.assertEqual(len(items), 3)
        for item, state in zip(items, ids):
            times = {name: item.pop(name) for name in ("created_at", "updated_at")}
            self.assertLessEqual(times["created_at"], times["updated_at"])
            self.assertEqual(item, self.admin.ok("GET", f"{ADMIN}/products/{ids[state]}"))
        self.assert_problem(self.admin.get(f"{ADMIN}/products?state=lost"), 400, "query.state_invalid")

    def test_products_asked_for_by_their_ids_come_in_that_order_each_once_and_as_they_are_now(self):
        ids = [self.add_product(f"BATCH-{i}") for i in range(4)]
        self.tell(f"products/{ids[1]}/withdraw")
        self.tell(f"products/{ids[3]}", "DELETE")
        asked = ",".join((ids[2], UNKNOWN_ID, ids[0], ids[1], ids[2], ids[3]))
        answer = self.guest.get(f"{PRODUCTS}?ids={asked}")
        self.assertEqual([item["id"] for item in answer.json["items"]], [ids[2], ids[0]])
        self.assertIsNone(answer.json["next_cursor"])
        patch(self.admin, {"price": yuan(7)}, f"{ADMIN}/products/{ids[0]}", headers=ANY)
        self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}?ids={ids[0]}")["items"][0]["price"], yuan(7))
        many = ",".join([ids[0]] * 50 + [ids[2]] * 50)
        self.assertEqual(len(self.guest.ok("GET", f"{PRODUCTS}?ids={many}")["items"]), 2)
        distinct = [f"{i:026}" for i in range(101)]
        self.assertEqual(self.guest.ok("GET", f"{PRODUCTS}?ids={','.join(distinct[:100])}")["items"], [])
        for bad in ("", "x", f"{ids[0]},", ",".join(distinct)):
            self.assert_problem(self.guest.get(f"{PRODUCTS}?ids={bad}"), 400, "query.ids_invalid")
        for other in ("limit=5", "category=whole", "cursor=x", f"brand_id={ids[0]}"):
            self.assert_problem(self.guest.get(f"{PRODUCTS}?ids={ids[0]}&{other}"), 400, "query.ambiguous")

    # --- orders

    def test_a_purchase_limit_binds_an_order_and_a_cart_says_what_is_over_it(self):
        shelf = self.skus["shelf"]
        patch(self.admin, {"purchase_limit": 2}, f"{ADMIN}/products/{shelf}", headers=ANY)
        ada = self.server.customer("limited")
        ada.ok("POST", "/api/v1/cart/items", {"product_id": shelf, "quantity": 3})
        line = ada.ok("GET", "/api/v1/cart")["items"][0]
        self.assertEqual((line["availability"], line["limit"]), ("over_limit", 2))
        items = [{"product_id": shelf, "quantity": 2}, {"product_id": shelf, "quantity": 1}]
        for body in ({}, {"items": items}):
            preview = ada.ok("POST", "/api/v1/checkout/preview", body)
            self.assertFalse(preview["can_be_placed"])
            self.assertEqual([(problem["reason"], problem["asked"], problem["limit"]) for problem in preview["problems"]],
                             [("over_limit", 3, 2)])
            self.assert_problem(ada.post("/api/v1/orders", {**body, "address": ADDRESS}), 409)
        ada.ok("PUT", f"/api/v1/cart/items/{shelf}", {"quantity": 2})
        self.assertEqual(ada.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201)["state"], "awaiting_payment")
        patch(self.admin, {"purchase_limit": None}, f"{ADMIN}/products/{shelf}", headers=ANY)

    def test_what_everybody_may_read_is_as_small_as_it_is_declared(self):
        document = self.guest.ok("GET", "/openapi.json")
        schema = document["components"]["schemas"]["ProductView"]["properties"]
        self.assertEqual(set(schema), {"id", "sku", "name", "description", "price", "category", "brand", "pictures",
                                       "attributes", "purchase_limit"})
        parameters = {p.get("name") for p in document["paths"]["/api/v1/products"]["get"]["parameters"]}
        self.assertLessEqual({"ids", "category", "category_id", "brand", "brand_id", "limit", "cursor"}, parameters)
        self.assertIn("428", document["paths"]["/api/v1/admin/products/{id}"]["patch"]["responses"])


if __name__ == "__main__":
    main()
