"""Scheduled jobs over hours, days and a year: what comes of what was missed, and what is done when its time has come."""

import datetime

from clock import MovedClock
from harness import SystemTest, eventually, main, product
from jobs import change, figures, job, moment
from paying import PayingTest

SWEEP = "guest_cart_sweep"


def hours(records):
    return [moment(record["due"]).hour for record in records]


class MissedTest(SystemTest):
    """A sweep each full hour; each test begins at half past twelve, UTC."""

    def setUp(self):
        super().setUp()
        self.clock = MovedClock(self.folder)
        self.clock.move_to_noon(hours_from_utc=0)
        self.clock.move("30 min")
        self.import_rows(product("tea"))

    def serve(self):
        self.server = self.start(env=self.clock.environment)
        self.admin = self.server.admin()

    def begin(self, misfire, schedule="@hourly"):
        self.serve()
        changed = change(self.admin, SWEEP, {"schedule": schedule, "misfire": misfire})
        self.assertEqual(changed.status, 200, changed)

    def after_downtime(self, *spans):
        """The records that are made when the server is up again, the oldest first."""
        self.server.stop()
        for span in spans:
            self.clock.move(span)
        self.serve()
        eventually("it is known what became of everything due", lambda: self.is_accounted_for())
        return job(self.admin, SWEEP)["recent"][::-1]

    def is_accounted_for(self):
        shown = job(self.admin, SWEEP)
        return shown["recent"] and "run" not in shown and shown["waiting"] == 0

    def test_run_once_runs_the_last_one_however_late_and_records_the_others(self):
        self.begin("run_once")
        skipped, ran = self.after_downtime("5 h")
        self.assertEqual((skipped["skipped_for"], skipped["count"]), ("misfire", 4))
        self.assertEqual((moment(skipped["due"]).hour, moment(skipped["last_due"]).hour), (13, 16))
        self.assertEqual((ran["outcome"], hours([ran])), ("done", [17]))
        self.assertAlmostEqual(ran["delay_ms"], 30 * 60_000, delta=60_000)

    def test_skip_runs_none_that_was_missed(self):
        self.begin("skip")
        (skipped,) = self.after_downtime("5 h")
        self.assertEqual((skipped["skipped_for"], skipped["count"]), ("misfire", 5))
        self.assertEqual(moment(job(self.admin, SWEEP)["next_due"]).hour, 18)

    def test_skip_runs_what_is_hardly_late(self):
        self.begin("skip")
        skipped, ran = self.after_downtime("4 h", "30 min", "10 s")
        self.assertEqual((skipped["count"], hours([ran])), (4, [17]))

    def test_run_all_runs_each_one_after_the_other(self):
        self.begin("run_all")
        ran = self.after_downtime("5 h")
        self.assertEqual(([record["outcome"] for record in ran], hours(ran)), (["done"] * 5, [13, 14, 15, 16, 17]))
        delays = [record["delay_ms"] for record in ran]
        for delay, minutes in zip(delays, (270, 210, 150, 90, 30)):
            self.assertAlmostEqual(delay, minutes * 60_000, delta=60_000)
        for earlier, later in zip(ran, ran[1:]):
            self.assertGreaterEqual(later["started_at"], earlier["at"])

    def test_a_year_of_missed_minutes_is_one_record_and_no_more_runs_than_may_wait(self):
        self.begin("run_all", "* * * * *")
        self.after_downtime("365 d")
        shown = job(self.admin, SWEEP)
        self.assertGreaterEqual(shown["counts"]["done"], 101)
        missed = shown["counts"]["done"] + shown["counts"]["skipped"]
        self.assertAlmostEqual(missed, 365 * 24 * 60, delta=5)
        self.server.settled_position()
        records, cursor = [], ""
        while cursor is not None:
            page = self.admin.ok("GET", f"/api/v1/admin/jobs/{SWEEP}/runs?limit=100{'&cursor=' if cursor else ''}{cursor}")
            records, cursor = records + page["items"], page["next_cursor"]
        skipped = [record for record in records if record["outcome"] == "skipped"]
        self.assertEqual([record["skipped_for"] for record in skipped], ["backlog"])
        self.assertEqual(len(records), shown["counts"]["done"] + 1)

    def test_a_clock_that_was_set_back_makes_nothing_run_twice(self):
        self.begin("run_once")
        self.clock.move("40 min")  # 13:10
        eventually("it runs", lambda: job(self.admin, SWEEP)["counts"]["done"] == 1)
        (ran,) = self.after_downtime("-1 h")  # 12:10
        self.assertEqual(hours([ran]), [13])
        self.assertEqual(moment(job(self.admin, SWEEP)["next_due"]).hour, 14)
        self.clock.move("1 h")
        self.clock.move("55 min")  # 14:05
        eventually("it runs again", lambda: job(self.admin, SWEEP)["counts"]["done"] == 2)
        self.assertEqual(hours(job(self.admin, SWEEP)["recent"]), [14, 13])

    def test_what_fell_due_in_a_pause_is_recorded_across_a_restart(self):
        self.begin("run_all")
        change(self.admin, SWEEP, {"paused": True})
        self.server.stop()
        self.clock.move("2 d")
        self.serve()
        self.assertEqual(job(self.admin, SWEEP)["recent"], [])
        shown = change(self.admin, SWEEP, {"paused": False}).json
        (skipped,) = shown["recent"]
        self.assertEqual((skipped["skipped_for"], skipped["count"]), ("paused", 48))


class ByThemselvesTest(PayingTest):
    """What the jobs are for happens without anybody's doing."""

    settings = ("jobs.order_completion_schedule=@hourly", "jobs.guest_cart_sweep_schedule=@hourly",
                "jobs.reconciliation_schedule=@hourly", "order.complete_after_days=7", "cart.guest_ttl_s=86400")

    def delivered(self):
        order = self.order()
        payment = self.begin(order, way="page")["id"]
        self.ada.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        self.await_order(order, "paid")
        self.admin.ok("POST", f"/api/v1/admin/orders/{order}/shipments", {"carrier": "SF Express"}, status=201)
        self.admin.ok("POST", f"/api/v1/admin/orders/{order}/delivery")
        return order

    def await_run(self, name, since):
        """The first scheduled run that began later."""
        return eventually(f"{name} runs", lambda: next(
            (record for record in job(self.admin, name)["recent"][::-1]
             if "run_id" in record and record["started_at"] > since), None))

    def now(self):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(microseconds=self.clock.shift_us)
        return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def test_a_delivered_order_is_completed_after_seven_days_and_not_before(self):
        order = self.delivered()
        since = self.now()
        self.clock.move("6 d")
        self.assertEqual(figures(self.await_run("order_completion", since))["completed"], 0)
        self.assertEqual(self.state_of(order), "delivered")
        self.clock.move("26 h")
        self.await_order(order, "completed")
        self.end()

    def test_a_guests_cart_is_ended_a_day_after_it_was_used_last(self):
        guest = self.server.guest()
        mine = {"Souk-Cart-Token": guest.ok("POST", "/api/v1/guest-carts", status=201)["token"]}
        since = self.now()
        self.clock.move("20 h")
        self.assertEqual(figures(self.await_run("guest_cart_sweep", since))["expired"], 0)
        guest.ok("POST", "/api/v1/cart/items", {"product_id": self.skus["tea"], "quantity": 1}, headers=mine)
        since = self.now()
        self.clock.move("20 h")
        self.assertEqual(figures(self.await_run("guest_cart_sweep", since))["expired"], 0)
        self.clock.move("6 h")
        eventually("the cart is swept", lambda: guest.get("/api/v1/cart", headers=mine).status == 409)
        self.end()

    def test_each_day_is_compared_with_the_bill_once_it_is_over(self):
        self.delivered()
        today = self.now()[:10]
        since = self.now()
        self.clock.move("1 d")
        self.await_run("reconciliation_sandbox", since)
        self.server.settled_position()
        compared = {item["date"]: item for item in self.admin.ok("GET", "/api/v1/admin/reconciliations")["items"]}
        self.assertEqual(max(compared), today)
        self.assertEqual((compared[today]["comparisons"], compared[today]["differences"]), (1, 0))
        self.end()


if __name__ == "__main__":
    main()
