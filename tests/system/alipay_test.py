"""Paying through Alipay, against a gateway that an independent SDK signs and verifies for: the real program's part."""

import io
import urllib.parse
import urllib.request

from alipay_shop import NOTIFY_URL, AlipayTest

import packages

packages.use("zxing-cpp==3.1.1", "pillow==11.3.0")

import PIL.Image  # noqa: E402
import zxingcpp  # noqa: E402
from harness import main  # noqa: E402
from paying import CUP, TEA  # noqa: E402


def text_of_code(png):
    """What a telephone would read."""
    (code,) = zxingcpp.read_barcodes(PIL.Image.open(io.BytesIO(png)))
    return code.text


class CodeAndPageTest(AlipayTest):
    def test_a_code_is_shown_scanned_and_paid(self):
        order = self.order(tea=2, cup=1)
        payment = self.begin(order)
        id_ = payment["id"]
        self.assertEqual((payment["state"], payment["amount"]["amount"]), ("started", 2 * TEA + CUP))
        self.assertNotIn("pay_url", payment)
        picture = self.ada.get(payment["qr_url"])
        self.assertEqual((picture.status, picture.headers["Content-Type"]), (200, "image/png"))
        self.assertEqual(text_of_code(picture.body), f"https://qr.alipay.example/{id_}")
        self.assert_problem(self.server.customer("eve").get(payment["qr_url"]), 404, "payment.not_found")
        self.assert_problem(self.server.guest().get(payment["qr_url"]), 401)
        trade = self.alipay.scan(id_)
        self.assertEqual((trade.amount, trade.notify_url), (2 * TEA + CUP, NOTIFY_URL))
        self.assertTrue(self.alipay.pay(id_))
        self.assertEqual(trade.told, ["success"])
        self.await_order(order, "paid")
        self.await_payment(order, id_, "succeeded")
        self.assertEqual(self.details(id_)["reference"], trade.reference)
        self.end()

    def test_a_page_is_opened_and_paid(self):
        order = self.order()
        payment = self.begin(order, way="page")
        address = payment["pay_url"]
        self.assertTrue(address.startswith(f"{self.alipay.address}/gateway.do?"))
        with urllib.request.urlopen(address, timeout=10) as answer:
            self.assertEqual(answer.status, 200)
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)
        self.assertEqual((asked["notify_url"], asked["return_url"]), ([NOTIFY_URL], ["http://shop.example/paid"]))
        self.assertTrue(self.alipay.pay(payment["id"]))
        self.await_order(order, "paid")
        self.end()

    def test_b01_a_code_that_was_only_scanned_is_not_paid_however_often_it_is_asked_about(self):
        order, payment = self.scanned()
        for times in (1, 2, 3):
            self.clock.move("1 min")
            self.await_asked("query", times)
        self.server.settled_position()
        self.assertEqual((self.state_of(order), self.standing(order, payment)), ("awaiting_payment", "started"))
        self.assertTrue(self.alipay.pay(payment))
        self.await_order(order, "paid")
        self.end()

    def test_a_code_that_nobody_scans_is_closed_when_its_time_is_long_over(self):
        order = self.order()
        payment = self.begin(order)["id"]
        self.clock.move("11 min")
        self.await_order(order, "cancelled")
        self.await_asked("close", 1)
        self.server.settled_position()
        self.assertEqual(self.standing(order, payment), "started")  # somebody may be about to scan it
        self.clock.move("30 min")
        self.await_payment(order, payment, "closed")
        asked = sum(self.alipay.asked.values())
        self.clock.move("10 h")
        self.server.settled_position()
        self.assertEqual(sum(self.alipay.asked.values()), asked)
        self.end()


class WithCertificatesTest(CodeAndPageTest):
    certificates = True


if __name__ == "__main__":
    main()
