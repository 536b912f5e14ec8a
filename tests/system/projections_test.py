"""The read models as an operator sees them: paused, made anew beside the live ones, rolled back, and proved by the log."""

import json
import pathlib
import re
import sqlite3
import threading

from harness import ADDRESS, ADMIN, SharedServerTest, SystemTest, eventually, main, product, souk

ROUTE = "/api/v1/admin/projections"


def differing(data, name="all"):
    """What `souk projections diff` says, and whether it found a difference."""
    done = souk("projections", "diff", name, "--data", data)
    assert done.returncode in (0, 65), done
    return done.stdout.decode(), done.returncode == 65


class Shop:
    """What both kinds of tests need."""

    def order(self, client, tea):
        lines = {"items": [{"product_id": tea, "quantity": 1}], "address": ADDRESS}
        answer = client.post("/api/v1/orders", lines)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"], answer.headers["Souk-Position"]

    def projection(self, name):
        return self.admin.ok("GET", f"{ROUTE}/{name}")["projection"]

    def tell(self, name, verb, status=200):
        return self.admin.ok("POST", f"{ROUTE}/{name}/{verb}", {}, status=status)

    def await_generation(self, name, generation):
        eventually(f"generation {generation} of {name} serves",
                   lambda: self.projection(name)["generation"] == generation)


class OperatorTest(Shop, SharedServerTest):
    rows = [product("tea", stock=1_000_000)]
    settings = ("read.position_wait_ms=300",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea = cls.skus["tea"]
        cls.ada = cls.server.customer("ada")

    def test_every_follower_is_listed_and_one_that_is_not_there_is_not_found(self):
        names = [item["name"] for item in self.admin.ok("GET", ROUTE)["items"]]
        self.assertIn("orders", names)
        for name in names:
            shown = self.projection(name)
            self.assertEqual((shown["name"], shown["state"], shown["complete"]), (name, "following", True))
        self.assert_problem(self.admin.get(f"{ROUTE}/others"), 404, "projection.not_found")
        for verb in ("pause", "resume", "rebuild", "rollback", "cancel", "retry"):
            self.assert_problem(self.admin.post(f"{ROUTE}/others/{verb}", {}), 404, "projection.not_found")

    def test_a_paused_one_answers_no_read_of_a_later_position_until_it_is_resumed(self):
        self.assertEqual(self.tell("orders", "pause")["state"], "paused")
        self.addCleanup(self.tell, "orders", "resume")
        order, position = self.order(self.ada, self.tea)
        read = lambda: self.ada.get("/api/v1/orders", headers={"Souk-Position": position})
        late = read()
        self.assert_problem(late, 503, "read.not_caught_up")
        self.assertTrue(late.headers["Retry-After"])
        self.assertGreater(self.projection("orders")["lag_events"], 0)
        self.assertEqual(self.tell("orders", "resume")["state"], "following")
        eventually("the list holds the order", lambda: read().status == 200)
        self.assertEqual(read().json["items"][0]["id"], order)

    def test_what_becomes_of_an_event_that_cannot_be_taken_in_is_said_and_taken_back(self):
        change = lambda body: self.admin.send("PATCH", f"{ROUTE}/jobs", body, media="application/merge-patch+json")
        self.assertEqual(change({"on_poison": "retry"}).json["on_poison"], "retry")
        self.assertEqual(change({}).json["on_poison"], "retry")
        self.assertEqual(change({"on_poison": None}).json["on_poison"], "park")
        self.assert_problem(change({"on_poison": "ignore"}), 400, "field.invalid")

    def test_the_tables_are_those_that_analysts_are_told_of(self):
        document = pathlib.Path(__file__).parents[2].joinpath("docs", "architecture.md").read_text()
        told = {}
        for name, file, columns in re.findall(r"^\| `(\w+)`(?: \(([\w ]+)\))? \| (.*) \|$", document, re.MULTILINE):
            told[file or name, name] = set(re.findall(r"`([a-z_]+)`", columns))
        for file in pathlib.Path(self.server.data, "projections").glob("*.sqlite"):
            if not file.is_symlink():
                continue
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
                # Not what a virtual table makes for itself.
                tables = db.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'"
                                    " AND name NOT LIKE 'sqlite~_%' ESCAPE '~'").fetchall()
                for (table,) in tables:
                    with self.subTest(file=file.name, table=table):
                        columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
                        where = "each file" if table.startswith("souk_") else file.stem
                        self.assertLessEqual(columns, told.get((where, table), set()))

    def test_nothing_to_roll_back_to_or_to_cancel_is_a_conflict(self):
        self.assert_problem(self.admin.post(f"{ROUTE}/jobs/rollback", {}), 409, "projection.no_previous")
        self.assert_problem(self.admin.post(f"{ROUTE}/jobs/cancel", {}), 409, "projection.not_building")

    def test_the_command_line_does_the_same_against_a_running_server(self):
        def command(*words):
            done = souk("projections", *words, "--url", f"http://127.0.0.1:{self.server.port}",
                        env={"SOUK_ADMIN_USERNAME": ADMIN[0], "SOUK_ADMIN_PASSWORD": ADMIN[1]})
            self.assertEqual(done.returncode, 0, done)
            return done.stdout.decode()

        self.assertIn("guest_carts\tfollowing", command("list"))
        self.assertEqual(json.loads(command("pause", "guest_carts"))["state"], "paused")
        self.assertIn("guest_carts\tpaused", command("list"))
        self.assertEqual(json.loads(command("resume", "guest_carts"))["state"], "following")
        self.assertEqual(json.loads(command("retry", "guest_carts")), {"applied": 0, "still_parked": 0})
        before = self.projection("guest_carts")["generation"]
        command("rebuild", "guest_carts")
        self.await_generation("guest_carts", before + 1)
        command("rollback", "guest_carts")
        self.await_generation("guest_carts", before)
        self.assertEqual(len(command("show", "all").splitlines()), len(command("list").splitlines()))
        for policy, now in (("stop", "stop"), ("default", "park")):
            self.assertEqual(json.loads(command("policy", "guest_carts", policy))["on_poison"], now)
        self.assertEqual(souk("projections", "pause", "orders", "--data", self.server.data).returncode, 64)
        self.assertEqual(souk("projections", "policy", "orders", "--url", "http://127.0.0.1:1").returncode, 64)

    def test_what_one_refuses_does_not_keep_the_others_from_it(self):
        done = souk("projections", "cancel", "all", "--url", f"http://127.0.0.1:{self.server.port}",
                    env={"SOUK_ADMIN_USERNAME": ADMIN[0], "SOUK_ADMIN_PASSWORD": ADMIN[1]})
        self.assertEqual(done.returncode, 69, done)
        self.assertEqual(done.stderr.decode().count("projection.not_building"),
                         len(self.admin.ok("GET", ROUTE)["items"]))

    def search(self, client, query, position=None):
        answer = client.get(f"/api/v1/search?{query}", headers={"Souk-Position": position} if position else {})
        return answer.json if answer.status == 200 else None

    def test_a_rebuild_of_the_search_gives_no_reader_a_stale_or_partial_answer(self):
        faults, over = [], threading.Event()

        def offer_and_search(word):
            """Each product is found at the position of its change, with all before it, and as it is now."""
            admin, offered = self.server.admin(), 0
            while not over.is_set():
                offered += 1
                sku = f"{word}-{offered}"
                new = admin.send("POST", "/api/v1/admin/products", {
                    "sku": sku, "name": f"{word} {offered}", "price": {"amount": 100, "currency": "CNY"}})
                seen = self.search(admin, f"q={word}&sort=newest&limit=1", new.headers["Souk-Position"])
                if seen and (seen["total"], seen["items"][0]["product"]["sku"]) != (offered, sku):
                    faults.append((seen, offered))
                cheaper = admin.send("PATCH", f"/api/v1/admin/products/{new.json['id']}",
                                     {"price": {"amount": 50, "currency": "CNY"}}, headers={"If-Match": "*"},
                                     media="application/merge-patch+json")
                seen = self.search(admin, f"q={word}&price_max=60", cheaper.headers["Souk-Position"])
                if seen and (seen["total"], seen["facets"]["prices"][0]["count"]) != (offered, offered):
                    faults.append((seen, offered))

        def poll():
            """Without a position an answer may be late, and never goes back."""
            guest, most = self.server.guest(), 0
            while not over.is_set():
                seen = self.search(guest, "q=lute&limit=1")
                if seen is None or seen["total"] < most:
                    faults.append((seen, most))
                else:
                    most = seen["total"]

        threads = [threading.Thread(target=offer_and_search, args=(word,)) for word in ("lute", "harp")]
        threads.append(threading.Thread(target=poll))
        for thread in threads:
            thread.start()
        try:
            generation = self.projection("search")["generation"]
            for verb, target in (("rebuild", generation + 1), ("rollback", generation), ("rebuild", generation + 2)):
                self.tell("search", verb, status=202)
                self.await_generation("search", target)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(faults, [])
        self.server.settled_position()
        self.assertEqual(differing(self.server.data, "search")[1], False)

    def test_a_rebuild_while_orders_arrive_gives_no_reader_a_stale_or_partial_answer(self):
        buyers = [self.server.customer(f"buyer{number}") for number in range(3)]
        faults, over = [], threading.Event()

        def buy_and_read(client):
            """Each order is in the list that is asked for at its position, with all before it."""
            placed = []
            while not over.is_set():
                order, position = self.order(client, self.tea)
                placed.append(order)
                answer = client.get("/api/v1/orders?limit=100", headers={"Souk-Position": position})
                if answer.status == 503:
                    continue
                seen = [item["id"] for item in answer.json["items"]]
                if seen != placed[::-1][:100]:
                    faults.append((seen, placed))

        def poll():
            """Without a position a list may be late, and never goes back."""
            admin, newest = self.server.admin(), 0
            while not over.is_set():
                items = admin.ok("GET", "/api/v1/admin/orders?limit=1")["items"]
                placed = items[0]["placed_at"] if items else ""
                if newest and placed < newest:
                    faults.append(f"the list went back from {newest} to {placed}")
                newest = placed

        threads = [threading.Thread(target=buy_and_read, args=(client,)) for client in buyers]
        threads.append(threading.Thread(target=poll))
        for thread in threads:
            thread.start()
        try:
            generation = self.projection("orders")["generation"]
            for verb, target in (("rebuild", generation + 1), ("rebuild", generation + 2), ("rollback", generation + 1),
                                 ("rebuild", generation + 3)):
                self.tell("orders", verb, status=202)
                self.await_generation("orders", target)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(faults, [])
        self.server.settled_position()
        self.assertEqual(differing(self.server.data)[1], False)


class RestartTest(Shop, SystemTest):
    def begin(self, *settings):
        self.server = self.start(*settings)
        self.admin = self.server.admin()

    def place_orders(self, count):
        self.import_rows(product("tea", stock=1_000))
        self.begin()
        tea = self.server.products()["tea"]
        ada = self.server.customer("ada")
        orders = [self.order(ada, tea)[0] for _ in range(count)]
        self.server.settled_position()
        return orders

    def test_a_row_that_somebody_changed_is_found_with_the_event_that_wrote_it(self):
        orders = self.place_orders(20)
        text, differs = differing(self.data)
        self.assertFalse(differs, text)
        self.server.stop()
        with sqlite3.connect(pathlib.Path(self.data, "projections", "orders.sqlite")) as db:
            placed = db.execute("SELECT placed FROM orders ORDER BY placed LIMIT 1 OFFSET 7").fetchone()[0]
            db.execute("UPDATE orders SET state = 'paid' WHERE placed = ?", (placed,))
        text, differs = differing(self.data, "orders")
        self.assertTrue(differs, text)
        self.assertIn(f"table orders, key {placed}\n", text)
        self.assertIn("state = 'paid'", text)
        self.assertIn("state = 'awaiting_payment'", text)
        self.assertIn("changed by somebody else", text)
        event = int(text.split("event:")[1].split()[0])
        self.assertIn("order.awaiting_payment", souk("events", "--data", self.data, "--from", event, "--to",
                                                     event).stdout.decode())
        self.begin()
        self.tell("orders", "rebuild", status=202)
        self.await_generation("orders", 2)
        self.assertFalse(differing(self.data)[1])
        self.assertEqual(len(orders), 20)

    def test_pauses_policies_and_generations_survive_a_restart(self):
        self.place_orders(5)
        self.tell("jobs", "pause")
        self.admin.send("PATCH", f"{ROUTE}/orders", {"on_poison": "stop"}, media="application/merge-patch+json")
        self.tell("products", "rebuild", status=202)
        self.await_generation("products", 2)
        self.server.stop()
        self.begin()
        self.assertEqual(self.projection("jobs")["state"], "paused")
        self.assertEqual(self.projection("orders")["on_poison"], "stop")
        self.assertEqual(self.projection("products")["generation"], 2)
        self.assertEqual(self.projection("products")["previous"]["generation"], 1)

    def test_files_that_were_removed_are_made_anew_and_lists_are_never_partial(self):
        orders = self.place_orders(30)
        self.server.stop()
        for file in pathlib.Path(self.data, "projections").glob("orders.*"):
            file.unlink()
        self.begin("read.position_wait_ms=10000")
        ada = self.server.log_in("ada")
        self.assertEqual([item["id"] for item in ada.ok("GET", "/api/v1/orders?limit=100")["items"]], orders[::-1])


if __name__ == "__main__":
    main()
