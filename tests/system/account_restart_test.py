"""Accounts over restarts and kills: what died stays dead, what was promised is sent, and nothing secret is told."""

import json
import os
import time

from harness import ADMIN, PASSWORD, SystemTest, eventually, main, read_events
from people import message_to, messages

OTHER = "closed-sesame-43"


class AccountRestartTest(SystemTest):
    def test_what_made_tokens_void_does_so_after_a_restart_and_after_a_kill(self):
        server = self.start("account.message_interval_s=0")
        people = {name: server.customer(name) for name in ("stays", "changes", "leaves", "goes", "resets", "everywhere")}
        people["changes"].post("/api/v1/account/password", {"current_password": PASSWORD, "new_password": OTHER})
        people["leaves"].send("DELETE", "/api/v1/sessions/current")
        people["everywhere"].send("DELETE", "/api/v1/sessions")
        people["goes"].send("DELETE", "/api/v1/account")
        server.stop()
        server = self.start("account.message_interval_s=0")
        server.guest().post("/api/v1/password-resets", {"email": "resets@mail.example"})
        token = message_to(server, "password_reset", "resets@mail.example")["token"]
        done = server.guest().post("/api/v1/password-resets/confirm", {"token": token, "password": OTHER})
        self.assertEqual(done.status, 204)
        server.kill()
        for rebuild in ("false", "true"):
            if rebuild == "true":
                for name in os.listdir(os.path.join(self.data, "projections")):
                    os.remove(os.path.join(self.data, "projections", name))
            server = self.start()
            client = server.guest()
            for name, person in people.items():
                client.token = person.token
                answer = client.get("/api/v1/account")
                if name == "stays":
                    self.assertEqual(answer.status, 200, answer)
                else:
                    self.assert_problem(answer, 401, "token.revoked")
            server.stop()

    def test_a_message_that_could_not_be_written_is_written_after_a_kill(self):
        server = self.start()
        server.customer("ada")
        os.rmdir(os.path.join(self.data, "messages"))
        self.assertEqual(server.guest().post("/api/v1/password-resets", {"email": "ada@mail.example"}).status, 202)
        server.kill()
        server = self.start()
        message = message_to(server, "password_reset", "ada@mail.example")
        answer = server.guest().post("/api/v1/password-resets/confirm", {"token": message["token"], "password": OTHER})
        self.assertEqual(answer.status, 204)
        server.stop()
        types = [event["type"] for event in read_events(self.data)]
        self.assertEqual(types.count("account.message_requested"), 1)
        self.assertEqual(types.count("account.message_sent"), 1)

    def test_messages_keep_their_distance_and_tokens_expire(self):
        server = self.start("account.reset_ttl_s=1")
        ada = server.customer("ada")
        for _ in range(2):
            server.guest().post("/api/v1/password-resets", {"email": "ada@mail.example"})
        token = message_to(server, "password_reset", "ada@mail.example")["token"]
        self.assertEqual(len(messages(server, "password_reset")), 1)

        def refusal():
            answer = server.guest().post("/api/v1/password-resets/confirm", {"token": token, "password": "short-not-1"})
            return answer if answer.status != 204 else None

        # Used or not, a second later it has expired: the first use is made only after that.
        time_of_expiry = time.monotonic() + 1.1
        eventually("the token has expired", lambda: time.monotonic() > time_of_expiry)
        self.assert_problem(refusal(), 409, "account.token_expired")
        self.assertEqual(ada.send("POST", "/api/v1/account/email-verification").status, 202)
        self.assert_problem(ada.send("POST", "/api/v1/account/email-verification"), 429, "account.message_too_soon")
        server.stop()

    def test_b46_no_password_and_no_token_is_ever_logged(self):
        server = self.start("account.message_interval_s=0")
        ada = server.customer("ada")
        server.guest().post("/api/v1/sessions", {"username": "ada", "password": "wrong-and-secret"})
        session = server.guest().ok("POST", "/api/v1/sessions", {"username": "ada", "password": PASSWORD}, status=201)
        server.guest().ok("POST", "/api/v1/sessions/refresh", {"refresh_token": session["refresh_token"]})
        ada.post("/api/v1/account/password", {"current_password": PASSWORD, "new_password": OTHER})
        server.guest().post("/api/v1/password-resets", {"email": "ada@mail.example"})
        token = message_to(server, "password_reset", "ada@mail.example")["token"]
        server.guest().post("/api/v1/password-resets/confirm", {"token": token, "password": "third-sesame-44"})
        server.stop()
        with open(server.log_path, encoding="utf-8") as log:
            told = log.read() + server.stderr
        told += json.dumps(read_events(self.data))
        stored = b""
        for folder, _, names in os.walk(os.path.join(self.data, "log")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    stored += file.read()
        for secret in (PASSWORD, OTHER, "wrong-and-secret", "third-sesame-44", token, token.split(".")[1], ada.token,
                       session["refresh_token"], "ada@mail.example"):
            self.assertNotIn(secret, told)
            self.assertNotIn(secret.encode(), stored)

    def test_an_administrator_who_deletes_the_account_is_there_again_after_a_restart(self):
        server = self.start()
        admin = server.admin()
        self.assertEqual(admin.send("DELETE", "/api/v1/account").status, 204)
        server.stop()
        server = self.start()
        self.assertEqual(server.admin().ok("GET", "/api/v1/account")["username"], ADMIN[0])
        server.stop()


if __name__ == "__main__":
    main()
