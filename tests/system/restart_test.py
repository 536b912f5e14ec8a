"""Stopping, being killed and starting again, on data that is whole, damaged, busy or of another configuration."""

import datetime
import http.client
import json
import os
import shutil
import signal
import threading

from harness import ADDRESS, PASSWORD, SystemTest, eventually, main, product, read_events, souk
from ledger import Ledger

UNAVAILABLE, BAD_CONFIG, ROWS_REFUSED, NO_INPUT = 69, 78, 65, 66


class RestartTest(SystemTest):
    def furnish(self, *settings):
        """A server with a product, a customer, her cart and her order."""
        self.import_rows(product("tea", stock=50), product("cup", stock=50))
        self.server = self.start(*settings)
        self.ids = self.server.products()
        self.ada = self.server.customer("ada")
        self.ada.ok("POST", "/api/v1/cart/items", {"product_id": self.ids["tea"], "quantity": 2})
        self.body = {"items": [{"product_id": self.ids["cup"], "quantity": 3}], "address": ADDRESS}
        self.order = self.ada.ok("POST", "/api/v1/orders", self.body, key="first", status=201)

    def everything_of(self, client):
        admin = self.server.admin()
        return {"cart": client.ok("GET", "/api/v1/cart"), "orders": client.ok("GET", "/api/v1/orders"),
                "order": client.ok("GET", f"/api/v1/orders/{self.order['id']}"),
                "products": client.ok("GET", "/api/v1/products"),
                "stock": admin.ok("GET", f"/api/v1/admin/stock/{self.ids['cup']}")}

    def log_in_again(self):
        """On a new server, with the token of the old one too."""
        ada = self.server.log_in("ada")
        old = self.server.guest()
        old.token = self.ada.token
        self.assertEqual(old.ok("GET", "/api/v1/cart"), ada.ok("GET", "/api/v1/cart"))
        return ada

    def assert_refuses_to_start(self, *words, code=UNAVAILABLE):
        server = self.start_unready()
        self.assertEqual(server.wait(), code, server.stderr)
        for word in words:
            self.assertIn(word, server.stderr)
        return server.stderr

    # --- the data survive

    def test_everything_is_there_after_sigterm_and_after_kill(self):
        self.furnish()
        self.server.settled_position()
        before = self.everything_of(self.ada)
        for end in (self.server.stop, self.server.kill, self.server.kill):
            getattr(self.server, end.__name__)()
            self.server = self.start()
            print(f"ready after {self.server.ready_after_s * 1000:.0f} ms")
            self.assertLess(self.server.ready_after_s, 5)
            self.server.settled_position()
            ada = self.log_in_again()
            self.assertEqual(self.everything_of(ada), before)
            self.assertEqual(ada.ok("POST", "/api/v1/orders", self.body, key="first", status=201), self.order)

    def test_a_timer_that_came_due_while_it_was_down_fires(self):
        self.furnish("order.payment_timeout_s=1")
        self.server.kill()
        due = self.order["payment_due_at"]
        eventually("the order is due", lambda: now_text() > due)
        self.server = self.start("order.payment_timeout_s=1")
        ada = self.log_in_again()

        def cancelled():
            order = ada.ok("GET", f"/api/v1/orders/{self.order['id']}")
            return order if order["state"] == "cancelled" else None

        self.assertEqual(eventually("the order is cancelled", cancelled, 2)["cancel_reason"], "payment_timeout")
        self.server.settled_position()
        self.assertEqual(self.server.admin().ok("GET", f"/api/v1/admin/stock/{self.ids['cup']}")["reserved"], 0)

    def test_read_models_are_rebuilt_from_the_log(self):
        self.furnish()
        self.server.settled_position()
        before = self.everything_of(self.ada)
        self.server.stop()
        shutil.rmtree(self.data / "projections")
        self.server = self.start()
        self.server.settled_position()
        self.assertEqual(self.everything_of(self.log_in_again()), before)

    # --- what is not whole is not served

    def test_nobody_outside_its_group_may_read_the_data(self):
        server = self.start(preexec=lambda: os.umask(0))
        server.customer("ada")
        server.settled_position()
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(self.data) for name in names]
        self.assertTrue(any(path.endswith(".sqlite-wal") for path in paths), paths)
        self.assertTrue(any("/log/" in path or path.endswith(".log") for path in paths), paths)
        self.assertEqual([path for path in paths if not os.path.islink(path) and os.stat(path).st_mode & 0o007], [])

    def test_a_second_process_on_one_data_directory_is_refused(self):
        self.furnish()
        stderr = self.assert_refuses_to_start("store.locked")
        self.assertIn(str(self.server.process.pid), stderr)
        refused = souk("import", "--data", self.data, "-", stdin=b"")
        self.assertEqual(refused.returncode, UNAVAILABLE, refused)
        self.assertIn(b"store.locked", refused.stderr)
        self.ada.ok("GET", "/api/v1/cart")

    def test_the_log_can_be_read_while_it_is_served(self):
        self.furnish()
        head = self.server.settled_position()
        events = read_events(self.data)
        self.assertEqual(len(events), head)
        self.assertEqual(Ledger(events).check_settled(), [])
        self.ada.ok("POST", f"/api/v1/orders/{self.order['id']}/cancel")
        self.server.settled_position()
        self.assertEqual(read_events(self.data)[:head], events)
        self.assertIn("order.cancelled", [event["type"] for event in read_events(self.data, "--from", head + 1)])
        self.server.stop()
        self.assertEqual(read_events(self.data)[:head], events)

    def test_a_log_that_lost_its_end_is_not_served(self):
        self.furnish()
        self.server.settled_position()
        self.server.stop()
        whole = self.folder / "whole"
        shutil.copytree(self.data, whole)
        newest = max((whole / "log" / "rocksdb").glob("*.log"), key=lambda path: path.stat().st_size)
        content = bytearray(newest.read_bytes())
        flipped = bytearray(content)
        flipped[len(flipped) // 2] ^= 0x10
        for damaged, words in ((None, ("store.", "restore")), (flipped, ("store.", "restore")),
                               (content[:len(content) // 2], ("store.head_lost", "restore"))):
            with self.subTest(bytes=damaged and len(damaged)):
                shutil.rmtree(self.data)
                shutil.copytree(whole, self.data)
                path = self.data / "log" / "rocksdb" / newest.name
                path.unlink()
                if damaged is not None:
                    path.write_bytes(damaged)
                self.assert_refuses_to_start(*words)
                self.assert_refuses_to_start("restore")  # not the second time either
        shutil.rmtree(self.data)
        shutil.copytree(whole, self.data)
        self.server = self.start()
        self.assertEqual(self.log_in_again().ok("GET", f"/api/v1/orders/{self.order['id']}"), self.order)

    def test_an_installation_without_its_key_is_not_served(self):
        self.furnish()
        self.server.stop()
        key = self.data / "keys" / "install.key"
        content = key.read_bytes()
        key.unlink()
        stderr = self.assert_refuses_to_start("install_key.missing", str(key), code=self.start_unready().wait())
        self.assertNotIn("ready", stderr)
        self.assertFalse(key.exists())
        key.write_bytes(content)
        key.chmod(0o644)
        self.assertIn("install_key.exposed", self.start_and_fail())
        key.chmod(0o600)
        self.server = self.start()
        self.log_in_again()

    def test_an_installation_without_peoples_keys_is_not_served_until_an_empty_file_gives_them_up(self):
        self.furnish()
        self.server.stop()
        keys = self.data / "keys" / "keys.db"
        content = keys.read_bytes()
        for file in keys.parent.glob("keys.db*"):
            file.unlink()
        self.assert_refuses_to_start("privacy.keys_missing", str(keys), code=self.start_unready().wait())
        self.assertFalse(keys.exists())
        keys.touch(0o600)
        self.server = self.start()
        self.assert_problem(self.server.guest().post("/api/v1/sessions", {"username": "ada", "password": PASSWORD}),
                            401, "session.wrong_credentials")
        self.server.stop()
        for file in keys.parent.glob("keys.db*"):
            file.unlink()
        keys.touch(0o600)
        keys.write_bytes(content)
        self.server = self.start()
        self.log_in_again()

    def start_and_fail(self):
        server = self.start_unready()
        self.assertNotEqual(server.wait(), 0)
        return server.stderr

    # --- configuration

    def test_a_mistake_in_the_configuration_is_refused_with_its_place(self):
        config = self.folder / "souk.toml"
        cases = [("listen = \"127.0.0.1:0\"\n[order]\npayment_timeout = 5\n", f"{config}:3:", "order.payment_timeout"),
                 ("[order]\npayment_timeout_s = \"soon\"\n", f"{config}:2:", "whole number"),
                 ("[order]\npayment_timeout_s = 0\n", f"{config}:2:", "from 1 to"),
                 ("[http\n", f"{config}:1:", ""), ("listen = \"nowhere\"\n", f"{config}:1:", "listen")]
        for text, place, word in cases:
            with self.subTest(text=text):
                config.write_text(text)
                for check in ((), ("--check-config",)):
                    refused = souk("serve", "--data", self.data, "--config", config, *check)
                    self.assertEqual(refused.returncode, BAD_CONFIG, refused)
                    self.assertIn(place, refused.stderr.decode())
                    self.assertIn(word, refused.stderr.decode())
        self.assertFalse(self.data.exists())
        for arguments, env, word in (((), {"SOUK_HTTP_PORT": "1"}, "SOUK_HTTP_PORT"),
                                     (("--set", "http.port=1"), {}, "http.port"),
                                     (("--set", "order.payment_timeout_s=x"), {}, "order.payment_timeout_s"),
                                     (("--config", self.folder / "none.toml"), {}, "none.toml")):
            refused = souk("serve", "--data", self.data, "--check-config", *arguments, env=env)
            self.assertEqual((refused.returncode, word in refused.stderr.decode()), (BAD_CONFIG, True), refused)
        for settings, word in ((("kafka.commands_topic=a",), "needs kafka.brokers"),
                               (("kafka.brokers=http://a:9092",), "without a scheme"),
                               (("search.elasticsearch_urls=http://me:do-not-print-this@a",), "without names or passwords"),
                               (("search.synonyms_file=/nowhere.txt", "payments.ca_file=/nowhere.pem"), "/nowhere.pem")):
            for check in ((), ("--check-config",)):
                with self.subTest(settings=settings, check=check):
                    refused = souk("serve", "--data", self.data, *check,
                                   *(part for setting in settings for part in ("--set", setting)))
                    self.assertEqual(refused.returncode, BAD_CONFIG, refused)
                    self.assertIn(word, refused.stderr.decode())
                    self.assertNotIn("do-not-print-this", refused.stderr.decode())
        self.assertFalse(self.data.exists())
        config.write_text("[order]\npayment_timeout_s = 5\nanswer_deadline_ms = 7\n")
        shown = souk("serve", "--config", config, "--check-config", "--set", "order.payment_timeout_s=6",
                     env={"SOUK_ORDER_PAYMENT_TIMEOUT_S": "7", "SOUK_ADMIN_USERNAME": "admin",
                          "SOUK_ADMIN_PASSWORD": "do-not-print-this"})
        self.assertEqual(shown.returncode, 0, shown)
        self.assertIn(b"order.payment_timeout_s = 6", shown.stdout)
        self.assertIn(b"order.answer_deadline_ms = 7", shown.stdout)
        self.assertNotIn(b"do-not-print-this", shown.stdout)

    def test_the_command_line_is_checked(self):
        self.assertEqual(souk("serve", "--nonsense").returncode, 64)
        self.assertEqual(souk("nonsense").returncode, 64)
        self.assertEqual(souk().returncode, 64)
        for command in ((), ("serve",), ("import",), ("events",), ("version",)):
            shown = souk(*command, "--help")
            self.assertEqual((shown.returncode, b"Usage" in shown.stdout), (0, True), shown)
        self.assertRegex(souk("version").stdout.decode(), r"^souk \d+\.\d+")

    # --- stopping under load

    def test_sigterm_under_load_answers_every_accepted_request(self):
        self.furnish()
        acknowledged, faults, begun = [], [], threading.Event()

        def buy(number):
            client = self.server.guest()
            client.token = self.ada.token
            while True:
                key = f"drain-{number}-{len(acknowledged)}"
                try:
                    answer = client.post("/api/v1/cart/items", {"product_id": self.ids["tea"], "quantity": 1}, key=key)
                except (OSError, http.client.HTTPException):
                    return  # it was not accepted any more
                if answer.status != 200:
                    faults.append(answer)
                    return
                acknowledged.append(answer.json["quantity"])
                if len(acknowledged) > 50:
                    begun.set()
                if answer.headers["Connection"] == "close":
                    client.close()

        threads = [threading.Thread(target=buy, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        self.assertTrue(begun.wait(30))
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(), 0, self.server.stderr)
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])
        self.assertEqual(len(set(acknowledged)), len(acknowledged))
        ledger = Ledger(read_events(self.data))
        self.assertEqual(ledger.faults, [])
        # What was put into the cart and what was told agree: no request was taken without an answer.
        self.assertEqual(sum(ledger.carts[self.ada.account].values()), 2 + len(acknowledged))

    # --- import

    def test_importing_twice_changes_nothing_and_bad_rows_are_told_by_their_lines(self):
        rows = [json.dumps(product(f"sku-{i}", stock=i)) for i in range(1, 6)]
        first = souk("import", "--data", self.data, "-", stdin="\n".join(rows).encode())
        self.assertEqual((first.returncode, b"5 created" in first.stderr), (0, True), first)
        events = read_events(self.data)
        again = souk("import", "--data", self.data, "-", stdin="\n".join(rows).encode())
        self.assertEqual((again.returncode, b"5 unchanged" in again.stderr), (0, True), again)
        self.assertEqual(read_events(self.data), events)
        bad = ["{", json.dumps(product("new-1")), json.dumps(product("x", stock=-1)), "", json.dumps({"sku": "y"}),
               json.dumps(product("new-1")), json.dumps(product("z", colour="red")), "\xff",
               json.dumps(product("new-2"))]
        mixed = souk("import", "--data", self.data, "-", stdin="\n".join(bad).encode("latin-1"))
        self.assertEqual(mixed.returncode, ROWS_REFUSED, mixed)
        told = [line.split(":")[0] for line in mixed.stderr.decode(errors="replace").splitlines() if "line " in line]
        self.assertEqual(told, ["line 1", "line 3", "line 5", "line 6", "line 7", "line 8"])
        self.assertIn(b"2 created, 0 changed, 0 unchanged, 6 refused", mixed.stderr)
        missing = souk("import", "--data", self.data, self.folder / "none.jsonl")
        self.assertEqual((missing.returncode, b"none.jsonl" in missing.stderr), (NO_INPUT, True))


def now_text():
    """The time as the server writes it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


if __name__ == "__main__":
    main()
