"""A gateway that speaks Alipay's protocol, for tests: what signs and verifies is python-alipay-sdk, which is not ours.

Trades behave as Alipay's do: a QR code alone is no trade yet (40004 ACQ.TRADE_NOT_EXIST), one that was scanned waits
for its buyer (WAIT_BUYER_PAY), what is paid cannot be closed (40004), what is closed cannot be paid. `Simulator` is
the test's side: it scans, pays, loses and forges. Anything the shop sends that is not signed as the SDK would sign it
is answered by isv.invalid-signature and kept in `complaints`.
"""

import collections
import datetime
import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from alipay import AliPay, DCAliPay
from alipay_bill import bill_archive, bill_row, yuan

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def cents(text):
    yuan, _, rest = text.partition(".")
    return int(yuan) * 100 + int((rest + "00")[:2])


class Trade:
    def __init__(self, asked, notify_url):
        self.number, self.subject, self.amount = asked["out_trade_no"], asked["subject"], cents(asked["total_amount"])
        self.notify_url, self.expires = notify_url, asked.get("time_expire")
        self.reference = self.status = None  # until it is scanned
        self.paid_at = None
        self.refunds = {}  # out_request_no -> amount
        self.refunded_at = {}
        self.told = []  # the shop's answers to notifications

    def refunded(self):
        return sum(self.refunds.values())


class Simulator:
    """Alipay's side of an account. Its SDK is that of a client with the two key pairs exchanged."""

    def __init__(self, keys, certificates=False, shift_us=lambda: 0):
        self.keys, self.certificates, self.shift_us = keys, certificates, shift_us
        self.sdk = AliPay(APP_ID, app_private_key_string=keys.alipay_private, alipay_public_key_string=keys.app_public)
        self.lock = threading.RLock()
        self.trades, self.asked, self.complaints = {}, collections.Counter(), []
        self.lose_answers = collections.Counter()  # method -> how many answers are lost after the deed
        self.refuse = collections.defaultdict(list)  # method -> sub codes to answer by, instead of the deed
        self.spoil = collections.defaultdict(list)  # method -> what the answers' texts are replaced by
        self.is_down, self.answer_after_s = False, 0
        self.watch = lambda method, moment: None  # called "before" and "after" each deed, ahead of the answer
        self.calls = []  # (method, when) in the order of coming
        self.hosts = {}  # name -> host and port: where the shop's public name leads to
        self.bill_extra = []  # (reference, number, kind, amount, request) of every day's bill
        self.bill_left_out, self.bill_amounts = set(), {}  # by the numbers of trades and of refunds
        self.bill_file = None  # instead of what would be downloaded: bytes, or a function of the day
        self.changed = threading.Condition(self.lock)
        handler = type("Handler", (_Handler,), {"simulator": self})
        self.server = _QuietServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def settings(self, notify_url):
        """What the shop must be told to use this gateway."""
        own = ["payments.alipay_enabled=true", f"payments.alipay_app_id={APP_ID}",
               f"payments.alipay_seller_id={SELLER_ID}", f"payments.alipay_gateway={self.address}/gateway.do",
               f"payments.alipay_notify_url={notify_url}", "payments.alipay_return_url=http://shop.example/paid",
               f"payments.alipay_app_private_key_file={self.keys.file('app_private')}"]
        if not self.certificates:
            return own + [f"payments.alipay_public_key_file={self.keys.file('alipay_public')}"]
        return own + [f"payments.alipay_app_certificate_file={self.keys.file('app_certificate')}",
                      f"payments.alipay_certificate_file={self.keys.file('alipay_certificate')}",
                      f"payments.alipay_root_certificate_file={self.keys.file('root_certificates')}"]

    def now_text(self):
        now = datetime.datetime.now(CHINA) + datetime.timedelta(microseconds=self.shift_us())
        return now.strftime("%Y-%m-%d %H:%M:%S")

    def today(self):
        """Alipay's day is China's."""
        return self.now_text()[:10]

    # --- what the buyer does

    def wait_for(self, number, what="a call about it", deadline_s=60):
        """The trade that the shop asked for."""
        with self.changed:
            if not self.changed.wait_for(lambda: number in self.trades, deadline_s):
                raise AssertionError(f"not within {deadline_s} s: {what} ({number})")
            return self.trades[number]

    def scan(self, number):
        trade = self.wait_for(number)
        with self.lock:
            if trade.status is None:
                trade.status = "WAIT_BUYER_PAY"
                trade.reference = f"2026{int(time.time())}{len(self.trades):06}"
        return trade

    def pay(self, number, tell=True):
        """True if the money was taken."""
        trade = self.scan(number)
        with self.lock:
            if trade.status != "WAIT_BUYER_PAY":
                return False
            trade.status, trade.paid_at = "TRADE_SUCCESS", self.now_text()
        if tell:
            self.tell(number)
        return True

    def expire(self, number):
        """The time that the shop gave is over: Alipay itself closes what was not paid."""
        with self.lock:
            trade = self.trades[number]
            if trade.status == "WAIT_BUYER_PAY":
                trade.status = "TRADE_CLOSED"

    # --- notifications

    def notification(self, number, **changes):
        """The signed form; `changes` are made before it is signed."""
        trade = self.trades[number]
        fields = {"notify_time": self.now_text(), "notify_type": "trade_status_sync", "notify_id": f"n{time.time_ns()}",
                  "app_id": APP_ID, "charset": "utf-8", "version": "1.0", "seller_id": SELLER_ID,
                  "buyer_id": "2088102000000002", "out_trade_no": number, "trade_no": trade.reference,
                  "trade_status": trade.status, "total_amount": yuan(trade.amount), "subject": trade.subject,
                  "body": "", "gmt_create": self.now_text()}
        if trade.paid_at:
            fields.update({"gmt_payment": trade.paid_at, "receipt_amount": yuan(trade.amount),
                           "buyer_pay_amount": yuan(trade.amount)})
        if trade.refunds:
            fields.update({"refund_fee": yuan(trade.refunded()), "gmt_refund": self.now_text() + ".123",
                           "out_biz_no": list(trade.refunds)[-1]})
        fields.update(changes)
        return (self.sdk.sign_data(fields) + "&sign_type=RSA2").encode()

    def tell(self, number, form=None):
        """Sends a notification once and gives the shop's answer, which Alipay takes for "success" or for nothing."""
        trade = self.trades[number]
        url = urllib.parse.urlsplit(trade.notify_url)
        address = url._replace(netloc=self.hosts.get(url.netloc, url.netloc)).geturl()
        request = urllib.request.Request(address, form or self.notification(number), {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = answer.read().decode()
        except (OSError, urllib.error.URLError) as error:
            text = f"no answer: {error}"
        trade.told.append(text)
        return text

    # --- the gateway

    def is_signed(self, parameters):
        """As the SDK signs: over everything but the signature, sorted by name."""
        data = dict(parameters)
        sign = data.pop("sign", "")
        text = "&".join(f"{name}={value}" for name, value in self.sdk._ordered_data(data))
        try:
            return self.sdk._verify(text, sign)
        except ValueError:
            return False

    def complaint(self, parameters):
        missing = {"app_id", "method", "charset", "sign_type", "timestamp", "version", "sign"} - set(parameters)
        if missing:
            return f"isv.missing-{sorted(missing)[0]}"
        if parameters["app_id"] != APP_ID:
            return "isv.invalid-app-id"
        if parameters["sign_type"] != "RSA2" or not self.is_signed(parameters):
            return "isv.invalid-signature"
        if self.certificates:
            wanted = (DCAliPay.get_cert_sn(self.keys.app_certificate),
                      DCAliPay.get_root_cert_sn(self.keys.root_certificates))
            if (parameters.get("app_cert_sn"), parameters.get("alipay_root_cert_sn")) != wanted:
                return "isv.invalid-app-cert-sn"
        return None

    def answer(self, parameters):
        """The text of the answer, or None: it is lost."""
        method = parameters.get("method", "")
        self.watch(method, "before")
        with self.changed:
            self.asked[method] += 1
            self.calls.append((method, time.monotonic()))
            problem = self.complaint(parameters)
            if problem:
                self.complaints.append((problem, parameters))
                content = {"code": "40002", "msg": "Invalid Arguments", "sub_code": problem}
            elif self.refuse[method]:
                content = self.failed(self.refuse[method].pop(0))
            else:
                handler = getattr(self, "on_" + method.removeprefix("alipay.").replace(".", "_"))
                content = handler(json.loads(parameters["biz_content"]), parameters)
            self.changed.notify_all()
            if self.lose_answers[method] > 0:
                self.lose_answers[method] -= 1
                return None
            if self.spoil[method]:
                return self.spoil[method].pop(0)
        self.watch(method, "after")
        return self.envelope(method, content)

    def envelope(self, method, content):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        name = method.replace(".", "_") + "_response"
        serial = ""
        if self.certificates:
            serial = f',"alipay_cert_sn":"{DCAliPay.get_cert_sn(self.keys.alipay_certificate)}"'
        return f'{{"{name}":{text}{serial},"sign":"{self.sdk._sign(text)}"}}'

    @staticmethod
    def done(**more):
        return {"code": "10000", "msg": "Success", **more}

    @staticmethod
    def failed(sub_code):
        return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "业务失败"}

    def remember(self, asked, parameters):
        trade = self.trades.get(asked["out_trade_no"])
        if trade is None:
            trade = self.trades[asked["out_trade_no"]] = Trade(asked, parameters.get("notify_url"))
        return trade

    def on_trade_precreate(self, asked, parameters):
        if cents(asked["total_amount"]) <= 0 or not asked["subject"]:
            return self.failed("ACQ.INVALID_PARAMETER")
        trade = self.remember(asked, parameters)
        if trade.status not in (None, "WAIT_BUYER_PAY"):
            return self.failed("ACQ.TRADE_HAS_SUCCESS" if trade.paid_at else "ACQ.TRADE_HAS_CLOSE")
        if trade.amount != cents(asked["total_amount"]):
            return self.failed("ACQ.CONTEXT_INCONSISTENT")
        return self.done(out_trade_no=trade.number, qr_code=f"https://qr.alipay.example/{trade.number}")

    def on_trade_query(self, asked, _):
        trade = self.trades.get(asked["out_trade_no"])
        if trade is None or trade.status is None:
            return self.failed("ACQ.TRADE_NOT_EXIST")
        more = {"send_pay_date": trade.paid_at} if trade.paid_at else {}
        return self.done(out_trade_no=trade.number, trade_no=trade.reference, trade_status=trade.status,
                         total_amount=yuan(trade.amount), buyer_logon_id="b***@sim.example",
                         fund_bill_list=[{"amount": yuan(trade.amount), "fund_channel": "ALIPAYACCOUNT"}], **more)

    def on_trade_close(self, asked, _):
        trade = self.trades.get(asked["out_trade_no"])
        if trade is None or trade.status is None:
            return self.failed("ACQ.TRADE_NOT_EXIST")
        if trade.status != "WAIT_BUYER_PAY":
            return self.failed("ACQ.TRADE_STATUS_ERROR")
        trade.status = "TRADE_CLOSED"
        return self.done(out_trade_no=trade.number, trade_no=trade.reference)

    def on_trade_refund(self, asked, _):
        trade = self.trades.get(asked["out_trade_no"])
        if trade is None or trade.paid_at is None:
            return self.failed("ACQ.TRADE_NOT_EXIST" if trade is None else "ACQ.TRADE_NOT_ALLOW_REFUND")
        amount, request = cents(asked["refund_amount"]), asked["out_request_no"]
        changed = request not in trade.refunds
        if changed:
            if amount <= 0 or trade.refunded() + amount > trade.amount:
                return self.failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            trade.refunds[request] = amount
            trade.refunded_at[request] = self.now_text()
            if trade.refunded() == trade.amount:
                trade.status = "TRADE_CLOSED"
        return self.done(out_trade_no=trade.number, trade_no=trade.reference, fund_change="Y" if changed else "N",
                         refund_fee=yuan(trade.refunded()))

    def on_trade_fastpay_refund_query(self, asked, _):
        trade = self.trades.get(asked["out_trade_no"])
        amount = trade.refunds.get(asked["out_request_no"]) if trade else None
        if amount is None:
            return self.done()
        return self.done(out_trade_no=trade.number, trade_no=trade.reference, out_request_no=asked["out_request_no"],
                         refund_status="REFUND_SUCCESS", refund_amount=yuan(amount), total_amount=yuan(trade.amount))

    def on_data_dataservice_bill_downloadurl_query(self, asked, _):
        day = asked["bill_date"]
        if asked["bill_type"] != "trade" or not (self.booked(day) or self.bill_file):
            return self.failed("isp.bill_not_exist")
        return self.done(bill_download_url=f"{self.address}/bill?day={day}")

    def on_trade_page_pay(self, asked, parameters):
        self.remember(asked, parameters)
        self.scan(asked["out_trade_no"])
        return self.done()

    # --- the day's bill

    def booked(self, day):
        """(trade, kind, number of the refund or "", amount, when) of everything on that day."""
        found = [(trade, "交易", "", trade.amount, trade.paid_at) for trade in self.trades.values() if trade.paid_at]
        found += [(trade, "退款", request, -amount, trade.refunded_at[request])
                  for trade in self.trades.values() for request, amount in trade.refunds.items()]
        return [line for line in found if line[-1].startswith(day)]

    def bill_rows(self, day):
        for trade, kind, request, amount, at in self.booked(day):
            number = request or trade.number
            if number not in self.bill_left_out:
                amount = self.bill_amounts.get(number, amount)
                text = "-" * (amount < 0) + yuan(abs(amount))
                yield bill_row(trade.reference, trade.number, kind, text, request, at)
        for reference, number, kind, amount, request in self.bill_extra:
            yield bill_row(reference, number, kind, amount, request, f"{day} 12:00:00")

    def bill(self, day):
        """The archive as it is downloaded."""
        with self.lock:
            if self.bill_file is not None:
                return self.bill_file(day) if callable(self.bill_file) else self.bill_file
            return bill_archive(self.bill_rows(day), SELLER_ID)


class _QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A shop that is killed breaks its connections; everything else is a fault of the test."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    simulator = None

    def log_message(self, *_):
        pass

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        form = self.rfile.read(size).decode()
        if self.simulator.is_down:
            self.close_connection = True
            return
        time.sleep(self.simulator.answer_after_s)  # a slow gateway is what is tried
        if url.path == "/bill":
            day = urllib.parse.parse_qs(url.query)["day"][0]
            self.reply(200, self.simulator.bill(day), "application/zip")
            return
        parameters = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        parameters.update(urllib.parse.parse_qsl(form, keep_blank_values=True))
        text = self.simulator.answer(parameters)
        if text is None:
            self.close_connection = True
            return
        self.reply(200, text.encode(), "text/html;charset=utf-8")

    def reply(self, status, body, media):
        try:
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the shop has stopped waiting, or was killed

    do_GET = do_POST = handle_any
