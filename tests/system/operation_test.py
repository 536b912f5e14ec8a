"""Probes, metrics and the access log of the real binary."""

import json

from harness import PASSWORD, SharedServerTest, eventually, main, product


class OperationTest(SharedServerTest):
    rows = [product("sku-000")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.server.customer("ada")
        cls.tea = cls.skus["sku-000"]

    def test_probes_and_metrics_tell_how_it_is(self):
        self.assertEqual(self.guest.ok("GET", "/healthz"), {"status": "ok"})
        self.assertEqual(self.guest.ok("GET", "/readyz"), {"status": "ready"})
        answer = self.guest.get("/metrics")
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        labels = '{method="GET",route="get_product",status="2xx"}'
        self.guest.get(f"/api/v1/products/{self.tea}")

        def figures_of_get():
            figures = self.server.metrics()
            count = [value for name, value in figures.items() if name.startswith("souk_http_requests_total")
                     and all(part in name for part in labels.strip("{}").split(","))]
            return figures if count and count[0] > 0 else None

        figures = eventually("the request is counted", figures_of_get)
        for name in ("souk_log_position", "souk_log_queue_appends", "souk_log_batch_events_count",
                     "souk_log_batch_events_sum", "souk_log_commit_seconds_count", "souk_http_connections", "souk_effects_under_way"):
            self.assertIn(name, figures)
        for follower in ("products", "orders"):
            self.assertIn(f'souk_follower_lag_events{{follower="{follower}"}}', figures)
            self.assertEqual(figures[f'souk_follower_parked_events{{follower="{follower}"}}'], 0)
        self.assertTrue(any(name.startswith("souk_http_request_seconds_bucket") for name in figures))
        self.assertGreater(figures["souk_log_commit_seconds_sum"], 0)
        commits = figures["souk_log_commit_seconds_count"]
        self.guest.ok("POST", "/api/v1/accounts",
                      {"username": "counted", "email": "counted@mail.example", "password": PASSWORD}, status=201)
        self.server.settled_position()
        figures = self.server.metrics()
        self.assertGreater(figures["souk_log_commit_seconds_count"], commits)
        self.assertEqual(figures["souk_log_batch_events_count"], figures["souk_log_commit_seconds_count"])

    def test_every_request_has_one_line_in_the_access_log_and_no_secret_in_it(self):
        self.ada.get("/api/v1/cart", headers={"X-Request-Id": "find-this-line"})

        def line():
            with open(self.server.log_path, encoding="utf-8") as log:
                return [text for text in log if '"find-this-line"' in text]

        found = eventually("the request is logged", line)
        self.assertEqual(len(found), 1)
        entry = json.loads(found[0])
        self.assertEqual((entry["method"], entry["route"], entry["status"], entry["account"]),
                         ("GET", "get_cart", 200, self.ada.account))


if __name__ == "__main__":
    main()
