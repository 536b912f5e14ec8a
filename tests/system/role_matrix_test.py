"""Who may use which route: every role on every route that /openapi.json lists. A new route is for users, and below /admin/
for administrators, until it is written down here that it is for others."""

import urllib.parse

from harness import ADDRESS, SharedServerTest, main, product
from routes_test import UNKNOWN_ID

GUESTS = {
    "register_account", "confirm_email", "request_password_reset", "confirm_password_reset", "log_in",
    "refresh_session",
    "list_products", "get_product", "search_products", "suggest_searches", "list_categories", "get_category",
    "list_brands", "get_brand", "open_guest_cart", "preview_checkout", "notify_payment",
    "settle_sandbox_payment",
}
GUEST_CARTS = {"get_cart", "clear_cart", "add_cart_item", "set_cart_item", "remove_cart_item"}
SUPPORT = {
    "list_accounts", "get_account_as_administrator", "search_orders", "get_order_as_administrator",
    "get_order_history_as_administrator", "follow_order_as_administrator", "list_payments", "list_payment_alerts",
    "get_payment_details",
}
# Nobody is asked who they are.
OPEN = {"healthz", "readyz", "metrics", "openapi", "event_schemas", "command_schemas"}
# Whoever may say this is not somebody any more afterwards.
LAST_WORDS = {"delete_account", "log_out", "log_out_everywhere"}
# What those send to a route about something of somebody's who could be its owner.
BODIES = {"start_payment": {"provider": "sandbox"}, "change_address": {"city": "there"}}
RANKS = {"guest": 0, "user": 1, "support": 2, "admin": 3}


class RoleMatrixTest(SharedServerTest):
    rows = [product("tea", stock=1_000, price=1999, category="food", brand="Xihu")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada, cls.bob, cls.sue = (cls.server.customer(name) for name in ("ada", "bob", "sue"))
        cls.make_support(cls.sue)
        tea = cls.skus["tea"]
        order = cls.ada.ok("POST", "/api/v1/orders", {"items": [{"product_id": tea, "quantity": 1}], "address": ADDRESS},
                           status=201)["id"]
        payment = cls.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
        address = cls.ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)["id"]
        cls.server.settled_position()
        cls.own = {"orders": order, "payments": payment, "addresses": address}
        cls.ids = {**cls.own, "products": tea, "stock": tea, "accounts": cls.server.customer("eve").account}
        cls.routes = [(path, method.upper(), operation)
                      for path, item in cls.guest.ok("GET", "/openapi.json")["paths"].items()
                      for method, operation in item.items() if operation["operationId"] not in OPEN]
        cls.callers = {"guest": [cls.guest], "user": [cls.ada, cls.bob], "support": [cls.sue], "admin": [cls.admin]}
        cls.newcomers = 0

    @classmethod
    def make_support(cls, client):
        cls.admin.ok("POST", "/api/v1/admin/permissions/assignments", {"account_id": client.account, "role": "support"})

    @staticmethod
    def needed(path, operation):
        name = operation["operationId"]
        if name in GUESTS:
            return "guest"
        if name in SUPPORT:
            return "support"
        return "admin" if "/admin/" in path else "user"

    def path(self, pattern):
        parts = pattern.split("/")
        return "/".join(self.ids.get(before, UNKNOWN_ID) if part.startswith("{") else part
                        for before, part in zip([""] + parts, parts))

    def say(self, client, method, path, operation, body=None):
        media = next(iter(operation.get("requestBody", {}).get("content", {})), "application/json")
        return client.send(method, path, None if method in ("GET", "DELETE") else body or {}, media=media)

    def assert_let_in(self, answer):
        self.assertLess(answer.status, 500, answer)
        if answer.status in (401, 403):  # for what was sent, not for who sent it
            self.assertNotIn("decided_by", answer.json, answer)

    def somebody(self, role):
        """Another one of the role."""
        if role == "admin":
            return self.server.admin()
        type(self).newcomers += 1
        client = self.server.customer(f"newcomer{self.newcomers}")
        if role == "support":
            self.make_support(client)
        return client

    def test_each_role_may_use_the_routes_that_are_for_it_and_no_other(self):
        for pattern, method, operation in self.routes:
            needed, name = self.needed(pattern, operation), operation["operationId"]
            is_stream = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
            for role, clients in self.callers.items():
                is_allowed = RANKS[role] >= RANKS[needed]
                if is_allowed and (is_stream or (name in LAST_WORDS and role == "admin")):
                    continue  # a stream has no end that could be waited for
                for client in [self.somebody(role)] if is_allowed and name in LAST_WORDS else clients:
                    with self.subTest(method=method, path=pattern, role=role):
                        answer = self.say(client, method, self.path(pattern), operation)
                        if is_allowed:
                            self.assert_let_in(answer)
                        elif role == "guest":
                            self.assert_problem(answer, 401, "token.missing")
                        else:
                            self.assert_problem(answer, 403, "access.denied")
                            self.assertEqual(answer.json["decided_by"]["why"], "no_rule")

    def test_what_is_somebody_s_is_not_there_for_others(self):
        for pattern, method, operation in self.routes:
            names = pattern.split("/")[3:4] + pattern.split("/")[4:5]
            if "{" not in pattern or "/admin/" in pattern or not self.own.keys() & set(names):
                continue
            if operation["operationId"] in GUESTS:
                continue
            with self.subTest(method=method, path=pattern):
                for client in (self.bob, self.sue, self.admin):
                    answer = self.say(client, method, self.path(pattern), operation, BODIES.get(operation["operationId"]))
                    self.assert_problem(answer, 404)
                    self.assertRegex(answer.reason, "_not_found$|[.]not_found$")

    def test_explain_says_of_each_role_on_each_route_what_is_so(self):
        for pattern, method, operation in self.routes:
            needed = self.needed(pattern, operation)
            for role, rank in RANKS.items():
                with self.subTest(method=method, path=pattern, role=role):
                    said = self.admin.ok("GET", "/api/v1/admin/permissions/explain?" + urllib.parse.urlencode(
                        {"subject": role, "method": method, "path": self.path(pattern)}))
                    self.assertEqual(said["route"], operation["operationId"])
                    self.assertEqual(said["allowed"], rank >= RANKS[needed], said)
                    self.assertEqual("rule" in said, said["allowed"])

    def test_every_route_has_a_rule_and_every_rule_a_route(self):
        rows, cursor = [], ""
        while cursor is not None:
            page = self.admin.ok("GET", f"/api/v1/admin/permissions/rows?kind=p&limit=100{cursor and '&cursor='}{cursor}")
            rows += page["items"]
            cursor = page["next_cursor"]
        wanted = {(pattern, method) for pattern, method, _ in self.routes}
        hidden = {(path, method) for path, method in (tuple(row["values"][1:3]) for row in rows)
                  if path.startswith("/sandbox/")}
        self.assertEqual({tuple(row["values"][1:3]) for row in rows} - hidden, wanted - hidden)
        for row in rows:
            needed = next((self.needed(pattern, operation) for pattern, method, operation in self.routes
                           if [pattern, method] == row["values"][1:3]), row["values"][0])
            with self.subTest(rule=row["values"]):
                self.assertIn(row["values"][0], (needed, "guest_cart"))
                self.assertEqual(row["values"][3], "allow")

    def test_a_guest_with_a_cart_has_the_cart_and_else_what_guests_have(self):
        token = self.guest.ok("POST", "/api/v1/guest-carts", status=201)["token"]
        shown = {"Souk-Cart-Token": token}
        for pattern, method, operation in self.routes:
            if operation["operationId"] in GUEST_CARTS:
                with self.subTest(method=method, path=pattern):
                    media = next(iter(operation.get("requestBody", {}).get("content", {})), "application/json")
                    answer = self.guest.send(method, self.path(pattern), None if method in ("GET", "DELETE") else {},
                                             media=media, headers=shown)
                    self.assert_let_in(answer)
        self.assert_problem(self.guest.get("/api/v1/account", headers=shown), 401, "token.missing")


if __name__ == "__main__":
    main()
