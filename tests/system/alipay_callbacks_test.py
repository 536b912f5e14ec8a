"""What Alipay says of a payment, however often, late, wrong or forged it is said: paid once, or all money is back."""

import threading

from alipay_shop import AlipayTest
from harness import eventually, main
from paying import TEA

NOBODY = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


class CallbackTest(AlipayTest):
    def test_b08_b09_a_lost_callback_is_found_by_asking_and_the_goods_are_sold_as_ever(self):
        order, payment = self.scanned()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.assertEqual(self.state_of(order), "awaiting_payment")
        self.clock.move("16 s")
        self.await_order(order, "paid")
        self.assertEqual(self.asked("query"), 1)
        stock = f"/api/v1/admin/stock/{self.skus['tea']}"
        eventually("it is sold", lambda: self.admin.ok("GET", stock)["sold"] == 1)
        self.assertEqual(self.admin.ok("GET", stock)["reserved"], 0)
        self.end()

    def test_b09_an_open_payment_is_asked_about_ever_more_rarely_until_its_time_is_over_and_then_closed(self):
        order, payment = self.scanned()
        for times, wait in enumerate((16, 30, 60, 120, 240), 1):
            self.clock.move(f"{wait - 1} s")
            self.server.settled_position()
            self.assertEqual(self.asked("query"), times - 1)
            self.clock.move("1 s")
            self.await_asked("query", times)
        self.clock.move("3 min")
        self.await_payment(order, payment, "closed")
        self.await_order(order, "cancelled")
        self.assertEqual(self.alipay.trades[payment].status, "TRADE_CLOSED")
        self.assertFalse(self.alipay.pay(payment))
        self.end()

    def test_b11_a_callback_that_comes_again_changes_nothing(self):
        order, payment = self.paid()
        for _ in range(3):
            self.assertEqual(self.alipay.tell(payment), "success")
        stock = f"/api/v1/admin/stock/{self.skus['tea']}"
        eventually("it is deducted", lambda: self.admin.ok("GET", stock)["sold"] == 1)
        self.assertEqual(self.state_of(order), "paid")
        self.assertEqual(self.metric("souk_payment_notifications_total", result="accepted"), 4)
        self.assertEqual(self.events_of(payment), ["started", "created", "reported", "succeeded"])

    def test_callback_and_poll_may_come_in_either_order(self):
        found, told = self.scanned(), self.scanned()
        self.assertTrue(self.alipay.pay(found[1], tell=False))
        self.assertTrue(self.alipay.pay(told[1]))
        self.clock.move("16 s")
        for order, _ in (found, told):
            self.await_order(order, "paid")
        self.assertEqual(self.alipay.tell(found[1]), "success")
        self.clock.move("1 h")
        events = self.end()
        self.assertEqual([event["type"] for event in events].count("payment.succeeded"), 2)

    def test_b05_money_that_comes_when_nobody_can_be_told_to_refuse_it_any_more_goes_back_by_itself(self):
        order, payment = self.scanned()
        self.alipay.is_down = True  # the shop's word that it is over does not arrive
        self.clock.move("11 min")
        self.await_order(order, "cancelled")
        self.assertTrue(self.alipay.pay(payment))
        self.await_payment(order, payment, "refunding")
        self.alipay.is_down = False
        self.clock.move("6 h")
        self.await_payment(order, payment, "refunded")
        self.assertEqual(self.state_of(order), "cancelled")
        self.end()

    def test_b05_a_payment_that_cannot_be_closed_because_it_was_paid_goes_back_by_itself(self):
        order, payment = self.scanned()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.alipay.refuse["alipay.trade.query"] = ["ACQ.SYSTEM_ERROR"] * 2  # nothing is learned before the end
        self.clock.move("11 min")
        self.await_order(order, "cancelled")
        self.await_asked("close", 1)
        self.move_until("it is refunded", lambda: self.standing(order, payment) == "refunded", step="1 min")
        self.assertEqual(self.alipay.trades[payment].status, "TRADE_CLOSED")  # given back whole
        self.end()

    def test_what_alipay_says_of_refunds_and_of_the_end_of_a_trade_changes_nothing(self):
        order, payment = self.paid(tea=2)
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.await_payment(order, payment, "partially_refunded")
        self.assertEqual(self.alipay.tell(payment), "success")
        self.assertEqual(self.alipay.tell(payment, self.alipay.notification(payment, trade_status="TRADE_FINISHED")),
                         "success")
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.await_order(order, "closed_refunded")
        self.assertEqual(self.alipay.tell(payment), "success")
        self.assertEqual(self.standing(order, payment), "refunded")
        self.end()

    def test_a_trade_that_alipay_closes_by_itself_is_closed(self):
        order, payment = self.scanned()
        self.alipay.expire(payment)
        self.assertEqual(self.alipay.tell(payment), "success")
        self.await_payment(order, payment, "closed")
        self.assertFalse(self.alipay.pay(payment))
        again = self.begin(order)["id"]
        self.assertTrue(self.alipay.pay(again))
        self.await_order(order, "paid")
        self.end()


class RefusedCallbackTest(AlipayTest):
    """Wrong or forged: recorded, refused, told to people, and never taken for a payment."""

    def assert_refused(self, payment, form, reason, result):
        before = self.metric("souk_payment_notifications_total", result=result)
        self.assertEqual(self.alipay.tell(payment, form), "failure")
        self.assertEqual(self.metric("souk_payment_notifications_total", result=result), before + 1)
        seen = {"Souk-Position": self.details_position(payment)}
        alert = self.admin.ok("GET", "/api/v1/admin/payment-alerts?limit=1", headers=seen)["items"][0]
        self.assertEqual((alert["payment_id"], alert["provider"], alert["reason"]), (payment, "alipay", reason))
        self.assertIn(reason, self.details(payment)["refused_reports"])

    def details_position(self, payment):
        self.server.settled_position()
        return self.admin.get(f"/api/v1/admin/payments/{payment}").headers["Souk-Position"]

    def is_logged(self, payment, reason):
        """Of an amount the log says what was told, not that it does not fit."""
        told = "paid, " if reason == "wrong_amount" else f"objection: {reason}"
        return any(payment in line["msg"] and told in line["msg"] for line in self.logged_warnings())

    def end_unpaid(self, order, payment, *reasons):
        """Nothing of it counted; what Alipay really says still does."""
        self.assertEqual((self.state_of(order), self.standing(order, payment)), ("awaiting_payment", "started"))
        for reason in reasons:
            eventually(f"{reason} is logged", lambda reason=reason: self.is_logged(payment, reason))
        self.assertTrue(self.alipay.pay(payment))
        self.await_order(order, "paid")
        refused = [event["payload"]["reason"] for event in self.end() if event["type"] == "payment.report_refused"]
        self.assertEqual(refused, list(reasons))

    def test_money_that_was_taken_with_another_amount_goes_back_when_an_administrator_says_so(self):
        order, payment = self.scanned()
        self.alipay.trades[payment].amount = TEA + 1
        self.assertTrue(self.alipay.pay(payment))
        self.server.settled_position()
        shown = self.details(payment)
        self.assertEqual((shown["payment"]["state"], shown["wrong_amount"]["amount"]), ("started", TEA + 1))
        path = f"/api/v1/admin/payments/{payment}/return"
        self.assert_problem(self.ada.post(path), 403, "access.denied")
        self.assertEqual(self.admin.ok("POST", path, key="return-1")["captured"]["amount"], TEA + 1)
        self.assertEqual(self.admin.post(path, key="return-1").status, 200)
        self.await_payment(order, payment, "refunded")
        self.assertEqual(self.alipay.trades[payment].refunded(), TEA + 1)
        self.assertEqual(self.state_of(order), "awaiting_payment")
        _, right = self.paid()
        self.assert_problem(self.admin.post(f"/api/v1/admin/payments/{right}/return"), 409, "payment.no_wrong_amount")
        asked = self.asked("query")
        self.clock.move("7 h")
        self.server.settled_position()
        self.assertEqual(self.asked("query"), asked)  # nothing is left to be asked about
        self.end()

    def test_b07_another_amount(self):
        order, payment = self.scanned()
        for amount in ("0.01", "19.98", "20.00"):
            form = self.alipay.notification(payment, trade_status="TRADE_SUCCESS", total_amount=amount)
            self.assert_refused(payment, form, "wrong_amount", "refused")
        form = self.alipay.notification(payment, trade_status="TRADE_SUCCESS", total_amount="19.99.")
        self.assert_refused(payment, form, "amount", "refused")
        self.end_unpaid(order, payment, "wrong_amount", "amount")

    def test_b07_another_currency(self):
        order, payment = self.scanned()
        form = self.alipay.notification(payment, trade_status="TRADE_SUCCESS", trans_currency="USD")
        self.assert_refused(payment, form, "currency", "refused")
        self.end_unpaid(order, payment, "currency")

    def test_b07_another_seller_or_another_app(self):
        order, payment = self.scanned()
        form = self.alipay.notification(payment, trade_status="TRADE_SUCCESS", seller_id="2088000000000666")
        self.assert_refused(payment, form, "seller", "refused")
        form = self.alipay.notification(payment, trade_status="TRADE_SUCCESS", app_id="2021000000000666")
        self.assert_refused(payment, form, "app_id", "refused")
        self.end_unpaid(order, payment, "seller", "app_id")

    def test_b07_what_was_not_signed_by_alipay(self):
        order, payment = self.scanned()
        true = self.alipay.notification(payment)
        self.assertIn(b"WAIT_BUYER_PAY", true)
        forged = true.replace(b"WAIT_BUYER_PAY", b"TRADE_SUCCESS")
        unsigned = b"&".join(part for part in forged.split(b"&") if not part.startswith(b"sign="))
        for form in (forged, unsigned, forged.replace(b"sign=", b"sign=AAAA"), forged + b"&gmt_payment=now"):
            self.assert_refused(payment, form, "signature", "forged")
        self.end_unpaid(order, payment, "signature")

    def test_b07_what_says_nothing_that_could_be_a_payment_of_ours(self):
        order, payment = self.scanned()
        paid = {"trade_status": "TRADE_SUCCESS"}
        forms = [self.alipay.notification(payment, out_trade_no=NOBODY, **paid),
                 self.alipay.notification(payment, out_trade_no="order-1", **paid),
                 self.alipay.notification(payment, **paid).replace(b"sign_type=RSA2", b"sign_type=RSA"),
                 self.alipay.notification(payment, **paid) + b"&out_trade_no=" + payment.encode(),
                 b"\xff\xfe", b"{}", b"a=%zz", b"=&=&=", b"&" * 1_000]
        for form in forms:
            with self.subTest(form=form[:60]):
                before = self.metric("souk_payment_notifications_total", result="forged")
                self.assertEqual(self.alipay.tell(payment, form), "failure")
                self.assertEqual(self.metric("souk_payment_notifications_total", result="forged"), before + 1)
        self.end_unpaid(order, payment)

    def test_b07_one_orders_money_does_not_pay_another(self):
        dear, dear_payment = self.scanned(tea=9)
        cheap, cheap_payment = self.scanned(tea=1)
        self.assertTrue(self.alipay.pay(cheap_payment, tell=False))
        form = self.alipay.notification(cheap_payment, out_trade_no=dear_payment)
        self.assert_refused(dear_payment, form, "wrong_amount", "refused")
        self.assertEqual(self.alipay.tell(cheap_payment), "success")
        self.await_order(cheap, "paid")
        self.assertEqual(self.state_of(dear), "awaiting_payment")
        self.end()


class CancelTest(AlipayTest):
    def test_b02_an_order_that_was_cancelled_before_the_callback_stays_cancelled_and_the_money_goes_back(self):
        order, payment = self.scanned()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.assertEqual(self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")["state"], "cancelled")
        self.assertEqual(self.alipay.tell(payment), "success")
        self.await_payment(order, payment, "refunded")
        self.assertEqual(self.state_of(order), "cancelled")
        self.end()

    def test_a_customer_cancels_after_the_callback(self):
        order, payment = self.paid()
        self.assertEqual(self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")["state"], "cancelled")
        self.await_order(order, "closed_refunded")
        self.assertEqual(self.standing(order, payment), "refunded")
        stock = self.admin.ok("GET", f"/api/v1/admin/stock/{self.skus['tea']}")
        self.assertEqual((stock["on_hand"], stock["sold"], stock["restocked"]), (100, 1, 1))
        self.end()

    def test_a_cancelled_order_cannot_be_paid_any_more_even_by_a_code_that_was_scanned(self):
        order, payment = self.scanned()
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.await_payment(order, payment, "closed")
        self.assertFalse(self.alipay.pay(payment))
        self.assert_problem(self.ada.post(f"/api/v1/orders/{order}/payments", {"provider": "alipay", "way": "qr"}), 409,
                            "order.not_payable")
        self.end()

    def test_cancel_callback_and_payment_at_once_end_as_sold_or_as_refunded(self):
        bought = [self.scanned() for _ in range(12)]
        for order, payment in bought:
            self.assertTrue(self.alipay.pay(payment, tell=False))
        ready = threading.Barrier(2 * len(bought))

        def at_once(client, action):
            ready.wait()
            action(client)

        threads = []
        for order, payment in bought:
            client = self.server.guest()
            client.token = self.ada.token
            cancel = lambda ada, order=order: ada.post(f"/api/v1/orders/{order}/cancel")
            tell = lambda _, payment=payment: self.alipay.tell(payment)
            threads += [threading.Thread(target=at_once, args=(client, action)) for action in (cancel, tell)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for order, payment in bought:
            self.await_payment(order, payment, "refunded")
            self.assertIn(self.state_of(order), ("cancelled", "closed_refunded"))
        self.end()

    def test_of_two_codes_that_are_both_paid_one_is_given_back(self):
        order = self.order()
        first, second = self.begin(order)["id"], self.begin(order)["id"]
        self.alipay.refuse["alipay.trade.close"] = ["ACQ.SYSTEM_ERROR"] * 2
        for payment in (first, second):
            self.alipay.scan(payment)
        taken = [payment for payment in (second, first) if self.alipay.pay(payment)]
        self.await_order(order, "paid")
        if len(taken) == 2:
            self.await_payment(order, first, "refunded")
        self.assertEqual(self.standing(order, second), "succeeded")
        ended = self.end()
        kept = sum(event["payload"]["amount"]["amount"] for event in ended if event["type"] == "payment.succeeded")
        back = sum(event["payload"]["amount"]["amount"] for event in ended if event["type"] == "payment.refunded")
        self.assertEqual(kept - back, TEA)


if __name__ == "__main__":
    main()
