"""The sandbox does on demand what providers do wrong: whatever it is, the order ends as paid or its money is back.

Its pay page is used as a browser would use it.
"""

import html.parser
import re
import urllib.parse

import packages

packages.use("html5lib==1.1")

import html5lib  # noqa: E402
from harness import eventually, main  # noqa: E402
from paying import CUP, TEA, PayingTest  # noqa: E402

FORM = "application/x-www-form-urlencoded"
INJECTIONS = ('"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "' onclick='alert(1)", "lost&#x22;",
              "lost,</form>", "%3Cscript%3E", "lost\x00", "lost\r\nSet-Cookie: a=b", "{{7*7}}", "lost,nonsense")


class SandboxTest(PayingTest):
    def settle(self, payment, outcome="success", *faults, status=200):
        """What the page does, for programs."""
        return self.server.guest().ok("POST", f"/sandbox/payments/{payment}", {"outcome": outcome, "faults": faults},
                                      status=status)

    def started(self, **lines):
        order = self.order(**lines)
        return order, self.begin(order, way="page")["id"]

    def paid(self, **lines):
        order, payment = self.started(**lines)
        self.settle(payment)
        self.await_order(order, "paid")
        return order, payment

    def set_faults(self, *faults):
        """Starts the server anew with other faults; the sandbox remembers its payments. What was asked is asked again
        after a kill, so it must be known to be answered."""
        self.server.settled_position()
        self.server.stop()
        self.serve(f"payments.sandbox_faults={','.join(faults)}", "order.answer_deadline_ms=500")
        self.ada = self.server.log_in("ada")


class FaultTest(SandboxTest):
    def test_a_callback_that_is_lost_is_made_up_for_by_asking(self):
        order, payment = self.started()
        self.assertEqual(self.settle(payment, "success", "lost", status=202)["state"], "started")
        self.assertEqual(self.state_of(order), "awaiting_payment")
        self.clock.move("16 s")
        self.await_order(order, "paid")
        self.end()

    def test_a_callback_that_comes_twice_pays_once(self):
        order, payment = self.started()
        self.settle(payment, "success", "doubled")
        self.await_order(order, "paid")
        eventually("both have come", lambda: self.metric("souk_payment_notifications_total", result="accepted") == 2)
        self.assertEqual([kind for kind in self.events_of(payment) if kind == "succeeded"], ["succeeded"])

    def test_a_callback_that_comes_too_late_is_refunded_by_itself(self):
        order, payment = self.started()
        self.set_faults("fail_close", "fail_query", "late")
        self.settle(payment, status=202)  # the answer does not wait for it
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.await_payment(order, payment, "refunded")
        self.assertEqual(self.state_of(order), "cancelled")
        self.end()

    def test_money_for_a_payment_that_was_closed_is_refunded_by_itself(self):
        order, payment = self.started()
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.await_payment(order, payment, "closed")
        self.settle(payment)
        self.await_payment(order, payment, "refunded")
        self.end()

    def test_b07_a_callback_about_another_amount_is_refused_and_told_to_people(self):
        order, payment = self.started()
        self.assertEqual(self.settle(payment, "success", "wrong_amount")["state"], "started")
        self.assertEqual(self.state_of(order), "awaiting_payment")
        # It is not acknowledged, so it comes again; each time it is refused, and recorded once.
        eventually("it is refused", lambda: self.metric("souk_payment_notifications_total", result="refused") >= 2)
        self.server.settled_position()
        alerts = self.admin.ok("GET", "/api/v1/admin/payment-alerts")["items"]
        self.assertEqual([(alert["payment_id"], alert["reason"]) for alert in alerts], [(payment, "wrong_amount")])
        self.clock.move("16 s")  # asked, it says what is true
        self.await_order(order, "paid")
        self.end()

    def test_a_payment_that_cannot_be_created_says_why_and_is_created_later(self):
        self.set_faults("fail_create")
        order = self.order()
        begun = self.begin(order)
        self.assertEqual((begun["state"], begun["problem"]), ("started", "the sandbox was told to fail"))
        self.assert_problem(self.server.guest().post(f"/sandbox/payments/{begun['id']}", {"outcome": "success"}), 503,
                            "payment.not_yet")
        self.set_faults()
        self.clock.move("16 s")
        path = f"/api/v1/orders/{order}/payments/{begun['id']}"
        eventually("it can be paid", lambda: "pay_url" in self.ada.ok("GET", path))
        self.settle(begun["id"])
        self.await_order(order, "paid")
        self.end()

    def test_a_payment_that_can_never_be_created_ends_as_failed(self):
        self.set_faults("fail_create")
        order = self.order()
        payment = self.begin(order)["id"]
        self.clock.move("11 min")
        self.await_order(order, "cancelled")
        self.clock.move("30 min")
        self.await_payment(order, payment, "failed")
        self.end()

    def test_a_payment_that_cannot_be_asked_about_is_paid_by_its_callback(self):
        self.set_faults("fail_query")
        order, payment = self.started()
        self.clock.move("1 min")
        self.server.settled_position()
        self.settle(payment)
        self.await_order(order, "paid")
        self.end()

    def test_b06_a_payment_that_cannot_be_closed_is_not_called_closed_and_is_closed_later(self):
        self.set_faults("fail_close")
        order, payment = self.started()
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        for _ in range(3):
            self.clock.move("2 min")
            self.server.settled_position()
        self.assertEqual(self.standing(order, payment), "started")
        self.set_faults()
        self.clock.move("30 min")
        self.await_payment(order, payment, "closed")
        self.end()

    def test_a_refund_that_is_refused_waits_for_an_administrator(self):
        order, payment = self.paid()
        self.set_faults("fail_refund")
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.await_payment(order, payment, "refund_failed")
        self.assertEqual(self.state_of(order), "cancelled")
        self.set_faults()
        (refund,) = self.details(payment)["refunds"]
        self.assertEqual(refund["problem"], "the sandbox was told to fail")
        self.admin.ok("POST", f"/api/v1/admin/payments/{payment}/refunds/{refund['refund_id']}/retry")
        self.await_order(order, "closed_refunded")
        self.end()

    def test_a_refund_that_is_made_but_not_answered_is_made_once(self):
        order, payment = self.paid(tea=2, cup=1)
        self.set_faults("unsure_refund")
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.server.settled_position()
        self.assertEqual(self.standing(order, payment), "refunding")
        self.set_faults()
        self.clock.move("31 s")
        self.await_payment(order, payment, "partially_refunded")
        self.assertEqual(self.refund(order).status, 201)
        self.await_order(order, "closed_refunded")
        self.assertEqual(self.details(payment)["payment"]["refunded"]["amount"], 2 * TEA + CUP)
        self.end()

    def test_a_customer_who_refuses_may_try_again(self):
        order, payment = self.started()
        self.assertEqual(self.settle(payment, "failure")["state"], "closed")
        again = self.begin(order, way="page")["id"]
        self.settle(again)
        self.await_order(order, "paid")
        self.end()

    def test_everything_wrong_at_once_still_ends_with_the_money_back(self):
        self.set_faults("doubled", "late", "fail_query", "fail_close", "unsure_refund")
        bought = [self.started(tea=number % 3 + 1) for number in range(6)]
        for number, (order, payment) in enumerate(bought):
            self.settle(payment, "success", *(["lost"] if number % 2 else []), status=202)
            if number % 3 == 0:
                self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.clock.move("11 min")
        eventually("nobody waits", lambda: all(self.state_of(order) != "awaiting_payment" for order, _ in bought))
        self.set_faults()
        self.clock.move("12 h")
        for order, payment in bought:
            eventually("it has ended", lambda o=order, p=payment: (self.state_of(o), self.standing(o, p)) in (
                ("paid", "succeeded"), ("cancelled", "refunded"), ("closed_refunded", "refunded")))
        self.end()

    def test_its_own_bill_agrees_with_the_shop(self):
        order, payment = self.paid(tea=2)
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.await_payment(order, payment, "partially_refunded")
        self.server.settled_position()
        date = self.details(payment)["started_at"][:10]
        answer = self.admin.ok("POST", "/api/v1/admin/reconciliations", {"provider": "sandbox", "date": date})
        self.assertEqual((answer["bill_lines"], answer["own_bookings"], answer["differences"]), (2, 2, []))
        self.end()


class Page(html.parser.HTMLParser):
    """A form as a browser has it."""

    def __init__(self, text):
        super().__init__()
        self.action = self.method = None
        self.hidden, self.buttons, self.tags = {}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag == "form":
            self.action, self.method = attributes["action"], attributes["method"].upper()
        elif tag == "input":
            self.hidden[attributes["name"]] = attributes["value"]
        elif tag == "button":
            self.buttons.append((attributes["name"], attributes["value"]))

    def press(self, client, value):
        name = next(name for name, one in self.buttons if one == value)
        body = urllib.parse.urlencode({**self.hidden, name: value}).encode()
        return client.send(self.method, self.action, body, media=FORM)


class PageTest(SandboxTest):
    def page(self, payment, faults=None):
        query = f"?faults={urllib.parse.quote(faults)}" if faults is not None else ""
        return self.server.guest().get(f"/sandbox/payments/{payment}{query}")

    def read(self, answer):
        """The form of a page that is well-formed, does nothing by itself, and cannot be framed."""
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/html; charset=utf-8"), answer)
        policy = answer.headers["Content-Security-Policy"].split("; ")
        for rule in ("default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
            self.assertIn(rule, policy)
        for name, value in (("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
                            ("X-Content-Type-Options", "nosniff")):
            self.assertEqual(answer.headers[name], value)
        text = answer.body.decode()
        html5lib.HTMLParser(strict=True).parse(text)  # raises whatever a browser would have to guess
        page = Page(text)
        for tag, attributes in page.tags:
            self.assertNotIn(tag, ("script", "iframe", "img", "object", "a"))
            self.assertFalse([name for name in attributes if name.startswith("on")], attributes)
        return page

    def test_the_page_asks_for_a_decision_and_shows_it(self):
        order, payment = self.started(tea=2)
        answer = self.page(payment)
        self.assertIn("39.98 CNY", answer.body.decode())
        page = self.read(answer)
        self.assertEqual([value for _, value in page.buttons], ["success", "failure"])
        decided = page.press(self.server.guest(), "success")
        self.assertEqual(self.read(decided).buttons, [])
        self.await_order(order, "paid")
        self.assertEqual(self.read(self.page(payment)).buttons, [])  # nothing is left to be decided
        self.end()

    def test_a_customer_who_refuses_by_the_page_may_pay_after_all_too_late(self):
        order, payment = self.started()
        page = self.read(self.page(payment))
        closed = self.read(page.press(self.server.guest(), "failure"))
        self.await_payment(order, payment, "closed")
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        closed.press(self.server.guest(), "success")
        self.await_payment(order, payment, "refunded")
        self.end()

    def test_the_page_carries_the_faults_that_it_was_asked_for(self):
        order, payment = self.started()
        page = self.read(self.page(payment, "lost"))
        self.assertEqual(page.hidden["faults"], "lost")
        page.press(self.server.guest(), "success")
        self.server.settled_position()
        self.assertEqual(self.state_of(order), "awaiting_payment")
        self.clock.move("16 s")
        self.await_order(order, "paid")
        self.end()

    def test_nothing_that_a_stranger_writes_into_the_address_or_the_form_gets_onto_the_page(self):
        _, payment = self.started()
        for text in INJECTIONS:
            with self.subTest(text=text):
                answer = self.page(payment, text)
                self.assert_problem(answer, 400, "query.faults_invalid")
                self.assertNotIn(text.encode(), answer.body)
                body = urllib.parse.urlencode({"outcome": "success", "faults": text}).encode()
                posted = self.server.guest().post(f"/sandbox/payments/{payment}/decision", body, media=FORM)
                self.assert_problem(posted, 400, "field.invalid")
        for body in (b"", b"outcome=maybe", b"outcome=success&outcome=failure", b"outcome=%zz", b"\xff", b"{}"):
            with self.subTest(body=body):
                posted = self.server.guest().post(f"/sandbox/payments/{payment}/decision", body, media=FORM)
                self.assert_problem(posted, 400)
        for body in ({"outcome": "success", "faults": ["doubled"] * 10}, {"outcome": "success", "faults": ["x"]},
                     {"outcome": "maybe"}, {}):
            self.assert_problem(self.server.guest().post(f"/sandbox/payments/{payment}", body), 400, "field.invalid")
        self.assertEqual(self.details(payment)["payment"]["state"], "started")

    def test_what_is_no_payment_has_no_page(self):
        self.assert_problem(self.page("7zzzzzzzzzzzzzzzzzzzzzzzzz"), 404, "payment.not_found")
        self.assert_problem(self.page("x"), 404, "payment.not_found")

    def test_a_sandbox_that_is_off_has_no_page_and_takes_no_payment(self):
        order, payment = self.started()
        self.restart("payments.sandbox_enabled=false")
        self.assert_problem(self.page(payment), 404)
        self.assert_problem(self.server.guest().post(f"/sandbox/payments/{payment}", {"outcome": "success"}), 404)
        self.assert_problem(self.ada.post(f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}), 400,
                            "payment.provider_unknown")
        notify = "/api/v1/payments/notifications/sandbox"
        self.assert_problem(self.server.guest().post(notify, b"a=b", media=FORM), 404, "payment.provider_unknown")
        self.clock.move("11 min")
        self.await_order(order, "cancelled")
        self.end()

    def test_b07_only_the_sandbox_itself_can_sign_for_it(self):
        order, payment = self.started()
        form = {"payment_id": payment, "reference": f"sandbox-{payment}", "outcome": "paid", "amount": str(TEA),
                "currency": "CNY", "sent_at": "2026-11-23T08:55:36.551548Z"}
        for sign in ("", "AAAA", "A" * 43 + "="):
            body = urllib.parse.urlencode({**form, "sign": sign}).encode()
            answer = self.server.guest().post("/api/v1/payments/notifications/sandbox", body, media=FORM)
            self.assertEqual((answer.status, answer.body), (200, b"failure"))
            self.assertTrue(re.match(r"text/plain", answer.headers["Content-Type"]))
        self.assertEqual(self.state_of(order), "awaiting_payment")
        self.assertEqual(self.metric("souk_payment_notifications_total", result="forged"), 3)


if __name__ == "__main__":
    main()
