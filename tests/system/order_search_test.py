"""Orders are found by account, state, product and time: one's own by their owner, everybody's by an administrator."""

from harness import ADDRESS, SharedServerTest, main, product


class OrderSearchTest(SharedServerTest):
    rows = [product("tea", stock=1_000, price=1999), product("cup", stock=1_000, price=501)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada, cls.bob = cls.server.customer("ada"), cls.server.customer("bob")
        cls.tea, cls.cup = cls.skus["tea"], cls.skus["cup"]
        cls.orders = [cls.place(cls.ada, cls.tea), cls.place(cls.bob, cls.cup), cls.place(cls.ada, cls.tea, cls.cup)]
        cancelled = cls.ada.post(f"/api/v1/orders/{cls.orders[0]['id']}/cancel")
        # Once a list has answered with all of it, each does.
        cls.ada.ok("GET", "/api/v1/orders", headers={"Souk-Position": cancelled.headers["Souk-Position"]})

    @staticmethod
    def place(client, *ids):
        items = [{"product_id": id_, "quantity": 1} for id_ in ids]
        return client.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)

    def found(self, client, path, **query):
        """The places in `orders` of what was found."""
        text = "&".join(f"{name}={value}" for name, value in query.items())
        items = client.ok("GET", f"{path}?{text}")["items"]
        return [[order["id"] for order in self.orders].index(item["id"]) for item in items]

    def test_an_administrator_finds_everybodys_orders(self):
        path = "/api/v1/admin/orders"
        account = self.ada.ok("GET", "/api/v1/account")["id"]
        self.assertEqual(self.found(self.admin, path), [2, 1, 0])
        self.assertEqual(self.found(self.admin, path, state="cancelled"), [0])
        self.assertEqual(self.found(self.admin, path, product_id=self.cup), [2, 1])
        self.assertEqual(self.found(self.admin, path, account_id=account), [2, 0])
        self.assertEqual(self.found(self.admin, path, account_id=account, product_id=self.cup), [2])
        self.assertEqual(self.admin.ok("GET", path + "?limit=1")["items"][0]["account_id"],
                         self.ada.ok("GET", "/api/v1/account")["id"])

    def test_orders_are_found_by_when_they_were_placed(self):
        for client, path, all_ in ((self.admin, "/api/v1/admin/orders", [2, 1, 0]),
                                   (self.ada, "/api/v1/orders", [2, 0])):
            middle, day = self.orders[1]["placed_at"], self.orders[1]["placed_at"][:10]
            self.assertEqual(self.found(client, path, placed_before=middle), [0])
            self.assertEqual(self.found(client, path, placed_from=middle), [n for n in all_ if n > 0])
            self.assertEqual(self.found(client, path, placed_from="2020-01-01T00:00:00Z"), all_)
            self.assertEqual(self.found(client, path, placed_before=day), [])

    def test_an_owner_finds_own_orders_alone(self):
        self.assertEqual(self.found(self.bob, "/api/v1/orders", product_id=self.cup), [1])
        self.assertEqual(self.found(self.bob, "/api/v1/orders", product_id=self.tea), [])
        self.assertEqual(self.found(self.ada, "/api/v1/orders", product_id=self.tea, state="cancelled"), [0])

    def test_a_cursor_goes_on_with_the_same_search_alone(self):
        path = "/api/v1/admin/orders"
        page = self.admin.ok("GET", f"{path}?limit=2&product_id={self.cup}")
        self.assertIsNone(page["next_cursor"])
        page = self.admin.ok("GET", f"{path}?limit=2")
        rest = self.admin.ok("GET", f"{path}?limit=2&cursor={page['next_cursor']}")
        self.assertEqual([item["id"] for item in page["items"] + rest["items"]],
                         [order["id"] for order in reversed(self.orders)])
        other = self.admin.send("GET", f"{path}?limit=2&state=placed&cursor={page['next_cursor']}")
        self.assert_problem(other, 400, "cursor.invalid")

    def test_what_nobody_can_look_for_is_refused(self):
        for query, reason in (("state=lost", "query.state_invalid"), ("placed_from=yesterday", "query.time_invalid"),
                              ("placed_before=2026-02-30", "query.time_invalid"), ("product_id=7", "query.id_invalid"),
                              ("account_id=7", "query.id_invalid"), ("state=placed&state=paid", "query.duplicate")):
            self.assert_problem(self.admin.send("GET", f"/api/v1/admin/orders?{query}"), 400, reason)
        self.assert_problem(self.ada.send("GET", "/api/v1/admin/orders"), 403, "access.denied")


if __name__ == "__main__":
    main()
