"""The index is what the log says whatever befell either of them: put back from a copy, of another program, closed, or fed
from a file that could not take in everything at once."""

import json
import pathlib
import shutil
import sqlite3

from elasticsearch import ROUTE, for_each_server
from faulty_proxy import FaultyProxy
from harness import eventually, main

SEARCH_ROUTE = "/api/v1/admin/projections/search"


def money(amount):
    return {"amount": amount, "currency": "CNY"}


class PutBack:
    """Log or index are older than they were."""

    def restore_older_log(self):
        """The shop's data as it was before the index had seen the last changes. Returns some products' ids."""
        self.fill()
        server = self.serve()
        server.settled_position()
        ids = [item["product"]["id"] for item in self.find(server.guest(), q="kettle")["items"]]
        server.stop()
        backup = self.folder / "backup"
        shutil.copytree(self.data, backup, ignore=shutil.ignore_patterns("projections"))
        server = self.serve()
        admin = server.admin()
        for number in range(20):
            self.patch(admin, ids[number % 5], {"price": money(50_000 + number)})
        server.settled_position()
        self.await_backend(admin, "elasticsearch")
        server.stop()
        shutil.rmtree(self.data)
        shutil.copytree(backup, self.data)
        return ids

    def assert_made_anew(self):
        server = self.serve()
        server.settled_position()
        self.await_backend(server.guest(), "elasticsearch")
        self.assertEqual(self.find(server.guest(), q="kettle", price_max=40_000)["total"], 40)
        self.assertEqual(self.elastic.serving(self.prefix), [f"{self.prefix}-products-2"])
        self.assertEqual(self.differences(), "")

    def test_an_index_that_is_ahead_of_the_log_is_made_anew(self):
        self.restore_older_log()
        self.assert_made_anew()

    def test_so_is_one_that_another_history_of_the_log_has_passed(self):
        ids = self.restore_older_log()
        server = self.start()
        admin = server.admin()
        for number in range(60):
            self.patch(admin, ids[5 + number % 5], {"price": money(30_000 + number)})
        server.stop()
        self.assert_made_anew()

    def test_an_index_that_is_put_back_under_a_running_shop_catches_up_without_any_event(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        admin = server.admin()
        self.await_backend(admin, "elasticsearch")
        state = f"/{self.elastic.serving(self.prefix)[0]}/_doc/~state"
        older = self.elastic.ask("GET", state)[1]["_source"]
        id_ = self.find(admin, q="kettle")["items"][0]["product"]["id"]
        # It says that it has taken all of it, and then it is as it was before.
        proxy.fault = lambda _method, path, body: (200, json.dumps({"items": [
            {"index": {"status": 200}} for _ in range(len(body.splitlines()) // 2)]}).encode()) if "_bulk" in path else None
        self.patch(admin, id_, {"price": money(77)})
        server.settled_position()
        proxy.fault = None
        self.assertIn(f"product {id_}", self.differences())
        self.elastic.ask("PUT", state, older)
        document = f"/{self.elastic.serving(self.prefix)[0]}/_doc/{id_}"
        eventually("it is written again", lambda: self.elastic.ask("GET", document)[1]["_source"]["price"] == 77)
        self.await_backend(admin, "elasticsearch")
        self.assertEqual(self.differences(), "")

    def test_of_two_that_write_into_one_index_none_takes_the_others_place_for_its_own(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        admin = server.admin()
        index = self.elastic.serving(self.prefix)[0]
        state = f"/{index}/_doc/~state"
        other = self.elastic.ask("GET", state)[1]["_source"]
        other["state"]["position"] += 1_000
        self.elastic.ask("PUT", state, other)
        id_ = self.find(admin, q="kettle")["items"][0]["product"]["id"]
        self.patch(admin, id_, {"price": money(77)})
        eventually("it has an index of its own",
                   lambda: admin.ok("GET", ROUTE)["projection"]["generation"] == 2)
        self.await_backend(admin, "elasticsearch")
        server.settled_position()
        self.assertEqual(self.differences(), "")


class OfAnother:
    """What stands there is not what this program needs."""

    def test_an_index_of_another_shape_is_replaced_also_if_the_server_was_away_at_the_start(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        server.stop()
        self.service.down()
        server = self.serve("search.elasticsearch_analyzer=standard")
        guest, admin = server.guest(), server.admin()
        eventually("it is found that the server is away", lambda: admin.ok("GET", ROUTE)["projection"]["failing"])
        self.service.up()
        self.await_backend(guest, "elasticsearch")
        eventually("the alias leads there",
                   lambda: self.elastic.serving(self.prefix) == [f"{self.prefix}-products-2"])
        self.assertEqual(self.find(guest, q="壶水")["total"], 40)

    def test_an_index_in_the_place_of_the_alias_is_told_of_and_in_nobodys_way(self):
        self.fill()
        self.elastic.ask("PUT", f"/{self.prefix}-products", {})
        self.addCleanup(self.elastic.ask, "DELETE", f"/{self.prefix}-products")
        server = self.serve()
        server.settled_position()
        self.await_backend(server.guest(), "elasticsearch")
        self.assertEqual(self.differences(), "")
        told = f"the alias {self.prefix}-products cannot be pointed"
        self.assertEqual(pathlib.Path(server.log_path).read_text(encoding="utf-8").count(told), 1)

    def test_what_an_index_refuses_that_is_closed_or_not_alone_is_not_the_documents_fault(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        admin = server.admin()
        ids = [item["product"]["id"] for item in self.find(admin, q="kettle")["items"]]
        index = self.elastic.serving(self.prefix)[0]
        self.elastic.ask("POST", f"/{index}/_close")
        self.patch(admin, ids[0], {"price": money(7)})
        eventually("it fails", lambda: admin.ok("GET", ROUTE)["projection"]["failing"])
        self.elastic.ask("POST", f"/{index}/_open?wait_for_active_shards=1")
        self.await_backend(admin, "elasticsearch")
        beside = f"{self.prefix}-products-beside"
        self.elastic.ask("PUT", f"/{beside}", {"aliases": {f"{index}-write": {}}})
        self.addCleanup(self.elastic.ask, "DELETE", f"/{beside}")
        self.patch(admin, ids[1], {"price": money(8)})
        eventually("it fails", lambda: admin.ok("GET", ROUTE)["projection"]["failing"])
        self.elastic.ask("DELETE", f"/{beside}")
        eventually("it goes on", lambda: not admin.ok("GET", ROUTE)["projection"]["failing"])
        server.settled_position()
        self.assertEqual(admin.ok("GET", ROUTE)["parked"], [])
        self.assertEqual(server.metrics()["souk_elasticsearch_refused_total"], 0)
        self.assertEqual(self.differences(), "")


class Parked:
    """What could not be taken in at once."""

    def set_id(self, sku, id_):
        """In the file of the embedded search. Returns what it was: without its row a product's events are parked."""
        with sqlite3.connect(self.data / "projections" / "search.1.sqlite", timeout=30) as db:
            where = "WHERE slot = (SELECT slot FROM documents WHERE sku = ?)"
            (before,), = db.execute(f"SELECT product_id FROM offers {where}", (sku,)).fetchall()
            db.execute(f"UPDATE offers SET product_id = ? {where}", (id_, sku))
        db.close()
        return before

    def park_one(self, server):
        """A change of p-0001 is parked, and what came later is in the index."""
        admin = server.admin()
        items = self.find(admin, q="kettle", limit=100)["items"]
        ids = {item["product"]["sku"]: item["product"]["id"] for item in items}
        before = self.set_id("p-0001", b"\0" * 16)
        self.patch(admin, ids["p-0001"], {"price": money(99_001)})
        eventually("it is parked", lambda: admin.ok("GET", SEARCH_ROUTE)["parked"])
        self.patch(admin, ids["p-0002"], {"price": money(99_002)})
        server.settled_position()
        self.set_id("p-0001", before)
        return admin

    def test_what_the_file_takes_in_later_is_written(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        admin = self.park_one(server)
        self.assertEqual(admin.ok("POST", f"{SEARCH_ROUTE}/retry", {}), {"applied": 1, "still_parked": 0})
        eventually("it is as the log says", lambda: self.differences() == "")
        self.await_backend(admin, "elasticsearch")
        self.assertEqual(self.find(admin, q="kettle", price_min=99_000)["total"], 2)

    def test_also_if_the_index_could_not_be_written_to_before_the_shop_was_killed(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        admin = self.park_one(server)
        proxy.fault = lambda *_: (503, b"{}")
        self.assertEqual(admin.ok("POST", f"{SEARCH_ROUTE}/retry", {}), {"applied": 1, "still_parked": 0})
        server.kill()
        proxy.fault = None
        server = self.serve(url=proxy.url)
        server.settled_position()
        eventually("it is as the log says", lambda: self.differences() == "")

    def test_an_answer_that_is_kept_is_not_given_once_the_index_takes_more(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        proxy.fault = lambda _method, path, body: (
            body.replace(b'"price":1007,', b'"price":"much",') if "_bulk" in path else None)
        server = self.serve(url=proxy.url)
        server.settled_position()
        admin = server.admin()
        eventually("one is parked", lambda: admin.ok("GET", ROUTE)["parked"])
        self.await_backend(admin, "elasticsearch")
        self.assertEqual(self.find(admin, q="kettle")["total"], 39)
        proxy.fault = None
        self.assertEqual(admin.ok("POST", f"{ROUTE}/retry", {}), {"applied": 1, "still_parked": 0})
        self.assertEqual(self.find(admin, q="kettle")["total"], 40)

    def test_a_retry_before_the_server_was_ever_reached_forgets_nothing(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        spoil = lambda _method, path, body: (
            body.replace(b'"price":1007,', b'"price":"much",') if "_bulk" in path else None)
        proxy.fault = spoil
        server = self.serve(url=proxy.url)
        server.settled_position()
        admin = server.admin()
        eventually("one is parked", lambda: admin.ok("GET", ROUTE)["parked"])
        admin.ok("POST", f"{ROUTE}/pause", {})
        server.stop()
        proxy.fault = lambda *_: (503, b"{}")
        server = self.serve(url=proxy.url)
        proxy.fault = spoil
        written = server.metrics()["souk_elasticsearch_documents_total"]
        self.assertEqual(server.admin().ok("POST", f"{ROUTE}/retry", {}), {"applied": 0, "still_parked": 1})
        self.assertEqual(server.metrics()["souk_elasticsearch_documents_total"], written)
        self.assertEqual(len(server.admin().ok("GET", ROUTE)["parked"]), 1)


class Answering:
    """What is found is what is shown, and whoever answers goes on where the other one ended."""

    def test_a_search_never_shows_what_an_index_that_is_behind_found(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        admin = server.admin()
        self.await_backend(admin, "elasticsearch")
        id_ = self.find(admin, q="kettle")["items"][0]["product"]["id"]
        proxy.fault = lambda _method, path, _body: (429, b"{}") if "_bulk" in path else None
        position = self.patch(admin, id_, {"price": money(90_000)})
        self.find(admin, position, q="number")
        page = self.find(admin, q="kettle", price_max=40_000, limit=100)
        self.assertEqual((page["total"], len(page["items"]), page["backend"]), (39, 39, "embedded"))
        elsewhere = "souk_elasticsearch_fallbacks_total"
        before = server.metrics()[elsewhere]
        suggested = admin.get("/api/v1/search/suggestions?q=kettle", headers={"Souk-Position": position})
        self.assertEqual(suggested.status, 200)
        self.assertEqual(server.metrics()[elsewhere], before + 1)
        proxy.fault = None
        self.await_backend(admin, "elasticsearch")

    def test_what_the_embedded_search_finds_meanwhile_is_not_kept_where_the_analyzer_finds_more(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve("search.elasticsearch_analyzer=standard", "search.elasticsearch_breaker_failures_max=1000",
                            url=proxy.url)
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        proxy.fault = lambda _method, path, _body: (503, b"{}") if "_search" in path else None
        self.assertEqual(self.find(guest, q="壶水")["backend"], "embedded")
        proxy.fault = None
        page = self.find(guest, q="壶水")
        self.assertEqual((page["backend"], page["total"]), ("elasticsearch", 40))

    def test_pages_of_synonyms_of_three_words_are_continued_by_the_other_one(self):
        self.fill()
        synonyms = self.folder / "synonyms.txt"
        synonyms.write_text("boiler => kettle number 水壶\n", encoding="utf-8")
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(f"search.synonyms_file={synonyms}", url=proxy.url)
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        # No failure, of which too many would have it left alone.
        down = lambda _method, path, _body: (200, b"[]") if "_search" in path else None
        for query in ("boiler", "boiler kettle", "kettle kettle kettle 水壶 number"):
            with self.subTest(query=query):
                whole = [item["product"]["id"] for item in self.find(guest, q=query, limit=100)["items"]]
                self.assertEqual(len(whole), 40)
                paged, cursor, backends = [], {}, []
                while cursor is not None:
                    proxy.fault = down if len(backends) % 2 else None
                    page = self.find(guest, q=query, limit=7, **cursor)
                    backends.append(page["backend"])
                    paged += [item["product"]["id"] for item in page["items"]]
                    cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
                proxy.fault = None
                self.assertEqual(paged, whole)
                self.assertEqual(set(backends), {"elasticsearch", "embedded"})

    def test_how_far_it_is_is_written_down_at_the_end(self):
        self.fill(3)
        server = self.serve()
        server.settled_position()
        server.customer("ann")
        position = server.settled_position()
        index = self.elastic.serving(self.prefix)[0]
        server.stop()
        state = self.elastic.ask("GET", f"/{index}/_doc/~state")[1]["_source"]["state"]
        self.assertEqual(state["position"], position)

    def test_documents_that_are_long_are_compared_page_by_smaller_page(self):
        self.fill(3)
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        sizes = []

        def too_much(_method, path, body):
            if "_search" not in path:
                return None
            sizes.append(json.loads(body)["size"])
            return (200, b"x" * (17 << 20)) if sizes[-1] > 100 else None

        proxy.fault = too_much
        self.assertEqual(self.differences(proxy.url), "")
        self.assertEqual(sizes[:4], [500, 250, 125, 62])


globals().update(for_each_server(PutBack, OfAnother, Parked, Answering))


if __name__ == "__main__":
    main()
