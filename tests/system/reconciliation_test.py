"""Alipay's bill of a day against the shop's own books: every difference in both directions is found, listed once and
settled, however often it is looked for; a bill that is missing or cannot be read is said to be so.
"""

import datetime
import io
import zipfile

import alipay_bill
from alipay_bill import HEADINGS, bill_row, yuan
from alipay_shop import AlipayTest
from alipay_simulator import SELLER_ID
from harness import eventually, main
from paying import CUP, TEA

ALL = "/api/v1/admin/reconciliations"
STRANGER = "7zzzzzzzzzzzzzzzzzzzzzzzzz"


def bill_archive(rows, **more):
    return alipay_bill.bill_archive(rows, SELLER_ID, **more)


class ReconciliationTest(AlipayTest):
    def run_it(self, day=None, provider="alipay", **more):
        """By hand, for a day of Alipay's."""
        self.server.settled_position()
        return self.admin.post(ALL, {"provider": provider, "date": day or self.alipay.today()}, **more)

    def differences(self, day=None):
        answer = self.run_it(day)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["differences"]

    def found(self, day=None):
        """What is open, as (kind, payment, refund, ours, theirs)."""
        amount = lambda money: money and money["amount"]
        return [(one["kind"], one["payment_id"], one.get("refund_id"), amount(one.get("ours")), amount(one.get("theirs")))
                for one in self.differences(day) if one["state"] == "open"]

    def listed(self):
        return self.admin.ok("GET", ALL)["items"]

    def refunded(self, order, payment, *lines):
        before = set(self.alipay.trades[payment].refunds)
        self.assertEqual(self.refund(order, *lines).status, 201)
        whole = not lines
        self.await_payment(order, payment, "refunded" if whole else "partially_refunded")
        (number,) = set(self.alipay.trades[payment].refunds) - before
        return number

    def test_a_day_on_which_both_agree(self):
        order, payment = self.paid(tea=2, cup=1)
        self.paid()
        self.refunded(order, payment, ("tea", 1))
        self.refunded(order, payment)
        answer = self.run_it().json
        self.assertEqual((answer["bill_lines"], answer["own_bookings"], answer["differences"]), (4, 4, []))
        (item,) = self.listed()
        self.assertEqual((item["comparisons"], item["differences"], item["open"]), (1, 0, 0))
        self.end()

    def test_b13_every_difference_in_both_directions_is_found(self):
        ours, ours_payment = self.paid(tea=3)
        lost, lost_payment = self.paid(tea=1, cup=1)
        other, other_payment = self.paid(tea=2)
        here_not_there = self.refunded(ours, ours_payment, ("tea", 1))
        other_amount = self.refunded(other, other_payment, ("tea", 1))
        self.alipay.bill_left_out |= {lost_payment, here_not_there}
        self.alipay.bill_amounts.update({other_payment: 2 * TEA + 1, other_amount: -(TEA - 1)})
        self.alipay.bill_extra = [("T1", STRANGER, "交易", "1.00", ""), ("T2", "not-ours-at-all", "交易", "2.00", ""),
                                  ("T3", ours_payment, "退款", "-0.50", STRANGER)]
        wanted = [("amount", other_payment, None, 2 * TEA, 2 * TEA + 1),
                  ("refund_amount", other_payment, other_amount, TEA, TEA - 1),
                  ("missing_here", STRANGER, None, None, 100), ("missing_here", "not-ours-at-all", None, None, 200),
                  ("refund_missing_here", ours_payment, STRANGER, None, 50),
                  ("missing_there", lost_payment, None, TEA + CUP, None),
                  ("refund_missing_there", ours_payment, here_not_there, TEA, None)]
        self.assertCountEqual(self.found(), wanted)
        self.end()

    def test_b13_a_rerun_finds_nothing_twice_and_says_what_is_gone_and_what_is_back(self):
        _, first = self.paid()
        _, second = self.paid(cup=1)
        self.alipay.bill_left_out = {first}
        for _ in range(3):
            self.assertEqual(self.found(), [("missing_there", first, None, TEA, None)])
        self.alipay.bill_left_out = {second}
        self.assertEqual([(one["payment_id"], one["state"]) for one in self.differences()],
                         [(first, "gone"), (second, "open")])
        self.alipay.bill_left_out = {first}
        self.assertEqual([(one["payment_id"], one["state"]) for one in self.differences()],
                         [(first, "open"), (second, "gone")])
        self.server.settled_position()
        (item,) = self.listed()
        self.assertEqual((item["comparisons"], item["differences"], item["open"]), (5, 2, 1))
        self.end()

    def test_a_difference_is_settled_by_an_administrator_once_and_stays_settled(self):
        _, payment = self.paid()
        self.alipay.bill_left_out = {payment}
        answer = self.run_it().json
        path = f"{ALL}/{answer['id']}/differences/1/settle"
        self.assert_problem(self.ada.post(path, {"note": "mine"}), 403)
        self.assert_problem(self.admin.post(path, {"note": ""}), 400)
        self.assert_problem(self.admin.post(path, {}), 400)
        settled = self.admin.ok("POST", path, {"note": "booked the day after"})["differences"][0]
        self.assertEqual((settled["state"], settled["settlement"]["note"]), ("settled", "booked the day after"))
        self.assertEqual(settled["settlement"]["by"], self.admin.account)
        self.assert_problem(self.admin.post(path, {"note": "no, otherwise"}), 409, "reconciliation.settled")
        self.assertEqual(self.found(), [])
        self.assertEqual([one["state"] for one in self.differences()], ["settled"])
        self.server.settled_position()
        self.assertEqual(self.listed()[0]["open"], 0)
        for number in ("0", "2", "-1", "x", "99999999999999999999"):
            answer_ = self.admin.post(f"{ALL}/{answer['id']}/differences/{number}/settle", {"note": "what?"})
            self.assert_problem(answer_, answer_.status, "reconciliation.difference_not_found")
        self.end()

    def test_everything_found_survives_a_kill(self):
        _, payment = self.paid()
        self.alipay.bill_left_out = {payment}
        answer = self.run_it().json
        self.restart()
        self.assertEqual(self.admin.ok("GET", f"{ALL}/{answer['id']}")["differences"], answer["differences"])
        self.assertEqual(self.found(), [("missing_there", payment, None, TEA, None)])
        self.end()

    def test_a_bill_that_is_missing_is_said_to_be_so_until_it_is_there(self):
        _, payment = self.paid()
        method = "alipay.data.dataservice.bill.downloadurl.query"
        self.alipay.refuse[method] = ["isp.bill_not_exist"] * 2
        self.assert_problem(self.run_it(), 503, "bill.none")
        self.server.settled_position()
        (item,) = self.listed()
        self.assertTrue(item["problem"].startswith("bill.none"), item)
        self.alipay.refuse[method] = ["isp.unknow-error"]
        self.assert_problem(self.run_it(), 503, "bill.not_ready")
        self.alipay.is_down = True
        self.assert_problem(self.run_it(), 503)
        self.alipay.is_down = False
        self.server.settled_position()
        self.assertEqual(self.metric("souk_payment_alerts_total", event="reconciliation.failed"), 3)
        self.restart()  # with a breaker that knows nothing
        self.assertEqual(self.found(), [])
        self.server.settled_position()
        (item,) = self.listed()
        self.assertEqual((item.get("problem"), item["comparisons"]), (None, 1))
        self.end()

    def test_a_request_that_failed_and_is_sent_again_with_its_key_compares(self):
        _, payment = self.paid()
        self.alipay.refuse["alipay.data.dataservice.bill.downloadurl.query"] = ["isp.unknow-error"]
        self.assert_problem(self.run_it(key="compare-1"), 503, "bill.not_ready")
        self.alipay.bill_left_out = {payment}
        compared = self.run_it(key="compare-1")
        self.assertEqual((compared.status, compared.json["comparisons"], compared.json.get("problem")), (200, 1, None))
        self.assertEqual([one["kind"] for one in compared.json["differences"]], ["missing_there"])
        asked = sum(self.alipay.asked.values())
        again = self.run_it(key="compare-1")  # is not fetched again
        self.assertEqual((again.status, again.json), (200, compared.json))
        self.assertEqual(sum(self.alipay.asked.values()), asked)
        self.assert_problem(self.run_it("2026-01-01", key="compare-1"), 422, "idempotency.key_reused")

    def test_money_that_a_shop_that_was_down_hears_of_days_later_is_in_the_bill_of_its_day(self):
        first = self.alipay.today()
        _, payment = self.scanned()
        self.server.stop()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.clock.move("50 h")
        self.restart()
        eventually("the shop hears of it", lambda: self.details(payment)["captured"]["amount"] == TEA)
        self.assertNotEqual(self.alipay.today(), first)
        self.clock.move("24 h")  # past what is still told by the next day's bill
        self.server.settled_position()
        heard = str(datetime.date.fromisoformat(self.alipay.today()) - datetime.timedelta(days=1))
        self.assertEqual(self.found(heard), [])
        self.assertEqual(self.found(first), [])

    def test_a_day_without_any_bookings_has_no_bill_and_no_differences(self):
        answer = self.run_it("2026-01-01")
        self.assertEqual((answer.status, answer.json["bill_lines"], answer.json["differences"]), (200, 0, []))

    def test_a_bill_that_cannot_be_read_is_said_to_be_so_and_nothing_is_concluded(self):
        _, payment = self.paid()
        good = bill_row("T1", payment, "交易", yuan(TEA), "", "2026-11-23 12:00:00")
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bill.csv", b"0" * (257 << 20))
        many = io.BytesIO()
        with zipfile.ZipFile(many, "w") as archive:
            for number in range(17):
                archive.writestr(f"{number}.csv", "")
        for name, file in {
            "cut": bill_archive([good], end=False), "no zip": b"PK\3\4 or nearly", "empty": b"",
            "cut zip": bill_archive([good])[:-30], "another code": bill_archive([good], encoding="utf-16"),
            "a kind that is unknown": bill_archive([good.replace("交易", "分期")]),
            "no number": bill_archive([good.replace(payment, "")]),
            "no amount": bill_archive([good.replace(yuan(TEA), "")]), "three decimals": bill_archive([good.replace(yuan(TEA), "1.999")]),
            "too few cells": bill_archive(["T1,x,交易"]),
            "a heading that is missing": bill_archive([good], headings=HEADINGS.replace("订单金额", "金额")),
            "a bomb": bomb.getvalue(), "too many files": many.getvalue(),
        }.items():
            with self.subTest(name=name):
                self.alipay.bill_file = file
                self.assert_problem(self.run_it(), 503, "bill.unreadable")
                self.server.settled_position()
                (item,) = self.listed()
                self.assertTrue(item["problem"].startswith("bill.unreadable"), item)
                self.assertEqual((item["comparisons"], item["differences"]), (0, 0))
        self.alipay.bill_file = None
        self.assertEqual(self.found(), [])
        self.end()

    def test_what_is_no_provider_and_no_day_of_the_past_is_refused(self):
        tomorrow = str(datetime.date.fromisoformat(self.alipay.today()) + datetime.timedelta(days=1))
        for day in (tomorrow, "2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "", "today", "2026-01-01 "):
            self.assertEqual(self.run_it(day or " ").status, 400, day)
        self.assert_problem(self.run_it(provider="nobody"), 400, "payment.provider_unknown")
        self.assert_problem(self.ada.post(ALL, {"provider": "alipay", "date": "2026-01-01"}), 403)
        self.assertEqual(self.listed(), [])

    def test_money_of_the_last_minute_that_is_heard_of_on_the_next_day_is_missing_on_neither(self):
        self.clock.move("11 h")
        self.clock.move("59 min")  # of Alipay's day
        day = self.alipay.today()
        order, payment = self.scanned()
        self.assertTrue(self.alipay.pay(payment, tell=False))
        self.assertTrue(self.alipay.trades[payment].paid_at.startswith(day))
        self.clock.move("2 min")
        self.await_order(order, "paid")
        self.assertNotEqual(self.alipay.today(), day)
        self.paid()
        self.clock.move("12 h")
        self.assertEqual(self.found(day), [])
        self.assertEqual(self.found(), [])
        self.end()


if __name__ == "__main__":
    main()
