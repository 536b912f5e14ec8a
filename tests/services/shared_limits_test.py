"""Limits that two shops share through a real Redis server, and what becomes of them when it is away."""

import pathlib

from harness import Server, SystemTest, eventually, main, product
from services import Service

RULE = {"subject": "client", "scope": "cluster", "routes": ["list_categories"], "requests": 8, "period_ms": 3_600_000}


class SharedLimitsTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.redis = Service("redis")
        self.redis.up()
        self.addCleanup(self.redis.up)
        self.import_rows(product("tea"))
        settings = ("limits.enabled=true", "http.proxies=127.0.0.1", "limits.nodes=4",
                    f"limits.redis=127.0.0.1:{self.redis.ports['port']}", f"limits.redis_prefix={self.folder.name}:",
                    "limits.redis_timeout_ms=1000", "limits.cluster_secret=correct-horse-staple")
        self.servers = [self.start(*settings)]
        self.servers.append(Server(pathlib.Path(self.folder) / "other", *settings).require_ready())
        self.addCleanup(self.servers[1].kill)
        for server in self.servers:
            admin = server.admin()
            admin.ok("PUT", "/api/v1/admin/limits/rules/shared", RULE)
            eventually("the store is asked", lambda at=server: at.metrics()["souk_limits_own_share"] == 0)

    def let_in(self, client, tries, servers=None):
        statuses = []
        for i in range(tries):
            for server in servers or self.servers:
                guest = server.guest()
                statuses.append(guest.get("/api/v1/categories", headers={"X-Forwarded-For": client}).status)
                guest.close()
        self.assertLessEqual(set(statuses), {200, 429})
        return statuses.count(200)

    def test_two_shops_let_in_together_what_the_rule_says(self):
        self.assertEqual(self.let_in("198.51.100.1", 8), 8)
        self.assertEqual(self.let_in("198.51.100.2", 8, self.servers[:1]), 8)

    def test_while_the_store_is_away_each_goes_by_its_share_and_says_so(self):
        self.redis.kill()
        first = self.servers[0]
        self.assertEqual(self.let_in("198.51.100.3", 8, [first]), 2)
        figures = first.metrics()
        self.assertGreaterEqual(figures["souk_limits_by_share_total"], 8)
        admin = first.admin()
        eventually("the breaker is open or tries", lambda: self.let_in("198.51.100.6", 1, [first]) is not None and
                   admin.ok("GET", "/api/v1/admin/breakers/redis")["state"] != "closed")
        self.assertEqual(first.metrics()["souk_limits_own_share"], 1)
        self.redis.up()
        eventually("the store is asked again", lambda: self.let_in("198.51.100.4", 1, [first]) is not None and
                   first.metrics()["souk_limits_own_share"] == 0)
        self.assertEqual(self.let_in("198.51.100.5", 8), 8)


if __name__ == "__main__":
    main()
