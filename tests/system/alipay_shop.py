"""What the tests of Alipay share: a shop that takes payments through the simulator, and how it must all end.

The shop's public name is one that the simulator leads to wherever the server listens, so a restart changes nothing.
"""

import pathlib
import shutil
import tempfile

import packages

packages.use("python-alipay-sdk==3.4.0")

from alipay_keys import Keys  # noqa: E402
from alipay_simulator import Simulator  # noqa: E402
from harness import eventually  # noqa: E402
from paying import PayingTest  # noqa: E402

PUBLIC_NAME = "shop.example"
NOTIFY_URL = f"http://{PUBLIC_NAME}/api/v1/payments/notifications/alipay"


class AlipayTest(PayingTest):
    """With a simulator of its own, whose books must agree with the shop's in the end."""

    provider = "alipay"
    certificates = False

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-alipay-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.keys = Keys(folder)

    def prepare(self):
        self.alipay = Simulator(self.keys, certificates=self.certificates, shift_us=lambda: self.clock.shift_us)
        self.addCleanup(self.alipay.close)

    def serve(self, *settings):
        super().serve(*self.alipay.settings(NOTIFY_URL), *settings)
        self.alipay.hosts[PUBLIC_NAME] = f"127.0.0.1:{self.server.port}"

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

    def asked(self, method):
        return self.alipay.asked[f"alipay.trade.{method}"]

    def await_asked(self, method, times):
        eventually(f"{method} was asked {times} times", lambda: self.asked(method) >= times)

    def audit(self, ledger):
        """Also the books of the two sides against each other."""
        super().audit(ledger)
        taken = {number: (trade.amount, trade.refunded()) for number, trade in self.alipay.trades.items()
                 if trade.paid_at}
        known = {number: (payment.captured, payment.refunded) for number, payment in ledger.payments.items()
                 if payment.captured}
        self.assertEqual(known, taken)
        self.assertEqual(self.alipay.complaints, [])
