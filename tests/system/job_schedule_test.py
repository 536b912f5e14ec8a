"""When scheduled jobs run, and that nothing is missed silently, whatever happens to the process."""

import signal
import time

from clock import MovedClock
from harness import SystemTest, eventually, main, product, read_events
from jobs import JOBS, change, job, moment, run, seconds


class ScheduleTest(SystemTest):
    """Each with servers of its own, whose clock ticks on while they are down; a minute takes it a second."""

    def setUp(self):
        super().setUp()
        self.clock = MovedClock(self.folder, times=60)
        self.import_rows(product("tea"))

    def start(self, *settings):
        server = super().start("token.refresh_ttl_s=31536000", *settings, env=self.clock.environment)
        server.renews = True
        return server

    def every_minute(self, misfire):
        """Starts a server whose sweep runs each minute from now on."""
        server = self.start()
        admin = server.admin()
        changed = change(admin, "guest_cart_sweep", {"schedule": "@every 1m", "misfire": misfire})
        self.assertEqual(changed.status, 200, changed)
        eventually("it runs", lambda: job(admin, "guest_cart_sweep")["counts"]["done"] >= 2)
        return server, admin

    def events_of(self, *types):
        names = {f"job.{type_}" for type_ in types}
        return [event["payload"] for event in read_events(self.data)
                if event["type"] in names and event["payload"]["name"] == "guest_cart_sweep"]

    def check_books(self):
        """Each minute since the schedule holds is accounted for. That runs do not overlap is audited after each test."""
        events = read_events(self.data)
        begin = next(seconds(event["payload"]["at"]) for event in events if event["type"] == "job.changed")
        known = []
        for payload in self.events_of("started", "skipped"):
            if "first" in payload:
                skipped = range(seconds(payload["first"]), seconds(payload["last"]) + 1, 60)
                self.assertEqual(payload["count"], len(skipped))
                known += skipped
            elif "due" in payload:
                known.append(seconds(payload["due"]))
        for event in events:
            if event["type"] == "job.queued":
                known += map(seconds, event["payload"]["dues"])
        self.assertEqual(sorted(set(known)), list(range(begin // 60 * 60 + 60, max(known) + 1, 60)))

    def test_a_run_comes_each_minute_with_its_delay(self):
        server, _ = self.every_minute("run_once")
        server.stop()
        for started in self.events_of("started"):
            late = (moment(started["at"]) - moment(started["due"])).total_seconds()
            self.assertGreaterEqual(late, 0)
            self.assertAlmostEqual(started["delay_ms"], late * 1000, delta=1)
        self.check_books()

    def test_a_process_that_stood_still_records_what_it_missed(self):
        server, admin = self.every_minute("run_once")
        before = job(admin, "guest_cart_sweep")["counts"]["skipped"]
        server.process.send_signal(signal.SIGSTOP)
        end = time.time() + 3.5
        eventually("some minutes pass", lambda: time.time() > end)
        server.process.send_signal(signal.SIGCONT)
        eventually("what was missed is recorded", lambda: job(admin, "guest_cart_sweep")["counts"]["skipped"] > before)
        server.stop()
        self.check_books()

    def test_killed_again_and_again_it_loses_no_occurrence_and_no_outcome(self):
        server, admin = self.every_minute("run_all")
        for _ in range(5):
            count = job(admin, "guest_cart_sweep")["counts"]["done"]
            eventually("it runs", lambda: job(admin, "guest_cart_sweep")["counts"]["done"] > count)
            server.kill()
            server = self.start()
            admin = server.admin()
        change(admin, "guest_cart_sweep", {"paused": True})
        eventually("the last run ends", lambda: "run" not in job(admin, "guest_cart_sweep"))
        server.stop()
        self.check_books()
        started = [payload["run_id"] for payload in self.events_of("started")]
        finished = [payload["run_id"] for payload in self.events_of("finished")]
        self.assertEqual(started, finished)

    def test_a_paused_job_is_not_due_and_what_it_missed_is_recorded_when_it_goes_on(self):
        server = self.start()
        admin = server.admin()
        change(admin, "reconciliation_sandbox", {"schedule": "@every 1m"})
        paused = change(admin, "reconciliation_sandbox", {"paused": True}).json
        self.assertTrue(paused["paused"])
        self.assertNotIn("next_due", paused)
        self.clock.move("2 min")
        resumed = change(admin, "reconciliation_sandbox", {"paused": False, "schedule": None}).json
        missed = next(record for record in resumed["recent"] if record["outcome"] == "skipped")
        self.assertEqual(missed["skipped_for"], "paused")
        self.assertGreaterEqual(missed["count"], 2)
        self.assertEqual(seconds(missed["last_due"]) - seconds(missed["due"]), 60 * (missed["count"] - 1))
        self.assertGreaterEqual(seconds(missed["due"]), seconds(paused["changed_at"]))
        self.assertIn("next_due", resumed)
        server.stop()

    def test_what_an_administrator_changed_holds_against_the_configuration(self):
        server = self.start("order.complete_after_days=3")
        admin = server.admin()
        change(admin, "order_completion", {"schedule": "@daily", "paused": True})
        server.stop()
        server = self.start("order.complete_after_days=5", "jobs.order_completion_schedule=@monthly")
        admin = server.admin()
        shown = job(admin, "order_completion")
        self.assertEqual((shown["schedule"], shown["paused"], shown["after_days"]), ("@daily", True, 5))
        self.assertEqual(shown["configured"], {"schedule": "@monthly", "misfire": "run_once", "after_days": 5})
        self.assertEqual(change(admin, "order_completion", {"schedule": None}).json["schedule"], "@monthly")
        server.stop()

    def test_the_same_configuration_at_each_start_writes_nothing(self):
        self.start().stop()
        count = len(read_events(self.data))
        self.start().stop()
        self.assertEqual(len(read_events(self.data)), count)

    def test_a_run_that_fails_is_recorded_and_told_to_those_who_run_the_shop(self):
        self.start().stop()
        server = self.start("payments.sandbox_enabled=false")
        admin = server.admin()
        record = run(admin, "reconciliation_sandbox")
        self.assertEqual(record["outcome"], "failed")
        self.assertIn("payment.provider_unknown", record["problem"])
        server.settled_position()
        self.assertIn("reconciliation_sandbox", [item["name"] for item in admin.ok("GET", JOBS)["items"]])
        server.stop()
        with open(server.log_path, encoding="utf-8") as log:
            told = [line for line in log if "the job reconciliation_sandbox failed" in line]
        self.assertEqual(len(told), 1)

    def test_a_schedule_that_is_none_is_refused_before_anything_is_opened(self):
        server = self.start_unready("jobs.order_completion_schedule=each day")
        self.assertEqual(server.wait(), 78)
        self.assertIn("jobs.order_completion_schedule must be", server.stderr)


if __name__ == "__main__":
    main()
