"""Everything that can be done to a few orders, by many at once, while the server is killed and its clock jumps.

Whatever comes of it, no answer is a fault of the server's, and when the storm is over each order has ended legally and
the money agrees with the goods. SOUK_STORM_S says how long it blows (default 15) and SOUK_SEED what chance does; both
are printed.
"""

import http.client
import os
import random
import sys
import threading
import time

from harness import ADDRESS, Client, main
from paying import PayingTest

SECONDS = float(os.environ.get("SOUK_STORM_S", "15"))
SEED = int(os.environ.get("SOUK_SEED") or random.SystemRandom().randrange(1 << 32))
THREADS = 6
FAULTS = ("lost", "doubled", "late", "wrong_amount", "fail_create", "fail_query", "fail_close", "fail_refund",
          "unsure_refund")
ORDERLY = {200, 201, 202, 400, 404, 409, 412, 422, 503}


class Storm(threading.Thread):
    """One who does at random what can be done, to orders that all know of."""

    def __init__(self, test, number):
        super().__init__(daemon=True)
        self.test, self.random = test, random.Random(SEED * 100 + number)
        self.done, self.wrong = 0, []

    def run(self):
        actions = [self.place, self.begin, self.begin, self.settle, self.settle, self.settle, self.cancel, self.refund,
                   self.refund, self.ship, self.deliver, self.receive, self.look, self.retry, self.reconcile]
        while not self.test.over:
            try:
                self.random.choice(actions)()
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)  # it was killed, and starts again

    def ask(self, token, method, path, body=None):
        client = Client(self.test.server.port, token, timeout_s=20)
        try:
            key = f"k{self.random.randrange(10**9)}" if self.random.random() < 0.5 else None
            answer = client.send(method, path, body, key=key)
            if key and self.random.random() < 0.2:
                answer = client.send(method, path, body, key=key)
        finally:
            client.close()
        self.done += 1
        if answer.status not in ORDERLY:
            self.wrong.append(f"{method} {path} {body}: {answer}")
        return answer.json if answer.status in (200, 201, 202) else {}

    def order(self):
        return self.random.choice(self.test.orders)

    def payment(self):
        return self.random.choice(self.test.payments or [(self.order(), "7zzzzzzzzzzzzzzzzzzzzzzzzz")])

    def place(self):
        sku = self.random.choice(("tea", "cup"))
        body = {"items": [{"product_id": self.test.skus[sku], "quantity": self.random.randint(1, 3)}], "address": ADDRESS}
        made = self.ask(self.test.buyer, "POST", "/api/v1/orders", body)
        if made:
            self.test.orders.append(made["id"])

    def begin(self):
        order = self.order()
        made = self.ask(self.test.buyer, "POST", f"/api/v1/orders/{order}/payments",
                        {"provider": "sandbox", "way": self.random.choice(("page", "qr"))})
        if made:
            self.test.payments.append((order, made["id"]))

    def settle(self):
        faults = self.random.sample(FAULTS, self.random.choice((0, 0, 0, 1, 2)))
        outcome = self.random.choice(("success", "success", "failure"))
        self.ask(None, "POST", f"/sandbox/payments/{self.payment()[1]}", {"outcome": outcome, "faults": faults})

    def cancel(self):
        whose, token = self.random.choice((("", self.test.buyer), ("admin/", self.test.keeper)))
        self.ask(token, "POST", f"/api/v1/{whose}orders/{self.order()}/cancel")

    def refund(self):
        body = {"reason": "torn"}
        if self.random.random() < 0.7:
            body["lines"] = [{"product_id": self.test.skus[self.random.choice(("tea", "cup"))], "quantity": 1,
                              "restock": self.random.random() < 0.5}]
        self.ask(self.test.keeper, "POST", f"/api/v1/admin/orders/{self.order()}/refunds", body)

    def ship(self):
        self.ask(self.test.keeper, "POST", f"/api/v1/admin/orders/{self.order()}/shipments", {"carrier": "SF"})

    def deliver(self):
        self.ask(self.test.keeper, "POST", f"/api/v1/admin/orders/{self.order()}/delivery")

    def receive(self):
        self.ask(self.test.buyer, "POST", f"/api/v1/orders/{self.order()}/receipt")

    def look(self):
        order, payment = self.payment()
        self.ask(self.test.buyer, "GET", f"/api/v1/orders/{order}/payments/{payment}")

    def retry(self):
        payment = self.payment()[1]
        for refund in self.ask(self.test.keeper, "GET", f"/api/v1/admin/payments/{payment}").get("refunds", []):
            self.ask(self.test.keeper, "POST", f"/api/v1/admin/payments/{payment}/refunds/{refund['refund_id']}/retry")

    def reconcile(self):
        if self.random.random() < 0.2:
            day = self.test.day
            self.ask(self.test.keeper, "POST", "/api/v1/admin/reconciliations", {"provider": "sandbox", "date": day})


class PaymentStormTest(PayingTest):
    settings = ("token.access_ttl_s=86400", "order.answer_deadline_ms=500", "actors.budget=20", "actors.snapshot_every=10")

    def test_when_the_storm_is_over_the_money_agrees_with_the_goods(self):
        print(f"SOUK_STORM_S={SECONDS} SOUK_SEED={SEED}", file=sys.stderr)
        dice = random.Random(SEED)
        self.log_in()
        self.orders, self.payments, self.over = [self.order()], [], False
        self.day = self.ada.ok("GET", f"/api/v1/orders/{self.orders[0]}")["placed_at"][:10]
        storm = [Storm(self, number) for number in range(THREADS)]
        for one in storm:
            one.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(dice.uniform(0.05, 1.0))  # chance, not waiting
            if dice.random() < 0.5:
                self.clock.move(f"{dice.choice((20, 120, 700, -120, -3600, 3600))} s")
                self.log_in()
            if dice.random() < 0.4:
                self.server.kill()
                self.serve(*self.settings, f"payments.sandbox_faults={','.join(dice.sample(FAULTS, dice.choice((0, 0, 1))))}")
        self.over = True
        for one in storm:
            one.join(30)
        self.assertEqual([wrong for one in storm for wrong in one.wrong], [], f"SOUK_SEED={SEED}")
        print(f"{sum(one.done for one in storm)} answers, {len(self.orders)} orders, {len(self.payments)} payments",
              file=sys.stderr)
        self.calm_down()

    def log_in(self):
        """With tokens that hold for longer than the clock jumps at once."""
        self.buyer, self.keeper = self.server.log_in("ada").token, self.admin.token

    def calm_down(self):
        """Without faults, and with an administrator who has every refused refund tried again."""
        self.server.kill()
        self.serve(*self.settings)
        self.ada = self.server.log_in("ada")
        # Whoever has not paid will not, and no payment goes wrong any more; what is paid stays paid.
        for _, payment in set(self.payments):
            self.server.guest().post(f"/sandbox/payments/{payment}", {"outcome": "failure"})
        for _ in range(4):
            self.clock.move("12 h")
            self.server.settled_position()
            for _, payment in set(self.payments):
                for refund in self.details(payment)["refunds"]:
                    if refund["status"] == "refused":
                        self.admin.ok("POST", f"/api/v1/admin/payments/{payment}/refunds/{refund['refund_id']}/retry")
        for order, payment in set(self.payments):
            self.assertIn(self.standing(order, payment), ("closed", "failed", "succeeded", "refunded", "partially_refunded"),
                          f"{order} {payment} SOUK_SEED={SEED}")
        for order in self.orders:
            self.assertNotIn(self.state_of(order), ("placed", "awaiting_payment"), f"{order} SOUK_SEED={SEED}")
        self.end()


if __name__ == "__main__":
    main()
