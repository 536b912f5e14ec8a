"""The scheduled comparison with Alipay's bills: of days in China's calendar, again and again until a bill is to be had."""

import threading

from alipay_bill import bill_archive, bill_row
from alipay_shop import AlipayTest
from alipay_simulator import SELLER_ID
from harness import eventually, main, read_events
from jobs import change, figures, job, path

NAME = "reconciliation_alipay"


class BillJobTest(AlipayTest):
    settings = ("jobs.reconciliation_schedule=@hourly",)

    def last_run(self, outcome):
        return eventually(f"a run is {outcome}", lambda: next(
            (record for record in job(self.admin, NAME)["recent"] if record["outcome"] == outcome), None))

    def log_lines(self):
        with open(self.server.log_path, encoding="utf-8") as log:
            return log.readlines()

    def compared(self):
        self.server.settled_position()
        return {item["date"]: item for item in self.admin.ok("GET", "/api/v1/admin/reconciliations?provider=alipay")["items"]}

    def test_a_day_of_china_is_compared_once_it_is_over_there(self):
        self.paid(tea=2)
        today = self.alipay.today()
        self.clock.move("11 h")  # 23 o'clock
        self.last_run("done")
        self.assertNotIn(today, self.compared())
        self.clock.move("2 h")
        eventually("the day is compared", lambda: today in self.compared())
        item = self.compared()[today]
        self.assertEqual((item["comparisons"], item["differences"]), (1, 0))
        self.end()

    def test_a_bill_that_is_made_late_is_found_although_the_day_was_compared_without_it(self):
        today = self.alipay.today()
        self.clock.move("11 h")
        eventually("what was before is compared", lambda: figures(self.last_run("done"))["compared"] == 7)
        self.clock.move("1 h")
        eventually("the day is compared", lambda: today in self.compared())
        self.assertEqual((self.compared()[today]["comparisons"], self.compared()[today]["differences"]), (1, 0))
        row = bill_row("T1", "7zzzzzzzzzzzzzzzzzzzzzzzzz", "交易", "1.00", "", f"{today} 12:00:00")
        self.alipay.bill_file = lambda day: bill_archive([row] if day == today else [], SELLER_ID)
        self.clock.move("1 h")
        eventually("it is compared again", lambda: self.compared()[today]["differences"] == 1)
        self.clock.move("1 h")
        eventually("now it is known", lambda: figures(job(self.admin, NAME)["recent"][0]) ==
                   {"compared": 0, "known": 7, "failed": 0})
        self.server.stop()

    def test_a_bill_that_cannot_be_had_fails_the_run_and_is_looked_for_by_the_next(self):
        self.paid()
        today = self.alipay.today()
        self.alipay.bill_file = b"no archive"
        self.clock.move("13 h")
        failed = self.last_run("failed")
        self.assertIn("bill.unreadable", failed["problem"])
        self.assertEqual(figures(failed), {"compared": 0, "known": 0, "failed": 7})
        self.assertIsNotNone(self.compared()[today]["problem"])
        self.alipay.bill_file = None
        self.clock.move("1 h")
        self.assertEqual(figures(self.last_run("done")), {"compared": 7, "known": 0, "failed": 0})
        self.assertNotIn("problem", self.compared()[today])
        self.clock.move("1 h")
        eventually("there is nothing left to compare", lambda: figures(job(self.admin, NAME)["recent"][0]) ==
                   {"compared": 0, "known": 7, "failed": 0})
        self.server.stop()
        self.assertEqual(sum(f"the job {NAME} failed" in line for line in self.log_lines()), 1)

    # --- runs that take their time

    def begin_a_long_run(self, bill=b"no archive"):
        """By hand; it waits for a bill. Returns its id and what lets it go on."""
        goes_on = threading.Event()
        self.addCleanup(goes_on.set)
        self.alipay.bill_file = lambda day: goes_on.wait(60) and bill
        run = self.admin.ok("POST", f"{path(NAME)}/runs", status=202)["run_id"]
        self.assertEqual(job(self.admin, NAME)["run"]["run_id"], run)
        return run, goes_on

    def test_what_falls_due_during_a_run_is_skipped_and_a_run_by_hand_is_refused(self):
        run, goes_on = self.begin_a_long_run()
        self.assert_problem(self.admin.post(f"{path(NAME)}/runs"), 409, "job.running")
        self.clock.move("1 h")
        skipped = self.last_run("skipped")
        self.assertEqual((skipped["skipped_for"], skipped["count"]), ("overlap", 1))
        self.assertEqual(change(self.admin, NAME, {"paused": True}).json["run"]["run_id"], run)
        goes_on.set()
        self.assertEqual(self.last_run("failed")["run_id"], run)
        self.server.stop()

    def test_a_run_that_took_long_leaves_the_rest_to_the_next_one(self):
        run, goes_on = self.begin_a_long_run(bill_archive([], SELLER_ID))
        self.clock.move("6 min")
        goes_on.set()
        ended = self.last_run("failed")
        self.assertEqual((ended["run_id"], figures(ended)), (run, {"compared": 1, "known": 0, "failed": 0}))
        self.assertIn("job.more_to_do", ended["problem"])
        self.clock.move("1 h")
        self.assertEqual(figures(self.last_run("done"))["compared"], 6)
        self.server.stop()

    def test_a_run_that_does_not_end_is_given_up_and_the_job_goes_on(self):
        run, goes_on = self.begin_a_long_run()
        self.clock.move("10 min")
        given_up = self.last_run("no_answer")
        self.assertEqual(given_up["run_id"], run)
        goes_on.set()
        self.alipay.bill_file = None
        self.clock.move("1 h")
        self.last_run("done")
        self.assertEqual(job(self.admin, NAME)["counts"]["failed"], 0)  # what was given up says nothing any more
        self.server.stop()
        self.assertIn(f"the job {NAME} did not end in time", "".join(self.log_lines()))

    def end_after_a_crash(self, down_for):
        run, goes_on = self.begin_a_long_run()
        self.server.kill()
        self.clock.move(down_for)
        goes_on.set()
        self.alipay.bill_file = None
        self.restart()
        self.assertEqual(self.last_run("done")["run_id"], run)
        self.server.stop()
        types = [event["type"] for event in read_events(self.data) if event["payload"].get("run_id") == run]
        return [type_.split(".")[1] for type_ in types]

    def test_a_run_that_was_under_way_in_a_crash_is_done_again_and_its_outcome_recorded_once(self):
        self.assertEqual(self.end_after_a_crash("5 s"), ["started", "finished"])

    def test_a_run_that_was_under_way_when_the_shop_went_down_for_long_is_asked_for_again(self):
        self.assertEqual(self.end_after_a_crash("30 min"), ["started", "repeated", "finished"])


if __name__ == "__main__":
    main()
