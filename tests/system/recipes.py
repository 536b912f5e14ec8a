"""How every route that changes something is called with success, by its operationId: for tests over all of them."""

from harness import ADDRESS, PASSWORD, eventually
from operator_recipes import OperatorRecipes
from people import MERGE_PATCH, message_to
from recipe import Call


class Recipes(OperatorRecipes):
    # --- what they need

    def somebody(self):
        return self.server.customer(f"somebody{next(self.numbers)}")

    def order(self, *, paid=False, shipped=False):
        lines = {"items": [{"product_id": self.tea, "quantity": 2}], "address": ADDRESS}
        order = self.ada.ok("POST", "/api/v1/orders", lines, status=201)["id"]
        if paid or shipped:
            self.settle(self.payment(order))
        if shipped:
            self.admin.ok("POST", f"/api/v1/admin/orders/{order}/shipments", {"carrier": "SF"}, status=201)
        return order

    def payment(self, order):
        return self.ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]

    def settle(self, payment, *faults):
        answer = self.guest.post(f"/sandbox/payments/{payment}", {"outcome": "success", "faults": list(faults)})
        self.assertIn(answer.status, (200, 202), answer)

    def address(self):
        return self.ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)["id"]

    def made(self, what, **body):
        body.setdefault("name", f"{what} {next(self.numbers)}")
        return self.admin.ok("POST", f"/api/v1/admin/{what}", body, status=201)["id"]

    def product(self, *steps):
        id_ = self.made("products", sku=f"sku-{next(self.numbers)}", price={"amount": 100, "currency": "CNY"})
        for step in steps:
            self.admin.ok("DELETE" if step == "delete" else "POST",
                          f"/api/v1/admin/products/{id_}" + ("" if step == "delete" else f"/{step}"),
                          headers={"If-Match": "*"})
        return id_

    # --- the recipes

    def register_account(self):
        name = f"newcomer{next(self.numbers)}"
        body = {"username": name, "email": f"{name}@mail.example", "password": PASSWORD}
        return Call(self.guest, "POST", "/api/v1/accounts", body, {**body, "description": "x"})

    def change_account(self):
        return self.by_ada("PATCH", "account", {"description": "reads"}, {"description": "writes"}, media=MERGE_PATCH)

    def delete_account(self):
        return Call(self.somebody(), "DELETE", "/api/v1/account", again=None)

    def change_password(self):
        client, new = self.somebody(), "another-sesame-43"
        name = client.ok("GET", "/api/v1/account")["username"]
        body = {"current_password": PASSWORD, "new_password": new}
        return Call(client, "POST", "/api/v1/account/password", body, {**body, "new_password": "third-sesame-44"},
                    again=lambda: self.server.log_in(name, new))

    def confirm_password_reset(self):
        client = self.somebody()
        email = client.ok("GET", "/api/v1/account")["email"]
        self.assertEqual(self.guest.post("/api/v1/password-resets", {"email": email}).status, 202)
        body = {"token": message_to(self.server, "password_reset", email)["token"], "password": "another-sesame-43"}
        return Call(self.guest, "POST", "/api/v1/password-resets/confirm", body, {**body, "password": "third-sesame-44"})

    def request_email_verification(self):
        return Call(self.somebody(), "POST", "/api/v1/account/email-verification")

    def confirm_email(self):
        client = self.somebody()
        email = client.ok("GET", "/api/v1/account")["email"]
        client.send("POST", "/api/v1/account/email-verification")
        token = message_to(self.server, "email_verification", email)["token"]
        return Call(self.guest, "POST", "/api/v1/account/email-verification/confirm", {"token": token},
                    {"token": token[:-1] + ("A" if token[-1] != "A" else "Q")})

    def add_address(self):
        return self.by_ada("POST", "account/addresses", ADDRESS, {**ADDRESS, "city": "elsewhere"})

    def change_address(self):
        return self.by_ada("PATCH", f"account/addresses/{self.address()}", {"city": "here"}, {"city": "there"},
                           media=MERGE_PATCH)

    def remove_address(self):
        return self.by_ada("DELETE", f"account/addresses/{self.address()}")

    def set_default_address(self):
        self.address()
        return self.by_ada("PUT", f"account/addresses/{self.address()}/default")

    def refresh_session(self):
        client = self.somebody()
        name = client.ok("GET", "/api/v1/account")["username"]
        session = self.guest.ok("POST", "/api/v1/sessions", {"username": name, "password": PASSWORD}, status=201)
        return Call(self.guest, "POST", "/api/v1/sessions/refresh", {"refresh_token": session["refresh_token"]})

    def end_session(self):
        client = self.somebody()
        other = self.server.log_in(client.ok("GET", "/api/v1/account")["username"])
        return Call(client, "DELETE", f"/api/v1/sessions/{other.session}")

    def log_out_everywhere(self):
        client = self.somebody()
        name = client.ok("GET", "/api/v1/account")["username"]
        return Call(client, "DELETE", "/api/v1/sessions", again=lambda: self.server.log_in(name))

    def end_sessions_of_account(self):
        return self.by_admin("DELETE", f"accounts/{self.somebody().account}/sessions")

    def end_session_of_account(self):
        client = self.somebody()
        return self.by_admin("DELETE", f"accounts/{client.account}/sessions/{client.session}")

    def ban_account(self):
        body = {"reason": "fraud", "until": "2099-01-01T00:00:00.000000Z"}
        return self.by_admin("PUT", f"accounts/{self.somebody().account}/ban", body, {**body, "reason": "abuse"})

    def release_account(self):
        ban = self.ban_account()
        self.admin.ok("PUT", ban.path, ban.body)
        return Call(self.admin, "DELETE", ban.path)

    def log_out(self):
        client = self.somebody()
        name = client.ok("GET", "/api/v1/account")["username"]
        return Call(client, "DELETE", "/api/v1/sessions/current", again=lambda: self.server.log_in(name))

    def create_product(self):
        body = {"sku": f"sku-{next(self.numbers)}", "name": "Pot", "price": {"amount": 1, "currency": "CNY"}}
        return self.by_admin("POST", "products", body, {**body, "name": "Other pot"})

    def change_product(self):
        return self.change(f"products/{self.product()}", {"name": "Pot"}, {"name": "Other pot"})

    def delete_product(self):
        return self.by_admin("DELETE", f"products/{self.product()}", headers={"If-Match": "*"})

    def publish_product(self):
        return self.by_admin("POST", f"products/{self.product('withdraw')}/publish", headers={"If-Match": "*"})

    def withdraw_product(self):
        return self.by_admin("POST", f"products/{self.product()}/withdraw", headers={"If-Match": "*"})

    def restore_product(self):
        return self.by_admin("POST", f"products/{self.product('delete')}/restore", headers={"If-Match": "*"})

    def add_category(self):
        name = f"category {next(self.numbers)}"
        return self.by_admin("POST", "categories", {"name": name}, {"name": name, "description": "x"})

    def change_category(self):
        return self.change(f"categories/{self.made('categories')}", {"description": "a"}, {"description": "b"})

    def move_category(self):
        parents = [self.made("categories") for _ in range(2)]
        return self.by_admin("POST", f"categories/{self.made('categories')}/move", *({"parent_id": p} for p in parents),
                             headers={"If-Match": "*"})

    def delete_category(self):
        return self.by_admin("DELETE", f"categories/{self.made('categories')}", headers={"If-Match": "*"})

    def restore_category(self):
        call = self.delete_category()
        call.client.ok(call.method, call.path, headers=call.headers)
        return Call(call.client, "POST", call.path + "/restore", headers=call.headers)

    def add_brand(self):
        name = f"brand {next(self.numbers)}"
        return self.by_admin("POST", "brands", {"name": name}, {"name": name, "description": "x"})

    def change_brand(self):
        return self.change(f"brands/{self.made('brands')}", {"description": "a"}, {"description": "b"})

    def delete_brand(self):
        return self.by_admin("DELETE", f"brands/{self.made('brands')}", headers={"If-Match": "*"})

    def restore_brand(self):
        call = self.delete_brand()
        call.client.ok(call.method, call.path, headers=call.headers)
        return Call(call.client, "POST", call.path + "/restore", headers=call.headers)

    def add_cart_item(self):
        return self.by_ada("POST", "cart/items", *({"product_id": self.tea, "quantity": n} for n in (1, 2)))

    def set_cart_item(self):
        self.ada.ok("POST", "/api/v1/cart/items", {"product_id": self.cup, "quantity": 1})
        return self.by_ada("PUT", f"cart/items/{self.cup}", {"quantity": 7}, {"quantity": 8})

    def remove_cart_item(self):
        self.ada.ok("POST", "/api/v1/cart/items", {"product_id": self.cup, "quantity": 1})
        return self.by_ada("DELETE", f"cart/items/{self.cup}")

    def clear_cart(self):
        self.ada.ok("POST", "/api/v1/cart/items", {"product_id": self.cup, "quantity": 1})
        return self.by_ada("DELETE", "cart")

    def open_guest_cart(self):
        return Call(self.guest, "POST", "/api/v1/guest-carts", other={})

    def merge_cart(self):
        carts = [self.guest.ok("POST", "/api/v1/guest-carts", status=201)["token"] for _ in range(2)]
        for token in carts:
            self.guest.ok("POST", "/api/v1/cart/items", {"product_id": self.tea, "quantity": 1},
                          headers={"Souk-Cart-Token": token})
        return self.by_ada("POST", "cart/merge", *({"cart_token": token} for token in carts))

    def place_order(self):
        bodies = ({"items": [{"product_id": self.tea, "quantity": n}], "address": ADDRESS} for n in (1, 2))
        return self.by_ada("POST", "orders", *bodies)

    def cancel_order(self):
        return self.by_ada("POST", f"orders/{self.order()}/cancel", other={})

    def confirm_receipt(self):
        return self.by_ada("POST", f"orders/{self.order(shipped=True)}/receipt", other={})

    def start_payment(self):
        return self.by_ada("POST", f"orders/{self.order()}/payments",
                           *({"provider": "sandbox", "way": way} for way in ("page", "qr")))

    def mark_order_delivered(self):
        return self.by_admin("POST", f"orders/{self.order(shipped=True)}/delivery", other={})

    def cancel_order_as_administrator(self):
        return self.by_admin("POST", f"orders/{self.order()}/cancel", other={})

    def ship_order(self):
        return self.by_admin("POST", f"orders/{self.order(paid=True)}/shipments",
                             *({"carrier": "SF", "lines": [{"product_id": self.tea, "quantity": 1}],
                                "tracking_number": number} for number in ("1", "2")))

    def refund_order(self):
        return self.by_admin("POST", f"orders/{self.order(paid=True)}/refunds",
                             *({"reason": why, "lines": [{"product_id": self.tea, "quantity": 1}]} for why in "ab"))

    def retry_refund(self):
        order = self.order()
        payment = self.payment(order)
        self.settle(payment)
        self.ada.ok("POST", f"/api/v1/orders/{order}/cancel")

        def refused():
            found = self.admin.ok("GET", f"/api/v1/admin/payments/{payment}")["refunds"]
            return [refund["refund_id"] for refund in found if refund["status"] == "refused"]

        (refund,) = eventually("the provider has refused", refused)
        return self.by_admin("POST", f"payments/{payment}/refunds/{refund}/retry", other={})

    def return_wrong_amount(self):
        payment = self.payment(self.order())
        self.settle(payment, "wrong_amount")

        def is_refused():
            return self.admin.ok("GET", f"/api/v1/admin/payments/{payment}").get("wrong_amount")

        eventually("the amount is refused", is_refused)
        return self.by_admin("POST", f"payments/{payment}/return", other={})

    def difference(self):
        """A bill that says another amount than the books: the day and the comparison."""
        payment = self.payment(self.order())
        self.settle(payment, "wrong_amount")
        self.server.settled_position()
        day = self.admin.ok("GET", f"/api/v1/admin/payments/{payment}")["started_at"][:10]
        return {"provider": "sandbox", "date": day}

    def run_reconciliation(self):
        wanted = self.difference()
        return self.by_admin("POST", "reconciliations", wanted, {**wanted, "date": "2026-01-01"})

    def settle_difference(self):
        found = self.admin.ok("POST", "/api/v1/admin/reconciliations", self.difference())
        number = next(one["number"] for one in found["differences"] if one["state"] == "open")
        return self.by_admin("POST", f"reconciliations/{found['id']}/differences/{number}/settle",
                             {"note": "booked by hand"}, {"note": "not booked"})

    def configure_stock(self):
        return self.change(f"stock/{self.cup}", {"low_threshold": 5}, {"low_threshold": 6})

    def adjust_stock(self):
        now = self.admin.ok("GET", f"/api/v1/admin/stock/{self.cup}")["on_hand"]
        body = {"from": now, "to": now - 1, "reason": "counted"}
        return self.by_admin("POST", f"stock/{self.cup}/adjustments", body, {**body, "reason": "counted again"})

    def receive_stock(self):
        return self.by_admin("POST", f"stock/{self.cup}/receipts",
                             *({"quantity": n, "reason": "delivery"} for n in (1, 2)))
