"""How often what may be asked, and from where: rules and networks of the real binary, while it serves."""

import socket
import threading
import time

from harness import ADMIN, PASSWORD, SystemTest, eventually, main, product

# What is asked by way of the proxy comes from whom it says.
LIMITED, BEHIND_PROXY = "limits.enabled=true", "http.proxies=127.0.0.1"
RULES, NETWORKS = "/api/v1/admin/limits/rules", "/api/v1/admin/networks"
IN_FLIGHT = "souk_http_requests_in_flight"
FIRST = ["client", "logins.account", "logins.client", "orders.user", "passwords.user", "registrations.client",
         "resets.client"]


def via(*addresses):
    return {"X-Forwarded-For": ", ".join(addresses)}


class LimitsTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.import_rows(product("tea", stock=1_000))

    def start_limited(self, *settings):
        self.server = self.start(LIMITED, *settings)
        self.admin, self.guest = self.server.admin(), self.server.guest()
        return self.server

    def log_in(self, name, password=PASSWORD, **more):
        return self.guest.post("/api/v1/sessions", {"username": name, "password": password}, **more)

    def put_rule(self, id_, **rule):
        return self.admin.ok("PUT", f"{RULES}/{id_}", rule)

    def assert_limited(self, answer, rule):
        problem = self.assert_problem(answer, 429, "limits.exceeded")
        self.assertEqual(problem["rule"], rule)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertTrue(answer.headers["RateLimit-Policy"].startswith(f'"{rule}";q='), answer)
        self.assertTrue(answer.headers["RateLimit"].startswith(f'"{rule}";r=0'), answer)

    # --- addresses

    def test_nobody_is_believed_about_addresses_unless_it_is_said_who_is(self):
        self.start_limited()
        self.admin.ok("PUT", NETWORKS, {"network": "203.0.113.0/24", "standing": "blocked"})
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            value = "for=203.0.113.7" if name == "Forwarded" else "203.0.113.7"
            self.assertEqual(self.guest.get("/api/v1/categories", headers={name: value}).status, 200)

    def test_what_a_client_has_written_into_the_header_of_a_proxy_is_not_believed(self):
        self.start_limited(BEHIND_PROXY)
        self.admin.ok("PUT", NETWORKS, {"network": "203.0.113.0/24", "standing": "blocked", "note": "scraper"})

        def status(*addresses, name="X-Forwarded-For"):
            return self.guest.get("/api/v1/categories", headers={name: ", ".join(addresses)}).status

        self.assertEqual(status("203.0.113.7"), 403)
        self.assertEqual(status("::ffff:203.0.113.7"), 403)
        self.assertEqual(status("198.51.100.1", "203.0.113.7"), 403)
        self.assertEqual(status("203.0.113.7", "127.0.0.1"), 403)
        self.assertEqual(status("203.0.113.7", "198.51.100.1"), 200)
        # Nothing to go by, and the other header is not the one that the proxy writes.
        for text in ("unknown", "203.0.113", "203.0.113.7\t198.51.100.1", "x" * 2_000, ",,"):
            self.assertEqual(status(text), 200, text)
        self.assertEqual(status("for=203.0.113.7", name="Forwarded"), 200)

    def test_the_other_header_is_read_where_it_is_said_to_be_the_one(self):
        self.start_limited(BEHIND_PROXY, "http.forwarded_header=forwarded")
        self.admin.ok("PUT", NETWORKS, {"network": "2001:db8::/32", "standing": "blocked"})
        answer = self.guest.get("/api/v1/categories", headers={"Forwarded": 'for="[2001:db8::7]:4711";proto=https'})
        self.assert_problem(answer, 403, "network.blocked")
        self.assertEqual(self.guest.get("/api/v1/categories", headers=via("2001:db8::7")).status, 200)

    # --- networks

    def test_a_banned_network_is_refused_on_the_next_request_and_after_a_crash_until_it_is_released(self):
        self.start_limited(BEHIND_PROXY)
        theirs = via("192.0.2.77")
        self.assertEqual(self.guest.get("/api/v1/categories", headers=theirs).status, 200)
        put = self.admin.ok("PUT", NETWORKS, {"network": "192.0.2.0/24", "standing": "blocked", "note": "scraper"})
        self.assertEqual(put, {"network": "192.0.2.0/24", "standing": "blocked", "note": "scraper"})
        self.assert_problem(self.guest.get("/api/v1/categories", headers=theirs), 403, "network.blocked")
        self.assert_problem(self.log_in(*ADMIN, headers=theirs), 403, "network.blocked")
        self.server.kill()

        self.start_limited(BEHIND_PROXY)
        self.assert_problem(self.guest.get("/api/v1/categories", headers=theirs), 403, "network.blocked")
        self.assertGreaterEqual(self.server.metrics()["souk_limits_blocked_total"], 1)
        # The longest network that holds an address counts.
        self.admin.ok("PUT", NETWORKS, {"network": "192.0.2.77", "standing": "exempt"})
        self.assertEqual(self.guest.get("/api/v1/categories", headers=theirs).status, 200)
        self.assertEqual([one["network"] for one in self.admin.ok("GET", NETWORKS)["items"]],
                         ["192.0.2.0/24", "192.0.2.77/32"])
        self.assertEqual(self.admin.send("DELETE", NETWORKS + "?network=192.0.2.0%2F24").status, 204)
        self.assertEqual(self.guest.get("/api/v1/categories", headers=via("192.0.2.1")).status, 200)
        answer = self.admin.send("DELETE", NETWORKS + "?network=192.0.2.0%2F24")
        self.assert_problem(answer, 404, "limits.network_not_found")

    def test_nobody_shuts_themselves_out_and_this_machine_is_the_way_out(self):
        self.start_limited(BEHIND_PROXY)
        self.admin.ok("PUT", NETWORKS, {"network": "203.0.113.9", "standing": "exempt"})
        mine = via("203.0.113.9")

        def send(method, path, body=None):
            return self.admin.send(method, path, body, headers=mine)

        self.assertEqual(send("PUT", NETWORKS, {"network": "203.0.113.0/24", "standing": "blocked"}).status, 200)
        answer = send("DELETE", NETWORKS + "?network=203.0.113.9%2F32")
        self.assert_problem(answer, 409, "limits.lock_out")
        self.assert_problem(send("PUT", NETWORKS, {"network": "203.0.113.9", "standing": "blocked"}), 409,
                            "limits.lock_out")
        self.assertEqual(send("PUT", NETWORKS, {"network": "0.0.0.0/0", "standing": "blocked"}).status, 200)
        self.assertEqual(self.guest.get("/api/v1/categories").status, 200)
        self.put_rule("wrong", subject="route", requests=1, period_ms=2_678_400_000)
        last = [self.guest.get("/api/v1/categories") for _ in range(3)][-1]
        self.assert_limited(last, "wrong")
        self.assert_limited(self.guest.get(RULES), "wrong")
        self.admin.ok("DELETE", f"{RULES}/wrong")
        self.assertEqual(self.guest.get("/api/v1/categories").status, 200)

    def test_networks_that_are_none_are_refused(self):
        self.start_limited()
        for text in ("", "shop.example", "192.0.2.1/24", "192.0.2.0/33", "10.0.0.0/8 ", "::/129", "1"):
            answer = self.admin.send("PUT", NETWORKS, {"network": text, "standing": "blocked"})
            self.assert_problem(answer, 400, "limits.network_invalid")
        self.assertEqual(self.admin.ok("GET", NETWORKS)["items"], [])

    def test_an_exempt_network_is_counted_by_no_rule(self):
        self.start_limited(BEHIND_PROXY)
        self.put_rule("few", subject="client", routes=["list_categories"], requests=1, period_ms=3_600_000)
        self.admin.ok("PUT", NETWORKS, {"network": "198.51.100.0/24", "standing": "exempt"})
        for _ in range(3):
            answer = self.guest.get("/api/v1/categories", headers=via("198.51.100.9"))
            self.assertEqual((answer.status, answer.headers["RateLimit"]), (200, None))
        self.assertEqual(self.guest.get("/api/v1/categories", headers=via("198.51.101.9")).status, 200)
        self.assert_limited(self.guest.get("/api/v1/categories", headers=via("198.51.101.9")), "few")

    # --- what a shop begins with

    def test_log_ins_are_limited_for_each_account_whether_it_is_there_or_not(self):
        server = self.start_limited(BEHIND_PROXY)
        server.customer("ada")
        for name in ("ada", "nobody-at-all"):
            wrong = [self.log_in(name, "wrong-sesame-42", headers=via(f"198.51.100.{i}")).status for i in range(10)]
            # Making her account was followed by a log-in of hers.
            self.assertEqual(wrong.count(401), 9 if name == "ada" else 10)
            answer = self.log_in(name, headers=via("198.51.100.200"))
            self.assert_limited(answer, "logins.account")
            self.assertLessEqual(int(answer.headers["Retry-After"]), 6)
        # However the name is written, and nobody else is kept out.
        self.assert_limited(self.log_in("ADA", headers=via("198.51.100.201")), "logins.account")
        self.assertEqual(self.log_in(*ADMIN, headers=via("198.51.100.202")).status, 201)

    def test_log_ins_are_limited_for_each_address_whichever_account_is_tried(self):
        self.start_limited(BEHIND_PROXY)
        answers = [self.log_in(f"name-{i}", headers=via("192.0.2.1", "198.51.100.7")) for i in range(30)]
        statuses = [answer.status for answer in answers]
        self.assertEqual(statuses[:20], [401] * 20)
        self.assertGreater(statuses.count(429), 5)
        self.assert_limited(next(answer for answer in answers if answer.status == 429), "logins.client")
        # It helps nobody to write other addresses before one's own, nor to take another one of one's network.
        self.assertEqual(self.log_in("name", headers=via("192.0.2.2", "198.51.100.7")).status, 429)
        self.assertEqual(self.log_in("name", headers=via("198.51.100.8")).status, 401)
        for i in range(30):
            last = self.log_in(f"name6-{i}", headers=via(f"2001:db8::{i:x}"))
        self.assertEqual(last.status, 429)
        self.assertEqual(self.log_in("name", headers=via("2001:db8:0:1::1")).status, 401)

    def test_a_shop_that_began_without_limits_has_them_once_they_are_on(self):
        server = self.start("limits.enabled=false")
        server.admin().ok("PUT", NETWORKS, {"network": "192.0.2.0/24", "standing": "blocked"})
        own = {"subject": "user", "routes": ["get_cart"], "requests": 7}
        server.admin().ok("PUT", f"{RULES}/orders.user", own)
        server.stop()
        self.start_limited()
        rules = {rule["rule"]["id"]: rule["rule"] for rule in self.admin.ok("GET", RULES)["items"]}
        self.assertEqual(sorted(rules), FIRST)
        self.assertEqual(rules["orders.user"]["requests"], 7)

    def test_a_new_shop_begins_with_rules_and_goes_on_with_what_they_have_become(self):
        server = self.start_limited()
        rules = self.admin.ok("GET", RULES)["items"]
        self.assertEqual([rule["rule"]["id"] for rule in rules], FIRST)
        self.assertTrue(all(rule["in_force"] for rule in rules), rules)
        self.admin.ok("DELETE", f"{RULES}/orders.user")
        server.stop()
        self.start_limited()
        self.assertEqual([rule["rule"]["id"] for rule in self.admin.ok("GET", RULES)["items"]],
                         [id_ for id_ in FIRST if id_ != "orders.user"])

    # --- rules

    def test_a_rule_is_in_force_on_the_next_request_and_goes_as_fast(self):
        server = self.start_limited()
        ada, bob = server.customer("ada"), server.customer("bob")
        cart = "/api/v1/cart"
        self.assertEqual(ada.get(cart).headers["RateLimit"], None)
        self.put_rule("carts", subject="user", routes=["get_cart"], requests=2, period_ms=3_600_000)
        first = ada.get(cart)
        self.assertEqual(first.headers["RateLimit-Policy"], '"carts";q=2;w=3600')
        self.assertEqual(first.headers["RateLimit"].split(";")[:2], ['"carts"', "r=1"])
        self.assertEqual(ada.get(cart).status, 200)
        refused = ada.get(cart)
        self.assert_limited(refused, "carts")
        self.assertLessEqual(int(refused.headers["Retry-After"]), 1_800)
        self.assertEqual(bob.get(cart).status, 200)
        # Another change leaves its counters as they are.
        self.put_rule("other", subject="user", routes=["get_account"], requests=5)
        self.assert_limited(ada.get(cart), "carts")
        self.assertGreaterEqual(server.metrics()["souk_limits_refused_total"], 2)
        self.admin.ok("DELETE", f"{RULES}/carts")
        self.assertEqual(ada.get(cart).status, 200)
        self.assert_problem(self.admin.send("DELETE", f"{RULES}/carts"), 404, "limits.rule_not_found")

    def test_a_value_of_a_parameter_has_a_counter_of_its_own(self):
        server = self.start_limited()
        tea = server.products()["tea"]
        self.put_rule("hot", subject="parameter", parameter="id", routes=["get_product"], requests=1,
                      period_ms=3_600_000)
        self.assertEqual(self.guest.get(f"/api/v1/products/{tea}").status, 200)
        self.assert_limited(self.guest.get(f"/api/v1/products/{tea}"), "hot")
        other = "7zzzzzzzzzzzzzzzzzzzzzzzzz"
        self.assertEqual(self.guest.get(f"/api/v1/products/{other}").status, 404)

    def test_what_is_put_into_carts_is_counted_by_product_whoever_does_it(self):
        server = self.start_limited()
        ada, bob = server.customer("ada"), server.customer("bob")
        tea = server.products()["tea"]
        self.put_rule("hot", subject="parameter", parameter="product_id", routes=["add_cart_item"], requests=1,
                      period_ms=3_600_000)
        self.assertEqual(ada.post("/api/v1/cart/items", {"product_id": tea, "quantity": 1}).status, 200)
        self.assert_limited(bob.post("/api/v1/cart/items", {"product_id": tea, "quantity": 1}), "hot")
        other = {"product_id": "7zzzzzzzzzzzzzzzzzzzzzzzzz", "quantity": 1}
        self.assertEqual(bob.post("/api/v1/cart/items", other).status, 404)

    def test_what_is_refused_for_another_reason_is_counted_too(self):
        self.start_limited(BEHIND_PROXY)
        self.put_rule("few", subject="client", routes=["get_account"], requests=2, period_ms=3_600_000)
        wrong = {**via("198.51.100.9"), "Authorization": "Bearer a.b.c"}
        self.assertEqual([self.guest.get("/api/v1/account", headers=wrong).status for _ in range(2)], [401] * 2)
        self.assert_limited(self.guest.get("/api/v1/account", headers=wrong), "few")
        for _ in range(20):
            self.assertEqual(self.guest.post("/api/v1/sessions", {"nonsense": 1}, headers=via("192.0.2.9")).status, 400)
        last = [self.guest.post("/api/v1/sessions", {}, headers=via("192.0.2.9")) for _ in range(5)]
        self.assert_limited(next(answer for answer in last if answer.status == 429), "logins.client")

    def test_a_void_token_counts_for_nobody_s_account(self):
        server = self.start_limited()
        ada = server.customer("ada")
        self.put_rule("carts", subject="user", routes=["get_cart"], requests=1, period_ms=3_600_000)
        void = ada.token
        self.assertEqual(ada.send("DELETE", "/api/v1/sessions").status, 204)
        stolen = {"Authorization": f"Bearer {void}"}
        self.assertEqual([self.guest.get("/api/v1/cart", headers=stolen).status for _ in range(3)], [401] * 3)
        self.assertEqual(server.log_in("ada").get("/api/v1/cart").status, 200)

    def test_many_who_wait_for_a_rule_are_no_overload(self):
        server = self.start_limited()
        ada = server.customer("ada")
        self.put_rule("paced", subject="user", routes=["get_cart"], requests=1, burst=1, wait_max_ms=60_000)
        request = f"GET /api/v1/cart HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer {ada.token}\r\n\r\n"
        for _ in range(20):
            waiting = socket.create_connection(("127.0.0.1", server.port))
            self.addCleanup(waiting.close)
            waiting.sendall(request.encode())

        def wait_outside():
            metrics = server.metrics()
            return metrics[IN_FLIGHT] >= 10 and metrics["souk_overload_waiting"] == 0

        eventually("they wait, and are not in the queue", wait_outside)

    def test_nothing_waits_for_longer_than_its_client_does(self):
        server = self.start_limited("read.position_wait_ms=60000")
        ada = server.customer("ada")
        tea = {"product_id": server.products()["tea"], "quantity": 1}
        self.admin.ok("POST", "/api/v1/admin/projections/orders/pause")
        later = ada.post("/api/v1/cart/items", tea).headers["Souk-Position"]
        answer = ada.get("/api/v1/orders", headers={"Souk-Position": later, "Souk-Timeout": "50"})
        self.assert_problem(answer, 503, "read.not_caught_up")
        self.put_rule("paced", subject="user", routes=["add_cart_item"], requests=1, period_ms=60_000, burst=1,
                      wait_max_ms=60_000)
        self.assertEqual(ada.post("/api/v1/cart/items", tea).status, 200)
        answer = ada.post("/api/v1/cart/items", tea, headers={"Souk-Timeout": "50"})
        self.assert_limited(answer, "paced")
        for text in ("0", "-1", "60001", "1.5", "soon", ""):
            self.assert_problem(ada.get("/api/v1/cart", headers={"Souk-Timeout": text}), 400, "request.timeout_invalid")

    def test_a_request_may_be_made_to_wait_instead(self):
        server = self.start_limited()
        ada = server.customer("ada")
        self.put_rule("paced", subject="user", routes=["get_cart"], requests=4, burst=1, wait_max_ms=10_000)
        began = time.monotonic()
        self.assertEqual([ada.get("/api/v1/cart").status for _ in range(5)], [200] * 5)
        self.assertGreaterEqual(time.monotonic() - began, 1.0)

    def test_so_many_are_inside_at_once(self):
        server = self.start_limited("read.position_wait_ms=20000")
        ada = server.customer("ada")
        tea = server.products()["tea"]
        # A list that is paused is waited for, and whoever waits is inside.
        self.admin.ok("POST", "/api/v1/admin/projections/orders/pause")
        self.put_rule("one", subject="user", routes=["list_orders"], concurrent=1)
        later = ada.post("/api/v1/cart/items", {"product_id": tea, "quantity": 1}).headers["Souk-Position"]
        answers = []
        waiting = server.log_in("ada")

        def wait_inside():
            # The one who tries below may be inside for a moment.
            while not answers or answers[-1].status == 429:
                answers.append(waiting.get("/api/v1/orders", headers={"Souk-Position": later}))

        thread = threading.Thread(target=wait_inside)
        thread.start()
        refused = eventually("another one is refused", lambda: (lambda a: a if a.status == 429 else None)(
            ada.get("/api/v1/orders")))
        self.assertEqual(self.assert_problem(refused, 429, "limits.exceeded")["rule"], "one")
        self.admin.ok("POST", "/api/v1/admin/projections/orders/resume")
        thread.join()
        self.assertEqual(answers[-1].status, 200)
        eventually("there is room again", lambda: ada.get("/api/v1/orders").status == 200)

    def test_rules_that_mean_nothing_are_refused(self):
        self.start_limited()
        before = self.admin.ok("GET", RULES)
        for rule, reason in (({"subject": "user", "routes": ["no_such_route"], "requests": 1}, "limits.route_unknown"),
                             ({"subject": "user"}, "limits.nothing_limited"),
                             ({"subject": "parameter", "parameter": "sku", "routes": ["get_product"], "requests": 1},
                              "limits.parameter_unknown"),
                             ({"subject": "user", "requests": -1}, "limits.requests_out_of_range"),
                             ({"subject": "user", "requests": 1, "period_ms": 2_678_400_000, "burst": 12},
                              "limits.burst_too_large"),
                             ({"subject": "user", "scope": "cluster", "requests": 1, "concurrent": 1},
                              "limits.concurrency_is_of_a_node")):
            self.assert_problem(self.admin.send("PUT", f"{RULES}/new", rule), 400, reason)
        self.assert_problem(self.admin.send("PUT", f"{RULES}/New", {"subject": "user", "requests": 1}), 400,
                            "limits.id_invalid")
        self.assertEqual(self.admin.ok("GET", RULES), before)

    def test_every_change_is_told_of_and_can_be_taken_back(self):
        self.start_limited()
        listed = self.admin.get(RULES)
        self.put_rule("carts", subject="user", routes=["get_cart"], requests=2)
        stale = self.admin.send("PUT", f"{RULES}/carts", {"subject": "user", "requests": 3},
                                headers={"If-Match": listed.headers["ETag"]})
        self.assert_problem(stale, 412, "version.changed")
        self.admin.ok("PUT", NETWORKS, {"network": "192.0.2.0/24", "standing": "blocked"})
        self.admin.ok("DELETE", f"{RULES}/carts")
        history = self.admin.ok("GET", "/api/v1/admin/limits/history")["items"]
        self.assertEqual([change["type"] for change in history],
                         ["limits.rule_removed", "limits.network_put", "limits.rule_put", "limits.begun"])
        self.assertEqual([change["version"] for change in history], [4, 3, 2, 1])
        self.assertEqual(history[0]["removed"], "carts")
        self.assertEqual(history[0]["by"], f"admin:{self.admin.account}")
        self.assertEqual(history[3]["by"], "system:configuration")
        page = self.admin.ok("GET", "/api/v1/admin/limits/history?limit=3")
        rest = self.admin.ok("GET", f"/api/v1/admin/limits/history?limit=3&cursor={page['next_cursor']}")
        self.assertEqual([change["version"] for change in page["items"] + rest["items"]], [4, 3, 2, 1])
        self.assertIsNone(rest["next_cursor"])

        self.assertEqual(self.admin.ok("POST", "/api/v1/admin/limits/rollback", {"version": 2}), {"version": 5})
        self.assertIn("carts", [rule["rule"]["id"] for rule in self.admin.ok("GET", RULES)["items"]])
        self.assertEqual(self.admin.ok("GET", NETWORKS)["items"], [])
        answer = self.admin.send("POST", "/api/v1/admin/limits/rollback", {"version": 99})
        self.assert_problem(answer, 404, "limits.version_not_found")

    def test_breakers_are_listed_and_forced(self):
        self.start_limited("search.backend=elasticsearch", "search.elasticsearch_urls=http://127.0.0.1:1")
        one = "/api/v1/admin/breakers/elasticsearch"
        self.assertIn("elasticsearch", [breaker["name"] for breaker in
                                        self.admin.ok("GET", "/api/v1/admin/breakers")["items"]])
        forced = self.admin.ok("PUT", one, {"force": "open"})
        self.assertEqual((forced["state"], forced["forced"]), ("open", True))
        self.assertEqual(self.server.metrics()['souk_breaker_open{breaker="elasticsearch"}'], 1)
        self.assertEqual(self.admin.ok("PUT", one, {"force": "closed"})["state"], "closed")
        self.assertFalse(self.admin.ok("PUT", one, {"force": "none"})["forced"])
        answer = self.admin.send("PUT", "/api/v1/admin/breakers/nobody", {"force": "open"})
        self.assert_problem(answer, 404, "breaker.not_found")


if __name__ == "__main__":
    main()
