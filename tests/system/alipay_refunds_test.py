"""Giving money back through Alipay: exactly what was asked, once, whatever becomes of the calls."""

import itertools
import threading

from alipay_shop import AlipayTest
from harness import eventually, main
from paying import CUP, TEA

REFUND, REFUND_QUERY = "alipay.trade.refund", "alipay.trade.fastpay.refund.query"
TRIES = 4  # of a call


class RefundTest(AlipayTest):
    settings = ("payments.breaker_failures_max=1000",)

    def given_back(self, payment):
        return list(self.alipay.trades[payment].refunds.values())

    def test_b12_refunds_by_line_sum_exactly_to_what_was_paid(self):
        for sequence in itertools.permutations([("tea", 2), ("cup", 1), ("tea", 1), ("cup", 1)]):
            with self.subTest(sequence=sequence):
                order, payment = self.paid(tea=3, cup=2)
                for sku, quantity in sequence:
                    self.assertEqual(self.refund(order, (sku, quantity)).status, 201)
                self.await_order(order, "closed_refunded")
                self.assertEqual(sorted(self.given_back(payment)), sorted([2 * TEA, CUP, TEA, CUP]))
                self.assertEqual(self.standing(order, payment), "refunded")
        self.end()

    def test_what_is_left_is_refunded_whole_and_restocked_if_wanted(self):
        order, payment = self.paid(tea=3, cup=2)
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.assertEqual(self.refund(order, restock=True).status, 201)
        self.await_order(order, "closed_refunded")
        self.assertEqual(self.given_back(payment), [TEA, 2 * TEA + 2 * CUP])
        stock = self.admin.ok("GET", f"/api/v1/admin/stock/{self.skus['tea']}")
        self.assertEqual((stock["sold"], stock["restocked"], stock["on_hand"]), (3, 2, 99))
        self.end()

    def test_no_more_is_given_back_than_was_bought(self):
        order, payment = self.paid(tea=2)
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.assert_problem(self.refund(order, ("tea", 2)), 409, "order.too_many")
        self.assert_problem(self.refund(order, ("tea", 1), ("tea", 1)), 409, "order.too_many")
        self.assert_problem(self.refund(order, ("cup", 1)), 400, "order.line_unknown")
        self.assert_problem(self.refund(order, ("tea", 0)), 400)
        self.assert_problem(self.refund(order, ("tea", -1)), 400)
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.await_order(order, "closed_refunded")
        self.assert_problem(self.refund(order), 409, "order.illegal_transition")
        self.assertEqual(self.given_back(payment), [TEA, TEA])
        self.end()

    def test_everybody_refunding_the_whole_order_at_once_gives_it_back_once(self):
        order, payment = self.paid(tea=2, cup=2)
        admin, statuses = self.admin, []

        def refund():
            client = self.server.guest()
            client.token = admin.token
            statuses.append(client.post(f"/api/v1/admin/orders/{order}/refunds", {"reason": "broken"}).status)

        threads = [threading.Thread(target=refund) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [201] + [409] * 9)
        self.await_order(order, "closed_refunded")
        self.assertEqual(self.given_back(payment), [2 * TEA + 2 * CUP])
        self.end()

    def test_a_refund_whose_answer_was_lost_is_asked_about_and_made_once(self):
        order, payment = self.paid(tea=2)
        self.alipay.lose_answers[REFUND] = 1
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        self.await_payment(order, payment, "partially_refunded")
        self.assertEqual((self.asked("refund"), self.alipay.asked[REFUND_QUERY]), (2, 1))
        self.assertEqual(self.given_back(payment), [TEA])
        self.end()

    def test_a_refund_that_nobody_can_tell_of_stays_open_and_is_asked_for_again(self):
        order, payment = self.paid(tea=2)
        self.alipay.lose_answers[REFUND] = self.alipay.lose_answers[REFUND_QUERY] = 100
        self.assertEqual(self.refund(order, ("tea", 1)).status, 201)
        eventually("nobody answers", lambda: self.metric("souk_payment_call_failures_total") == 2 * TRIES)
        self.alipay.lose_answers.clear()
        self.server.settled_position()
        self.assertEqual((self.standing(order, payment), self.given_back(payment)), ("refunding", [TEA]))
        self.clock.move("31 s")
        self.await_payment(order, payment, "partially_refunded")
        self.assertEqual(self.given_back(payment), [TEA])
        self.end()

    def test_a_refund_of_which_alipay_itself_is_not_sure_is_asked_for_again(self):
        order, payment = self.paid()
        self.alipay.refuse[REFUND] = ["ACQ.SYSTEM_ERROR"]
        self.assertEqual(self.refund(order).status, 201)
        eventually("it is asked about", lambda: self.alipay.asked[REFUND_QUERY] == 1)
        self.server.settled_position()
        self.assertEqual((self.standing(order, payment), self.given_back(payment)), ("refunding", []))
        self.clock.move("31 s")
        self.await_order(order, "closed_refunded")
        self.assertEqual(self.given_back(payment), [TEA])
        self.end()

    def test_a_refund_that_alipay_refuses_waits_for_an_administrator(self):
        order, payment = self.paid()
        self.alipay.refuse[REFUND] = ["ACQ.SELLER_BALANCE_NOT_ENOUGH"] * 2
        self.assertEqual(self.refund(order).status, 201)
        self.await_payment(order, payment, "refund_failed")
        (refund,) = self.details(payment)["refunds"]
        self.assertEqual((refund["status"], refund["problem"]), ("refused", "ACQ.SELLER_BALANCE_NOT_ENOUGH"))
        self.server.settled_position()
        (alert,) = self.admin.ok("GET", "/api/v1/admin/payment-alerts")["items"]
        self.assertEqual((alert["payment_id"], alert["reason"]), (payment, "refund_refused"))
        self.assertEqual(self.metric("souk_payment_alerts_total", event="payment.refund_failed"), 1)
        self.clock.move("12 h")
        self.server.settled_position()
        self.assertEqual(self.asked("refund"), 1)
        again = f"/api/v1/admin/payments/{payment}/refunds/{refund['refund_id']}/retry"
        self.admin.ok("POST", again)
        self.await_asked("refund", 2)
        self.await_payment(order, payment, "refund_failed")
        self.admin.ok("POST", again)
        self.await_order(order, "closed_refunded")
        self.assert_problem(self.admin.post(again), 409, "payment.refund_not_refused")
        self.assertEqual(self.given_back(payment), [TEA])
        self.end()

    def test_an_answer_that_is_not_signed_by_alipay_is_no_refund(self):
        order, payment = self.paid()
        said = '{"code":"10000","msg":"Success","fund_change":"Y","out_trade_no":"' + payment + '"}'
        self.alipay.refuse[REFUND] = ["ACQ.SYSTEM_ERROR"]
        self.alipay.spoil[REFUND] = ['{"alipay_trade_refund_response":' + said + ',"sign":"AAAA"}']
        self.assertEqual(self.refund(order).status, 201)
        eventually("it is asked about", lambda: self.alipay.asked[REFUND_QUERY] == 1)
        self.server.settled_position()
        self.assertEqual((self.standing(order, payment), self.given_back(payment)), ("refunding", []))
        self.clock.move("31 s")
        self.await_order(order, "closed_refunded")
        self.end()


if __name__ == "__main__":
    main()
