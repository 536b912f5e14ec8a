"""Sessions from outside: tokens that are renewed, sessions that end, keys, and who is banned."""

import threading
import time

import forge
from harness import PASSWORD, TIME, SharedServerTest, SystemTest, eventually, main, read_events

ACCOUNT = "/api/v1/account"
SESSIONS = "/api/v1/sessions"
REFRESH = "/api/v1/sessions/refresh"
CURRENT = "/api/v1/sessions/current"


def credentials(name, **more):
    return {"username": name, "password": PASSWORD, **more}


def in_parallel(calls):
    """What each of them gives, run side by side."""
    results = [None] * len(calls)

    def run(number, call):
        results[number] = call()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Sessions:
    """What the tests below have in common."""

    def begin(self, server, name, **more):
        return server.guest().ok("POST", SESSIONS, credentials(name, **more), status=201)

    def refresh(self, server, token):
        return server.guest().post(REFRESH, {"refresh_token": token})

    def status_of(self, server, token):
        return server.guest().get(ACCOUNT, headers={"Authorization": f"Bearer {token}"}).status


class SessionsTest(Sessions, SharedServerTest):
    def test_logging_in_begins_a_session_whose_tokens_hold_for_as_long_as_they_say(self):
        ada = self.server.customer("begins")
        session = self.begin(self.server, "begins")
        self.assertEqual((session["token_type"], session["expires_in"], session["refresh_expires_in"]),
                         ("Bearer", 7_200, 604_800))
        self.assertNotEqual(session["session_id"], ada.session)
        claims = forge.claims_of(session["access_token"])
        self.assertEqual((claims["exp"] - claims["iat"], claims["sid"]), (7_200, session["session_id"]))
        self.assertEqual(self.status_of(self.server, session["access_token"]), 200)

    def test_neither_token_is_taken_for_the_other(self):
        self.server.customer("confused")
        session = self.begin(self.server, "confused")
        self.assertEqual(self.status_of(self.server, session["refresh_token"]), 401)
        self.assert_problem(self.refresh(self.server, session["access_token"]), 401)

    def test_refreshing_gives_both_tokens_anew_and_the_older_access_token_holds_on(self):
        self.server.customer("renews")
        first = self.begin(self.server, "renews")
        second = self.refresh(self.server, first["refresh_token"]).json
        self.assertNotEqual(second["access_token"], first["access_token"])
        self.assertNotEqual(second["refresh_token"], first["refresh_token"])
        self.assertEqual(second["session_id"], first["session_id"])
        for session in (first, second):
            self.assertEqual(self.status_of(self.server, session["access_token"]), 200)
        third = self.refresh(self.server, second["refresh_token"])
        self.assertEqual(third.status, 200)
        self.assertEqual(third.headers["Cache-Control"], "no-store")

    def test_an_answer_that_was_lost_is_given_again_byte_by_byte(self):
        self.server.customer("loses")
        token = self.begin(self.server, "loses")["refresh_token"]
        answers = [self.refresh(self.server, token) for _ in range(3)]
        self.assertEqual([answer.status for answer in answers], [200] * 3)
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_many_who_refresh_at_once_get_the_same_tokens(self):
        self.server.customer("races")
        token = self.begin(self.server, "races")["refresh_token"]
        answers = in_parallel([lambda: self.refresh(self.server, token)] * 16)
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_a_refresh_token_that_was_used_before_ends_its_session_and_no_other(self):
        ada = self.server.customer("robbed")
        first = self.begin(self.server, "robbed")
        second = self.refresh(self.server, first["refresh_token"]).json
        third = self.refresh(self.server, second["refresh_token"]).json
        self.assert_problem(self.refresh(self.server, first["refresh_token"]), 401, "sessions.replayed")
        for session in (first, second, third):
            answer = self.guest.get(ACCOUNT, headers={"Authorization": f"Bearer {session['access_token']}"})
            self.assert_problem(answer, 401, "token.revoked")
            self.assertIn(self.refresh(self.server, session["refresh_token"]).reason,
                          ("sessions.replayed", "sessions.ended"))
        self.assertEqual(ada.get(ACCOUNT).status, 200)

    def test_refresh_tokens_that_are_none_are_refused(self):
        self.server.customer("forges")
        good = self.begin(self.server, "forges")["refresh_token"]
        header, claims, signature = good.split(".")
        said = forge.claims_of(good)
        own_header = forge.compact(forge.own_header(self.server.data))

        def signed(**changes):
            return forge.sign(self.server.data, own_header, forge.compact({**said, **changes}))

        none = forge.base64url(forge.compact({"alg": "none", "typ": "JWT"}))
        cases = [("", "token.malformed"), ("..", "token.malformed"), ("x" * 1024, "token.malformed"),
                 (good[:-1], "token.malformed"), (f"{none}.{claims}.", "token.malformed"),
                 (f"{header}.{claims}.{signature[::-1]}", None),
                 (signed(typ="access"), "token.foreign"), (signed(aud="souk-api"), "token.foreign"),
                 (signed(exp=1), "token.expired"), (signed(turn=-1), "token.malformed"),
                 (signed(turn=7), "sessions.ended"), (signed(sid="7zzzzzzzzzzzzzzzzzzzzzzzzz"), "sessions.ended"),
                 (signed(more=1), "token.malformed")]
        for token, reason in cases:
            with self.subTest(token=token[:200]):
                self.assert_problem(self.refresh(self.server, token), 401, reason)
        self.assert_problem(self.guest.post(REFRESH, {}), 401, "token.missing")
        self.assertEqual(self.refresh(self.server, good).status, 200)

    def test_sessions_are_listed_with_where_they_began_and_ended_one_by_one(self):
        ada = self.server.customer("lists")
        self.guest.ok("POST", SESSIONS, credentials("lists"), status=201,
                      headers={"User-Agent": "Browser \xe9" + "x" * 300})
        other = self.server.log_in("lists")
        items = ada.ok("GET", SESSIONS)["items"]
        self.assertEqual([item["current"] for item in items], [True, False, False])
        self.assertEqual((items[0]["id"], items[2]["id"]), (ada.session, other.session))
        self.assertEqual(items[0]["address"], "127.0.0.1")
        self.assertEqual(items[1]["agent"], "Browser ?" + "x" * 191)
        for name in ("started_at", "refreshed_at", "expires_at"):
            self.assertRegex(items[0][name], TIME)
        self.assertEqual(ada.ok("GET", CURRENT), items[0])
        self.assertEqual(ada.send("DELETE", f"{SESSIONS}/{other.session}").status, 204)
        self.assert_problem(other.get(ACCOUNT), 401, "token.revoked")
        self.assert_problem(ada.send("DELETE", f"{SESSIONS}/{other.session}"), 404, "sessions.not_found")
        self.assertEqual(len(ada.ok("GET", SESSIONS)["items"]), 2)

    def test_another_persons_session_is_as_one_that_is_not_there(self):
        ada, eve = self.server.customer("owner"), self.server.customer("eve")
        self.assert_problem(eve.send("DELETE", f"{SESSIONS}/{ada.session}"), 404, "sessions.not_found")
        for path in ("sessions", f"sessions/{ada.session}"):
            self.assert_problem(eve.send("DELETE", f"/api/v1/admin/accounts/{ada.account}/{path}"), 403, "access.denied")
        self.assertEqual(ada.get(ACCOUNT).status, 200)

    def test_logging_out_ends_its_session_on_the_very_next_request_and_no_other(self):
        ada, second = self.server.customer("leaves"), self.server.log_in("leaves")
        session = self.begin(self.server, "leaves")
        ada.token = session["access_token"]
        self.assertEqual(ada.send("DELETE", CURRENT).status, 204)
        self.assert_problem(ada.get(ACCOUNT), 401, "token.revoked")
        self.assert_problem(self.refresh(self.server, session["refresh_token"]), 401, "sessions.ended")
        self.assertEqual(second.get(ACCOUNT).status, 200)

    def test_another_password_and_deletion_end_what_refreshes(self):
        for name, end in (("password", lambda client: client.post(f"{ACCOUNT}/password", {
                "current_password": PASSWORD, "new_password": "closed-sesame-43"})),
                          ("deletion", lambda client: client.send("DELETE", ACCOUNT)),
                          ("everywhere", lambda client: client.send("DELETE", SESSIONS))):
            client = self.server.customer(f"ends_{name}")
            session = self.begin(self.server, f"ends_{name}")
            self.assertEqual(end(client).status, 204)
            self.assert_problem(self.refresh(self.server, session["refresh_token"]), 401, "token.revoked")
            self.assertEqual(self.status_of(self.server, session["access_token"]), 401)

    def test_administrators_see_and_end_sessions_of_others(self):
        ada, second = self.server.customer("watched"), self.server.log_in("watched")
        path = f"/api/v1/admin/accounts/{ada.account}/sessions"
        self.assertEqual([item["id"] for item in self.admin.ok("GET", path)["items"]], [ada.session, second.session])
        self.assertEqual(self.admin.send("DELETE", f"{path}/{second.session}").status, 204)
        self.assert_problem(second.get(ACCOUNT), 401, "token.revoked")
        self.assertEqual(ada.get(ACCOUNT).status, 200)
        self.assertEqual(self.admin.send("DELETE", path).status, 204)
        self.assert_problem(ada.get(ACCOUNT), 401, "token.revoked")
        eventually("they are gone", lambda: self.admin.ok("GET", path)["items"] == [])

    def test_of_too_many_sessions_the_one_unused_for_the_longest_time_ends(self):
        ada = self.server.customer("crowd")
        for _ in range(100):
            last = self.begin(self.server, "crowd")
        self.assert_problem(ada.get(ACCOUNT), 401, "token.revoked")
        ada.token = last["access_token"]
        self.assertEqual(len(ada.ok("GET", SESSIONS)["items"]), 100)

    # --- who is kept out

    def test_who_is_banned_is_out_at_once_and_in_again_when_released(self):
        ada = self.server.customer("banned")
        session, path = self.begin(self.server, "banned"), f"/api/v1/admin/accounts/{ada.account}/ban"
        until = "2099-01-01T00:00:00.000000Z"
        shown = self.admin.ok("PUT", path, {"reason": "Resells tickets", "until": until})
        self.assertEqual((shown["ban"]["reason"], shown["ban"]["until"]), ("Resells tickets", until))
        self.assert_problem(ada.get(ACCOUNT), 401, "token.revoked")
        self.assert_problem(self.refresh(self.server, session["refresh_token"]), 401, "token.revoked")
        refused = self.assert_problem(self.guest.post(SESSIONS, credentials("banned")), 403, "account.banned")
        self.assertEqual((refused["ban_reason"], refused["banned_until"]), ("Resells tickets", until))
        wrong = self.guest.post(SESSIONS, {**credentials("banned"), "password": "another-one-42"})
        self.assert_problem(wrong, 401, "session.wrong_credentials")
        released = self.admin.send("DELETE", path)
        self.assertNotIn("ban", released.json)
        self.assertEqual(self.server.log_in("banned").get(ACCOUNT).status, 200)
        self.assert_problem(ada.get(ACCOUNT), 401, "token.revoked")
        listed = self.admin.ok("GET", "/api/v1/admin/accounts?status=banned",
                               headers={"Souk-Position": released.headers["Souk-Position"]})
        self.assertNotIn(ada.account, [item["id"] for item in listed["items"]])

    def test_a_ban_ends_by_itself_and_who_is_banned_is_listed(self):
        ada = self.server.customer("brief")
        path = f"/api/v1/admin/accounts/{ada.account}/ban"
        end = time.time() + 2
        until = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(end))
        answer = self.admin.send("PUT", path, {"reason": "Cools down", "until": until})
        self.assertEqual(answer.status, 200, answer)
        listed = self.admin.ok("GET", "/api/v1/admin/accounts?status=banned",
                               headers={"Souk-Position": answer.headers["Souk-Position"]})
        self.assertEqual([item["ban"] for item in listed["items"] if item["id"] == ada.account], [answer.json["ban"]])
        eventually("it is over", lambda: self.guest.post(SESSIONS, credentials("brief")).status == 201)
        self.assertGreaterEqual(time.time(), int(end))

    def test_bans_that_make_no_sense_are_refused(self):
        ada = self.server.customer("unbanned")
        path = f"/api/v1/admin/accounts/{ada.account}/ban"
        for body, reason in (({"reason": ""}, "account.ban_reason_invalid"),
                             ({"reason": "x" * 501}, "account.ban_reason_invalid"),
                             ({"reason": "two\nlines"}, "account.ban_reason_invalid"),
                             ({"reason": "x", "until": "2020-01-01T00:00:00.000000Z"}, "account.ban_expiry_invalid")):
            self.assert_problem(self.admin.send("PUT", path, body), 400, reason)
        own = f"/api/v1/admin/accounts/{self.admin.account}/ban"
        self.assert_problem(self.admin.send("PUT", own, {"reason": "x"}), 409, "account.own_ban")
        self.assertEqual(ada.get(ACCOUNT).status, 200)

    # --- keys

    def test_tokens_hold_on_when_another_key_signs_and_are_void_when_their_key_is_removed(self):
        ada, path = self.server.customer("keys"), "/api/v1/admin/token-keys"
        old = self.begin(self.server, "keys")
        before = self.admin.ok("GET", path)["items"]
        self.assertTrue(before[-1]["signs"])
        self.assert_problem(self.admin.send("DELETE", f"{path}/{before[-1]['id']}"), 409, "token_key.in_use")
        items = self.admin.ok("POST", path, {}, status=201)["items"]
        self.assertEqual([item["signs"] for item in items], [False] * len(before) + [True])
        fresh = self.refresh(self.server, old["refresh_token"])
        self.assertEqual(fresh.status, 200, fresh)
        for token in (ada.token, old["access_token"], fresh.json["access_token"]):
            self.assertEqual(self.status_of(self.server, token), 200)
        type(self).admin = self.server.admin()
        self.assertEqual(self.admin.send("DELETE", f"{path}/{before[-1]['id']}").status, 204)
        self.assert_problem(self.admin.send("DELETE", f"{path}/{before[-1]['id']}"), 404, "token_key.not_found")
        for token in (ada.token, old["access_token"]):
            self.assertEqual(self.status_of(self.server, token), 401)
        self.assertEqual(self.status_of(self.server, fresh.json["access_token"]), 200)

    def test_a_key_that_has_become_known_is_replaced_at_once_with_all_that_it_signed(self):
        ada, path = self.server.customer("known"), "/api/v1/admin/token-keys"
        old = self.begin(self.server, "known")
        items = self.admin.ok("POST", path, {"void_older": True}, status=201)["items"]
        self.assertEqual([item["signs"] for item in items], [True])
        for token in (ada.token, old["access_token"], self.admin.token):
            self.assertEqual(self.status_of(self.server, token), 401)
        self.assert_problem(self.refresh(self.server, old["refresh_token"]), 401, "token.malformed")
        type(self).admin = self.server.admin()
        self.assertEqual(self.admin.ok("GET", path)["items"], items)


class SessionSettingsTest(Sessions, SystemTest):
    def test_an_unknown_user_and_a_wrong_password_take_as_long_and_say_the_same(self):
        server = self.start("password.memory_kib=16384")
        server.customer("timed")
        guest = server.guest()

        def ask(name):
            began = time.perf_counter()
            answer = guest.post(SESSIONS, {"username": name, "password": "another-one-42"},
                                headers={"X-Request-Id": "same"})
            return time.perf_counter() - began, answer

        took = {"timed": [], "nobody_at_all": []}
        bodies = set()
        for _ in range(40):
            for name, times in took.items():
                seconds, answer = ask(name)
                times.append(seconds)
                bodies.add((answer.status, answer.body))
        self.assertEqual(len(bodies), 1)
        known, unknown = (sorted(times)[len(times) // 2] for times in took.values())
        self.assertLess(abs(known - unknown), 0.25 * max(known, unknown))
        server.stop()

    def test_sessions_say_which_client_they_are_from_if_a_proxy_that_is_believed_says_so(self):
        server = self.start("limits.enabled=true", "http.proxies=127.0.0.1")
        server.customer("ada")
        self.begin_from(server, "ada", "203.0.113.7")
        session = self.begin_from(server, "ada", "198.51.100.1, 2001:db8::7")
        ada = server.guest()
        ada.token = session["access_token"]
        self.assertEqual([item["address"] for item in ada.ok("GET", SESSIONS)["items"]],
                         ["127.0.0.1", "203.0.113.7", "2001:db8::7"])
        server.stop()

    def begin_from(self, server, name, addresses):
        return server.guest().ok("POST", SESSIONS, credentials(name), status=201,
                                 headers={"X-Forwarded-For": addresses})

    def test_why_somebody_is_banned_is_nowhere_in_the_clear(self):
        server = self.start()
        ada, admin = server.customer("ada"), server.admin()
        path = f"/api/v1/admin/accounts/{ada.account}/ban"
        said = {"reason": "Stole from Bob"}
        first = admin.send("PUT", path, said)
        self.assertEqual(first.json["ban"]["reason"], said["reason"])
        again = admin.send("PUT", path, said)
        self.assertEqual((again.status, again.headers["ETag"]), (200, first.headers["ETag"]))
        self.assertNotEqual(admin.send("PUT", path, {"reason": "Stole from Eve"}).headers["ETag"], first.headers["ETag"])
        server.settled_position()
        server.stop()
        bans = [event for event in read_events(self.data) if event["type"] == "account.banned"]
        self.assertEqual(len(bans), 2)
        for event in bans:
            self.assertTrue(event["payload"]["reason"].startswith("personal:v1:"), event)
        for file in self.data.rglob("*"):
            if file.is_file():
                self.assertNotIn(b"Stole from", file.read_bytes(), file)

    def test_where_one_session_is_all_there_may_be_logging_in_ends_the_older_one(self):
        server = self.start("session.policy=single")
        first = server.customer("ada")
        second = server.log_in("ada")
        self.assert_problem(first.get(ACCOUNT), 401, "token.revoked")
        self.assertEqual([item["id"] for item in second.ok("GET", SESSIONS)["items"]], [second.session])
        server.stop()

    def test_without_a_grace_a_refresh_token_counts_once(self):
        server = self.start("token.refresh_grace_s=0")
        server.customer("ada")
        token = self.begin(server, "ada")["refresh_token"]
        answers = in_parallel([lambda: self.refresh(server, token)] * 8)
        self.assertEqual(sorted(answer.status for answer in answers), [200] + [401] * 7)
        self.assertEqual(server.log_in("ada").get(ACCOUNT).status, 200)
        server.stop()

    def test_answers_say_when_it_is_time_to_refresh_and_a_session_that_is_not_used_expires(self):
        server = self.start("token.access_ttl_s=2", "token.refresh_ttl_s=3", "token.refresh_due_s=60")
        ada = server.customer("ada")
        session = self.begin(server, "ada")
        answer = ada.get(ACCOUNT)
        self.assertIn(int(answer.headers["Souk-Refresh-Due"]), range(0, 3))
        self.assertIsNone(server.guest().get("/api/v1/products").headers["Souk-Refresh-Due"])
        eventually("the access token has expired", lambda: self.status_of(server, session["access_token"]) == 401)
        eventually("the session has expired",
                   lambda: self.refresh(server, session["refresh_token"]).json.get("reason") == "token.expired")
        server.stop()
        server = self.start()
        self.assertIsNone(server.log_in("ada").get(ACCOUNT).headers["Souk-Refresh-Due"])
        server.stop()

    def test_what_ended_stays_ended_and_what_was_renewed_stays_renewed_after_a_kill(self):
        server = self.start("token.refresh_grace_s=600")
        admin, names = server.admin(), ("logs_out", "ended", "robbed", "banned", "stays")
        people = {name: server.customer(name) for name in names}
        sessions = {name: self.begin(server, name) for name in names}
        renewed = {name: self.refresh(server, session["refresh_token"]).json for name, session in sessions.items()}
        used = self.refresh(server, renewed["stays"]["refresh_token"])
        people["logs_out"].token = sessions["logs_out"]["access_token"]
        people["logs_out"].send("DELETE", CURRENT)
        people["ended"].send("DELETE", f"{SESSIONS}/{sessions['ended']['session_id']}")
        self.refresh(server, renewed["robbed"]["refresh_token"])
        self.assert_problem(self.refresh(server, sessions["robbed"]["refresh_token"]), 401, "sessions.replayed")
        admin.ok("PUT", f"/api/v1/admin/accounts/{people['banned'].account}/ban", {"reason": "fraud"})
        server.kill()
        server = self.start("token.refresh_grace_s=600")
        for name in names:
            expected = 200 if name == "stays" else 401
            self.assertEqual(self.status_of(server, sessions[name]["access_token"]), expected, name)
            self.assertEqual(self.status_of(server, renewed[name]["access_token"]), expected, name)
        # The answer of the last turn may have been lost with the kill.
        again = self.refresh(server, renewed["stays"]["refresh_token"])
        self.assertEqual((again.status, again.body), (200, used.body))
        # Another key has signed since, and it is still the same answer.
        server.admin().ok("POST", "/api/v1/admin/token-keys", {}, status=201)
        self.assertEqual(self.refresh(server, renewed["stays"]["refresh_token"]).body, used.body)
        self.assert_problem(self.refresh(server, sessions["stays"]["refresh_token"]), 401, "sessions.replayed")
        self.assertEqual(self.status_of(server, again.json["access_token"]), 401)
        self.assert_problem(server.guest().post(SESSIONS, credentials("banned")), 403, "account.banned")
        server.stop()


if __name__ == "__main__":
    main()
