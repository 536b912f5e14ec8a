"""The simulator of Alipay's gateway against the SDK's own client, so that it is not bent to what our program does."""

import pathlib
import shutil
import tempfile
import unittest
import urllib.parse
import urllib.request

import packages

packages.use("python-alipay-sdk==3.4.0")

from alipay import AliPay, DCAliPay  # noqa: E402
from alipay.exceptions import AliPayException  # noqa: E402
from alipay_keys import Keys  # noqa: E402
from alipay_simulator import APP_ID, SELLER_ID, Simulator  # noqa: E402


class SimulatorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-alipay-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.keys = Keys(cls.folder)

    def simulator(self, **more):
        simulator = Simulator(self.keys, **more)
        self.addCleanup(simulator.close)
        return simulator

    def client(self, simulator, **more):
        keys = self.keys
        if simulator.certificates:
            client = DCAliPay(APP_ID, keys.app_private, keys.app_certificate, keys.alipay_certificate,
                              keys.root_certificates, **more)
        else:
            client = AliPay(APP_ID, app_private_key_string=keys.app_private,
                            alipay_public_key_string=keys.alipay_public, **more)
        client._gateway = f"{simulator.address}/gateway.do"
        return client

    def test_the_sdks_client_can_pay_and_refund_with_keys_and_with_certificates(self):
        for certificates in (False, True):
            with self.subTest(certificates=certificates):
                simulator = self.simulator(certificates=certificates)
                client = self.client(simulator)
                made = client.api_alipay_trade_precreate("Tea", "p1", "12.34", notify_url="http://127.0.0.1:1/none")
                self.assertEqual((made["code"], made["out_trade_no"]), ("10000", "p1"))
                self.assertEqual(client.api_alipay_trade_query("p1")["sub_code"], "ACQ.TRADE_NOT_EXIST")
                simulator.scan("p1")
                self.assertEqual(client.api_alipay_trade_query("p1")["trade_status"], "WAIT_BUYER_PAY")
                self.assertTrue(simulator.pay("p1", tell=False))
                self.assertEqual(client.api_alipay_trade_query("p1")["trade_status"], "TRADE_SUCCESS")
                self.assertEqual(client.api_alipay_trade_close("p1")["sub_code"], "ACQ.TRADE_STATUS_ERROR")
                refund = {"out_trade_no": "p1", "out_request_no": "r1"}
                self.assertEqual(client.api_alipay_trade_refund("12.35", **refund)["code"], "40004")
                self.assertEqual(client.api_alipay_trade_refund("12.34", **refund)["fund_change"], "Y")
                self.assertEqual(client.api_alipay_trade_refund("12.34", **refund)["fund_change"], "N")
                asked = client.api_alipay_trade_fastpay_refund_query("r1", out_trade_no="p1")
                self.assertEqual((asked["refund_status"], asked["refund_amount"]), ("REFUND_SUCCESS", "12.34"))
                self.assertEqual(simulator.complaints, [])

    def test_what_is_not_signed_as_the_sdk_signs_it_is_refused(self):
        simulator = self.simulator()
        address = self.client(simulator).client_api("alipay.trade.query", {"out_trade_no": "p1"})
        changed = address.replace("p1", "p2")
        self.assertNotEqual(changed, address)
        with urllib.request.urlopen(f"{simulator.address}/gateway.do?{changed}", timeout=10) as answer:
            self.assertIn(b"isv.invalid-signature", answer.read())
        self.assertEqual(simulator.complaints[0][0], "isv.invalid-signature")
        stranger = AliPay("2021000000000002", app_private_key_string=self.keys.app_private,
                          alipay_public_key_string=self.keys.alipay_public)
        stranger._gateway = f"{simulator.address}/gateway.do"
        with self.assertRaises((AliPayException, AssertionError)):
            answer = stranger.api_alipay_trade_query("p1")
            self.assertEqual(answer["code"], "10000")

    def test_its_notifications_are_what_the_sdks_client_takes_for_authentic(self):
        simulator = self.simulator()
        client = self.client(simulator)
        client.api_alipay_trade_precreate("茶 & more", "p1", "131072.01", notify_url="http://127.0.0.1:1/none")
        simulator.pay("p1", tell=False)
        form = simulator.notification("p1").decode()
        fields = dict(urllib.parse.parse_qsl(form, keep_blank_values=True))
        self.assertEqual((fields["total_amount"], fields["seller_id"]), ("131072.01", SELLER_ID))
        sign = fields.pop("sign")
        self.assertTrue(client.verify(dict(fields), sign))
        self.assertFalse(client.verify({**fields, "total_amount": "0.01"}, sign))


if __name__ == "__main__":
    unittest.main(verbosity=2)
