"""Reading one's own writes, on every route that reads: with a position it answers as of then, or says that it cannot."""

import forge
from harness import ADDRESS, SharedServerTest, main, product

PROJECTIONS = "/api/v1/admin/projections"
UNKNOWN_ID = "7zzzzzzzzzzzzzzzzzzzzzzzzz"
# Their answers tell of the process or the program, not of the shop.
OF_THE_PROCESS = ("/metrics", "/healthz", "/readyz", "/version", "/openapi.json", "/schemas/", PROJECTIONS,
                  "/api/v1/admin/hot-products")


class ReadPositionsTest(SharedServerTest):
    rows = [product("tea", stock=1_000, price=1999, category="food", brand="Xihu")]
    settings = ("read.position_wait_ms=100",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea = cls.skus["tea"]
        cls.ada = cls.server.customer("ada")
        cls.server.settled_position()
        cls.routes = []
        for pattern, item in cls.guest.ok("GET", "/openapi.json")["paths"].items():
            answer = item.get("get", {}).get("responses", {}).get("200", {})
            if answer and not pattern.startswith(OF_THE_PROCESS) and "text/event-stream" not in answer.get("content", {}):
                cls.routes.append(pattern)

    def change_something_of_everything(self):
        """Returns what is to be seen of it, by the names of the paths' parts, and the position of the last change."""
        tea = self.tea
        listed = self.guest.ok("GET", f"/api/v1/products/{tea}")
        new = self.admin.ok("POST", "/api/v1/admin/products", {
            "sku": "jug", "name": "Earthen jug", "price": {"amount": 5, "currency": "CNY"},
            "category_id": listed["category"]["id"]}, status=201)["id"]
        self.admin.ok("POST", f"/api/v1/admin/stock/{new}/receipts", {"quantity": 7, "reason": "first"}, status=201)
        self.ada.ok("POST", "/api/v1/cart/items", {"product_id": new, "quantity": 1})
        order = self.ada.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201)["id"]
        payment = self.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
        self.guest.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        address = self.ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)["id"]
        self.admin.ok("POST", "/api/v1/admin/jobs/guest_cart_sweep/runs", {}, status=202)
        self.admin.ok("PATCH", f"/api/v1/admin/products/{tea}", {"name": "Spring tea"}, headers={"If-Match": "*"},
                      media="application/merge-patch+json")
        self.server.customer("bea")
        last = self.admin.post("/api/v1/admin/categories", {"name": "pots"})
        self.assertEqual(last.status, 201, last)
        ids = {"products": new, "categories": last.json["id"], "brands": listed["brand"]["id"], "stock": new,
               "orders": order, "payments": payment, "accounts": self.ada.account, "addresses": address,
               "jobs": "guest_cart_sweep"}
        return ids, last.headers["Souk-Position"]

    def read(self, pattern, ids, position):
        parts = pattern.split("/")
        path = "/".join(ids.get(before, UNKNOWN_ID) if part.startswith("{") else part
                        for before, part in zip([""] + parts, parts))
        client = self.admin if "/admin/" in pattern else self.ada
        return client.get(path, headers={"Souk-Position": position})

    def tell_all(self, verb):
        for item in self.admin.ok("GET", PROJECTIONS)["items"]:
            self.admin.ok("POST", f"{PROJECTIONS}/{item['name']}/{verb}", {})

    def test_an_answer_is_of_the_position_or_later_or_there_is_none_yet(self):
        self.tell_all("pause")
        self.addCleanup(self.tell_all, "resume")
        ids, position = self.change_something_of_everything()
        early = {pattern: self.read(pattern, ids, position) for pattern in self.routes}
        # The run of a job goes on by itself; besides, nothing changes any more.
        self.tell_all("resume")
        self.server.settled_position()
        late = set()
        for pattern, answer in early.items():
            with self.subTest(path=pattern):
                if answer.status == 503:
                    self.assert_problem(answer, 503, "read.not_caught_up")
                    self.assertEqual(answer.headers["Retry-After"], "1")
                    late.add(pattern)
                    continue
                now = self.read(pattern, ids, position)
                self.assertEqual((answer.status, now.status), (now.status, answer.status))
                if now.status == 200 and "/jobs" not in pattern:
                    self.assertEqual(answer.body, now.body)
        # The lists that are read most are among those that wait.
        self.assertLessEqual({"/api/v1/orders", "/api/v1/products", "/api/v1/search", "/api/v1/admin/orders",
                              "/api/v1/admin/payments", "/api/v1/admin/accounts", "/api/v1/admin/analytics/sales"}, late)

    def test_a_position_of_another_epoch_is_a_conflict_wherever_one_reads(self):
        token = forge.position_token(self.server.data, 2, 1)
        for pattern in self.routes:
            with self.subTest(path=pattern):
                self.assert_problem(self.read(pattern, {"products": self.tea}, token), 409, "position.other_epoch")


if __name__ == "__main__":
    main()
