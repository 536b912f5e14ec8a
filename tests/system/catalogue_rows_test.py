"""Importing and exporting a catalogue, into a folder and into a running server, against the real binary."""

import json
import subprocess
import tempfile
import threading

from certificates import Certificate
from harness import ADDRESS, ADMIN, BINARY, SystemTest, environment, eventually, main, product, read_events, souk
from relay import Relay

ROWS = "/api/v1/admin/catalogue/rows"
KEEPER = {"SOUK_ADMIN_USERNAME": ADMIN[0], "SOUK_ADMIN_PASSWORD": ADMIN[1]}
REFUSED, UNAVAILABLE, BAD_CONFIG = 65, 69, 78


def line(row):
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def exported(sku, **more):
    """A product's row as it is exported."""
    row = {"kind": "product", "sku": sku, "name": f"Product {sku}", "description": "", "price": 1999, "currency": "CNY",
           "stock": 0, "stock_mode": None, "low_threshold": None, "category": "", "brand": "", "pictures": [], "attributes": [], "purchase_limit": None,
           "published": True, "deleted": False, **more}
    return {name: value for name, value in row.items() if value is not None}


def category(path, description="", deleted=False):
    return {"kind": "category", "path": path, "description": description, "deleted": deleted}


def brand(name, description="", logo="", deleted=False):
    return {"kind": "brand", "name": name, "description": description, "logo": logo, "deleted": deleted}


# Everything a catalogue can hold, in the order in which it is exported.
EVERYTHING = [
    category("茶 tea", "Leaves,\nand \"more\""), category("茶 tea/green"), category("茶 tea/black", "Dark"),
    category("old", "No longer", True), category("old/older", "", True), category("home"),
    brand("A", "First", "https://a.example/a.svg"), brand("gone", deleted=True), brand("西湖 Xihu"),
    exported("Z-1", stock=7, low_threshold=3, category="茶 tea/green", brand="西湖 Xihu", description="a\\b \"c\"\n茶",
             pictures=["https://a.example/1.jpg", "/2.webp"], purchase_limit=3,
             attributes=[{"name": "colour", "values": ["red", "蓝"]}, {"name": "size", "values": ["1"]}]),
    exported("A-1", price=0, published=False, category="home", stock=1, stock_mode="untracked", low_threshold=0),
    exported("M-1", deleted=True, category="old/older", brand="gone"),
    exported("B-1", deleted=True, published=False, stock_mode="untracked"), exported("Y-1", stock=2**53 - 1, brand="A"),
]
TEXT = "".join(line(row) + "\n" for row in EVERYTHING)


class CatalogueRowsTest(SystemTest):
    def import_into(self, data, text, code=0):
        done = souk("import", "--data", data, "-", stdin=text.encode())
        self.assertEqual(done.returncode, code, done)
        return done.stderr.decode()

    def export_from(self, data):
        done = souk("export", "--data", data)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout.decode()

    def url(self, server):
        return f"http://127.0.0.1:{server.port}"

    def send(self, server, text, code=0, env=None):
        done = souk("import", "--url", self.url(server), "-", stdin=text.encode(), env=KEEPER if env is None else env)
        self.assertEqual(done.returncode, code, done)
        return done.stderr.decode()

    def fetch(self, server):
        done = souk("export", "--url", self.url(server), env=KEEPER)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout.decode()

    # --- there and back

    def test_a_catalogue_that_is_exported_and_imported_is_the_same_to_the_byte(self):
        first, second = self.folder / "first", self.folder / "second"
        self.import_into(first, TEXT)
        self.assertEqual(self.export_from(first), TEXT)
        self.import_into(second, self.export_from(first))
        self.assertEqual(self.export_from(second), TEXT)
        events = read_events(second)
        self.assertIn("0 created, 0 changed, 14 unchanged, 0 refused", self.import_into(second, TEXT))
        self.assertEqual(read_events(second), events)

    def test_the_same_into_and_out_of_a_running_server(self):
        server = self.start()
        self.assertEqual(self.fetch(server), "")
        self.assertIn("14 created, 0 changed, 0 unchanged, 0 refused", self.send(server, TEXT))
        self.assertEqual(self.fetch(server), TEXT)
        self.assertEqual(self.export_from(self.data), TEXT)  # beside the server
        head = server.settled_position()
        self.assertIn("0 created, 0 changed, 14 unchanged, 0 refused", self.send(server, TEXT))
        self.assertEqual([event["type"] for event in read_events(self.data, "--from", head + 1)],
                         ["sessions.started", "sessions.ended"])
        guest = server.guest()
        self.assertEqual([item["sku"] for item in guest.ok("GET", "/api/v1/products")["items"]], ["Z-1", "Y-1"])
        self.assertEqual([item["path"] for item in guest.ok("GET", "/api/v1/categories")["items"]],
                         ["茶 tea", "茶 tea/green", "茶 tea/black", "home"])
        server.stop()
        second = self.folder / "second"
        self.import_into(second, TEXT)
        self.assertEqual(self.export_from(second), TEXT)

    def test_a_catalogue_of_many_batches_keeps_its_order(self):
        text = "".join(line(exported(f"SKU-{i * 7919 % 2500:04}", category=f"c{i % 7}/d{i % 3}", brand=f"b{i % 11}",
                                     stock=i % 4)) + "\n" for i in range(2500))
        server = self.start()
        self.assertIn("2500 created", self.send(server, text))
        out = self.fetch(server).splitlines()
        self.assertEqual([row for row in out if '"kind":"product"' in row], text.splitlines())
        self.assertEqual(sum('"kind":"category"' in row for row in out), 7 + 21)
        self.assertEqual(sum('"kind":"brand"' in row for row in out), 11)

    # --- what a row means

    def test_what_a_row_leaves_out_is_taken_away_but_not_what_says_whether_it_is_for_sale(self):
        server = self.start()
        self.send(server, TEXT)
        admin = server.admin()
        bare = {"sku": "Z-1", "name": "Z", "price": 5}
        self.assertIn("0 created, 1 changed", self.send(server, line(bare)))
        expected = exported("Z-1", name="Z", price=5, stock=7, low_threshold=3)
        self.assertIn(line(expected), self.fetch(server).splitlines())
        self.send(server, line({"sku": "A-1", "name": "Product A-1", "price": 6}))
        self.assertIn(line(exported("A-1", price=6, published=False, stock=1, stock_mode="untracked", low_threshold=0)),
                      self.fetch(server).splitlines())
        told = self.send(server, line({"sku": "B-1", "name": "Product B-1", "price": 6}), REFUSED)
        self.assertIn("line 1: product.deleted", told)
        self.send(server, line({"sku": "B-1", "name": "Product B-1", "price": 6, "deleted": False}))
        self.assertIn(line(exported("B-1", price=6, published=False, stock_mode="untracked")),
                      self.fetch(server).splitlines())
        # The stock a row tells of is what a product begins with.
        id_ = next(item["id"] for item in admin.ok("GET", "/api/v1/admin/products")["items"] if item["sku"] == "Y-1")
        self.send(server, line({"sku": "Y-1", "name": "Product Y-1", "price": 1999, "stock": 3}))
        self.assertEqual(admin.ok("GET", f"/api/v1/admin/stock/{id_}")["on_hand"], 2**53 - 1)
        # Categories and brands that a product's row names, deleted or not, stay what they are.
        self.send(server, line({"sku": "NEW", "name": "n", "price": 1, "category": "old/older/new", "brand": "gone"}))
        tree = {item["path"]: item["deleted"] for item in admin.ok("GET", "/api/v1/admin/categories")["items"]}
        self.assertEqual([tree[path] for path in ("old", "old/older", "old/older/new")], [True, True, True])
        self.assertNotIn("category", server.guest().ok("GET", "/api/v1/products")["items"][-1])

    def test_what_a_row_says_of_its_stock_holds_from_then_on_and_what_it_leaves_out_stays(self):
        server = self.start()
        other = self.folder / "other"

        def take(code=0, **row):
            text = line({"sku": "S", "name": "S", "price": 1, **row})
            told = [self.send(server, text, code), self.import_into(other, text, code)]
            self.assertEqual(self.fetch(server), self.export_from(other))
            return told

        for told in take(stock=4, stock_mode="untracked", low_threshold=2):
            self.assertIn("1 created", told)
        for told in take(stock=9, stock_mode="untracked"):
            self.assertIn("1 unchanged", told)
        self.assertIn(line(exported("S", name="S", price=1, stock=4, stock_mode="untracked", low_threshold=2)),
                      self.fetch(server))
        for told in take(low_threshold=5):
            self.assertIn("1 changed", told)
        for told in take(stock_mode="tracked"):
            self.assertIn("1 changed", told)
        self.assertIn(line(exported("S", name="S", price=1, stock=4, low_threshold=5)), self.fetch(server))
        for row, reason in (({"low_threshold": -1}, "stock.threshold_invalid"), ({"stock_mode": "x"}, "field.invalid")):
            for told in take(REFUSED, **row):
                self.assertIn(f"line 1: {reason}", told)
        # The rules of a stock are those of everybody.
        self.send(server, line({"sku": "S", "name": "S", "price": 1, "stock_mode": "untracked"}))
        buyer = server.customer("buyer")
        items = [{"product_id": server.products()["S"], "quantity": 6}]
        buyer.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)
        text = line({"sku": "S", "name": "S", "price": 1, "stock_mode": "tracked"})
        self.assertIn("line 1: stock.below_reserved", self.send(server, text, REFUSED))
        server.stop()
        self.assertIn("line 1: stock.below_reserved", self.import_into(self.data, text, REFUSED))

    def test_rows_that_cannot_be_taken_are_told_by_their_lines_and_the_others_are_taken(self):
        rows = ["{", line(product("new-1", category="kept")), line(product("x", stock=-1)), "", line({"sku": "y"}),
                line(product("new-1")), line(product("z", colour="red")), line({"kind": "shop"}),
                line(product("bad-price", price=-1, category="not/made", brand="Not made")),
                line(product("bad-path", category="a//b")), line(product("much", stock=2**53, category="not/made")), line({"kind": "category", "path": "/"}),
                line({"kind": "brand", "name": " "}), line(product("new-2", attributes=[{"name": "a", "values": []}])),
                line({"kind": "category", "path": "kept/too"}), line(product("new-3", brand="Kept"))]
        wanted = [("line 1", "json.malformed"), ("line 3", "field.invalid"), ("line 5", "field.invalid"),
                  ("line 6", "row.duplicate_sku"), ("line 7", "field.invalid"), ("line 8", "field.invalid"),
                  ("line 9", "product.price_invalid"), ("line 10", "category_tree.name_invalid"),
                  ("line 11", "field.invalid"), ("line 12", "category_tree.name_invalid"),
                  ("line 13", "brands.name_invalid"), ("line 14", "product.attributes_invalid")]
        server = self.start()
        other = self.folder / "other"
        for told in (self.send(server, "\n".join(rows), REFUSED), self.import_into(other, "\n".join(rows), REFUSED)):
            lines = [tuple(part.strip() for part in text.split(":")[:2]) for text in told.splitlines()
                     if text.startswith("line ")]
            self.assertEqual(sorted(lines), sorted(wanted))
            self.assertIn("3 created, 0 changed, 0 unchanged, 12 refused", told)
        self.assertEqual(self.fetch(server), self.export_from(other))
        kept = [category("kept"), category("kept/too"), brand("Kept")]
        self.assertEqual([json.loads(text) for text in self.fetch(server).splitlines()][:3], kept)

    def test_a_batch_is_bounded_and_one_that_is_no_rows_is_refused_whole(self):
        server = self.start()
        admin = server.admin()
        head = server.settled_position()
        good = line(product("batch"))
        for body, reason in ((good + "\n{", "json.malformed"), (good + "\n" + line({"sku": "x"}), "field.invalid"),
                             ("\n" * 5, "row.none"), ((good + "\n") * 1001, "row.too_many")):
            answer = admin.post(ROWS, body.encode(), media="application/jsonl")
            self.assert_problem(answer, 400, reason)
        self.assertIn("row 2: ", admin.post(ROWS, (good + "\n{}").encode(), media="application/jsonl").json["detail"])
        too_long = {"Content-Length": str(9 << 20)}
        self.assert_problem(server.admin().post(ROWS, b"{", media="application/jsonl", headers=too_long), 413)
        self.assert_problem(server.customer("nobody").post(ROWS, good.encode(), media="application/jsonl"), 403)
        dollars = line(product("dollars", currency="USD"))
        answer = admin.ok("POST", ROWS, dollars.encode(), media="application/jsonl")
        self.assertEqual(answer["refused"][0]["reason"], "product.currency_unknown")
        events = [event["type"] for event in read_events(self.data, "--from", head + 1)]
        self.assertEqual([name for name in events if not name.startswith(("account.", "claim.", "sessions."))], [])
        taken = admin.post(ROWS, (good + "\r\n\r\n" + good).encode(), media="application/jsonl", key="ignored")
        self.assertEqual({**taken.json, "refused": [(row["row"], row["reason"]) for row in taken.json["refused"]]},
                         {"created": 1, "changed": 0, "unchanged": 0, "refused": [(2, "row.duplicate_sku")]})
        seen = server.guest().ok("GET", "/api/v1/products", headers={"Souk-Position": taken.headers["Souk-Position"]})
        self.assertEqual([item["sku"] for item in seen["items"]], ["batch"])

    # --- what can go wrong

    def test_who_asks_is_told_by_the_settings_and_nobody_is_asked_without_a_terminal(self):
        server = self.start()
        customer = {"SOUK_ADMIN_USERNAME": "buyer", "SOUK_ADMIN_PASSWORD": "open-sesame-42"}
        server.customer("buyer").close()
        for env in ({**KEEPER, "SOUK_ADMIN_PASSWORD": "wrong-password"}, customer):
            self.assertIn("admin.username or admin.password", self.send(server, line(product("x")), BAD_CONFIG, env))
        # In a session of its own a process has no terminal.
        nobody = subprocess.run([BINARY, "import", "--url", self.url(server), "-"], input=b"", capture_output=True,
                                env=environment(), timeout=60, start_new_session=True, check=False)
        self.assertEqual((nobody.returncode, b"SOUK_ADMIN_USERNAME" in nobody.stderr), (BAD_CONFIG, True), nobody)
        server.stop()
        for command in (("import", "-"), ("export",)):
            gone = souk(command[0], "--url", self.url(server), *command[1:], stdin=b"", env=KEEPER)
            self.assertEqual((gone.returncode, b"http.unreachable" in gone.stderr), (UNAVAILABLE, True), gone)

    def test_a_password_goes_to_another_machine_by_https_or_when_it_is_said_that_it_may_go_without(self):
        for url in ("http://192.0.2.1", "HTTP://shop.example:80/", "shop.example", "http://127.0.0.1.shop.example",
                    "http://127.0.0.1:1@192.0.2.1", "http://[2001:db8::1]:8080", "http://localhost.example"):
            for command in (("import", "-"), ("export",)):
                refused = souk(command[0], "--url", url, *command[1:], stdin=b"", env=KEEPER)
                self.assertEqual((refused.returncode, b"config.plain_http" in refused.stderr), (BAD_CONFIG, True), refused)
        server = self.start()
        for host in ("127.0.0.1", "localhost"):
            self.assertEqual(souk("export", "--url", f"http://{host}:{server.port}", env=KEEPER).returncode, 0)
        url = f"http://0.0.0.0:{server.port}"
        self.assertEqual(souk("export", "--url", url, env=KEEPER).returncode, BAD_CONFIG)
        self.assertEqual(souk("export", "--url", url, "--plain-http", env=KEEPER).returncode, 0)

    def test_a_server_that_speaks_https_is_asked_if_its_certificate_is_trusted(self):
        certificate = Certificate(self.folder)
        server = self.start(*certificate.settings)
        url = ("--url", f"https://127.0.0.1:{server.port}")
        trusted = (*url, "--ca-file", certificate.certificate)
        taken = souk("import", *trusted, "-", stdin=TEXT.encode(), env=KEEPER)
        self.assertEqual(taken.returncode, 0, taken)
        self.assertEqual(souk("export", *trusted, env=KEEPER).stdout.decode(), TEXT)
        refused = souk("export", *url, env=KEEPER)
        self.assertEqual((refused.returncode, refused.stdout), (UNAVAILABLE, b""), refused)

    def begin_import(self, port):
        errors = tempfile.TemporaryFile()
        self.addCleanup(errors.close)
        process = subprocess.Popen([BINARY, "import", "--url", f"http://127.0.0.1:{port}", "-"], stdin=subprocess.PIPE,
                                   stderr=errors, env=environment(KEEPER))
        self.addCleanup(process.kill)
        return process, errors

    def rows_of_many(self):
        return [line(exported(f"SKU-{i:04}", category=f"c{i % 3}", brand=f"b{i % 5}", stock=1 + i % 4)).encode() + b"\n"
                for i in range(3000)]

    def check_whole(self, server, rows):
        out = [row for row in self.fetch(server).splitlines() if '"kind":"product"' in row]
        self.assertEqual(out, b"".join(rows).decode().splitlines())
        self.check_once(server)

    def check_once(self, server):
        """Nothing was created or received twice."""
        server.stop()
        created = [event["stream"] for event in read_events(self.data) if event["type"] == "product.created"]
        received = [event["stream"] for event in read_events(self.data) if event["type"] == "stock.received"]
        self.assertEqual((len(created), len(set(created))), (3000, 3000))
        self.assertEqual((len(received), len(set(received))), (3000, 3000))

    def test_an_import_outlives_the_death_of_the_server(self):
        server = self.start()
        relay, rows = Relay(server.port), self.rows_of_many()
        self.addCleanup(relay.close)
        process, errors = self.begin_import(relay.port)
        process.stdin.write(b"".join(rows[:1500]))
        process.stdin.flush()
        eventually("the first batch is there", lambda: server.metrics()["souk_log_position"] > 1000)
        server.kill()
        server = self.start()
        relay.target = server.port
        process.stdin.write(b"".join(rows[1500:]))
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)
        errors.seek(0)
        self.assertIn(b"0 refused", errors.read())
        self.check_whole(server, rows)

    def test_an_import_outlives_its_access_token(self):
        server = self.start()
        rows = self.rows_of_many()
        process, _ = self.begin_import(server.port)
        process.stdin.write(b"".join(rows[:1500]))
        process.stdin.flush()
        eventually("the first batch is there", lambda: server.metrics()["souk_log_position"] > 1000)
        self.assertEqual(server.admin().send("DELETE", "/api/v1/sessions").status, 204)
        process.stdin.write(b"".join(rows[1500:]))
        process.stdin.close()
        self.assertEqual(process.wait(60), 0)
        self.check_whole(server, rows)

    def test_two_imports_at_once_are_one(self):
        server = self.start()
        rows = self.rows_of_many()
        imports = [self.begin_import(server.port)[0] for _ in range(2)]
        writers = [threading.Thread(target=process.communicate, args=(b"".join(rows),)) for process in imports]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        self.assertEqual([process.returncode for process in imports], [0, 0])
        self.assertEqual(sorted(row for row in self.fetch(server).splitlines() if '"kind":"product"' in row),
                         sorted(b"".join(rows).decode().splitlines()))
        self.check_once(server)

    def test_an_import_that_was_killed_is_finished_by_the_same_import(self):
        server = self.start()
        rows = self.rows_of_many()
        process, _ = self.begin_import(server.port)
        process.stdin.write(b"".join(rows[:2200]))
        process.stdin.flush()
        eventually("the first batch is there", lambda: server.metrics()["souk_log_position"] > 1000)
        process.kill()
        process.wait(60)
        self.send(server, b"".join(rows).decode())
        self.check_whole(server, rows)


if __name__ == "__main__":
    main()
