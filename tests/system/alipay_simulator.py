"""A gateway that speaks Alipay's protocol, for tests: what signs and verifies is python-alipay-sdk, which is not ours.

Trades behave as Alipay's do: a QR code alone is no trade yet (40004 ACQ.TRADE_NOT_EXIST), one that was scanned waits
for its buyer (WAIT_BUYER_PAY), what is paid cannot be closed (40004), what is closed cannot be paid. `Simulator` is
the test's side: it scans, pays, loses and forges. Anything the shop sends that is not signed as the SDK would sign it
is answered by isv.invalid-signature and kept in `complaints`.
"""

import collections
import datetime
import http.server
import io
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

from alipay import AliPay, DCAliPay

APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"
CHINA = datetime.timezone(datetime.timedelta(hours=8))
HEADINGS = ("支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
            "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
            "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注")


def now_text():
    return datetime.datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def today():
    """Alipay's day is China's."""
    return now_text()[:10]


def cents(text):
    yuan, _, rest = text.partition(".")
    return int(yuan) * 100 + int((rest + "00")[:2])


def yuan(amount):
    return f"{amount // 100}.{amount % 100:02}"


class Trade:
    def __init__(self, asked, notify_url):
        self.number, self.subject, self.amount = asked["out_trade_no"], asked["subject"], cents(asked["total_amount"])
        self.notify_url, self.expires = notify_url, asked.get("time_expire")
        self.reference = self.status = None  # until it is scanned
        self.paid_at = None
        self.refunds = {}  # out_request_no -> amount
        self.told = []  # the shop's answers to notifications

    def refunded(self):
        return sum(self.refunds.values())


class Simulator:
    """Alipay's side of an account. Its SDK is that of a client with the two key pairs exchanged."""

    def __init__(self, keys, certificates=False):
        self.keys, self.certificates = keys, certificates
        self.sdk = AliPay(APP_ID, app_private_key_string=keys.alipay_private, alipay_public_key_string=keys.app_public)
        self.lock = threading.RLock()
        self.trades, self.asked, self.complaints = {}, collections.Counter(), []
        self.lose_answers = collections.Counter()  # method -> how many answers are lost after the deed
        self.refuse = collections.defaultdict(list)  # method -> sub codes to answer by, instead of the deed
        self.spoil = collections.defaultdict(list)  # method -> what the answers' texts are replaced by
        self.is_down, self.answer_after_s = False, 0
        self.calls = []  # (method, when) in the order of coming
        self.hosts = {}  # name -> host and port: where the shop's public name leads to
        self.bill_extra, self.bill_left_out, self.bill_is_cut = [], set(), False
        self.changed = threading.Condition(self.lock)
        handler = type("Handler", (_Handler,), {"simulator": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
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
            trade.status, trade.paid_at = "TRADE_SUCCESS", now_text()
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
        fields = {"notify_time": now_text(), "notify_type": "trade_status_sync", "notify_id": f"n{time.time_ns()}",
                  "app_id": APP_ID, "charset": "utf-8", "version": "1.0", "seller_id": SELLER_ID,
                  "buyer_id": "2088102000000002", "out_trade_no": number, "trade_no": trade.reference,
                  "trade_status": trade.status, "total_amount": yuan(trade.amount), "subject": trade.subject,
                  "body": "", "gmt_create": now_text()}
        if trade.paid_at:
            fields.update({"gmt_payment": trade.paid_at, "receipt_amount": yuan(trade.amount),
                           "buyer_pay_amount": yuan(trade.amount)})
        if trade.refunds:
            fields.update({"refund_fee": yuan(trade.refunded()), "gmt_refund": now_text() + ".123",
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
        if asked["bill_type"] != "trade" or asked["bill_date"] != today():
            return self.failed("isp.bill_not_exist")
        return self.done(bill_download_url=f"{self.address}/bill")

    def on_trade_page_pay(self, asked, parameters):
        self.remember(asked, parameters)
        self.scan(asked["out_trade_no"])
        return self.done()

    # --- the day's bill

    def bill(self):
        def row(reference, number, kind, amount, request=""):
            cells = [f"{reference}\t", f"{number}\t", kind, "Order, with a comma", now_text(), now_text(), "", "", "", "",
                     "b***@sim.example", amount, amount, *["0.00"] * 5, "", "0.00", "0.00", request, "-0.01", "0.00", ""]
            return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)

        with self.lock:
            rows = [row(trade.reference, trade.number, "交易", yuan(trade.amount)) for trade in self.trades.values()
                    if trade.paid_at and trade.number not in self.bill_left_out]
            rows += [row(trade.reference, trade.number, "退款", "-" + yuan(amount), request)
                     for trade in self.trades.values() for request, amount in trade.refunds.items()
                     if request not in self.bill_left_out]
            rows += [row(*cells) for cells in self.bill_extra]
        lines = ["#支付宝业务明细查询", f"#账号：[{SELLER_ID}]", "#-----------------业务明细列表----------------", HEADINGS,
                 *rows]
        if not self.bill_is_cut:
            lines += ["#-----------------业务明细列表结束----------------", f"#交易合计：{len(rows)}笔"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(f"{SELLER_ID}_业务明细(汇总).csv".encode("gbk").decode("latin-1"),
                         "#支付宝业务汇总查询\n".encode("gbk"))
            out.writestr(f"{SELLER_ID}_业务明细.csv".encode("gbk").decode("latin-1"), "\n".join(lines).encode("gbk"))
        return archive.getvalue()


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
            self.reply(200, self.simulator.bill(), "application/zip")
            return
        parameters = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        parameters.update(urllib.parse.parse_qsl(form, keep_blank_values=True))
        text = self.simulator.answer(parameters)
        if text is None:
            self.close_connection = True
            return
        self.reply(200, text.encode(), "text/html;charset=utf-8")

    def reply(self, status, body, media):
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = handle_any
