"""schemathesis over what /openapi.json says, as a guest, a user and an administrator, one call leading to another.

No answer is a fault of the server's, none has a status, a media type or a shape that its route does not declare, and
nothing is accepted that the specification calls wrong. SOUK_SCHEMATHESIS_S says for how many seconds in all (default
120) and SOUK_SEED what chance does; both are printed. What ends a session is called by accounts of its own.
"""

import json
import os
import random
import re
import subprocess
import sys

import packages
from harness import ADDRESS, SystemTest, environment, main, product

SECONDS = int(os.environ.get("SOUK_SCHEMATHESIS_S", "120"))
SEED = int(os.environ.get("SOUK_SEED") or random.SystemRandom().randrange(1 << 32))
ENDS_THE_SESSION = ("delete_account", "log_out", "change_password", "log_out_everywhere", "end_session",
                    "end_sessions_of_account", "end_session_of_account", "ban_account", "remove_token_key",
                    "rotate_token_keys")
# A comparison with a bill waits for the payments' read model, and says 503 where that stays paused.
KEEPS_OTHERS_WAITING = ("pause_projection",)

CONFIG = """
[generation]
database = "none"

[cache]
enabled = false

# A path that has no such method refuses it; that a body has no place there may be said first. routes_test tries all.
[phases.coverage]
unexpected-methods = ["PUT", "POST", "PATCH"]

# What texts must be like (names, tokens, cursors, things that fit together) is more than a schema can say.
[checks.positive_data_acceptance]
enabled = false

# Chance makes addresses and heads that are too long, and versions that have passed.
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428, 431]

# A precondition that is missing has a status of its own (RFC 6585).
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 406, 415, 422, 428]

# Administrators see what was deleted, marked as such, and may bring it back.
[[operations]]
include-path-regex = "^/api/v1/admin/"
checks.use_after_free.enabled = false

# Whoever has a cart's token has the cart; one that nobody gave out is a cart that is not there.
[[operations]]
include-path-regex = "^/api/v1/cart"
checks.ignored_auth.enabled = false
"""


class SchemathesisTest(SystemTest):
    def setUp(self):
        super().setUp()
        print(f"SOUK_SCHEMATHESIS_S={SECONDS} SOUK_SEED={SEED}", file=sys.stderr)
        self.program = packages.environment_with("schemathesis==4.32.5") / "schemathesis"
        self.import_rows(*(product(f"tea-{number}", stock=10_000, category="food/tea", brand="Xihu")
                           for number in range(5)))
        self.server = self.start("token.access_ttl_s=86400", quiet=True)
        self.fill()

    def fill(self):
        """Something of everything, so that calls have something to find."""
        ada, skus = self.server.customer("ada"), self.server.products()
        ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)
        for sku, outcome in (("tea-0", "success"), ("tea-1", "failure"), ("tea-2", None)):
            order = ada.ok("POST", "/api/v1/orders", {"items": [{"product_id": skus[sku], "quantity": 1}],
                                                      "address": ADDRESS}, status=201)["id"]
            payment = ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
            if outcome:
                ada.ok("POST", f"/sandbox/payments/{payment}", {"outcome": outcome})
        self.ada = ada

    def operations(self):
        guest = self.server.guest()
        paths = guest.ok("GET", "/openapi.json")["paths"]
        return {(path, method): operation for path, item in paths.items() for method, operation in item.items()}

    def streams(self):
        """Paths whose answers do not end."""
        return sorted({path for (path, _), operation in self.operations().items()
                       if "text/event-stream" in json.dumps(operation["responses"])})

    def run_as(self, who, token, seconds, *filters):
        command = [self.program, "run", f"http://127.0.0.1:{self.server.port}/openapi.json", "--seed", SEED,
                   "--max-time", seconds, "--continue-on-failure", "--warnings", "off", "--request-timeout", 20,
                   "--report", "json", "--report-json-path", self.folder / f"{who}.json"]
        auth = f'[auth.openapi.bearer]\nbearer = "{token}"\n' if token else ""
        (self.folder / "schemathesis.toml").write_text(auth + CONFIG, encoding="utf-8")
        for path in self.streams():
            command += ["--exclude-path", path]
        hooks = {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": os.path.dirname(os.path.abspath(__file__))}
        done = subprocess.run([*map(str, command), *filters], cwd=self.folder, capture_output=True, text=True,
                              env={**environment(), **hooks}, timeout=seconds * 3 + 120, check=False)
        cases = re.search(r"([\d,]+) generated", done.stdout)
        print(f"{who}: {cases.group(1) if cases else 'no'} cases", file=sys.stderr)
        self.assertEqual(done.returncode, 0, f"as {who}, SOUK_SEED={SEED}: {done.stdout[-20_000:]}{done.stderr[-2_000:]}")
        self.assertIsNotNone(cases, done.stdout)

    def test_every_role_sees_what_the_specification_says(self):
        stay = [part for name in ENDS_THE_SESSION + KEEPS_OTHERS_WAITING for part in ("--exclude-operation-id", name)]
        ends = [part for name in ENDS_THE_SESSION for part in ("--include-operation-id", name)]
        self.run_as("guest", None, SECONDS // 4, *stay)
        self.run_as("user", self.ada.token, SECONDS * 3 // 8, *stay)
        self.run_as("administrator", self.server.admin().token, SECONDS * 3 // 8, *stay)
        self.run_as("leaver", self.server.customer("leaver").token, 10, *ends)
        self.run_as("leaving administrator", self.server.admin().token, 10, *ends)
        self.server.settled_position()
        self.server.stop()


if __name__ == "__main__":
    main()
