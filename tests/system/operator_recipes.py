"""How routes are called with success that change how the shop is run: jobs, read models, limits, settings and so on."""

from harness import Server
from recipe import Call, RecipeBook


class OperatorRecipes(RecipeBook):
    def run_job(self):
        return self.by_admin("POST", "jobs/order_completion/runs", other={})

    def change_projection(self):
        return self.change("projections/jobs", {"on_poison": "retry"}, {"on_poison": "park"})

    def put_limit_rule(self):
        rule = {"subject": "user", "routes": ["place_order"], "requests": 1_000}
        return self.by_admin("PUT", f"limits/rules/rule-{next(self.numbers)}", rule, {**rule, "requests": 2_000})

    def remove_limit_rule(self):
        call = self.put_limit_rule()
        call.client.ok(call.method, call.path, call.body)
        return Call(call.client, "DELETE", call.path)

    def roll_back_limits(self):
        calls = [self.put_limit_rule() for _ in range(3)]
        for call in calls:
            call.client.ok(call.method, call.path, call.body)
        versions = [change["version"] for change in self.admin.ok("GET", "/api/v1/admin/limits/history")["items"][1:3]]
        return self.by_admin("POST", "limits/rollback", *({"version": version} for version in versions))

    def put_network(self):
        network = {"network": f"203.0.113.{next(self.numbers)}", "standing": "exempt", "note": "office"}
        return self.by_admin("PUT", "networks", network, {**network, "note": "warehouse"})

    def remove_network(self):
        call = self.put_network()
        network = call.client.ok(call.method, call.path, call.body)["network"]
        return Call(call.client, "DELETE", f"{call.path}?network={network.replace('/', '%2F')}")

    def force_breaker(self):
        # A shop that asks something outside.
        other = Server(self.shared_folder / f"other-{next(self.numbers)}", "search.backend=elasticsearch",
                       "search.elasticsearch_urls=http://127.0.0.1:1")
        self.addCleanup(other.kill)
        return Call(other.require_ready().admin(), "PUT", "/api/v1/admin/breakers/elasticsearch",
                    *({"force": force} for force in ("closed", "open")))

    def put_setting(self):
        return self.by_admin("PUT", "settings/account.verification_ttl_s",
                             *({"value": f"{ttl}"} for ttl in (80_000, 80_001)))

    def set_and_version(self):
        value = {"value": f"{10_000 + next(self.numbers)}"}
        self.admin.ok("PUT", "/api/v1/admin/settings/account.reset_ttl_s", value)
        return self.admin.ok("GET", "/api/v1/admin/settings")["version"]

    def remove_setting(self):
        self.set_and_version()
        return self.by_admin("DELETE", "settings/account.reset_ttl_s")

    def roll_back_settings(self):
        version = self.set_and_version()
        self.set_and_version()
        return self.by_admin("POST", "settings/rollback", {"version": version}, {"version": version + 1})

    def change_job(self):
        return self.change("jobs/guest_cart_sweep", {"paused": True}, {"paused": False})

    # Of permissions: what these change stands in the way of nobody else.

    def policy(self):
        return self.admin.ok("GET", "/api/v1/admin/permissions/model")

    def rule(self):
        return {"kind": "p", "values": [f"role{next(self.numbers)}", "/nowhere", "GET", "allow"]}

    def replace_permission_model(self):
        model = self.policy()["model"].split("\n#")[0]
        bodies = ({"model": f"{model}\n# {next(self.numbers)}\n"} for _ in range(2))
        return self.by_admin("PUT", "permissions/model", *bodies, headers={"If-Match": "*"})

    def change_permission_rows(self):
        bodies = ({"add": [self.rule()], "remove": [self.rule()]} for _ in range(2))
        return self.by_admin("POST", "permissions/rows", *bodies)

    def remove_permission_row(self):
        rule = self.rule()
        self.admin.ok("POST", "/api/v1/admin/permissions/rows", {"add": [rule]})
        (row,) = self.admin.ok("GET", f"/api/v1/admin/permissions/rows?subject={rule['values'][0]}")["items"]
        return self.by_admin("DELETE", f"permissions/rows/{row['id']}")

    def assign_role(self):
        bodies = ({"account_id": self.ada.account, "role": f"role{next(self.numbers)}"} for _ in range(2))
        return self.by_admin("POST", "permissions/assignments", *bodies)

    def unassign_role(self):
        call = self.assign_role()
        call.client.ok(call.method, call.path, call.body)
        return self.by_admin("DELETE", f"permissions/assignments/{self.ada.account}/{call.body['role']}")

    def roll_back_permissions(self):
        version = self.policy()["version"]
        call = self.assign_role()
        call.client.ok(call.method, call.path, call.body)
        return self.by_admin("POST", "permissions/rollback", {"version": version}, {"version": version + 1})

    def rotate_token_keys(self):
        return self.by_admin("POST", "token-keys", {"void_older": False}, {})
