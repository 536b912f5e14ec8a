"""Tokens in cookies, for browsers: out of reach of scripts and of other sites."""

import http.cookies

from harness import PASSWORD, SharedServerTest, main

ACCOUNT = "/api/v1/account"
SESSIONS = "/api/v1/sessions"
REFRESH = "/api/v1/sessions/refresh"
CURRENT = "/api/v1/sessions/current"
ACCESS, REFRESHING, CSRF = "__Host-souk_access", "__Host-souk_refresh", "__Host-souk_csrf"


class SessionCookiesTest(SharedServerTest):
    def cookies_of(self, answer):
        jar = http.cookies.SimpleCookie()
        for line in answer.headers.get_all("Set-Cookie") or ():
            jar.load(line)
        return jar

    def browser(self, name):
        """A session in cookies: what the answer said, its cookies, and headers that send them."""
        self.server.customer(name)
        answer = self.guest.post(SESSIONS, {"username": name, "password": PASSWORD, "cookies": True})
        self.assertEqual(answer.status, 201, answer)
        jar = self.cookies_of(answer)
        return answer.json, jar, {"Cookie": "; ".join(f"{one.key}={one.value}" for one in jar.values())}

    def test_a_browser_has_its_tokens_where_no_script_and_no_other_site_gets_at_them(self):
        said, jar, _ = self.browser("browses")
        self.assertNotIn("access_token", said)
        self.assertNotIn("refresh_token", said)
        self.assertEqual({name: (one["path"], one["max-age"], one["httponly"]) for name, one in jar.items()},
                         {ACCESS: ("/", "7200", True), REFRESHING: ("/", "604800", True), CSRF: ("/", "604800", "")})
        self.assertEqual(jar[CSRF].value, said["csrf_token"])
        for one in jar.values():
            self.assertEqual((one["samesite"], one["secure"], one["domain"]), ("Strict", True, ""))

    def test_a_cookie_alone_reads_and_changes_nothing(self):
        said, _, cookies = self.browser("csrf")
        self.assertEqual(self.guest.ok("GET", ACCOUNT, headers=cookies)["username"], "csrf")
        for method, path in (("DELETE", ACCOUNT), ("DELETE", CURRENT), ("POST", "/api/v1/account/addresses")):
            self.assert_problem(self.guest.send(method, path, {} if method == "POST" else None, headers=cookies), 403,
                                "csrf.token_missing")
        almost = said["csrf_token"][:-1] + ("1" if said["csrf_token"].endswith("0") else "0")
        for wrong in ("", "x", said["session_id"], almost):
            answer = self.guest.send("DELETE", ACCOUNT, headers={**cookies, "Souk-CSRF-Token": wrong})
            self.assert_problem(answer, 403, "csrf.token_wrong")
        shown = self.guest.ok("GET", CURRENT, headers=cookies)
        self.assertEqual((shown["id"], shown["csrf_token"]), (said["session_id"], said["csrf_token"]))
        done = self.guest.send("DELETE", CURRENT, headers={**cookies, "Souk-CSRF-Token": said["csrf_token"]})
        self.assertEqual(done.status, 204, done)
        self.assertEqual({name: one["max-age"] for name, one in self.cookies_of(done).items()},
                         {ACCESS: "0", REFRESHING: "0", CSRF: "0"})
        self.assert_problem(self.guest.get(ACCOUNT, headers=cookies), 401, "token.revoked")

    def test_cookies_are_refreshed_with_the_token_against_other_sites(self):
        said, _, cookies = self.browser("cookie_refresh")
        self.assert_problem(self.guest.post(REFRESH, {}, headers=cookies), 403, "csrf.token_missing")
        answer = self.guest.post(REFRESH, {}, headers={**cookies, "Souk-CSRF-Token": said["csrf_token"]})
        self.assertEqual((answer.status, answer.json["csrf_token"]), (200, said["csrf_token"]))
        fresh = {"Cookie": f"{ACCESS}={self.cookies_of(answer)[ACCESS].value}"}
        self.assertEqual(self.guest.get(ACCOUNT, headers=fresh).status, 200)

    def test_a_page_that_was_loaded_again_after_the_access_cookie_expired_goes_on(self):
        _, jar, _ = self.browser("reloads")
        left = {"Cookie": f"{REFRESHING}={jar[REFRESHING].value}; {CSRF}={jar[CSRF].value}"}
        self.assert_problem(self.guest.get(ACCOUNT, headers=left), 401, "token.missing")
        self.assert_problem(self.guest.post(REFRESH, {}, headers=left), 403, "csrf.token_missing")
        answer = self.guest.post(REFRESH, {}, headers={**left, "Souk-CSRF-Token": jar[CSRF].value})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(set(self.cookies_of(answer)), {ACCESS, REFRESHING, CSRF})

    def test_logging_out_needs_no_access_cookie_and_leaves_nothing_that_counts(self):
        _, jar, _ = self.browser("leaves")
        left = {"Cookie": f"{ACCESS}=expired; {REFRESHING}={jar[REFRESHING].value}"}
        self.assert_problem(self.guest.send("DELETE", CURRENT, headers=left), 403, "csrf.token_missing")
        for path in (SESSIONS, ACCOUNT):
            refused = self.guest.send("DELETE", path, headers={**left, "Souk-CSRF-Token": jar[CSRF].value})
            self.assert_problem(refused, 401, "token.malformed")
        done = self.guest.send("DELETE", CURRENT, headers={**left, "Souk-CSRF-Token": jar[CSRF].value})
        self.assertEqual(done.status, 204, done)
        self.assertEqual({one["max-age"] for one in self.cookies_of(done).values()}, {"0"})
        self.assert_problem(self.guest.post(REFRESH, {"refresh_token": jar[REFRESHING].value}), 401, "sessions.ended")
        self.assert_problem(self.guest.get(ACCOUNT, headers={"Cookie": f"{ACCESS}={jar[ACCESS].value}"}), 401,
                            "token.revoked")

    def test_on_a_route_for_everybody_a_cookie_that_does_not_count_is_none(self):
        _, _, cookies = self.browser("stale")
        twice = f"{ACCESS}=a; other=1; {ACCESS}=b"
        for cookie in (f"{ACCESS}=none", f"{ACCESS}=", twice, cookies["Cookie"]):
            self.assertEqual(self.guest.get("/api/v1/products", headers={"Cookie": cookie}).status, 200)
        for cookie in (cookies["Cookie"], twice):
            again = self.guest.post(SESSIONS, {"username": "stale", "password": PASSWORD}, headers={"Cookie": cookie})
            self.assertEqual(again.status, 201, again)
        self.assert_problem(self.guest.get(ACCOUNT, headers={"Cookie": twice}), 401, "request.duplicate_cookie")
        twice = f"{REFRESHING}=a; {REFRESHING}=b"
        self.assert_problem(self.guest.post(REFRESH, {}, headers={"Cookie": twice}), 401, "request.duplicate_cookie")

    def test_a_cookie_that_another_host_could_have_planted_is_none(self):
        _, jar, _ = self.browser("tossed")
        planted = {"Cookie": f"souk_access={jar[ACCESS].value}; souk_refresh={jar[REFRESHING].value}",
                   "Souk-CSRF-Token": jar[CSRF].value}
        self.assert_problem(self.guest.get(ACCOUNT, headers=planted), 401, "token.missing")
        self.assert_problem(self.guest.post(REFRESH, {}, headers=planted), 401, "token.missing")


if __name__ == "__main__":
    main()
