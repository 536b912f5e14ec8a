"""kill -9 at every point of a payment: after the next start it ends as paid, or as refunded, exactly once.

A point is a call of the shop to Alipay, ahead of the deed or behind it with the answer lost, or a notification on its
way. Besides, chance kills while many buy, pay, cancel and are refunded. SOUK_PAYMENT_KILLS says how often (default 10)
and SOUK_SEED what chance does; both are printed.
"""

import http.client
import os
import random
import subprocess
import sys
import threading
import time

from alipay_shop import AlipayTest
from harness import ADDRESS, eventually, main
from paying import TEA

KILLS = int(os.environ.get("SOUK_PAYMENT_KILLS", "10"))
SEED = int(os.environ.get("SOUK_SEED") or random.SystemRandom().randrange(1 << 32))
NO_ANSWER = (OSError, http.client.HTTPException)


class KillTest(AlipayTest):
    settings = ("payments.call_budget_ms=3000", "payments.breaker_open_ms=200")

    def kill_at(self, method, moment, times=1):
        """Kills the server the next `times` that the call is made."""
        left = [times]

        def watch(called, when):
            if (called, when) == (f"alipay.trade.{method}", moment) and left[0] > 0:
                left[0] -= 1
                self.server.process.kill()

        self.alipay.watch = watch
        self.addCleanup(lambda: self.assertEqual(left[0], 0, f"nobody was killed {moment} {method}"))

    def until_done(self, attempt):
        """Asks until there is an answer, starting the server anew whenever it was killed."""
        while True:
            try:
                if self.server.process.poll() is not None:
                    self.restart()
                return attempt()
            except (*NO_ANSWER, AssertionError) as error:
                try:
                    self.server.process.wait(2)
                except subprocess.TimeoutExpired:
                    raise error from None

    def ask(self, path, body, key):
        def attempt():
            answer = self.ada.post(path, body, key=key)
            if answer.status in (202, 409, 503):
                time.sleep(0.01)  # it was told to come back
                return None
            return answer

        answer = None
        while answer is None:
            answer = self.until_done(attempt)
        return answer

    def move_until(self, what, condition, step="20 s"):
        super().move_until(what, lambda: self.until_done(condition), step)

    def assert_paid(self, order):
        self.move_until("the order is paid", lambda: self.state_of(order) == "paid")
        self.restart()
        self.assertEqual(self.state_of(order), "paid")
        self.end()

    def assert_refunded(self, order, payment):
        self.move_until("the payment is refunded", lambda: self.standing(order, payment) == "refunded")
        self.assertEqual(list(self.alipay.trades[payment].refunds.values()), [TEA])
        self.restart()
        self.assertIn(self.state_of(order), ("cancelled", "closed_refunded"))
        self.end()


class OnePointTest(KillTest):
    def test_while_the_code_is_asked_for(self):
        for moment in ("before", "after"):
            with self.subTest(moment=moment):
                self.kill_at("precreate", moment)
                body = {"items": [{"product_id": self.skus["tea"], "quantity": 1}], "address": ADDRESS}
                order = self.ask("/api/v1/orders", body, moment).json["id"]
                begin = lambda: self.ask(f"/api/v1/orders/{order}/payments", {"provider": "alipay", "way": "qr"},
                                         f"begin-{moment}").json
                payment = begin()["id"]
                self.move_until("the code is there", lambda: "qr_url" in begin())
                self.alipay.scan(payment)
                self.assertTrue(self.alipay.pay(payment))
                self.await_order(order, "paid")
        self.end()

    def test_while_it_is_asked_whether_it_was_paid(self):
        for moment in ("before", "after"):
            with self.subTest(moment=moment):
                order, payment = self.scanned()
                self.assertTrue(self.alipay.pay(payment, tell=False))
                self.kill_at("query", moment)
                self.clock.move("16 s")
                self.server.process.wait(10)
                self.restart()
                self.move_until("the order is paid", lambda order=order: self.state_of(order) == "paid")
        self.end()

    def test_while_alipay_tells_that_it_was_paid(self):
        for delay_ms in range(0, 20, 2):
            order, payment = self.scanned()
            self.assertTrue(self.alipay.pay(payment, tell=False))
            killer = threading.Timer(delay_ms / 1_000, self.server.process.kill)
            killer.start()
            said = self.alipay.tell(payment)
            self.server.process.wait(10)
            self.restart()
            if said == "success":  # so Alipay says it no more, and it must not be forgotten
                self.await_payment(order, payment, "succeeded")
            else:
                self.assertEqual(self.alipay.tell(payment), "success")
            self.await_order(order, "paid")
        self.end()

    def test_while_it_is_closed_though_it_was_paid(self):
        for moment in ("before", "after"):
            with self.subTest(moment=moment):
                order, payment = self.scanned()
                self.assertTrue(self.alipay.pay(payment, tell=False))
                self.kill_at("close", moment)
                self.ask(f"/api/v1/orders/{order}/cancel", None, f"cancel-{moment}")
                self.move_until("it is refunded", lambda o=order, p=payment: self.standing(o, p) == "refunded")
        self.end()

    def test_while_it_is_closed_unpaid(self):
        for moment in ("before", "after"):
            with self.subTest(moment=moment):
                order, payment = self.scanned()
                self.kill_at("close", moment)
                self.ask(f"/api/v1/orders/{order}/cancel", None, f"cancel-{moment}")
                self.move_until("it is closed", lambda o=order, p=payment: self.standing(o, p) == "closed")
                self.assertFalse(self.alipay.pay(payment))
        self.end()

    def test_while_it_is_refunded(self):
        for moment in ("before", "after"):
            with self.subTest(moment=moment):
                order, payment = self.paid()
                self.kill_at("refund", moment, times=2)
                self.ask(f"/api/v1/orders/{order}/cancel", None, f"cancel-{moment}")
                self.move_until("it is refunded", lambda o=order, p=payment: self.standing(o, p) == "refunded")
                self.assertEqual(list(self.alipay.trades[payment].refunds.values()), [TEA])
        self.end()

    def test_while_it_is_asked_what_became_of_a_refund(self):
        order, payment = self.paid()
        self.alipay.refuse["alipay.trade.refund"] = ["ACQ.SYSTEM_ERROR"]
        self.kill_at("fastpay.refund.query", "after")
        self.ask(f"/api/v1/orders/{order}/cancel", None, "cancel")
        self.assert_refunded(order, payment)

    def test_when_the_time_to_pay_ends_while_nobody_serves(self):
        order, payment = self.scanned()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.server.kill()
        self.clock.move("1 d")
        self.restart()
        self.assert_refunded(order, payment)

    def test_when_it_was_told_of_while_nobody_served(self):
        order, payment = self.scanned()
        self.server.kill()
        self.assertTrue(self.alipay.pay(payment))
        self.assertIn("no answer", self.alipay.trades[payment].told[-1])
        self.restart()
        self.assert_paid(order)


class ChanceTest(KillTest):
    """Many orders at once; each is paid or not, told or not, cancelled or not, refunded or not; and kills all along."""

    BUYERS = 5

    def setUp(self):
        super().setUp()
        print(f"SOUK_PAYMENT_KILLS={KILLS} SOUK_SEED={SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        self.bought = []
        self.alive = threading.Condition()

    def client(self):
        client = self.server.guest()
        client.token = self.ada.token
        return client

    def insist(self, method, path, body, key):
        """An answer, however often the server has to start for it; None if the test has ended meanwhile."""
        while not self.over:
            try:
                client = self.client()
                answer = client.send(method, path, body, key=key)
                client.close()
            except NO_ANSWER:
                time.sleep(0.02)  # whoever kills it starts it again
                continue
            if answer.status not in (202, 503) and not (
                    answer.status == 409 and answer.reason == "idempotency.in_progress"):
                return answer
        return None

    def shop(self, number, dice):
        for count in range(10_000):
            if self.over:
                return
            key = f"{number}-{count}"
            body = {"items": [{"product_id": self.skus["tea"], "quantity": 1}], "address": ADDRESS}
            placed = self.insist("POST", "/api/v1/orders", body, key)
            if placed is None or placed.status != 201:
                return
            order = placed.json["id"]
            begun = self.insist("POST", f"/api/v1/orders/{order}/payments", {"provider": "alipay", "way": "qr"}, key + "p")
            if begun is None:
                return
            payment = begun.json["id"]
            self.bought.append((order, payment))
            if dice.random() < 0.8 and payment in self.alipay.trades:
                self.alipay.pay(payment, tell=dice.random() < 0.6)
            if dice.random() < 0.5:
                self.insist("POST", f"/api/v1/orders/{order}/cancel", None, key + "c")

    def test_whenever_it_is_killed_everything_ends_as_paid_or_refunded(self):
        self.over = False
        buyers = [threading.Thread(target=self.shop, args=(number, random.Random(SEED + number)), daemon=True)
                  for number in range(self.BUYERS)]
        for buyer in buyers:
            buyer.start()
        for _ in range(KILLS):
            time.sleep(self.random.uniform(0.1, 0.8))  # chance, not waiting
            self.server.kill()
            self.clock.move(f"{self.random.choice((1, 20, 120))} s")
            self.restart()
        self.over = True
        for buyer in buyers:
            buyer.join(30)
        self.assertGreater(len(self.bought), KILLS)
        for minutes in (1, 10, 30, 60, 600):
            self.clock.move(f"{minutes} min")
            self.server.settled_position()
        for order, payment in self.bought:
            with self.subTest(order=order, payment=payment, seed=SEED):
                self.move_until("it has ended", lambda o=order, p=payment: (self.state_of(o), self.standing(o, p)) in (
                    ("paid", "succeeded"), ("cancelled", "closed"), ("cancelled", "failed"), ("cancelled", "refunded"),
                    ("closed_refunded", "refunded")), step="10 min")
        print(f"{len(self.bought)} orders, {sum(self.alipay.asked.values())} calls", file=sys.stderr)
        self.end()


if __name__ == "__main__":
    main()
