"""What is left behind after a tour: the log tells every step, and nothing tells a secret."""

import pathlib

from harness import ADDRESS, ADMIN, ID, PASSWORD, TIME, SystemTest, eventually, main, product, read_events, souk

SECRETS = [PASSWORD, ADMIN[1], "grace.tour", "grace.tour@mail.example", *ADDRESS.values()]


class HistoryTest(SystemTest):
    def tour(self):
        """Does one of everything. Gives the ids of what came of it."""
        self.import_rows(product("tea", stock=10), product("cup", stock=2))
        server = self.start()
        self.server = server
        admin, skus = server.admin(), server.products()
        grace, tea, cup = server.customer("grace.tour"), skus["tea"], skus["cup"]

        def place(*lines, status=201):
            return grace.ok("POST", "/api/v1/orders", {
                "items": [{"product_id": id_, "quantity": n} for id_, n in lines], "address": ADDRESS}, status=status)

        def start_payment(order):
            return grace.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)

        admin.ok("PATCH", f"/api/v1/admin/products/{tea}", {"description": "Shiye"}, media="application/merge-patch+json",
                 headers={"If-Match": "*"})
        admin.ok("POST", f"/api/v1/admin/stock/{tea}/receipts", {"quantity": 5, "reason": "delivery"}, status=201)
        grace.ok("POST", "/api/v1/cart/items", {"product_id": tea, "quantity": 2})
        grace.ok("PUT", f"/api/v1/cart/items/{cup}", {"quantity": 1})
        grace.ok("DELETE", f"/api/v1/cart/items/{cup}")
        paid = grace.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201,
                        headers={"X-Request-Id": "buy-1"})["id"]
        payment = start_payment(paid)
        grace.ok("POST", payment["pay_url"], {"outcome": "failure"})
        payment = start_payment(paid)
        grace.ok("POST", payment["pay_url"], {"outcome": "success"})
        cancelled = place((tea, 1), (cup, 1))["id"]
        late = start_payment(cancelled)
        grace.ok("POST", f"/api/v1/orders/{cancelled}/cancel")
        grace.send("POST", late["pay_url"], {"outcome": "success"})
        eventually("the late payment is refunded", lambda: grace.ok(
            "GET", f"/api/v1/orders/{cancelled}/payments/{late['id']}")["state"] == "refunded")
        rejected = place((tea, 1), (cup, 3), status=409)["order_id"]
        head = server.settled_position()
        server.stop()
        return {"tea": tea, "cup": cup, "paid": paid, "payment": payment["id"], "cancelled": cancelled,
                "late": late["id"], "rejected": rejected, "account": grace.account, "head": head}

    def test_the_log_tells_every_step_and_nothing_tells_a_secret(self):
        ids = self.tour()
        events = read_events(self.data)
        self.check_records(events, ids)
        self.check_steps(events, ids)
        self.check_ranges(events, ids)
        self.check_secrets(ids)

    def check_records(self, events, ids):
        self.assertEqual([event["position"] for event in events], list(range(1, ids["head"] + 1)))
        versions, times = {}, []
        for event in events:
            versions[event["stream"]] = versions.get(event["stream"], 0) + 1
            self.assertEqual(event["version"], versions[event["stream"]], event)
            self.assertRegex(event["recorded_at"], TIME)
            self.assertRegex(event["event_id"], ID)
            times.append(event["recorded_at"])
            if event["cause"] == "effect":
                self.assertLess(event["causation"], event["position"])
        self.assertEqual(times, sorted(times))

    def check_steps(self, events, ids):
        # What is said between a payment, its order and its provider on the way has no fixed place among the others.
        between = {"order.payment_opened", "payment.created", "payment.reported", "payment.close_requested",
                   "payment.closed"}

        def steps(stream):
            return [event["type"].split(".", 1)[1] for event in events
                    if event["stream"] == stream and event["type"] not in between]

        self.assertEqual(steps("order-" + ids["paid"]), ["placed", "line_reserved", "awaiting_payment", "paid"])
        self.assertEqual(steps("order-" + ids["cancelled"]),
                         ["placed", "line_reserved", "line_reserved", "awaiting_payment", "cancelled",
                          "payment_returned"])
        of_rejected = steps("order-" + ids["rejected"])
        self.assertEqual((of_rejected[0], sorted(of_rejected[1:3]), of_rejected[3:]),
                         ("placed", ["line_refused", "line_reserved"], ["rejected"]))
        self.assertEqual(steps("payment-" + ids["payment"]), ["started", "succeeded"])
        self.assertEqual(steps("payment-" + ids["late"]), ["started", "succeeded", "refund_requested", "refunded"])
        self.assertEqual(steps("account-" + ids["account"]),
                         ["registration_requested", "claim_granted", "claim_granted", "registered"])
        self.assertEqual(steps("cart-" + ids["account"]), ["item_added", "item_set", "item_removed", "ordered"])
        self.assertEqual(steps("product-" + ids["tea"]), ["created", "changed"])
        self.assertEqual(steps("stock-" + ids["tea"]),
                         ["received", "received", "reserved", "deducted", "reserved", "released", "reserved",
                          "released"])
        self.assertEqual(steps("stock-" + ids["cup"]), ["received", "reserved", "released", "reservation_refused"])
        placed = next(event for event in events if event["stream"] == "order-" + ids["paid"])
        self.assertEqual((placed["correlation"], placed["principal"], placed["cause"]),
                         ("buy-1", "account:" + ids["account"], "request"))

    def check_ranges(self, events, ids):
        stream = "order-" + ids["paid"]
        self.assertEqual(read_events(self.data, "--from", 5, "--to", 7), events[4:7])
        self.assertEqual(read_events(self.data, "--from", ids["head"] + 1), [])
        self.assertEqual(read_events(self.data, "--stream", stream),
                         [event for event in events if event["stream"] == stream])
        self.assertEqual(souk("events", "--data", self.data, "--stream", "nonsense").returncode, 64)

    def check_secrets(self, ids):
        """`events`, the data directory and what the process printed. The order's id shows that the search finds."""
        found = {"events": souk("events", "--data", self.data).stdout, "stderr": self.server.stderr.encode(),
                 "access log": pathlib.Path(self.server.log_path).read_bytes()}
        for path in self.data.rglob("*"):
            if path.is_file():
                found[str(path)] = path.read_bytes()
        holders = [name for name, content in found.items() if ids["paid"].encode() in content]
        self.assertIn("events", holders)
        self.assertIn("access log", holders)
        self.assertTrue(any("/log/" in name for name in holders), holders)
        for name, content in found.items():
            for secret in SECRETS:
                for form in (secret.encode(), secret.encode("ascii", "backslashreplace")):
                    self.assertNotIn(form, content, f"{secret} in {name}")
        self.assertNotIn(b"secret:", found["events"])
        self.assertNotIn(b"$argon2", b"".join(found.values()))


if __name__ == "__main__":
    main()
