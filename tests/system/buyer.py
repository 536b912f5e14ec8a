"""A client that buys while its server is killed again and again, and keeps a journal of every answer it got.

It runs in a process of its own. What gets no answer is asked again with the same key until it has one. The journal
holds what was acknowledged, so it says what the server must still know; whoever checks reads it from the file.
"""

import http.client
import json
import os
import random
import time

from harness import ADDRESS, Client


class Contradiction(Exception):
    """The server took back what it had said."""


class Buyer:
    def __init__(self, name, seed, token, admin_token, products, journal, pipe):
        self.name, self.random = name, random.Random(seed)
        self.token, self.admin_token, self.products, self.pipe = token, admin_token, products, pipe
        self.journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.orders, self.cart, self.received = {}, 0, 0
        self.done = []  # requests with their answers, to be repeated
        self.number = 0
        self.client = None

    def run(self):
        """Buys until it is told to stop."""
        self.connect(self.pipe.recv())
        while not self.pipe.poll():
            self.act()
        self.pipe.send({"stopped": True})

    def connect(self, port):
        if self.client:
            self.client.close()
        self.client = Client(port)

    def act(self):
        waiting = [id_ for id_, order in self.orders.items() if order["state"] == "awaiting_payment"]
        choice = self.random.random()
        if choice < 0.35 or not self.orders:
            self.place()
        elif choice < 0.43 and waiting:
            self.pay(self.random.choice(waiting))
        elif choice < 0.48 and waiting:
            self.cancel(self.random.choice(waiting))
        elif choice < 0.75:
            self.add_to_cart()
        elif choice < 0.80 and self.admin_token:
            self.receive()
        elif choice < 0.90:
            self.look(self.random.choice(list(self.orders)))
        elif self.done:
            self.repeat(self.random.choice(self.done))

    # --- asking

    def ask(self, kind, method, path, body=None, *, key=None, order=None, token=None, statuses=(200, 201)):
        """Asks until there is an answer. Returns it with its status."""
        self.client.token = token or self.token
        while True:
            try:
                answer = self.client.send(method, path, body, key=key)
            except (OSError, http.client.HTTPException):
                self.pipe.send({"kind": kind, "order": order})
                self.connect(self.pipe.recv())
                self.client.token = token or self.token
                continue
            unsettled = answer.status in (202, 503) or (
                answer.status == 409 and answer.reason == "idempotency.in_progress")
            if unsettled:
                time.sleep(0.01)  # told to come back
                continue
            self.require(answer.status in statuses, f"{kind}: {answer}")
            return answer.status, answer.json

    def require(self, holds, what):
        if not holds:
            raise Contradiction(f"{self.name}: {what}")

    def write(self, **entry):
        os.write(self.journal, json.dumps(entry).encode() + b"\n")

    def key(self):
        self.number += 1
        return f"{self.name}-{self.number}"

    def remember(self, id_, state, lines=None):
        self.orders.setdefault(id_, {"lines": lines})["state"] = state
        self.write(order=id_, state=state, lines=self.orders[id_]["lines"])

    # --- what it does

    def place(self):
        chosen = self.random.sample(self.products, self.random.choice((1, 1, 2)))
        lines = {id_: self.random.randint(1, 3) for id_ in chosen}
        body = {"items": [{"product_id": id_, "quantity": n} for id_, n in lines.items()], "address": ADDRESS}
        request = ("place", "POST", "/api/v1/orders", body, self.key())
        status, answer = self.ask(*request[:4], key=request[4], statuses=(201, 409))
        if status == 201:
            id_, state = answer["id"], answer["state"]
            self.require(state == "awaiting_payment", f"a new order is {state}")
        else:
            id_, state = answer["order_id"], "rejected"
        self.require(id_ not in self.orders, f"order {id_} was made for another key")
        self.remember(id_, state, lines)
        self.done.append((request, id_))

    def pay(self, order):
        _, payment = self.ask("start_payment", "POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"},
                              key=self.key(), order=order)
        request = ("pay", "POST", payment["pay_url"], {"outcome": "success"}, self.key())
        self.ask(*request[:4], key=request[4], order=order)
        self.remember(order, "paid")
        self.look(order)

    def cancel(self, order):
        request = ("cancel", "POST", f"/api/v1/orders/{order}/cancel", None, self.key())
        _, answer = self.ask(*request[:4], key=request[4], order=order)
        self.require(answer["state"] == "cancelled", f"a cancelled order is {answer['state']}")
        self.remember(order, "cancelled")
        self.done.append((request, order))

    def add_to_cart(self):
        request = ("cart", "POST", "/api/v1/cart/items", {"product_id": self.products[0], "quantity": 1}, self.key())
        _, answer = self.ask(*request[:4], key=request[4])
        self.cart += 1
        self.require(answer["quantity"] == self.cart, f"{self.cart} were put into the cart that says {answer}")
        self.write(cart=self.cart)
        self.done.append((request, None))

    def receive(self):
        path = f"/api/v1/admin/stock/{self.products[0]}/receipts"
        self.ask("receive", "POST", path, {"quantity": 1, "reason": self.name}, key=self.key(), token=self.admin_token)
        self.received += 1
        self.write(received=self.received)

    def look(self, order):
        _, answer = self.ask("look", "GET", f"/api/v1/orders/{order}")
        self.require(answer["state"] == self.orders[order]["state"], f"{order} was {self.orders[order]}: {answer}")
        lines = {line["product_id"]: line["quantity"] for line in answer["lines"]}
        self.require(lines == self.orders[order]["lines"], f"{order} has other lines: {answer}")

    def repeat(self, request_and_order):
        request, order = request_and_order
        _, answer = self.ask("repeat", *request[1:4], key=request[4], statuses=(200, 201, 409))
        if order is None:
            self.require(answer["quantity"] == self.cart, f"repeated, the cart says {answer}")
        elif answer.get("reason"):
            known = self.orders[order]["state"] == "rejected" and answer.get("order_id") == order
            self.require(known, f"repeated, {order} says {answer}")
        else:
            same = answer["id"] == order and answer["state"] == self.orders[order]["state"]
            self.require(same, f"repeated, {order} says {answer}, and was {self.orders[order]}")


def run_buyer(*arguments):
    buyer = Buyer(*arguments)
    try:
        buyer.run()
    except Exception as error:  # for the process that checks
        buyer.pipe.send({"fault": f"{type(error).__name__}: {error}"})
