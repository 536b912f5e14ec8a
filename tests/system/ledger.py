"""Reads a log as an auditor would: replays orders and stock by rules of its own and says what does not hold."""

import collections
import json

LATE_MONEY = {"payment_returned": None, "payment_unwanted": None}
REFUNDS = {**LATE_MONEY, "refund_requested": None, "refunded": None, "closed_refunded": "closed_refunded"}
STEPS = {  # state before → event → state after; None: as before
    "none": {"placed": "placed"},
    "placed": {"line_reserved": None, "line_refused": None, "awaiting_payment": "awaiting_payment",
               "rejected": "rejected", "cancelled": "cancelled", **LATE_MONEY},
    "awaiting_payment": {"paid": "paid", "cancelled": "cancelled", "payment_returned": None, "payment_opened": None},
    "paid": {"cancelled": "cancelled", "shipped": "shipped", **REFUNDS},
    "partially_shipped": {"shipped": "shipped", **REFUNDS},
    "shipped": {"delivered": "delivered", **REFUNDS},
    "delivered": {"completed": "completed", **REFUNDS},
    "completed": REFUNDS,
    "rejected": LATE_MONEY,
    "cancelled": {"reservation_returned": None, **REFUNDS},
    "closed_refunded": LATE_MONEY,
}


class Stock:
    def __init__(self):
        self.received = self.adjusted = self.restocked = self.sold = self.on_hand = 0
        self.mode = "tracked"
        self.threshold = None
        self.low = False
        self.reservations = {}
        self.refunds = set()

    @property
    def reserved(self):
        return sum(self.reservations.values())


class Order:
    def __init__(self):
        self.state = "none"
        self.lines = {}
        self.prices = {}
        self.back = collections.Counter()  # how many of each line were given back, or are about to be
        self.account = None
        self.payment = None  # the one that paid it
        self.total = 0
        self.shipped = collections.Counter()


class Payment:
    def __init__(self):
        self.order = None
        self.captured = self.refunded = 0
        self.promised = {}  # the amount of each refund


class Job:
    def __init__(self):
        self.run = None  # under way
        self.seen = set()  # occurrences that ran


class Ledger:
    def __init__(self, events):
        self.faults = []
        self.stocks = collections.defaultdict(Stock)
        self.orders = collections.defaultdict(Order)
        self.payments = collections.defaultdict(Payment)
        self.carts = collections.defaultdict(lambda: collections.defaultdict(int))
        self.jobs = collections.defaultdict(Job)
        self._merged = set()
        self._versions = collections.defaultdict(int)
        self._open_command = None
        for number, event in enumerate(events, 1):
            self._check_record(number, event)
            kind, id_ = event["stream"].split("-", 1)
            step = event["type"].split(".", 1)[1]
            apply = getattr(self, f"_{kind}", None)
            if apply:
                apply(event, id_, step, event["payload"])
        self.expect(self._open_command is None, "the last command is not whole")

    def expect(self, holds, what, event=None):
        if not holds:
            self.faults.append(what if event is None else f"{what}: {json.dumps(event, ensure_ascii=False)[:500]}")

    def _check_record(self, number, event):
        self.expect(event["position"] == number, f"position {number} was expected", event)
        self._versions[event["stream"]] += 1
        self.expect(event["version"] == self._versions[event["stream"]], "a gap in the versions", event)
        command = (event["stream"], event["command_id"])
        self.expect(self._open_command in (None, command), "two commands are mixed", event)
        self._open_command = None if event["last_of_command"] else command

    def _order(self, event, id_, step, payload):
        order = self.orders[id_]
        legal = STEPS[order.state]
        self.expect(step in legal, f"not legal for an order that is {order.state}", event)
        order.state = legal.get(step) or order.state
        if step == "shipped":
            order.shipped.update({line["product_id"]: line["quantity"] for line in payload["lines"]})
            self.expect(all(n <= order.lines.get(id_, 0) for id_, n in order.shipped.items()), "shipped too much", event)
            order.state = "shipped" if payload["complete"] else "partially_shipped"
        elif step == "refund_requested":
            self._give_back(event, order, payload)
        elif step == "closed_refunded":
            self.expect(order.back == order.lines, "closed before all was given back", event)
        elif step == "paid":
            order.payment = payload["payment_id"]
            self.expect(payload["amount"]["amount"] == order.total, "paid with another amount", event)
        if step == "placed":
            order.account = payload["account_id"]
            order.lines = {line["product_id"]: line["quantity"] for line in payload["lines"]}
            order.prices = {line["product_id"]: line["unit_price"]["amount"] for line in payload["lines"]}
            total = sum(order.prices[id_] * quantity for id_, quantity in order.lines.items())
            self.expect(payload["total"]["amount"] == total, "the total is not that of the lines", event)
            order.total = total

    def _give_back(self, event, order, payload):
        back = collections.Counter()
        for line in payload["lines"]:
            back[line["product_id"]] += line["quantity"]
        order.back.update(back)
        self.expect(all(n <= order.lines.get(id_, 0) for id_, n in order.back.items()), "gave back too many", event)
        price = sum(order.prices[id_] * quantity for id_, quantity in back.items())
        self.expect(payload["amount"]["amount"] == price, "a refund is not what its lines cost", event)
        if payload["completes_shipment"]:
            order.state = "shipped"

    def _payment(self, event, id_, step, payload):
        payment = self.payments[id_]
        if step == "started":
            payment.order = payload["order_id"]
        elif step == "succeeded":
            self.expect(payment.captured == 0, "captured twice", event)
            payment.captured = payload["amount"]["amount"]
        elif step == "refund_requested":
            amount = payment.promised.setdefault(payload["refund_id"], payload["amount"]["amount"])
            self.expect(amount == payload["amount"]["amount"], "promised another amount than before", event)
        elif step == "refunded":
            amount = payload["amount"]["amount"]
            self.expect(payment.promised.get(payload["refund_id"]) == amount, "gave back what was not promised", event)
            payment.refunded += amount
        promised = sum(payment.promised.values())
        self.expect(0 <= payment.refunded <= promised <= payment.captured, "the money does not balance", event)

    def _stock(self, event, id_, step, payload):
        stock = self.stocks[id_]
        if step == "received":
            stock.received += payload["quantity"]
            stock.on_hand += payload["quantity"]
        elif step == "adjusted":
            self.expect(payload["from"] == stock.on_hand, "corrected from what was not there", event)
            stock.adjusted += payload["to"] - payload["from"]
            stock.on_hand = payload["to"]
        elif step == "restocked":
            self.expect(payload["refund_id"] not in stock.refunds, "brought back twice", event)
            stock.refunds.add(payload["refund_id"])
            stock.restocked += payload["quantity"]
            stock.on_hand += payload["quantity"]
        elif step == "configured":
            stock.mode, stock.threshold = payload["mode"], payload.get("low_threshold")
            stock.low = stock.low and stock.mode == "tracked" and stock.threshold is not None
        elif step in ("low", "replenished"):
            free = stock.on_hand - stock.reserved
            self.expect(stock.low != (step == "low") and payload["available"] == free, "called low without need", event)
            stock.low = step == "low"
        elif step == "reserved":
            self.expect(payload["order_id"] not in stock.reservations, "reserved twice", event)
            stock.reservations[payload["order_id"]] = payload["quantity"]
        elif step == "reservation_refused":
            free = stock.on_hand - stock.reserved
            self.expect(payload["asked"] > free and payload["available"] == free, "refused without need", event)
        else:
            held = stock.reservations.pop(payload["order_id"], None)
            self.expect(held == payload["quantity"], "ends what was not reserved", event)
            if step == "deducted":
                stock.on_hand -= payload["quantity"]
                stock.sold += payload["quantity"]
        self._check_stock(stock, event)

    def _check_stock(self, stock, event):
        came_in = stock.received + stock.adjusted + stock.restocked
        self.expect(stock.on_hand == came_in - stock.sold, "stock is lost", event)
        self.expect(0 <= stock.reserved, "reserved less than nothing", event)
        self.expect(stock.mode == "untracked" or stock.reserved <= stock.on_hand, "oversold", event)
        if event["last_of_command"] and stock.mode == "tracked" and stock.threshold is not None:
            low = stock.on_hand - stock.reserved <= stock.threshold
            self.expect(stock.low == low, "low without being told so, or told without being low", event)

    def _cart(self, event, id_, step, payload):
        cart = self.carts[id_]
        if step == "item_added":
            cart[payload["product_id"]] += payload["quantity"]
            self.expect(cart[payload["product_id"]] == payload["total"], "the cart does not add up", event)
        elif step == "item_set":
            cart[payload["product_id"]] = payload["quantity"]
        elif step == "item_removed":
            del cart[payload["product_id"]]
        elif step == "cleared":
            cart.clear()
        elif step == "ordered":
            for item in payload["items"]:
                cart[item["product_id"]] -= item["quantity"]
        elif step == "merged":
            self.expect(payload["guest_cart_id"] not in self._merged, "a guest's cart came in twice", event)
            self._merged.add(payload["guest_cart_id"])
            for line in payload["lines"]:
                cart[line["product_id"]] = line["quantity"]
        self.expect(all(0 <= quantity <= 9999 for quantity in cart.values()), "a line beyond what it may hold", event)

    def _job(self, event, id_, step, payload):
        job = self.jobs[id_]
        if step == "started":
            self.expect(job.run is None, "two runs of a job at once", event)
            self.expect(payload.get("due") not in job.seen, "an occurrence ran twice", event)
            job.run = payload["run_id"]
            if "due" in payload:
                job.seen.add(payload["due"])
        elif step == "finished":
            self.expect(job.run == payload["run_id"], "the outcome of another run", event)
            job.run = None
        elif step == "repeated":
            self.expect(job.run == payload["run_id"], "repeats what is not under way", event)
        elif step == "rewound":
            job.seen = {due for due in job.seen if due <= payload["at"]}
        elif step == "skipped":
            self.expect(payload["count"] >= 1 and payload["first"] <= payload["last"], "skips nothing", event)
            self.expect(not any(payload["first"] <= due <= payload["last"] for due in job.seen), "skips what ran", event)

    def check_settled(self):
        """What must hold besides when nothing is under way: reservations belong to open orders and to no others."""
        for id_, order in self.orders.items():
            self.expect(order.state != "placed", f"order {id_} is under way for ever")
            for product, quantity in order.lines.items():
                held = self.stocks[product].reservations.get(id_)
                wanted = quantity if order.state == "awaiting_payment" else None
                self.expect(held == wanted, f"order {id_} is {order.state} and has {held} of {product} reserved")
        sold = collections.Counter()
        for order in self.orders.values():
            if order.payment:
                sold.update(order.lines)
        for product, stock in self.stocks.items():
            self.expect(stock.sold == sold[product], f"{stock.sold} of {product} are sold, {sold[product]} paid")
        for id_, payment in self.payments.items():
            promised = sum(payment.promised.values())
            self.expect(payment.refunded == promised, f"payment {id_} still owes {promised - payment.refunded}")
            order = self.orders[payment.order]
            if order.payment != id_ or order.state in ("cancelled", "closed_refunded"):
                self.expect(payment.refunded == payment.captured, f"{id_} is charged with nothing to ship")
        return self.faults
