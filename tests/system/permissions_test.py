"""Permissions on the real program: what they are by default, how they are changed, and what is refused for them."""

import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from event_stream import EventStream, Refused
from harness import ADDRESS, SharedServerTest, SystemTest, main, product, read_events

PERMISSIONS = "/api/v1/admin/permissions"


class Administration:
    """What administrators ask; `admin` is their client."""

    def policy(self):
        return self.admin.ok("GET", f"{PERMISSIONS}/model")

    def explain(self, subject, method, path):
        return self.admin.ok("GET", f"{PERMISSIONS}/explain?" + urllib.parse.urlencode(
            {"subject": subject, "method": method, "path": path}))

    def listed(self, **filters):
        found, cursor = [], None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.admin.ok("GET", f"{PERMISSIONS}/rows?" + urllib.parse.urlencode({"limit": 100, **filters, **more}))
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def change(self, add=(), remove=(), **more):
        body = {"add": [{"kind": kind, "values": values} for kind, *values in add],
                "remove": [{"kind": kind, "values": values} for kind, *values in remove]}
        return self.admin.post(f"{PERMISSIONS}/rows", body, **more)

    def changed(self, add=(), remove=()):
        answer = self.change(add, remove)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def replace(self, model, tag="*"):
        return self.admin.send("PUT", f"{PERMISSIONS}/model", {"model": model}, headers={"If-Match": tag})

    def assign(self, client, role):
        self.admin.ok("POST", f"{PERMISSIONS}/assignments", {"account_id": client.account, "role": role})


class PermissionsTest(SharedServerTest, Administration):
    rows = [product("tea")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.customer("ada")

    def setUp(self):
        super().setUp()
        # Each test leaves the policy as it found it.
        self.admin = self.server.admin()
        version = self.policy()["version"]
        self.addCleanup(lambda: self.admin.ok("POST", f"{PERMISSIONS}/rollback", {"version": version}))

    def assert_explained(self, subject, method, path, allowed, why, line=None):
        said = self.explain(subject, method, path)
        self.assertEqual((said["allowed"], said["why"]), (allowed, why), said)
        if line is not None:
            self.assertEqual(said["line"], line)
        return said

    def test_by_default_each_role_has_what_the_one_before_it_has_and_nobody_else_anything(self):
        orders = "p, support, /api/v1/admin/orders, GET, allow"
        self.assert_explained("guest", "GET", "/api/v1/products", True, "rule")
        self.assert_explained("guest", "GET", "/api/v1/account", False, "no_rule")
        self.assert_explained("user", "GET", "/api/v1/account", True, "rule")
        self.assert_explained("user", "GET", "/api/v1/admin/orders", False, "no_rule")
        said = self.assert_explained("support", "GET", "/api/v1/admin/orders", True, "rule", orders)
        self.assertEqual(said["route"], "search_orders")
        self.assert_explained("support", "GET", "/api/v1/products", True, "rule")
        self.assert_explained("support", "POST", f"/api/v1/admin/orders/{self.ada.account}/refunds", False, "no_rule")
        said = self.assert_explained("admin", "GET", "/api/v1/admin/orders", True, "rule", orders)
        self.assertEqual(said["roles"], [["admin", "support"]])
        self.assert_explained("guest_cart", "GET", "/api/v1/cart", True, "rule")
        self.assert_explained("guest", "GET", "/api/v1/cart", False, "no_rule")
        said = self.assert_explained("system:kafka", "POST", f"/api/v1/admin/stock/{self.skus['tea']}/receipts", True, "rule")
        self.assertEqual((said["subject"], said["role"]), ("system:kafka", "admin"))
        self.assert_explained("guest", "GET", "/api/v1/products?limit=10", True, "rule")
        self.assert_explained("stranger", "GET", "/api/v1/products", False, "no_rule")
        self.assert_explained("admin", "GET", "/no/such/route", False, "no_route")
        self.assert_explained(self.ada.account, "PATCH", "/api/v1/account", True, "rule")
        self.assert_problem(self.admin.get(f"{PERMISSIONS}/explain?subject=7zzzzzzzzzzzzzzzzzzzzzzzzz"), 404,
                            "account.not_found")

    def test_a_role_holds_on_the_next_request_and_not_on_the_one_after_it_was_taken(self):
        for _ in range(20):
            problem = self.assert_problem(self.ada.get("/api/v1/admin/orders"), 403, "access.denied")
            self.assertEqual(problem["decided_by"]["why"], "no_rule")
            self.assign(self.ada, "support")
            self.assertEqual(self.ada.get("/api/v1/admin/orders").status, 200)
            said = self.explain(self.ada.account, "GET", "/api/v1/admin/orders")
            self.assertEqual(said["roles"], [[f"account:{self.ada.account}", "support"]])
            self.admin.ok("DELETE", f"{PERMISSIONS}/assignments/{self.ada.account}/support")
        self.assert_problem(self.admin.send("DELETE", f"{PERMISSIONS}/assignments/{self.ada.account}/support"), 404,
                            "permissions.row_not_found")

    def test_a_refusal_names_the_rule_that_decided_and_explain_its_words(self):
        row = ("p", f"account:{self.ada.account}", "/api/v1/orders", "*", "deny")
        self.changed([row])
        problem = self.assert_problem(self.ada.get("/api/v1/orders"), 403, "access.denied")
        (listed,) = self.listed(subject=row[1])
        self.assertEqual(problem["decided_by"], {"rule": listed["number"], "why": "rule",
                                                 "version": self.policy()["version"]})
        said = self.explain(self.ada.account, "GET", "/api/v1/orders")
        self.assertEqual((said["rule"], said["line"]), (listed["number"], ", ".join(row)))
        self.assertEqual(self.ada.get("/api/v1/cart").status, 200)

    def test_guests_may_use_what_a_rule_lets_them_and_is_made_for_them(self):
        row = ("p", "guest", "/api/v1/products", "GET", "allow")
        self.changed(remove=[row])
        problem = self.assert_problem(self.guest.get("/api/v1/products"), 401, "token.missing")
        self.assertEqual(problem["decided_by"]["why"], "no_rule")
        self.assert_problem(self.ada.get("/api/v1/products"), 403, "access.denied")
        self.changed([row, ("p", "guest", "/api/v1/account", "GET", "allow")])
        self.assertEqual(self.guest.get("/api/v1/products").status, 200)
        # Whoever shows a cart's token has a role of its own where the token counts, and is a guest anywhere.
        self.changed([("p", "guest_cart", "/api/v1/orders", "GET", "allow")])
        self.assert_explained("guest_cart", "GET", "/api/v1/orders", False, "no_rule")
        said = self.explain("guest_cart", "GET", "/api/v1/cart")
        self.assertEqual((said["allowed"], said["subject"], said["role"]), (True, "guest", "guest_cart"))
        # A route that is about somebody needs somebody.
        self.assert_problem(self.guest.get("/api/v1/account"), 401, "token.missing")
        self.assert_explained("guest", "GET", "/api/v1/account", False, "token_needed")

    def test_nobody_takes_from_themselves_the_right_to_change_permissions(self):
        before = self.policy()
        rows = ("p", "admin", f"{PERMISSIONS}/rows", "POST", "allow")
        model = ("p", "admin", f"{PERMISSIONS}/model", "PUT", "allow")
        for what in ({"remove": [rows]}, {"remove": [model]}, {"add": [("p", "admin", "/api/*", "*", "deny")]},
                     {"add": [("p", "user", "*", "*", "deny")]}):
            with self.subTest(what=what):
                self.assert_problem(self.change(**what), 409, "permissions.lock_out")
        nobody = before["model"].replace("m = ", 'm = r.sub == "nobody" && ')
        self.assert_problem(self.replace(nobody), 409, "permissions.lock_out")
        self.assertEqual(self.policy(), before)

    def test_nobody_takes_from_all_the_right_to_log_in(self):
        before = self.policy()
        log_in = ("p", "guest", "/api/v1/sessions", "POST", "allow")
        for what in ({"remove": [log_in]}, {"add": [("p", "guest", "/api/v1/sessions*", "*", "deny")]}):
            with self.subTest(what=what):
                self.assert_problem(self.change(**what), 409, "permissions.lock_out")
        only_admins = before["model"].replace("m = ", 'm = r.role == "admin" && ')
        self.assert_problem(self.replace(only_admins), 409, "permissions.lock_out")
        self.assertEqual(self.policy(), before)

    def test_whoever_may_do_a_part_of_it_does_that_part(self):
        lead = self.server.customer("lead")
        self.changed([("p", "lead", f"{PERMISSIONS}/assignments", "POST", "allow")])
        self.assign(lead, "lead")
        lead.ok("POST", f"{PERMISSIONS}/assignments", {"account_id": self.ada.account, "role": "support"})
        self.assertEqual(self.ada.get("/api/v1/admin/orders").status, 200)
        self.assert_problem(lead.post(f"{PERMISSIONS}/rows", {"add": []}), 403, "access.denied")

    def test_a_model_under_which_all_rules_are_tried_has_few_of_them(self):
        fast = self.policy()["model"]
        slow = fast.replace("m = ", "m = !(!(").replace('p.act == "*")', 'p.act == "*")))')
        many = [[("p", f"role{i}", "/x", "GET", "allow") for i in range(begin, begin + 600)] for begin in (0, 600)]
        self.changed(many[0])
        self.assertEqual(self.replace(slow).status, 200)
        self.assert_problem(self.change(many[1]), 409, "permissions.too_slow")
        self.assertEqual(self.replace(fast).status, 200)
        self.changed(many[1])
        self.assert_problem(self.replace(slow), 409, "permissions.too_slow")

    def test_a_stream_ends_as_soon_as_its_route_is_not_for_its_owner_any_more(self):
        sue = self.server.customer("sue")
        self.assign(sue, "support")
        order = self.ada.ok("POST", "/api/v1/orders", {
            "items": [{"product_id": self.skus["tea"], "quantity": 1}], "address": ADDRESS}, status=201)["id"]

        def follow(client, path):
            stream = EventStream(self.server.port, path, client.token)
            self.addCleanup(stream.close)
            stream.next()
            return stream

        def assert_ended(stream):
            while stream.next() is not None:
                pass

        own, others = f"/api/v1/orders/{order}/events", f"/api/v1/admin/orders/{order}/events"
        mine, hers = follow(self.ada, own), follow(sue, others)
        self.admin.ok("DELETE", f"{PERMISSIONS}/assignments/{sue.account}/support")
        assert_ended(hers)
        with self.assertRaises(Refused) as refused:
            follow(sue, others)
        self.assert_problem(refused.exception.answer, 403, "access.denied")
        # Those who may go on do: what happens now is told.
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        mine.until("order.cancelled")
        self.changed([("p", f"account:{self.ada.account}", "/api/v1/orders/*", "GET", "deny")])
        assert_ended(mine)

    def test_what_does_not_compile_is_refused_and_changes_nothing(self):
        before = self.policy()
        model = before["model"]
        for text, reason in ((model.replace("m = ", "m = ("), "permissions.model_matcher"),
                             (model.replace("[matchers]", "[matchers"), "permissions.model_syntax"),
                             (model.replace("some(where", "any(where"), "permissions.model_effect"),
                             (model.replace("r = sub, role, obj, act", "r = sub, role, obj, act, age"),
                              "permissions.request_unknown"),
                             (model.replace("p = sub, obj, act, eft", "p = sub, obj, act"), "permissions.rule_size")):
            with self.subTest(reason=reason):
                self.assert_problem(self.replace(text), 400, reason)
        for row, reason in ((("p", "ada", "/x"), "permissions.rule_size"), (("q", "ada"), "permissions.rule_kind"),
                            (("p", "ada", "/x", "GET", "maybe"), "permissions.rule_effect")):
            with self.subTest(row=row):
                good = ("p", "ada", "/x", "GET", "allow")
                self.assert_problem(self.change([good, row]), 400, reason)
        self.assertEqual(self.policy(), before)

    def test_a_model_may_ask_for_other_things_from_the_next_request_on(self):
        model = self.policy()["model"].replace("r = sub, role, obj, act", "r = sub, role, obj, act, path").replace(
            "m = ", 'm = !(r.role == "user" && regexMatch(r.path, ".*/0+7$")) && ')
        answer = self.replace(model)
        self.assertEqual(answer.status, 200, answer)
        denied = "/api/v1/orders/00000000000000000000000007"
        # Spelled in another way it is the same path.
        for path in (denied, denied[:-1] + "%37", denied.replace("/orders/", "/%6frders/") + "?x=1"):
            with self.subTest(path=path):
                self.assert_problem(self.ada.get(path), 403, "access.denied")
                said = self.explain(self.ada.account, "GET", path)
                self.assertEqual((said["allowed"], said["route"]), (False, "get_order"))
        self.assert_problem(self.ada.get("/api/v1/orders/00000000000000000000000008"), 404, "order.not_found")

    def test_a_change_can_ask_for_the_version_that_was_seen(self):
        tag = self.admin.get(f"{PERMISSIONS}/model").headers["ETag"]
        row = ("p", "role1", "/x", "GET", "allow")
        self.assertEqual(self.change([row], headers={"If-Match": tag}).status, 200)
        self.assert_problem(self.change(remove=[row], headers={"If-Match": tag}), 412, "version.changed")
        model = self.policy()["model"] + "# again\n"
        self.assert_problem(self.replace(model, tag), 412, "version.changed")
        self.assert_problem(self.admin.send("PUT", f"{PERMISSIONS}/model", {"model": model}), 428,
                            "request.precondition_required")

    def test_what_changed_between_positions_is_listed_and_rolled_back(self):
        kept = ("p", "role1", "/x", "GET", "allow")
        gone = ("p", "role2", "/x", "GET", "allow")
        first = self.changed([kept, gone])
        second = self.changed([("p", "role3", "/x", "GET", "allow")], [gone])
        numbers = {row["values"][0]: row["number"] for row in self.listed(value="/x")}
        positions = [answer.headers["Souk-Position"] for answer in (first, second)]
        said = self.admin.ok("GET", f"{PERMISSIONS}/diff?from={positions[0]}&to={positions[1]}")
        self.assertEqual([row["values"][0] for row in said["added"]], ["role3"])
        self.assertEqual([row["values"][0] for row in said["removed"]], ["role2"])
        self.assertEqual((said["added_count"], said["removed_count"], said["model_changed"]), (1, 1, False))
        self.assertEqual(said["to_version"], second.json["version"])
        back = self.admin.post(f"{PERMISSIONS}/rollback", {"version": first.json["version"]})
        self.assertEqual(back.status, 200, back)
        self.assertGreater(back.json["version"], second.json["version"])
        found = {row["values"][0]: row["number"] for row in self.listed(value="/x")}
        self.assertEqual(found, {"role1": numbers["role1"], "role2": numbers["role1"] + 1})
        said = self.admin.ok("GET", f"{PERMISSIONS}/diff?from={positions[0]}")
        self.assertEqual((said["added"], said["removed"]), ([], []))
        self.assert_problem(self.admin.post(f"{PERMISSIONS}/rollback", {"version": back.json["version"] + 10}), 400,
                            "permissions.version_unknown")

    def test_many_who_change_at_once_lose_nothing(self):
        def add(number):
            admin = self.server.guest()
            admin.token = self.admin.token
            body = {"add": [{"kind": "p", "values": [f"many{number}", "/many", "GET", "allow"]}]}
            answers = [admin.post(f"{PERMISSIONS}/rows", body)]
            while answers[-1].status == 503 and len(answers) < 60:  # so often at most others were quicker
                self.assert_problem(answers[-1], 503, "permissions.busy")
                answers.append(admin.post(f"{PERMISSIONS}/rows", body))
            return answers[-1].status

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(add, range(60)))
        self.assertEqual(answers, [200] * 60)
        self.assertEqual({row["values"][0] for row in self.listed(value="/many")}, {f"many{i}" for i in range(60)})

    def test_who_is_banned_is_let_in_nowhere(self):
        eve = self.server.customer("eve")
        self.assert_explained(eve.account, "GET", "/api/v1/account", True, "rule")
        self.admin.ok("PUT", f"/api/v1/admin/accounts/{eve.account}/ban", {"reason": "fraud"})
        self.assert_explained(eve.account, "GET", "/api/v1/account", False, "account_banned")
        gone = self.server.customer("gone")
        self.assertEqual(gone.send("DELETE", "/api/v1/account").status, 204)
        self.assert_explained(gone.account, "GET", "/api/v1/account", False, "account_not_active")


class RestartTest(SystemTest, Administration):
    def test_permissions_are_the_same_after_a_kill_and_what_was_taken_is_not_offered_again(self):
        server = self.start()
        self.admin, ada = server.admin(), server.customer("ada")
        offered = ("p", "guest", "/api/v1/brands", "GET", "allow")
        self.changed([("p", f"account:{ada.account}", "/api/v1/orders", "GET", "deny")], [offered])
        self.changed([("p", "last", "/x", "GET", "allow")])
        self.changed(remove=[("p", "last", "/x", "GET", "allow")])
        before = self.policy(), self.listed(), ada.get("/api/v1/orders").json["decided_by"]
        server.kill()
        server = self.start()
        self.admin, token = server.admin(), ada.token
        ada = server.guest()
        ada.token = token
        self.assertEqual((self.policy(), self.listed(), ada.get("/api/v1/orders").json["decided_by"]), before)
        self.assert_problem(server.guest().get("/api/v1/brands"), 401, "token.missing")
        # Numbers go on where they were, also behind one that is gone.
        self.changed([("p", "next", "/x", "GET", "allow")])
        self.assertEqual(self.listed(subject="next")[0]["number"], max(row["number"] for row in before[1]) + 2)

    def test_rows_have_the_numbers_after_a_roll_back_over_a_model_that_they_have_after_a_restart(self):
        server = self.start()
        self.admin = server.admin()
        version = self.policy()["version"]
        self.changed([("p", f"gone{i}", "/x", "GET", "allow") for i in range(30)])
        self.assertEqual(self.replace(self.policy()["model"] + "# another\n").status, 200)
        self.admin.ok("POST", f"{PERMISSIONS}/rollback", {"version": version})
        self.changed([("p", "next", "/x", "GET", "allow")])
        before = self.listed()
        server.kill()
        server = self.start()
        self.admin = server.admin()
        self.assertEqual(self.listed(), before)

    def test_a_shop_that_nobody_may_administer_any_more_begins_anew_by_a_flag(self):
        server = self.start()
        self.admin, boss = server.admin(), server.customer("boss")
        before = self.policy(), self.listed()
        self.assign(boss, "admin")
        # What only one account may do, nobody may once that has gone.
        only = self.policy()["model"].replace(
            "m = ", f'm = (!keyMatch(r.obj, "/api/v1/admin/*") || r.sub == "account:{boss.account}") && ')
        answer = boss.send("PUT", f"{PERMISSIONS}/model", {"model": only}, headers={"If-Match": "*"})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(boss.send("DELETE", "/api/v1/account").status, 204)
        self.assert_problem(self.admin.get(f"{PERMISSIONS}/model"), 403, "access.denied")
        server.stop()

        server = self.start("permissions.rescue=true")
        self.admin = server.admin()
        now = self.policy()
        self.assertEqual((now["model"], self.listed()), (before[0]["model"], before[1]))
        self.assertGreater(now["version"], answer.json["version"])
        self.assert_problem(self.admin.post(f"{PERMISSIONS}/rollback", {"version": answer.json["version"]}), 409,
                            "permissions.lock_out")
        server.stop()
        # It holds without the flag, and with it nothing that is so already changes.
        for settings in ((), ("permissions.rescue=true",)):
            server = self.start(*settings)
            self.admin = server.admin()
            self.assertEqual(self.policy(), now)
            server.stop()
        events = [event for event in read_events(self.data) if event["stream"].startswith("permissions-")]
        self.assertEqual([event["principal"] for event in events if event["version"] > answer.json["version"]],
                         ["system:configuration"] * 2)


if __name__ == "__main__":
    main()
