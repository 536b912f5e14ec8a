"""What the tests of Alipay share: a shop that takes payments through the simulator, and how it must all end.

The shop's public name is one that the simulator leads to wherever the server listens, so a restart changes nothing.
"""

import json
import pathlib
import shutil
import tempfile

import packages

packages.use("python-alipay-sdk==3.4.0")

from alipay_keys import Keys  # noqa: E402
from alipay_simulator import Simulator  # noqa: E402
from clock import MovedClock  # noqa: E402
from harness import ADDRESS, SystemTest, eventually, product, read_events  # noqa: E402
from ledger import Ledger  # noqa: E402

PUBLIC_NAME = "shop.example"
NOTIFY_URL = f"http://{PUBLIC_NAME}/api/v1/payments/notifications/alipay"
TEA, CUP = 1_999, 501  # what they cost


class AlipayTest(SystemTest):
    """Each test has a server, a simulator and a clock of its own. All that was sold and paid is audited at its end."""

    certificates = False
    settings = ()

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-alipay-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.keys = Keys(folder)

    def setUp(self):
        super().setUp()
        self.clock = MovedClock(self.folder)
        self.clock.move_to_noon()  # of Alipay's day, so that no test sees it change
        self.alipay = Simulator(self.keys, certificates=self.certificates, shift_us=lambda: self.clock.shift_us)
        self.addCleanup(self.alipay.close)
        self.import_rows(product("tea", stock=100, price=TEA), product("cup", stock=100, price=CUP))
        self.serve(*self.settings)
        self.skus = self.server.products()
        self.ada = self.server.customer("ada")

    def serve(self, *settings):
        self.server = self.start(*self.alipay.settings(NOTIFY_URL), "token.access_ttl_s=2592000", *settings,
                                 env=self.clock.environment)
        self.alipay.hosts[PUBLIC_NAME] = f"127.0.0.1:{self.server.port}"

    def restart(self, *settings):
        self.server.kill()
        self.serve(*(settings or self.settings))
        self.ada = self.server.log_in("ada")

    @property
    def admin(self):
        return self.server.admin()

    # --- what a customer does

    def order(self, tea=1, cup=0):
        lines = [{"product_id": self.skus[sku], "quantity": n} for sku, n in (("tea", tea), ("cup", cup)) if n]
        return self.ada.ok("POST", "/api/v1/orders", {"items": lines, "address": ADDRESS}, status=201)["id"]

    def begin(self, order, way="qr", status=201):
        return self.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "alipay", "way": way},
                           status=status)

    def scanned(self, **lines):
        """A new order and the payment whose code its buyer has scanned."""
        order = self.order(**lines)
        payment = self.begin(order)["id"]
        self.alipay.scan(payment)
        return order, payment

    def paid(self, **lines):
        order, payment = self.scanned(**lines)
        self.assertTrue(self.alipay.pay(payment))
        self.await_order(order, "paid")
        return order, payment

    # --- what is to be seen

    def state_of(self, order):
        return self.ada.ok("GET", f"/api/v1/orders/{order}")["state"]

    def await_order(self, order, *states):
        eventually(f"the order is {' or '.join(states)}", lambda: self.state_of(order) in states)

    def standing(self, order, payment):
        return self.ada.ok("GET", f"/api/v1/orders/{order}/payments/{payment}")["state"]

    def await_payment(self, order, payment, state):
        eventually(f"the payment is {state}", lambda: self.standing(order, payment) == state)

    def details(self, payment):
        return self.admin.ok("GET", f"/api/v1/admin/payments/{payment}")

    def asked(self, method):
        return self.alipay.asked[f"alipay.trade.{method}"]

    def await_asked(self, method, times):
        eventually(f"{method} was asked {times} times", lambda: self.asked(method) >= times)

    def metric(self, name, **labels):
        """0 as long as there was nothing to be counted."""
        text = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return self.server.metrics().get(f"{name}{{{text}}}" if text else name, 0)

    def refund(self, order, *lines, reason="broken", **more):
        """`lines`: (sku, quantity); none: everything that is left."""
        body = {"reason": reason, **more}
        if lines:
            body["lines"] = [{"product_id": self.skus[sku], "quantity": n} for sku, n in lines]
        return self.admin.post(f"/api/v1/admin/orders/{order}/refunds", body)

    # --- the end

    def events_of(self, payment):
        """The types of what happened to a payment. Ends the server."""
        return [event["type"].split(".")[1] for event in self.end() if event["stream"] == f"payment-{payment}"]

    def end(self):
        """Ends the server, when nothing is under way any more, and audits what it did: its own books by the auditor of
        logs, and the books of the two sides against each other."""
        self.server.settled_position()
        self.server.stop()
        events = read_events(self.data)
        ledger = Ledger(events)
        self.assertEqual(ledger.check_settled(), [])
        taken = {number: (trade.amount, trade.refunded()) for number, trade in self.alipay.trades.items()
                 if trade.paid_at}
        known = {number: (payment.captured, payment.refunded) for number, payment in ledger.payments.items()
                 if payment.captured}
        self.assertEqual(known, taken)
        self.assertEqual(self.alipay.complaints, [])
        return events

    def logged_faults(self):
        with open(self.server.log_path, encoding="utf-8") as file:
            return [line for line in map(json.loads, file) if line["level"] == "error"]
