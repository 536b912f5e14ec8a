"""What tests about paying share: a shop with one customer, a clock that can be moved, and how it must all end."""

import json

from clock import MovedClock
from harness import ADDRESS, SystemTest, eventually, product, read_events
from ledger import Ledger

TEA, CUP = 1_999, 501  # what they cost


class PayingTest(SystemTest):
    """Each test has a server and a clock of its own. What was sold and paid is audited by `end`."""

    provider = "sandbox"
    settings = ()

    def setUp(self):
        super().setUp()
        self.clock = MovedClock(self.folder)
        self.clock.move_to_noon()  # of China's day, so that no test sees it change
        self.import_rows(product("tea", stock=100, price=TEA), product("cup", stock=100, price=CUP))
        self.prepare()
        self.serve(*self.settings)
        self.skus = self.server.products()
        self.ada = self.server.customer("ada")

    def prepare(self):
        """What must be there before the server starts."""

    def serve(self, *settings):
        self.server = self.start("token.refresh_ttl_s=31536000", *settings, env=self.clock.environment)
        self.server.renews = True

    def restart(self, *settings):
        self.server.kill()
        self.serve(*(settings or self.settings))
        self.ada = self.server.log_in("ada")

    @property
    def admin(self):
        return self.server.admin()

    # --- what a customer does

    def order(self, tea=1, cup=0):
        lines = [{"product_id": self.skus[sku], "quantity": n} for sku, n in (("tea", tea), ("cup", cup)) if n]
        return self.ada.ok("POST", "/api/v1/orders", {"items": lines, "address": ADDRESS}, status=201)["id"]

    def begin(self, order, way="qr", status=201):
        return self.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": self.provider, "way": way},
                           status=status)

    # --- what is to be seen

    def state_of(self, order):
        return self.ada.ok("GET", f"/api/v1/orders/{order}")["state"]

    def await_order(self, order, *states):
        eventually(f"the order is {' or '.join(states)}", lambda: self.state_of(order) in states)

    def standing(self, order, payment):
        return self.ada.ok("GET", f"/api/v1/orders/{order}/payments/{payment}")["state"]

    def await_payment(self, order, payment, state):
        eventually(f"the payment is {state}", lambda: self.standing(order, payment) == state)

    def move_until(self, what, condition, step="20 s"):
        """The clock goes on until it holds, so that whatever waits for its time gets it."""
        def is_reached():
            if condition():
                return True
            self.clock.move(step)
            return False

        eventually(what, is_reached)

    def details(self, payment):
        return self.admin.ok("GET", f"/api/v1/admin/payments/{payment}")

    def metric(self, name, **labels):
        """0 as long as there was nothing to be counted."""
        text = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return self.server.metrics().get(f"{name}{{{text}}}" if text else name, 0)

    def refund(self, order, *lines, reason="broken", **more):
        """`lines`: (sku, quantity); none: everything that is left."""
        body = {"reason": reason, **more}
        if lines:
            body["lines"] = [{"product_id": self.skus[sku], "quantity": n} for sku, n in lines]
        return self.admin.post(f"/api/v1/admin/orders/{order}/refunds", body)

    # --- the end

    def events_of(self, payment):
        """The types of what happened to a payment. Ends the server."""
        return [event["type"].split(".")[1] for event in self.end() if event["stream"] == f"payment-{payment}"]

    def end(self):
        """Ends the server, when nothing is under way any more, and has the auditor look at what it did."""
        self.server.settled_position()
        self.server.stop()
        events = read_events(self.data)
        self.audit(Ledger(events))
        return events

    def audit(self, ledger):
        self.assertEqual(ledger.check_settled(), [])

    def logged_warnings(self):
        return self.logged("warn")

    def logged_faults(self):
        return self.logged("error")

    def logged(self, level):
        with open(self.server.log_path, encoding="utf-8") as file:
            return [line for line in map(json.loads, file) if line["level"] == level]
