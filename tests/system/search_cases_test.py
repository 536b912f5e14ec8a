"""Queries over the demo catalogue and what must come first: tests/search/cases.txt, over HTTP."""

import pathlib
import urllib.parse

from harness import ADDRESS, SystemTest, eventually, main, souk

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "search" / "cases.txt"
CASES_MIN = 150


def read_lines():
    for number, line in enumerate(CASES.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            yield number, line


def read_sales():
    for _, line in read_lines():
        if line.startswith("sold "):
            _, sku, quantity = line.split()
            yield sku, int(quantity)


def read_cases():
    for number, line in read_lines():
        if line.startswith("sold "):
            continue
        asked, wanted = line.rsplit("->", 1)
        text, *parameters = (part.strip() for part in asked.split(";"))
        yield number, {"q": text, **dict(parameter.split("=", 1) for parameter in parameters)}, wanted.strip()


class SearchCasesTest(SystemTest):
    settings = ()
    backend = "embedded"

    def sell(self, server):
        skus, customer = server.products(), server.customer("ada")
        for sku, quantity in read_sales():
            items = [{"product_id": skus[sku], "quantity": quantity}]
            order = customer.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)["id"]
            payment = customer.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
            server.guest().ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
            eventually("the order is paid",
                       lambda id_=order: customer.ok("GET", f"/api/v1/orders/{id_}")["state"] == "paid")

    def test_each_query_finds_first_what_it_means(self):
        data = self.folder / "data"
        done = souk("import", "--data", data, ROOT / "demo" / "catalogue.jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        server = self.start(f"search.synonyms_file={ROOT / 'demo' / 'synonyms.txt'}", *self.settings)
        self.sell(server)
        server.settled_position()
        guest, cases = server.guest(), list(read_cases())
        self.assertGreaterEqual(len(cases), CASES_MIN)
        for number, query, wanted in cases:
            with self.subTest(line=number, **query):
                answer = guest.ok("GET", f"/api/v1/search?{urllib.parse.urlencode({**query, 'limit': 3})}")
                names = [item["product"]["name"] for item in answer["items"]]
                if wanted == "nothing":
                    self.assertEqual(names, [])
                else:
                    self.assertEqual(answer["backend"], self.backend)
                    self.assertIn(wanted, names[0] if names else "", names)


if __name__ == "__main__":
    main()
