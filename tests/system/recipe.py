"""What recipes are made of: calls that change something, and a shop in which each may be made."""

import itertools
from dataclasses import dataclass, field

from harness import Client, SharedServerTest, product
from people import MERGE_PATCH


@dataclass
class Call:
    client: Client
    method: str
    path: str
    body: object = None
    other: object = None  # as good as the body, and not the same
    media: str = "application/json"
    headers: dict = field(default_factory=dict)
    # Whoever says it again after it made the caller's token void. None: nobody can.
    again: object = "the same"


class RecipeBook(SharedServerTest):
    """Each recipe makes what it needs and gives a call that was not made yet."""

    rows = [product("tea", stock=100_000, price=1999), product("cup", stock=100_000, price=501)]
    # Refunds are refused, so that there is something to be asked for again.
    settings = ("account.message_interval_s=0", "payments.sandbox_faults=fail_refund")
    numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.cup = cls.skus["tea"], cls.skus["cup"]
        cls.ada = cls.server.customer("ada")

    def by_admin(self, method, path, body=None, other=None, **more):
        return Call(self.admin, method, f"/api/v1/admin/{path}", body, other, **more)

    def by_ada(self, method, path, body=None, other=None, **more):
        return Call(self.ada, method, f"/api/v1/{path}", body, other, **more)

    def change(self, path, body, other):
        return self.by_admin("PATCH", path, body, other, media=MERGE_PATCH, headers={"If-Match": "*"})
