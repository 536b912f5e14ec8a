"""Settings that change while the shop serves: by administrators, by the file, and what a wrong one does (nothing)."""

import os
import pathlib
import signal
import threading

from harness import ADMIN, SystemTest, eventually, main, souk

ROUTE = "/api/v1/admin/settings"
WAIT, BUDGET = "read.position_wait_ms", "actors.budget"
FEED, KINDS = "kafka.feed_enabled", "kafka.kinds"
DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "settings.md"


class SettingsTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "souk.toml"
        self.config.write_text("read.position_wait_ms = 100\n")

    def serve(self, *settings, config=None):
        self.server = self.start(*settings, arguments=("--config", config or self.config))
        self.admin = self.server.admin()
        return self.server

    def setting(self, key):
        return self.admin.ok("GET", f"{ROUTE}/{key}")

    def value(self, key):
        return self.setting(key)["value"]

    def put(self, key, value):
        return self.admin.send("PUT", f"{ROUTE}/{key}", {"value": value})

    def command(self, *words, code=0, config=None):
        done = souk("config", *words, "--url", f"http://127.0.0.1:{self.server.port}",
                    *(("--config", config) if config else ()),
                    env={"SOUK_ADMIN_USERNAME": ADMIN[0], "SOUK_ADMIN_PASSWORD": ADMIN[1]})
        self.assertEqual(done.returncode, code, done)
        return done.stdout.decode()

    # --- by administrators

    def test_what_is_set_holds_at_once_and_after_a_kill_and_is_taken_back(self):
        self.serve()
        self.assertEqual((self.value(WAIT), self.setting(WAIT)["origin"]), ("100", f"{self.config}:1:6"))
        self.assertEqual(self.put(WAIT, "250").json["value"], "250")
        self.assertEqual(self.setting(WAIT)["origin"], "set by an administrator")
        self.server.kill()
        self.serve()
        self.assertEqual(self.value(WAIT), "250")
        self.assertEqual(self.admin.ok("DELETE", f"{ROUTE}/{WAIT}"), {"version": 2})
        self.assertEqual(self.value(WAIT), "100")
        self.assert_problem(self.admin.send("DELETE", f"{ROUTE}/{WAIT}"), 404, "settings.not_set")

    def test_a_read_waits_as_long_as_is_set_just_now(self):
        self.serve()
        self.admin.ok("POST", "/api/v1/admin/projections/orders/pause", {})
        position = self.put(WAIT, "1").headers["Souk-Position"]
        reader, answers = self.server.admin(), []
        read = lambda: answers.append(reader.get("/api/v1/orders", headers={"Souk-Position": position}))
        read()
        self.assert_problem(answers.pop(), 503, "read.not_caught_up")
        self.put(WAIT, "60000")
        waiting = threading.Thread(target=read)
        waiting.start()
        self.admin.ok("POST", "/api/v1/admin/projections/orders/resume", {})
        waiting.join()
        self.assertEqual(answers.pop().status, 200)

    def test_what_is_said_to_hold_at_once_does(self):
        self.serve()
        ada = self.server.customer("ada")
        for key, value in (("session.policy", "single"), ("cart.guest_ttl_s", "70"), ("order.complete_after_days", "3"),
                           ("log.requests", "false")):
            self.assertEqual(self.put(key, value).status, 200)
        self.assertEqual(self.server.guest().ok("POST", "/api/v1/guest-carts", {}, status=201)["expires_in"], 70)
        self.server.log_in("ada")
        self.assert_problem(ada.get("/api/v1/cart"), 401)
        eventually("the job has the plan",
                   lambda: self.admin.ok("GET", "/api/v1/admin/jobs/order_completion")["after_days"] == 3)
        self.server.guest().ok("GET", "/api/v1/brands")
        self.put("log.requests", "true")
        self.server.guest().ok("GET", "/api/v1/categories")
        log = lambda: pathlib.Path(self.server.log_path).read_text(encoding="utf-8")
        eventually("requests are logged again", lambda: "/api/v1/categories" in log())
        self.assertNotIn("/api/v1/brands", log())

    def test_what_needs_a_restart_waits_for_it(self):
        self.serve()
        shown = self.put(BUDGET, "5000").json
        self.assertEqual((shown["value"], shown["waiting"], shown["change"]), ("100000", "5000", "restart"))
        self.assertEqual((shown["origin"], shown["waiting_origin"]), ("default", "set by an administrator"))
        self.assertEqual(self.server.metrics()["souk_config_waiting"], 1)
        self.server.stop()
        self.serve()
        shown = self.setting(BUDGET)
        self.assertEqual((shown["value"], shown.get("waiting")), ("5000", None))

    def test_what_is_wrong_is_refused_and_changes_nothing(self):
        self.serve("cart.guest_ttl_s=5")
        before = self.admin.ok("GET", ROUTE)
        for key, value, status, reason in ((WAIT, "x", 400, "settings.value_invalid"),
                                           (WAIT, "60001", 400, "settings.value_invalid"),
                                           ("colour", "1", 404, "settings.not_found"),
                                           ("data_dir", "/tmp", 409, "settings.given"),
                                           ("admin.password", "x", 409, "settings.given"),
                                           ("kafka.properties_file", "/etc/shadow", 409, "settings.given"),
                                           ("cart.guest_ttl_s", "6", 409, "settings.pinned")):
            with self.subTest(key=key, value=value):
                self.assert_problem(self.put(key, value), status, reason)
        self.assert_problem(self.admin.post(f"{ROUTE}/rollback", {"version": 1}), 404, "settings.version_not_found")
        self.assert_problem(self.admin.get(f"{ROUTE}/colour"), 404, "settings.not_found")
        self.assert_problem(self.server.customer("ada").get(ROUTE), 403)
        self.assertEqual(self.admin.ok("GET", ROUTE), before)
        self.assertNotIn(ADMIN[1], str(before))

    def test_every_change_is_in_the_history_and_any_version_can_come_back(self):
        self.serve()
        for value in ("200", "300"):
            self.assertEqual(self.put(WAIT, value).status, 200)
        self.put("log.requests", "false")
        self.assertEqual(self.admin.ok("POST", f"{ROUTE}/rollback", {"version": 1}), {"version": 4})
        self.assertEqual((self.value(WAIT), self.value("log.requests")), ("200", "true"))
        items = self.admin.ok("GET", f"{ROUTE}/history")["items"]
        self.assertEqual([item["version"] for item in items], [4, 3, 2, 1])
        self.assertEqual((items[0]["rolled_back_to"], items[2]["put"]), (1, {"key": WAIT, "value": "300"}))
        self.assertTrue(items[0]["by"].startswith("admin:"), items[0])
        first = self.admin.ok("GET", f"{ROUTE}/history?limit=3")
        rest = self.admin.ok("GET", f"{ROUTE}/history?limit=3&cursor={first['next_cursor']}")
        self.assertEqual(first["items"] + rest["items"], items)
        self.assertEqual(self.admin.ok("POST", f"{ROUTE}/rollback", {"version": 0}), {"version": 5})
        self.assertEqual(self.value(WAIT), "100")

    def test_a_change_can_be_bound_to_the_version_that_was_seen(self):
        self.serve()
        seen = {"If-Match": self.put(WAIT, "200").headers["ETag"]}
        again = self.admin.send("PUT", f"{ROUTE}/{WAIT}", {"value": "300"}, headers=seen)
        self.assertEqual((again.status, self.value(WAIT)), (200, "300"))
        stale = self.admin.send("PUT", f"{ROUTE}/{WAIT}", {"value": "1"}, headers=seen)
        self.assert_problem(stale, 412, "version.changed")
        self.assert_problem(self.admin.send("DELETE", f"{ROUTE}/{WAIT}", headers=seen), 412, "version.changed")
        self.assertEqual(self.value(WAIT), "300")

    # --- together with the rest

    def commands(self, more=""):
        """A file by which commands come from the topic that events of orders would go to, if they were sent."""
        self.config.write_text('[kafka]\nbrokers = "127.0.0.1:1"\ncommands_topic = "souk.order"\n' + more)

    def test_of_two_that_do_not_go_together_one_is_set_also_at_once(self):
        self.commands('feed_enabled = false\nkinds = "account"\n')
        self.serve()
        clients = [self.server.admin() for _ in range(2)]
        wanted = ((FEED, "true"), (KINDS, "order"))
        for _ in range(10):
            answers, barrier = [None, None], threading.Barrier(2)

            def put(at):
                barrier.wait()
                answers[at] = clients[at].send("PUT", f"{ROUTE}/{wanted[at][0]}", {"value": wanted[at][1]})
            threads = [threading.Thread(target=put, args=(at,)) for at in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(answer.status for answer in answers), [200, 409])
            self.assert_problem(max(answers, key=lambda answer: answer.status), 409, "settings.unfit")
            self.admin.ok("POST", f"{ROUTE}/rollback", {"version": 0})

    def test_what_is_set_is_not_taken_back_if_the_rest_does_not_go_together_without_it(self):
        self.commands("feed_enabled = false\n")
        self.serve()
        self.assert_problem(self.put(FEED, "true"), 409, "settings.unfit")
        self.assertEqual([self.put(key, value).status for key, value in ((KINDS, "account"), (FEED, "true"))], [200, 200])
        refused = self.assert_problem(self.admin.send("DELETE", f"{ROUTE}/{KINDS}"), 409, "settings.unfit")
        self.assertIn(f"kafka.commands_topic ({self.config}:3:1)", refused["detail"])
        self.assert_problem(self.admin.post(f"{ROUTE}/rollback", {"version": 9}), 404, "settings.version_not_found")
        self.assert_problem(self.put(KINDS, "order"), 409, "settings.unfit")
        self.assertEqual(self.admin.ok("DELETE", f"{ROUTE}/{FEED}"), {"version": 3})

    def test_what_does_not_go_together_with_a_new_file_is_left_out_alone_and_told_of_and_comes_back(self):
        self.serve()
        for key, value in ((KINDS, "order"), (BUDGET, "5000"), ("order.payment_timeout_s", "300")):
            self.assertEqual(self.put(key, value).status, 200)
        self.assert_problem(self.put(KINDS, "nonsense"), 400, "settings.value_invalid")
        self.server.stop()
        self.commands('kinds = "account"\n')
        self.serve()
        self.assertEqual([self.value(key) for key in (KINDS, BUDGET, "order.payment_timeout_s")], ["account", "5000", "300"])
        problems = self.admin.ok("GET", ROUTE)["problems"]
        self.assertEqual([KINDS in problem for problem in problems], [True])
        self.assertIn(problems[0], self.server.stderr)
        self.assert_problem(self.put(KINDS, "order"), 409, "settings.unfit")
        self.assertEqual(self.put(BUDGET, "6000").json["waiting"], "6000")
        self.config.write_text("# no commands\n")
        eventually("it holds again", lambda: self.setting(KINDS).get("waiting") == "order")
        self.assertEqual(self.admin.ok("GET", ROUTE)["problems"], [])

    # --- by the file

    def test_a_file_that_changes_is_taken_in_however_it_is_changed(self):
        root = self.folder / "mounted"
        root.mkdir()
        for version, wait in (("..1", 100), ("..2", 110)):
            (root / version).mkdir()
            (root / version / "souk.toml").write_text(f"read.position_wait_ms = {wait}\n")
        os.symlink("..1", root / "..data")
        os.symlink("..data/souk.toml", root / "souk.toml")
        self.serve(config=root / "souk.toml")
        os.symlink("..2", root / "..new")
        os.rename(root / "..new", root / "..data")
        eventually("what a link leads to now holds", lambda: self.value(WAIT) == "110")
        (root / "..2" / "souk.toml").write_text("read.position_wait_ms = 120\n")
        eventually("what was written in place holds", lambda: self.value(WAIT) == "120")
        (root / "new").write_text("read.position_wait_ms = 130\n")
        os.rename(root / "new", root / "souk.toml")
        eventually("what has taken its place holds", lambda: self.value(WAIT) == "130")
        self.server.process.send_signal(signal.SIGHUP)
        eventually("whoever asks is answered", lambda: "read again, and nothing is new" in self.server.stderr)
        self.assertEqual(self.server.metrics()['souk_config_reloads_total{result="taken"}'], 3)

    def test_whoever_writes_the_file_is_let_finish(self):
        self.config.write_text("read.position_wait_ms = 100\ncart.guest_ttl_s = 70\n")
        self.serve()
        with open(self.config, "w", encoding="utf-8") as file:
            self.server.process.send_signal(signal.SIGHUP)
            eventually("it is asked for", lambda: "is being written" in self.server.stderr)
            file.write("read.position_wait_ms = 110\n")
            file.flush()
            self.server.process.send_signal(signal.SIGHUP)
            eventually("it is asked for again", lambda: self.server.stderr.count("is being written") == 2)
            self.assertEqual([self.value(key) for key in (WAIT, "cart.guest_ttl_s")], ["100", "70"])
            file.write("cart.guest_ttl_s = 80\n")
        eventually("all of it holds", lambda: [self.value(key) for key in (WAIT, "cart.guest_ttl_s")] == ["110", "80"])
        self.assertEqual(self.server.metrics()['souk_config_reloads_total{result="taken"}'], 1)

    def test_nobody_waits_for_a_pipe_in_the_place_of_a_file(self):
        self.serve()
        pipe = self.folder / "ca.pem"
        os.mkfifo(pipe)
        self.config.write_text(f'payments.ca_file = "{pipe}"\n')
        eventually("it is refused", lambda: "cannot be read, for it is no file" in self.server.stderr)
        self.assertEqual(self.server.metrics()["souk_config_problems"], 1)
        self.config.unlink()
        os.mkfifo(self.config)
        self.server.process.send_signal(signal.SIGHUP)
        eventually("it is refused, too", lambda: f"{self.config}: cannot be read" in self.server.stderr)
        self.assertEqual((self.server.metrics()["souk_config_problems"], self.value(WAIT)), (1, "100"))
        self.server.stop()

    def test_a_server_that_is_asked_too_early_to_read_its_file_again_lives(self):
        self.config.write_text("#" * 1_000_000 + "\n")
        server = self.start_unready(arguments=("--config", self.config), wait=False)
        status = pathlib.Path(f"/proc/{server.process.pid}/status")
        bits = lambda name: int(next(line for line in status.read_text().splitlines() if line.startswith(name)).split()[1], 16)
        has = lambda name, number: bool(bits(name) >> (number - 1) & 1)
        # What its main function does first.
        eventually("it has begun", lambda: "souk" in status.read_text() and has("SigIgn", signal.SIGXFSZ))
        self.assertTrue(has("SigBlk", signal.SIGHUP))
        server.process.send_signal(signal.SIGHUP)
        eventually("it is ready", lambda: server.port)
        server.stop()

    def test_a_wrong_file_changes_nothing_and_is_told_of_with_its_line(self):
        self.serve()
        self.config.write_text("log.requests = false\nread.position_wait_ms = 60001\n")
        where = f"{self.config}:2:6"
        problems = eventually("it is shown", lambda: self.admin.ok("GET", ROUTE)["problems"])
        self.assertIn(where, problems[0])
        self.assertIn(where, self.server.stderr)
        self.assertEqual((self.value(WAIT), self.value("log.requests")), ("100", "true"))
        figures = self.server.metrics()
        self.assertEqual((figures["souk_config_problems"], figures['souk_config_reloads_total{result="refused"}']), (1, 1))
        self.put("cart.guest_ttl_s", "70")
        self.assertEqual(self.value("cart.guest_ttl_s"), "70")
        self.config.write_text("read.position_wait_ms = 140\n")
        eventually("a good one holds", lambda: self.value(WAIT) == "140")
        self.assertEqual(self.admin.ok("GET", ROUTE)["problems"], [])

    # --- by the command line

    def test_the_command_line_shows_compares_sets_and_rolls_back(self):
        self.serve()
        self.assertIn(f"{WAIT} = 100\t# {self.config}:1:6", self.command("show"))
        self.assertEqual(self.command("set", WAIT, "200").count('"value":"200"'), 1)
        self.command("set", BUDGET, "5000")
        self.assertIn(f"{BUDGET} = 100000\t# default; 5000 waits for a restart (set by an administrator)",
                      self.command("show"))
        differing = self.command("diff", config=self.config, code=65)
        self.assertIn(f"{WAIT}\tserver 200\there 100", differing)
        self.assertIn(f"{BUDGET}\tserver 5000\there 100000", differing)
        self.command("unset", BUDGET)
        self.command("rollback", "001")
        self.assertIn(f"{WAIT} = 200", self.command("history"))
        self.command("set", "data_dir", "/tmp", code=78)
        self.command("rollback", "0")
        for wrong in (("set", WAIT), ("rollback", "x"), ("unset",), ("unset", "history"), ("set", "rollback", "1")):
            self.command(*wrong, code=64)
        self.assertEqual(souk("config", "history").returncode, 64)
        self.assertIn(b"actors.budget = 7", souk("config", "show", "--set", "actors.budget=7").stdout)
        unfit = souk("config", "show", "--set", "kafka.commands_topic=a")
        self.assertEqual((unfit.returncode, b"kafka.commands_topic (flag for" in unfit.stderr), (78, True))

    def test_the_document_of_all_settings_is_that_of_the_program(self):
        self.assertIn(souk("config", "reference").stdout.decode(), DOCUMENT.read_text(encoding="utf-8"),
                      "docs/settings.md: put in what `souk config reference` prints")


if __name__ == "__main__":
    main()
