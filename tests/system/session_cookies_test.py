"""Tokens in cookies, for browsers: out of reach of scripts and of other sites."""

import http.cookies

from harness import PASSWORD, SharedServerTest, main

ACCOUNT = "/api/v1/account"
SESSIONS = "/api/v1/sessions"
REFRESH = "/api/v1/sessions/refresh"
CURRENT = "/api/v1/sessions/current"


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
        self.assertEqual({name: (one["path"], one["max-age"]) for name, one in jar.items()},
                         {"souk_access": ("/api/v1", "7200"), "souk_refresh": ("/api/v1/sessions", "604800")})
        for one in jar.values():
            self.assertTrue(one["httponly"] and one["secure"])
            self.assertEqual(one["samesite"], "Strict")

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
                         {"souk_access": "0", "souk_refresh": "0"})
        self.assert_problem(self.guest.get(ACCOUNT, headers=cookies), 401, "token.revoked")

    def test_cookies_are_refreshed_with_the_token_against_other_sites(self):
        said, _, cookies = self.browser("cookie_refresh")
        self.assert_problem(self.guest.post(REFRESH, {}, headers=cookies), 403, "csrf.token_missing")
        answer = self.guest.post(REFRESH, {}, headers={**cookies, "Souk-CSRF-Token": said["csrf_token"]})
        self.assertEqual((answer.status, answer.json["csrf_token"]), (200, said["csrf_token"]))
        fresh = {"Cookie": f"souk_access={self.cookies_of(answer)['souk_access'].value}"}
        self.assertEqual(self.guest.get(ACCOUNT, headers=fresh).status, 200)

    def test_on_a_route_for_everybody_a_cookie_that_does_not_count_is_none(self):
        _, _, cookies = self.browser("stale")
        for cookie in ("souk_access=none", "souk_access=", cookies["Cookie"]):
            self.assertEqual(self.guest.get("/api/v1/products", headers={"Cookie": cookie}).status, 200)
        again = self.guest.post(SESSIONS, {"username": "stale", "password": PASSWORD}, headers=cookies)
        self.assertEqual(again.status, 201, again)
        twice = {"Cookie": "souk_access=a; other=1; souk_access=b"}
        self.assert_problem(self.guest.get(ACCOUNT, headers=twice), 400, "request.duplicate_cookie")


if __name__ == "__main__":
    main()
