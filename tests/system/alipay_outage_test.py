"""Alipay's gateway is away, slow, or talks nonsense: the shop waits as long as it says, no longer, and gets over it."""

import time

from alipay_shop import AlipayTest
from harness import eventually, main

PRECREATE, QUERY = "alipay.trade.precreate", "alipay.trade.query"
NONSENSE = ("", "no JSON", "[]", "{}", '{"alipay_trade_precreate_response":{}}',
            '{"alipay_trade_precreate_response":{"code":"10000","qr_code":"https://evil.example"},"sign":"AAAA"}',
            '{"error_response":{"code":"10000","qr_code":"https://evil.example"},"sign":""}', "\0" * 100)


class OutageTest(AlipayTest):
    settings = ("payments.breaker_failures_max=5", "payments.breaker_open_ms=500")

    def breaker(self):
        return self.metric("souk_payment_breaker_open")

    def test_the_breaker_opens_lets_nothing_through_tries_and_closes(self):
        order = self.order()
        self.alipay.is_down = True
        begun = self.begin(order)
        self.assertEqual((begun["state"], begun["problem"]), ("started", "http.failed"))
        second = self.begin(self.order())  # the fifth failure opens it
        self.assertEqual(second["problem"], "http.circuit_open")
        self.assertEqual(self.breaker(), 1)
        self.assertEqual(self.metric("souk_payment_breaker_opened_total"), 1)
        self.assertGreaterEqual(self.metric("souk_payment_breaker_refused_total"), 1)
        failed = self.metric("souk_payment_call_failures_total")
        third = self.begin(self.order())
        self.assertEqual(third["problem"], "http.circuit_open")
        self.assertEqual(self.metric("souk_payment_call_failures_total"), failed)  # nobody was asked
        eventually("it is about to try", lambda: self.breaker() == 0.5)
        self.clock.move("16 s")  # each payment is created again, and one of them is the probe
        eventually("it has tried", lambda: self.metric("souk_payment_breaker_opened_total") == 2)
        eventually("it is about to try", lambda: self.breaker() == 0.5)
        self.alipay.is_down = False
        self.clock.move("31 s")
        eventually("it is closed", lambda: self.breaker() == 0)
        self.clock.move("1 min")
        self.alipay.wait_for(begun["id"])
        eventually("the code is there", lambda: "qr_url" in self.shown(order, begun["id"]))
        self.assertTrue(self.alipay.pay(begun["id"]))
        self.await_order(order, "paid")
        self.end()

    def shown(self, order, payment):
        return self.ada.ok("GET", f"/api/v1/orders/{order}/payments/{payment}")

    def test_a_payment_that_could_never_be_begun_ends_as_failed(self):
        order = self.order()
        self.alipay.is_down = True
        payment = self.begin(order)["id"]
        self.clock.move("11 min")
        self.await_order(order, "cancelled")
        self.server.settled_position()  # every try has failed
        self.alipay.is_down = False
        eventually("it may be asked again", lambda: self.breaker() < 1)
        self.clock.move("1 h")
        self.await_payment(order, payment, "failed")
        self.end()

    def test_money_that_came_while_the_gateway_was_away_is_found(self):
        order, payment = self.scanned()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.alipay.is_down = True
        for _ in range(3):
            self.clock.move("1 min")
            self.server.settled_position()
        self.assertEqual(self.state_of(order), "awaiting_payment")
        self.alipay.is_down = False
        self.move_until("it is found", lambda: self.state_of(order) == "paid")
        self.end()


class SlowGatewayTest(AlipayTest):
    settings = ("payments.call_timeout_ms=200", "payments.call_budget_ms=5000", "payments.breaker_failures_max=1000",
                "order.answer_deadline_ms=20000")

    def test_a_call_has_a_deadline_and_its_retries_wait_ever_longer_by_chance(self):
        self.alipay.answer_after_s = 1
        waits = []
        for _ in range(5):
            before = len(self.alipay.calls)
            began = time.monotonic()
            payment = self.begin(self.order())
            took = time.monotonic() - began
            self.assertEqual(payment["problem"], "http.timeout")
            self.assertLess(took, 4 * 0.2 + 1.4 + 0.5)  # four tries and the longest waits between them
            eventually("all tries have arrived", lambda before=before: len(self.alipay.calls) == before + 4)
            times = [when for _, when in self.alipay.calls[before:]]
            waits.append([later - earlier - 0.2 for earlier, later in zip(times, times[1:])])
        for tries in waits:
            for wait, longest in zip(tries, (0.2, 0.4, 0.8)):
                self.assertGreater(wait, longest / 2 - 0.05)
                self.assertLess(wait, longest + 0.2)
        firsts = [round(tries[-1], 3) for tries in waits]
        self.assertGreater(len(set(firsts)), 2, "no jitter")

    def test_whoever_begins_to_pay_is_answered_in_time_and_sees_the_code_later(self):
        self.server.stop()
        self.serve("payments.call_timeout_ms=10000", "order.answer_deadline_ms=300")
        self.ada = self.server.log_in("ada")
        self.alipay.answer_after_s = 1.5
        order = self.order()
        began = time.monotonic()
        payment = self.begin(order, status=202)
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual(payment["state"], "started")
        path = f"/api/v1/orders/{order}/payments/{payment['id']}"
        eventually("the code is there", lambda: "qr_url" in self.ada.ok("GET", path))
        self.alipay.answer_after_s = 0
        self.assertTrue(self.alipay.pay(payment["id"]))
        self.await_order(order, "paid")
        self.end()


class NonsenseTest(AlipayTest):
    settings = ("payments.breaker_failures_max=1000",)

    def test_b07_what_alipay_did_not_sign_is_neither_a_code_nor_a_payment(self):
        for text in NONSENSE:
            with self.subTest(text=text[:60]):
                self.alipay.spoil[PRECREATE] = [text]
                begun = self.begin(self.order())
                self.assertRegex(begun["problem"], r"^alipay\.answer_(unreadable|forged)$")
                self.assertNotIn("qr_url", begun)
        order, payment = self.scanned()
        said = f'{{"code":"10000","trade_status":"TRADE_SUCCESS","total_amount":"19.99","out_trade_no":"{payment}"}}'
        signed_as_another = self.alipay.envelope(PRECREATE, {"code": "10000"})
        self.alipay.spoil[QUERY] = ['{"alipay_trade_query_response":' + said + ',"sign":"AAAA"}', signed_as_another]
        for times in (1, 2):
            self.clock.move("1 min")
            self.await_asked("query", times)
            self.server.settled_position()
            self.assertEqual(self.state_of(order), "awaiting_payment")

    def test_b01_an_answer_about_another_trade_or_amount_is_refused_and_told_to_people(self):
        order, payment = self.scanned()
        other_order, other = self.scanned(tea=2)
        self.assertTrue(self.alipay.pay(other))
        self.await_order(other_order, "paid")
        said = self.alipay.on_trade_query({"out_trade_no": other}, None)
        self.alipay.spoil[QUERY] = [self.alipay.envelope(QUERY, said),
                                    self.alipay.envelope(QUERY, {**said, "out_trade_no": payment})]
        for times, reason in ((1, "order"), (2, "wrong_amount")):
            self.clock.move("1 min")
            self.await_asked("query", times)
            eventually(f"{reason} is refused", lambda reason=reason: reason in self.details(payment)["refused_reports"])
        self.assertEqual(self.state_of(order), "awaiting_payment")
        self.server.settled_position()
        alerts = self.admin.ok("GET", "/api/v1/admin/payment-alerts")["items"]
        self.assertEqual([(alert["payment_id"], alert["reason"]) for alert in alerts],
                         [(payment, "wrong_amount"), (payment, "order")])
        self.assertEqual(self.metric("souk_payment_alerts_total", event="payment.report_refused"), 2)
        eventually("both are logged", lambda: sum(
            f"alert: payment-{payment}: payment.report_refused" in line["msg"] for line in self.logged_warnings()) == 2)
        self.assertTrue(self.alipay.pay(payment))
        self.await_order(order, "paid")
        self.end()


if __name__ == "__main__":
    main()
