"""The search by Elasticsearch, against the real servers: the same answers, what is written, and an index made anew."""

import json
import pathlib
import shutil
import threading

import search_cases_test
import search_test
from elasticsearch import ROUTE, for_each_server, settings_beside
from faulty_proxy import FaultyProxy
from harness import eventually, main, souk

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Same:
    """It answers as the embedded search does."""

    def test_page_by_page_with_totals_and_facets(self):
        self.assertEqual(souk("import", "--data", self.data, ROOT / "demo" / "catalogue.jsonl").returncode, 0)
        synonyms = f"search.synonyms_file={ROOT / 'demo' / 'synonyms.txt'}"
        copy = self.folder / "copy"
        shutil.copytree(self.data, copy)
        one = self.serve(synonyms)
        one.settled_position()
        self.data, own = copy, self.data
        other = self.start(synonyms)
        other.settled_position()
        self.data = own
        clients = one.guest(), other.guest()
        queries = [query for _, query, _ in search_cases_test.read_cases()]
        queries += [{"q": q, "sort": sort} for q in ("", "茶", "tea cup") for sort in
                    ("relevance", "price", "price_desc", "newest", "sales")]
        queries += [{"q": "礼盒", "price_min": 10_000, "price_max": 40_000}, {"q": "", "category": "kitchen"},
                    {"q": "tee shrit"}, {"q": "", "in_stock": "false"}, {"q": "nothing of the kind"}]
        for query in queries:
            with self.subTest(**query):
                pages = [self.read_pages(client, query) for client in clients]
                backends = [{page.pop("backend") for page in one} for one in pages]
                # What has no words, or a category that is not there, is asked of nobody.
                if pages[1][0]["total"] > 0:
                    self.assertEqual(backends, [{"elasticsearch"}, {"embedded"}])
                self.assertEqual(pages[0], pages[1])

    def read_pages(self, client, query, pages_max=3):
        pages, cursor = [], {}
        while cursor is not None and len(pages) < pages_max:
            page = self.find(client, limit=9, **query, **cursor)
            cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
            page["next_cursor"] = bool(cursor)
            pages.append(page)
        return pages

    def test_a_page_that_one_began_is_continued_by_the_other(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        guest = server.guest()
        whole = [item["product"]["id"] for item in self.find(guest, q="kettle 水壶", limit=100)["items"]]
        self.assertEqual(len(whole), 40)
        paged, cursor, backends = [], {}, []
        while cursor is not None:
            proxy.fault = (lambda *_: (503, b"{}")) if len(backends) % 2 else None
            page = self.find(guest, q="kettle 水壶", limit=7, **cursor)
            backends.append(page["backend"])
            paged += [item["product"]["id"] for item in page["items"]]
            cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
        self.assertEqual(paged, whole)
        self.assertEqual(set(backends), {"elasticsearch", "embedded"})


class Writing:
    """What is written to it, and what is not."""

    def test_a_lost_index_is_made_anew(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        guest, admin = server.guest(), server.admin()
        id_ = self.find(guest, q="kettle")["items"][0]["product"]["id"]
        self.elastic.ask("DELETE", f"/{self.elastic.serving(self.prefix)[0]}")
        # Nothing happens in the shop, and it is there again all the same.
        eventually("it is made anew", lambda: self.elastic.indices(self.prefix))
        self.await_backend(guest, "elasticsearch")
        self.assertEqual(self.differences(), "")
        self.patch(admin, id_, {"price": {"amount": 7, "currency": "CNY"}})
        server.settled_position()
        self.assertEqual(self.differences(), "")
        mapping = self.elastic.ask("GET", f"/{self.prefix}-products/_mapping")[1]
        self.assertEqual({one["mappings"]["dynamic"] for one in mapping.values()}, {"strict"})

    def test_a_client_that_waits_for_less_than_the_server_may_take_is_answered_from_here(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        for number, (timeout, backend) in enumerate((("100", "embedded"), ("60000", "elasticsearch"))):
            found = guest.ok("GET", f"/api/v1/search?q=kettle&price_max={1_000_000 + number}",
                             headers={"Souk-Timeout": timeout})
            self.assertEqual((found["backend"], len(found["items"]) > 0), (backend, True))

    def test_a_document_that_somebody_changed_is_found_and_an_older_one_never_takes_its_place(self):
        self.fill()
        server = self.serve()
        server.settled_position()
        id_ = self.find(server.guest(), q="kettle")["items"][0]["product"]["id"]
        server.stop()
        index = self.elastic.serving(self.prefix)[0]
        document = self.elastic.ask("GET", f"/{index}/_doc/{id_}")[1]
        older = f"/{index}/_doc/{id_}?version={document['_version'] - 1}&version_type=external_gte&refresh=true"
        self.assertEqual(self.elastic.ask("PUT", older, document["_source"])[0], 409)
        self.assertEqual(self.differences(), "")
        same = f"/{index}/_doc/{id_}?version={document['_version']}&version_type=external_gte&refresh=true"
        self.assertEqual(self.elastic.ask("PUT", same, {**document["_source"], "price": 1})[0], 200)
        self.assertIn(f"product {id_}", self.differences())
        self.assertEqual(self.elastic.ask("PUT", same, document["_source"])[0], 200)
        self.elastic.ask("DELETE", f"/{index}/_doc/{id_}?refresh=true")
        self.assertIn("no such document", self.differences())

    def test_what_it_is_too_busy_for_is_sent_again_item_by_item(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        refusals = [2]

        def busy(_method, path, body):
            if "_bulk" not in path or refusals[0] == 0:
                return None
            refusals[0] -= 1
            if refusals[0]:
                return 429, b"{}"
            items = [{"index": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "busy"}}}
                     for _ in range(len(body.splitlines()) // 2)]
            return 200, json.dumps({"items": items}).encode()

        proxy.fault = busy
        server = self.serve(url=proxy.url)
        server.settled_position()
        self.assertEqual(refusals, [0])
        self.assertEqual(server.metrics()['souk_follower_parked_events{follower="elasticsearch"}'], 0)
        self.assertEqual(self.differences(), "")

    def test_a_document_that_is_refused_is_parked_alone_and_taken_when_it_is_tried_again(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        proxy.fault = lambda _method, path, body: (
            body.replace(b'"price":1007,', b'"price":"much",') if "_bulk" in path else None)
        server = self.serve(url=proxy.url)
        server.settled_position()
        admin = server.admin()
        shown = eventually("one is parked", lambda: admin.ok("GET", ROUTE)["parked"])
        self.assertEqual([(one["type"], one["reason"]) for one in shown],
                         [("stock.received", "elasticsearch.document_refused")])
        self.await_backend(admin, "elasticsearch")
        self.assertEqual(self.find(admin, q="kettle")["total"], 39)
        self.assertEqual(admin.ok("POST", f"{ROUTE}/retry", {}), {"applied": 0, "still_parked": 1})
        proxy.fault = None
        self.assertEqual(admin.ok("POST", f"{ROUTE}/retry", {}), {"applied": 1, "still_parked": 0})
        self.assertEqual(self.find(admin, q="kettle", price_max=5_000)["total"], 40)
        self.assertEqual(self.differences(), "")

    def test_an_index_of_another_shop_is_let_alone(self):
        self.fill()
        self.serve().settled_position()
        own = self.data
        self.data = self.folder / "another"
        self.fill(3)
        refused = self.start_unready(*self.settings())
        self.assertEqual(refused.wait(), 69)
        self.assertIn("another search.elasticsearch_index_prefix", refused.stderr)
        self.data = own
        self.assertEqual(self.differences(), "")


class Rebuilding:
    """Another index is made beside the one that serves, and takes its place at once."""

    def test_no_search_sees_half_of_it_and_the_old_one_can_be_had_back(self):
        self.fill(60)
        server = self.serve()
        server.settled_position()
        admin, guest = server.admin(), server.guest()
        ids = [item["product"]["id"] for item in self.find(guest, q="kettle", limit=100)["items"]]
        over, faults = threading.Event(), []

        def poll():
            client, number = server.guest(), 0
            while not over.is_set():
                number += 1
                page = self.find(client, q="kettle", limit=100, price_max=1_000_000 + number)
                if page["total"] != 60 or len(page["items"]) != 60:
                    faults.append(page["total"])

        threads = [threading.Thread(target=poll), threading.Thread(target=self.read_own, args=(server, ids, over, faults))]
        for thread in threads:
            thread.start()
        try:
            for verb, generation in (("rebuild", 2), ("rollback", 1), ("rebuild", 3)):
                admin.ok("POST", f"{ROUTE}/{verb}", {}, status=202)
                eventually(f"generation {generation} serves",
                           lambda: admin.ok("GET", ROUTE)["projection"]["generation"] == generation)
                index = f"{self.prefix}-products-{generation}"
                eventually("the alias leads there", lambda: self.elastic.serving(self.prefix) == [index])
                self.await_backend(guest, "elasticsearch")
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(faults, [])
        # Of those that were replaced, the last is kept.
        eventually("the other one is removed", lambda: self.elastic.indices(self.prefix) == [
            f"{self.prefix}-products-{n}" for n in (1, 3)])
        server.settled_position()
        self.assertEqual(self.differences(), "")

    def read_own(self, server, ids, over, faults):
        admin, number = server.admin(), 0
        while not over.is_set():
            number += 1
            position = self.patch(admin, ids[0], {"description": f"yy{number}y"})
            if self.find(admin, position, q=f"yy{number}y")["total"] != 1:
                faults.append(position)

    def test_one_that_was_begun_goes_on_after_a_kill(self):
        self.fill(60)
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        # It cannot be finished, for nothing is written to the new one.
        proxy.fault = lambda _method, path, _body: (429, b"{}") if "products-2-write" in path else None
        server.admin().ok("POST", f"{ROUTE}/rebuild", {}, status=202)
        eventually("it is there", lambda: len(self.elastic.indices(self.prefix)) == 2)
        server.kill()
        proxy.fault = None
        server = self.serve(url=proxy.url)
        admin = server.admin()
        eventually("it serves", lambda: admin.ok("GET", ROUTE)["projection"]["generation"] == 2)
        server.settled_position()
        self.assertEqual(self.differences(), "")

    def test_another_analyzer_makes_another_index_and_finds_more(self):
        self.fill()
        self.serve().stop()
        server = self.serve("search.elasticsearch_analyzer=standard")
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        self.assertEqual(self.elastic.serving(self.prefix), [f"{self.prefix}-products-2"])
        # The standard analyzer takes each Chinese character for a word, whatever stands between them.
        self.assertEqual(self.find(guest, q="壶水")["total"], 40)
        self.assertEqual(self.find(guest, q="kettle 水壶")["total"], 40)


def of_server(name):
    """Tests that the embedded search has, too."""
    class Cases(search_cases_test.SearchCasesTest):
        backend = "elasticsearch"

        @property
        def settings(self):
            return settings_beside(name)

    class Searching(search_test.SearchTest):
        @classmethod
        def setUpClass(cls):
            cls.settings = settings_beside(name)
            super().setUpClass()

    return {f"{one.__name__}Of{name}": type(one.__name__, (one,), {}) for one in (Cases, Searching)}


globals().update(for_each_server(Same, Writing, Rebuilding))
globals().update(of_server("elasticsearch7"))
globals().update(of_server("elasticsearch8"))


if __name__ == "__main__":
    main()
