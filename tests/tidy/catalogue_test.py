"""Checks the demo catalogue: every line can be imported, and it is large and varied enough to show something."""

import collections
import json
import pathlib
import re
import subprocess
import sys

CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "demo" / "catalogue.jsonl"
PRODUCTS_MIN = 1_500
CATEGORIES_MIN = 60
FIELDS = {"sku": str, "name": str, "description": str, "price": int, "currency": str, "stock": int, "category": str,
          "brand": str, "pictures": list}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refuse_repeated_keys(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key is given twice")
    return dict(pairs)


def check_product(product):
    if list(product) != list(FIELDS):
        return f"has the fields {list(product)}"
    for name, kind in FIELDS.items():
        if type(product[name]) is not kind:
            return f"{name} is no {kind.__name__}"
    if not re.fullmatch(r"[A-Z]{2,5}-[A-Z0-9]{3,}", product["sku"]):
        return "has no proper sku"
    for name in ("name", "description", "category", "brand"):
        if not product[name].strip() or product[name] != product[name].strip():
            return f"{name} is empty or padded"
    if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", product["category"]):
        return "category is no path of two steps"
    if not 20 <= len(product["description"]) <= 400:
        return "description is too short or too long"
    if not CHINESE.search(product["name"]) or not re.search("[A-Za-z]{3}", product["name"]):
        return "name is not both Chinese and English"
    if not 100 <= product["price"] <= 2_000_000 or product["currency"] != "CNY":
        return "price is not believable"
    if not 0 <= product["stock"] <= 100_000:
        return "stock is not believable"
    if not product["pictures"] or not all(re.fullmatch(r"/pictures/[a-z0-9-]+\.webp", p) for p in product["pictures"]):
        return "pictures are not paths"
    return None


def check(text):
    products, found = [], []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            product = json.loads(line, object_pairs_hook=refuse_repeated_keys)
        except ValueError as error:
            found.append(f"line {number}: {error}")
            continue
        products.append(product)
        if problem := check_product(product):
            found.append(f"line {number}: {problem}")
    if found:
        return found
    for field in ("sku", "name", "description"):
        counts = collections.Counter(product[field] for product in products)
        found += [f"{field} is used {count} times: {value}" for value, count in counts.items() if count > 1]
    categories = collections.Counter(product["category"] for product in products)
    if len(products) < PRODUCTS_MIN:
        found.append(f"{len(products)} products; {PRODUCTS_MIN} are wanted")
    if len(categories) < CATEGORIES_MIN:
        found.append(f"{len(categories)} categories; {CATEGORIES_MIN} are wanted")
    if not any(product["stock"] == 0 for product in products):
        found.append("nothing is sold out, which a shop must show as well")
    return found


def self_test(text):
    """Each damage to the first line must be found."""
    first, rest = text.split("\n", 1)
    damages = [
        first[:-1],
        first + first,
        first.replace('"sku"', '"SKU"', 1),
        first.replace('"currency":"CNY"', '"currency":"CNY","currency":"CNY"', 1),
        re.sub(r'"price":\d+', '"price":0', first),
        re.sub(r'"price":\d+', '"price":1.5', first),
        re.sub(r'"stock":\d+', '"stock":-1', first),
        re.sub(r'"name":"[^"]*"', '"name":""', first),
        re.sub(r'"category":"[^"]*"', '"category":"none"', first),
        re.sub(r'"pictures":\[[^]]*\]', '"pictures":[]', first),
        rest.split("\n", 1)[0],
    ]
    return [f"self-test: this damage was not found: {damage[:90]}" for damage in damages
            if damage == first or not check(damage + "\n" + rest)]


def main():
    text = CATALOGUE.read_text(encoding="utf-8")
    found = check(text) + self_test(text)
    made = subprocess.run([sys.executable, CATALOGUE.parent / "make_catalogue", "--print"], capture_output=True, text=True,
                          encoding="utf-8")
    if made.stdout != text:
        found.append(f"demo/make_catalogue makes another catalogue than demo/catalogue.jsonl {made.stderr}")
    for line in found:
        print(line)
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
