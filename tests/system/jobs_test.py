"""Scheduled jobs: what they do, by hand, and how they are changed."""

import datetime

from harness import ADDRESS, ID, SharedServerTest, eventually, main, product
from jobs import JOBS, change, figures, job, moment, path, record_of, run
from keeper import pay

NAMES = ["guest_cart_sweep", "order_completion", "reconciliation_sandbox"]


def delivered(server, customer, product_id):
    """The id of an order that has arrived."""
    items = [{"product_id": product_id, "quantity": 1}]
    order = customer.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)["id"]
    pay(customer, order)
    server.admin_client.ok("POST", f"/api/v1/admin/orders/{order}/shipments", {"carrier": "SF Express"}, status=201)
    server.admin_client.ok("POST", f"/api/v1/admin/orders/{order}/delivery")
    return order


class JobsTest(SharedServerTest):
    rows = [product("tea", stock=1_000, price=1999)]
    settings = ("cart.guest_ttl_s=1", "order.complete_after_days=3")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.admin_client = cls.admin
        cls.ada = cls.server.customer("ada")

    def test_the_jobs_are_there_from_the_start_as_the_configuration_says(self):
        items = self.admin.ok("GET", JOBS)["items"]
        self.assertEqual([item["name"] for item in items], NAMES)
        self.assertEqual([item["kind"] for item in items], ["guest_cart_sweep", "order_completion", "reconciliation"])
        self.assertEqual(items[2]["provider"], "sandbox")
        shown = job(self.admin, "reconciliation_sandbox")
        self.assertEqual(shown["configured"], {"schedule": "@yearly", "misfire": "run_once"})
        self.assertEqual((shown["paused"], shown["changed"]), (False, {}))
        self.assertEqual(moment(shown["next_due"]).strftime("%m-%dT%H:%M:%S"), "01-01T00:00:00")

    def test_a_job_that_is_none_is_not_found(self):
        for name in ("nothing", "guest-cart-sweep", "GUEST_CART_SWEEP"):
            for answer in (self.admin.get(path(name)), self.admin.get(f"{path(name)}/runs"),
                           self.admin.post(f"{path(name)}/runs"), change(self.admin, name, {"paused": True})):
                self.assert_problem(answer, 404, "job.not_found")

    # --- what they do

    def test_delivered_orders_are_completed_after_some_days_and_not_before(self):
        tea = self.skus["tea"]
        orders = [delivered(self.server, self.ada, tea) for _ in range(3)]
        shipped = delivered(self.server, self.ada, tea)
        self.ada.ok("POST", f"/api/v1/orders/{shipped}/receipt")
        self.assertEqual(figures(run(self.admin, "order_completion")), {"completed": 0, "kept": 0})
        self.assertEqual(change(self.admin, "order_completion", {"after_days": 0}).status, 200)
        record = run(self.admin, "order_completion")
        self.assertEqual((record["outcome"], figures(record)), ("done", {"completed": 3, "kept": 0}))
        for order in orders:
            self.assertEqual(self.ada.ok("GET", f"/api/v1/orders/{order}")["state"], "completed")
            last = self.ada.ok("GET", f"/api/v1/orders/{order}/history")["items"][-1]
            self.assertEqual((last["type"], last["data"]["confirmed"]), ("order.completed", False))
        self.assertEqual(figures(run(self.admin, "order_completion")), {"completed": 0, "kept": 0})
        self.assertEqual(change(self.admin, "order_completion", {"after_days": None}).json["after_days"], 3)

    def test_guests_carts_that_nobody_used_are_ended(self):
        token = self.guest.ok("POST", "/api/v1/guest-carts", status=201)["token"]
        mine = {"Souk-Cart-Token": token}
        self.guest.ok("POST", "/api/v1/cart/items", {"product_id": self.skus["tea"], "quantity": 1}, headers=mine)

        def sweep():
            return figures(run(self.admin, "guest_cart_sweep"))["expired"]

        eventually("the cart is swept once it has expired", sweep)
        self.assert_problem(self.guest.get("/api/v1/cart", headers=mine), 409, "cart.expired")
        self.assertEqual(sweep(), 0)

    def test_bills_are_compared_for_each_day_that_was_not_compared_yet(self):
        yesterday = self.yesterday()
        first = run(self.admin, "reconciliation_sandbox")
        self.assertEqual((first["outcome"], figures(first)), ("done", {"compared": 7, "known": 0, "failed": 0}))
        again = run(self.admin, "reconciliation_sandbox")
        if self.yesterday() != yesterday:
            self.skipTest("midnight came between")
        # Yesterday's bill has no line; it may be late, so it is looked for until the day is a day old.
        self.assertEqual(figures(again), {"compared": 1, "known": 6, "failed": 0})
        self.server.settled_position()
        days = self.admin.ok("GET", "/api/v1/admin/reconciliations?provider=sandbox")["items"]
        self.assertEqual(len(days), 7)
        self.assertEqual(max(day["date"] for day in days), yesterday)

    @staticmethod
    def yesterday():
        return str(datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1))

    # --- by hand

    def test_a_run_by_hand_is_answered_with_its_id_and_says_who_wanted_it(self):
        answer = self.admin.post(f"{path('guest_cart_sweep')}/runs")
        self.assertEqual((answer.status, answer.headers["Location"]), (202, path("guest_cart_sweep")), answer)
        self.assertRegex(answer.json["run_id"], ID)
        record = record_of(self.admin, "guest_cart_sweep", answer.json["run_id"])
        self.assertEqual((record["outcome"], record["started_by"]), ("done", self.admin.account))
        self.assertNotIn("due", record)

    def test_a_run_asked_for_twice_with_one_key_is_one_run(self):
        before = job(self.admin, "guest_cart_sweep")["counts"]["done"]
        first = run(self.admin, "guest_cart_sweep", key="sweep-1")
        second = self.admin.post(f"{path('guest_cart_sweep')}/runs", key="sweep-1")
        self.assertEqual((second.status, second.json["run_id"]), (202, first["run_id"]))
        self.assertEqual(job(self.admin, "guest_cart_sweep")["counts"]["done"], before + 1)
        self.assert_problem(self.admin.post(f"{path('order_completion')}/runs", key="sweep-1"), 422,
                            "idempotency.key_reused")

    def test_a_run_takes_no_body(self):
        self.assert_problem(self.admin.post(f"{path('guest_cart_sweep')}/runs", {"now": True}), 400)

    def test_every_run_is_listed_page_by_page(self):
        ids = [run(self.admin, "guest_cart_sweep")["run_id"] for _ in range(5)]
        self.server.settled_position()
        found, cursor = [], ""
        while cursor is not None:
            page = self.admin.ok("GET", f"{path('guest_cart_sweep')}/runs?limit=2{'&cursor=' if cursor else ''}{cursor}")
            self.assertLessEqual(len(page["items"]), 2)
            found += [record.get("run_id") for record in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual([id_ for id_ in found if id_ in ids], ids[::-1])
        other = self.admin.ok("GET", f"{path('guest_cart_sweep')}/runs?limit=1")["next_cursor"]
        self.assert_problem(self.admin.get(f"{path('order_completion')}/runs?cursor={other}"), 400, "cursor.invalid")

    def test_a_run_by_hand_is_counted(self):
        run(self.admin, "guest_cart_sweep")
        metrics = self.server.metrics()
        self.assertGreaterEqual(metrics['souk_job_runs_total{job="guest_cart_sweep",outcome="done"}'], 1)
        self.assertEqual(metrics['souk_job_running{job="guest_cart_sweep"}'], 0)
        self.assertEqual(metrics['souk_job_runs_total{job="guest_cart_sweep",outcome="no_answer"}'], 0)

    # --- changes

    def test_what_cannot_be_wanted_is_refused_with_its_place_and_changes_nothing(self):
        before = self.admin.get(path("order_completion"))
        for body, reason, words in (({"schedule": "0 25 * * *"}, "job.schedule_invalid", "at character 3"),
                                    ({"schedule": "0 0 * * * +25:00"}, "job.schedule_invalid", "at character 11"),
                                    ({"schedule": "0 0 30 2 *"}, "job.schedule_never", "no day"),
                                    ({"after_days": 366}, "job.after_days_invalid", "365"),
                                    ({"after_days": -1}, "job.after_days_invalid", "365"),
                                    ({"misfire": "whatever"}, "field.invalid", "misfire"),
                                    ({"paused": None}, "field.invalid", "paused"),
                                    ({"name": "x"}, "field.invalid", "name")):
            with self.subTest(body=body):
                problem = self.assert_problem(change(self.admin, "order_completion", body), 400, reason)
                self.assertIn(words, problem["detail"])
        self.assert_problem(change(self.admin, "guest_cart_sweep", {"after_days": 1}), 400, "job.after_days_invalid")
        after = self.admin.get(path("order_completion"))
        self.assertEqual((after.headers["ETag"], after.json), (before.headers["ETag"], before.json))

    def test_a_change_says_which_version_it_is_of(self):
        answer = change(self.admin, "order_completion", {"paused": True}, if_match=None)
        self.assert_problem(answer, 428, "request.precondition_required")
        self.assertFalse(job(self.admin, "order_completion")["paused"])

    def test_a_change_names_who_made_it_and_honours_if_match(self):
        name = "reconciliation_sandbox"
        tag = self.admin.get(path(name)).headers["ETag"]
        changed = change(self.admin, name, {"schedule": "5 4 * * * +08:00", "misfire": "run_all"},
                         if_match=tag)
        self.assertEqual((changed.status, changed.json["schedule"], changed.json["misfire"]),
                         (200, "5 4 * * * +08:00", "run_all"), changed)
        self.assertEqual((changed.json["changed_by"], changed.json["changed"]),
                         (self.admin.account, {"schedule": "5 4 * * * +08:00", "misfire": "run_all"}))
        self.assertEqual(moment(changed.json["next_due"]).strftime("%H:%M"), "20:05")
        refused = change(self.admin, name, {"misfire": "skip"}, if_match=tag)
        self.assert_problem(refused, 412, "version.changed")
        back = change(self.admin, name, {"schedule": None, "misfire": None}).json
        self.assertEqual((back["schedule"], back["misfire"], back["changed"]), ("@yearly", "run_once", {}))


if __name__ == "__main__":
    main()
