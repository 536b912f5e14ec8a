"""Accounts from outside: profile, names, passwords, messages with tokens, addresses."""

import json
import os
import stat
import threading
import time

from harness import ADDRESS, PASSWORD, TIME, SharedServerTest, main
from people import MERGE_PATCH, message_to, patch

UNKNOWN_ID = "7zzzzzzzzzzzzzzzzzzzzzzzzz"
OTHER = "closed-sesame-43"


def registration(name, **more):
    return {"username": name, "email": f"{name}@mail.example", "password": PASSWORD, **more}


class AccountTest(SharedServerTest):
    settings = ("account.message_interval_s=0",)

    def log_in(self, name, password=PASSWORD):
        return self.guest.post("/api/v1/sessions", {"username": name, "password": password})

    # --- profile and names

    def test_b37_a_profile_is_shown_whole_each_time_with_the_moment_of_registering(self):
        told = {"sex": "female", "description": "Tea,\n茶.", "avatar": "https://a.example/ada.png"}
        made = self.guest.ok("POST", "/api/v1/accounts", registration("ada37", **told), status=201)
        ada = self.server.log_in("ada37")
        for _ in range(3):
            shown = ada.ok("GET", "/api/v1/account")
            self.assertEqual(shown, made)
            self.assertRegex(shown["created_at"], TIME)
        self.assertEqual({name: shown[name] for name in told}, told)
        self.assertEqual((shown["email_verified"], shown["role"]), (False, "user"))
        self.assertNotIn(PASSWORD, json.dumps(shown))

    def test_a_patch_changes_what_it_names_and_null_takes_away(self):
        ada = self.server.customer("patchy")
        first = ada.get("/api/v1/account")
        changed = patch(ada, {"description": "Reads", "sex": "male"})
        self.assertEqual((changed.status, changed.json["description"], changed.json["sex"]), (200, "Reads", "male"))
        self.assertNotEqual(changed.headers["ETag"], first.headers["ETag"])
        self.assertEqual(patch(ada, {"sex": None}).json, {**changed.json, "sex": "unknown"})
        same = patch(ada, {"description": "Reads"})
        self.assertEqual(same.json["description"], "Reads")
        self.assertEqual(patch(ada, {}).headers["ETag"], same.headers["ETag"])
        stale = patch(ada, {"description": "Lost"}, headers={"If-Match": first.headers["ETag"]})
        self.assert_problem(stale, 412, "version.changed")
        good = patch(ada, {"description": "Kept"}, headers={"If-Match": same.headers["ETag"]})
        self.assertEqual((good.status, good.json["description"]), (200, "Kept"))
        self.assertEqual(ada.get("/api/v1/account", headers={"If-None-Match": good.headers["ETag"]}).status, 304)

    def test_what_a_profile_may_not_be(self):
        ada = self.server.customer("limits")
        before = ada.get("/api/v1/account")
        for body, reason in (({"sex": 1}, "field.invalid"), ({"sex": "other"}, "field.invalid"),
                             ({"description": "x" * 1001}, "account.description_invalid"),
                             ({"avatar": "javascript:alert(1)"}, "account.avatar_invalid"),
                             ({"avatar": "https://" + "a" * 2048}, "account.avatar_invalid"),
                             ({"username": None}, "field.invalid"), ({"email": None}, "field.invalid"),
                             ({"username": "a b"}, "account.username_invalid"), ({"email": "x"}, "account.email_invalid"),
                             ({"role": "admin"}, "field.invalid"), ({"id": UNKNOWN_ID}, "field.invalid"),
                             ({"password": OTHER}, "field.invalid"), ({"email_verified": True}, "field.invalid")):
            with self.subTest(body=body):
                self.assert_problem(patch(ada, body), 400, reason)
        for body, reason in (({"sex": "x"}, "field.invalid"), ({"confirm_password": PASSWORD}, "field.invalid"),
                             ({"role": "admin"}, "field.invalid"), ({"avatar": "x"}, "account.avatar_invalid")):
            answer = self.guest.post("/api/v1/accounts", registration("never", **body))
            self.assert_problem(answer, 400, reason)
        self.assertEqual(ada.get("/api/v1/account").headers["ETag"], before.headers["ETag"])

    def test_b47_a_name_that_another_has_is_a_precise_refusal_and_changes_nothing(self):
        ada, bob = self.server.customer("ada47"), self.server.customer("bob47")
        before = bob.get("/api/v1/account").json
        answer = patch(bob, {"username": "ADA47", "description": "lost"}, key="k1")
        problem = self.assert_problem(answer, 409, "account.username_taken")
        self.assertEqual((problem["username_taken"], problem["email_taken"]), (True, False))
        self.assert_problem(patch(bob, {"username": "ADA47", "description": "lost"}, key="k1"), 409,
                            "account.username_taken")
        answer = patch(bob, {"username": "bobby47", "email": "ada47@mail.example", "current_password": PASSWORD})
        self.assert_problem(answer, 409, "account.email_taken")
        self.assertEqual(bob.get("/api/v1/account").json, before)
        # What was granted along with what was refused is free again.
        self.assertEqual(patch(ada, {"username": "bobby47"}).status, 200)

    def test_a_name_changes_for_logging_in_and_the_old_one_becomes_free(self):
        ada = self.server.customer("maiden")
        changed = patch(ada, {"username": "Married", "email": "married@mail.example", "current_password": PASSWORD})
        self.assertEqual((changed.status, changed.json["username"], changed.json["email"]),
                         (200, "Married", "married@mail.example"))
        self.assert_problem(self.log_in("maiden"), 401, "session.wrong_credentials")
        self.assertEqual(self.log_in("married").status, 201)
        self.server.customer("maiden")
        respelled = patch(ada, {"username": "MARRIED"})
        self.assertEqual((respelled.status, respelled.json["username"]), (200, "MARRIED"))

    def test_of_many_who_want_one_name_at_once_one_gets_it(self):
        people = [self.server.customer(f"racer{i}") for i in range(6)]
        answers = []
        threads = [threading.Thread(target=lambda c=c: answers.append(patch(c, {"username": "winner"})))
                   for c in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(a.status for a in answers), [200] + [409] * 5)

    def test_a_registration_of_the_same_key_is_the_same_and_of_another_body_none(self):
        body = registration("keyed", description="Hi")
        first = self.guest.post("/api/v1/accounts", body, key="register-1")
        again = self.guest.post("/api/v1/accounts", body, key="register-1")
        self.assertEqual((first.status, again.status, first.json), (201, 201, again.json))
        self.assertEqual(first.headers["Location"], "/api/v1/account")
        other = self.guest.post("/api/v1/accounts", registration("keyed2"), key="register-1")
        self.assert_problem(other, 422, "idempotency.key_reused")

    # --- passwords and tokens

    def test_a_password_is_changed_by_who_knows_it_and_older_tokens_die(self):
        ada = self.server.customer("changer")
        second = self.server.log_in("changer")
        wrong = ada.post("/api/v1/account/password", {"current_password": OTHER, "new_password": OTHER})
        self.assert_problem(wrong, 403, "account.wrong_password")
        short = ada.post("/api/v1/account/password", {"current_password": PASSWORD, "new_password": "short"})
        self.assert_problem(short, 400, "account.password_invalid")
        self.assertEqual(second.get("/api/v1/account").status, 200)
        done = ada.post("/api/v1/account/password", {"current_password": PASSWORD, "new_password": OTHER})
        self.assertEqual((done.status, done.body), (204, b""))
        for client in (ada, second):
            self.assert_problem(client.get("/api/v1/account"), 401, "token.revoked")
            self.assert_problem(client.get("/api/v1/products"), 401, "token.revoked")
        self.assert_problem(self.log_in("changer"), 401, "session.wrong_credentials")
        self.assertEqual(self.server.log_in("changer", OTHER).get("/api/v1/account").status, 200)

    def test_logging_out_everywhere_ends_every_token(self):
        ada, second = self.server.customer("leaver"), self.server.log_in("leaver")
        self.assertEqual(ada.send("DELETE", "/api/v1/sessions").status, 204)
        for client in (ada, second):
            self.assert_problem(client.get("/api/v1/account"), 401, "token.revoked")
        self.assertEqual(self.server.log_in("leaver").get("/api/v1/account").status, 200)

    def test_a_deleted_account_is_as_if_it_had_never_been(self):
        ada = self.server.customer("goner")
        ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)
        stale = ada.send("DELETE", "/api/v1/account", headers={"If-Match": '"1.1.1"'})
        self.assert_problem(stale, 412, "version.changed")
        self.assertEqual(ada.send("DELETE", "/api/v1/account").status, 204)
        self.assert_problem(ada.get("/api/v1/account"), 401, "token.revoked")
        gone, unknown = self.log_in("goner"), self.log_in("nobody-at-all")
        self.assert_problem(gone, 401, "session.wrong_credentials")
        self.assertEqual(gone.json["detail"], unknown.json["detail"])
        again = self.server.customer("goner")
        self.assertNotEqual(again.account, ada.account)
        self.assertEqual(again.ok("GET", "/api/v1/account/addresses")["items"], [])
        seen = self.admin.ok("GET", f"/api/v1/admin/accounts/{ada.account}")
        self.assertEqual((seen["status"], seen.get("username"), seen.get("email"), seen.get("profile")),
                         ("deleted", None, None, None))
        self.assertRegex(seen["deleted_at"], TIME)

    # --- messages

    def test_a_reset_by_the_token_of_the_message_works_once(self):
        ada = self.server.customer("reset")
        self.assertEqual(self.guest.post("/api/v1/password-resets", {"email": "RESET@mail.example"}).status, 202)
        message = message_to(self.server, "password_reset", "reset@mail.example")
        path = os.path.join(self.server.data, "messages", f"password_reset-{message['id']}.json")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertIn(message["token"], message["text"])
        body = {"token": message["token"], "password": OTHER}
        weak = self.guest.post("/api/v1/password-resets/confirm", {**body, "password": "short"})
        self.assert_problem(weak, 400, "account.password_invalid")
        done = self.guest.post("/api/v1/password-resets/confirm", body, key="reset-1")
        self.assertEqual(done.status, 204)
        self.assert_problem(ada.get("/api/v1/account"), 401, "token.revoked")
        self.assertEqual(self.log_in("reset", OTHER).status, 201)
        self.assertEqual(self.guest.post("/api/v1/password-resets/confirm", body, key="reset-1").status, 204)
        other = self.guest.post("/api/v1/password-resets/confirm", {**body, "password": PASSWORD}, key="reset-1")
        self.assert_problem(other, 422, "idempotency.key_reused")
        self.assert_problem(self.guest.post("/api/v1/password-resets/confirm", body), 409, "account.token_used")

    def test_a_newer_message_makes_the_older_token_void(self):
        self.server.customer("twice")
        self.guest.post("/api/v1/password-resets", {"email": "twice@mail.example"})
        first = message_to(self.server, "password_reset", "twice@mail.example")["token"]
        self.guest.post("/api/v1/password-resets", {"email": "twice@mail.example"})
        second = message_to(self.server, "password_reset", "twice@mail.example", but={first})["token"]
        old = self.guest.post("/api/v1/password-resets/confirm", {"token": first, "password": OTHER})
        self.assert_problem(old, 400, "account.token_invalid")
        new = self.guest.post("/api/v1/password-resets/confirm", {"token": second, "password": OTHER})
        self.assertEqual(new.status, 204)

    def test_b46_nobody_learns_which_addresses_have_an_account(self):
        ada = self.server.customer("secretive")
        times, answers = {}, {}
        for email in ("secretive@mail.example", "nobody-there@mail.example"):
            took = []
            for _ in range(3):
                began = time.monotonic()
                answer = self.guest.post("/api/v1/password-resets", {"email": email}, headers={"X-Request-Id": "same"})
                took.append(time.monotonic() - began)
                self.assertEqual(answer.status, 202)
            del answer.headers["Date"]
            times[email], answers[email] = min(took), (sorted(answer.headers.items()), answer.body)
        self.assertEqual(answers["secretive@mail.example"], answers["nobody-there@mail.example"])
        self.assertGreater(min(times.values()), 0.25)
        for token in ("x", "", f"{UNKNOWN_ID}.AAAAAAAAAAAAAAAAAAAAAA", f"{ada.account}.AAAAAAAAAAAAAAAAAAAAAA"):
            refused = self.guest.post("/api/v1/password-resets/confirm", {"token": token, "password": OTHER})
            problem = self.assert_problem(refused, 400, "account.token_invalid")
            self.assertEqual(problem["detail"], "this is not the token of the newest message")
            refused = self.guest.post("/api/v1/account/email-verification/confirm", {"token": token})
            self.assert_problem(refused, 400, "account.token_invalid")

    def test_an_address_is_verified_by_its_message_and_another_address_is_not(self):
        ada = self.server.customer("verify")
        asked = ada.send("POST", "/api/v1/account/email-verification")
        self.assertEqual((asked.status, asked.body), (202, b""))
        token = message_to(self.server, "email_verification", "verify@mail.example")["token"]
        refused = self.guest.post("/api/v1/password-resets/confirm", {"token": token, "password": OTHER})
        self.assert_problem(refused, 400, "account.token_invalid")
        path = "/api/v1/account/email-verification/confirm"
        self.assertEqual(self.guest.post(path, {"token": token}).status, 204)
        self.assertTrue(ada.ok("GET", "/api/v1/account")["email_verified"])
        self.assert_problem(self.guest.post(path, {"token": token}), 409, "account.token_used")
        self.assert_problem(ada.send("POST", "/api/v1/account/email-verification"), 409, "account.email_verified")
        moved = {"email": "verify2@mail.example"}
        self.assert_problem(patch(ada, moved), 403, "account.password_required")
        self.assert_problem(patch(ada, {**moved, "current_password": OTHER}), 403, "account.wrong_password")
        moved = patch(ada, {**moved, "current_password": PASSWORD})
        self.assertFalse(moved.json["email_verified"])
        self.assert_problem(self.guest.post(path, {"token": token}), 400, "account.token_invalid")

    def test_an_administrator_by_configuration_has_no_address_to_verify(self):
        self.assert_problem(self.admin.send("POST", "/api/v1/account/email-verification"), 409, "account.email_missing")
        self.assertNotIn("email", self.admin.ok("GET", "/api/v1/account"))

    # --- addresses

    def test_addresses_are_added_changed_and_removed_and_one_is_the_default(self):
        ada, path = self.server.customer("resident"), "/api/v1/account/addresses"
        self.assertEqual(ada.ok("GET", path), {"items": []})
        made = ada.post(path, ADDRESS, key="home")
        self.assertEqual((made.status, made.headers["Location"]), (201, f"{path}/{made.json['id']}"))
        self.assertEqual(ada.post(path, ADDRESS, key="home").json, made.json)
        home = made.json
        self.assertEqual({name: home[name] for name in ADDRESS}, ADDRESS)
        self.assertTrue(home["is_default"])
        work = ada.ok("POST", path, {**ADDRESS, "city": "Ningbo"}, status=201)
        self.assertFalse(work["is_default"])
        third = ada.ok("POST", path, {**ADDRESS, "is_default": True}, status=201)
        self.assertEqual([a["is_default"] for a in ada.ok("GET", path)["items"]], [False, False, True])
        self.assertTrue(ada.ok("PUT", f"{path}/{work['id']}/default")["is_default"])
        changed = patch(ada, {"detail_address": "Elsewhere 1", "region": None}, f"{path}/{work['id']}")
        self.assertEqual(changed.json, {**work, "detail_address": "Elsewhere 1", "region": "", "is_default": True})
        stale = patch(ada, {"city": "X"}, f"{path}/{work['id']}", headers={"If-Match": made.headers["ETag"]})
        self.assert_problem(stale, 412, "version.changed")
        for body in ({"city": ""}, {"city": " "}, {"phone_number": "call me"}):
            self.assert_problem(patch(ada, body, f"{path}/{work['id']}"), 400)
        self.assert_problem(patch(ada, {"name": None}, f"{path}/{work['id']}"), 400, "field.invalid")
        self.assertEqual(ada.send("DELETE", f"{path}/{work['id']}").status, 204)
        self.assertEqual([(a["id"], a["is_default"]) for a in ada.ok("GET", path)["items"]],
                         [(home["id"], True), (third["id"], False)])
        for method, where, body in (("GET", "", None), ("PATCH", "", {"city": "X"}), ("DELETE", "", None),
                                    ("PUT", "/default", None)):
            for id_ in (work["id"], UNKNOWN_ID, "x"):
                answer = ada.send(method, f"{path}/{id_}{where}", body, media=MERGE_PATCH)
                self.assert_problem(answer, 404, "address_book.address_not_found")
        stranger = self.server.customer("stranger")
        self.assert_problem(stranger.get(f"{path}/{home['id']}"), 404, "address_book.address_not_found")

    def test_b47_two_defaults_at_once_end_as_one(self):
        ada, path = self.server.customer("mover"), "/api/v1/account/addresses"
        clients = [self.server.log_in("mover") for _ in range(8)]
        threads = [threading.Thread(target=lambda c=c: c.ok("POST", path, {**ADDRESS, "is_default": True}, status=201))
                   for c in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        items = ada.ok("GET", path)["items"]
        self.assertEqual((len(items), sum(a["is_default"] for a in items)), (8, 1))

    def test_b65_an_address_as_long_as_it_may_be_is_kept_whole_and_the_21st_is_refused(self):
        ada, path = self.server.customer("wide"), "/api/v1/account/addresses"
        widest = {"name": "名" * 100, "phone_number": "1" * 32, "province": "省" * 100, "city": "市" * 100,
                  "region": "区" * 100, "detail_address": "路" * 500}
        made = ada.ok("POST", path, widest, status=201)
        self.assertEqual({name: made[name] for name in widest}, widest)
        for name, value in widest.items():
            refused = ada.post(path, {**widest, name: value + value[0]})
            self.assert_problem(refused, 400, f"address.{name}_invalid")
        for _ in range(19):
            ada.ok("POST", path, ADDRESS, status=201)
        self.assert_problem(ada.post(path, ADDRESS), 409, "address_book.full")

    # --- administrators

    def test_an_administrator_lists_and_shows_accounts(self):
        for i in range(3):
            last = self.server.customer(f"listed{i}")
        position = patch(last, {"description": "seen"}).headers["Souk-Position"]
        page = self.admin.ok("GET", "/api/v1/admin/accounts?limit=2", headers={"Souk-Position": position})
        self.assertEqual([a["username"] for a in page["items"]], ["listed2", "listed1"])
        after = self.admin.ok("GET", f"/api/v1/admin/accounts?limit=2&cursor={page['next_cursor']}")
        self.assertEqual(after["items"][0]["username"], "listed0")
        shown = self.admin.ok("GET", f"/api/v1/admin/accounts/{last.account}")
        self.assertEqual((shown["username"], shown["email"], shown["status"], shown["profile"]["description"]),
                         ("listed2", "listed2@mail.example", "active", "seen"))
        self.assert_problem(self.admin.get(f"/api/v1/admin/accounts/{UNKNOWN_ID}"), 404, "account.not_found")
        self.assert_problem(self.admin.get("/api/v1/admin/accounts?status=odd"), 400, "query.status_invalid")


if __name__ == "__main__":
    main()
