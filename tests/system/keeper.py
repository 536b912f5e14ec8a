"""What tests about stock share: an administrator who keeps the stock of one product, and paying for an order."""

MERGE = "application/merge-patch+json"


class Keeper:
    """An administrator with one product's stock."""

    def __init__(self, admin, product_id):
        self.admin, self.id = admin, product_id
        self.path = f"/api/v1/admin/stock/{product_id}"

    def stock(self):
        return self.admin.ok("GET", self.path)

    def figures(self, *names):
        stock = self.stock()
        return tuple(stock[name] for name in names)

    def adjust(self, before, after, reason="counted"):
        return self.admin.post(f"{self.path}/adjustments", {"from": before, "to": after, "reason": reason})

    def configure(self, patch, if_match="*"):
        return self.admin.send("PATCH", self.path, patch, media=MERGE, headers={"If-Match": if_match})

    def holds(self, query=""):
        return self.admin.ok("GET", f"{self.path}/holds{query}")

    def movements(self):
        found, cursor = [], ""
        while cursor is not None:
            page = self.admin.ok("GET", f"{self.path}/movements?limit=7{'&cursor=' if cursor else ''}{cursor}")
            found += page["items"]
            cursor = page["next_cursor"]
        return found


def balanced(stock):
    return (stock["on_hand"] == stock["received"] + stock["adjusted"] + stock["restocked"] - stock["sold"]
            and stock["available"] == stock["on_hand"] - stock["reserved"]
            and (stock["mode"] == "untracked" or 0 <= stock["reserved"] <= stock["on_hand"]))


def pay(client, order):
    payment = client.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)
    client.ok("POST", f"/sandbox/payments/{payment['id']}", {"outcome": "success"})
