"""Fills a shop before it is measured: products by `souk import`, accounts and tokens over HTTP."""

import concurrent.futures
import http.client
import json
import subprocess
import threading

PASSWORD = "open-sesame-42"
THREADS = 16

# Hashing passwords is not what is measured, and unpaid orders must not fall due in the middle of a run.
SETTINGS = ["password.operations=1", "password.memory_kib=8", "password.threads=1", "token.access_ttl_s=86400",
            "order.payment_timeout_s=86400"]


def import_products(binaries, bench, data, count, stock, folder):
    """Makes the data directory. The ids are those the log holds."""
    catalogue = folder / f"catalogue-{count}.jsonl"
    with open(catalogue, "wb") as file:
        subprocess.run([bench / "generate_catalogue", str(count), "--stock", str(stock)], stdout=file, check=True)
    subprocess.run([binaries / "souk", "import", "--data", data, catalogue], check=True, stderr=subprocess.PIPE)


class Client:
    """One connection for each thread that asks."""

    def __init__(self, port):
        self.port = port
        self.local = threading.local()

    def ask(self, method, path, body=None):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.local.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self.local.connection.getresponse()
        answer = json.loads(response.read())
        if response.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {response.status} {answer}")
        return answer


def product_ids(client):
    ids, cursor = [], ""
    while True:
        page = client.ask("GET", f"/api/v1/products?limit=100{'&cursor=' + cursor if cursor else ''}")
        ids += [product["id"] for product in page["items"]]
        cursor = page.get("next_cursor")
        if not cursor:
            return ids


def make_account(client, number):
    name = f"bench-{number:05d}"
    client.ask("POST", "/api/v1/accounts", {"username": name, "email": f"{name}@shop.example", "password": PASSWORD})
    return client.ask("POST", "/api/v1/sessions", {"username": name, "password": PASSWORD})["access_token"]


def fill(server, accounts, products, folder):
    """Writes the files `tokens` and `products` into `folder`, as the generator wants them."""
    client = Client(server.port)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        tokens = list(pool.map(lambda number: make_account(client, number), range(accounts)))
    ids = product_ids(client)
    if len(ids) != products:
        raise RuntimeError(f"{len(ids)} products are listed, not {products}")
    (folder / "tokens").write_text("\n".join(tokens) + "\n")
    (folder / "products").write_text("\n".join(ids) + "\n")
