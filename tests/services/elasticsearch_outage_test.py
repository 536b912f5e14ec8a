"""The real servers killed, hung, closed and lying: somebody else answers meanwhile, and what was written is what the log
says."""

import http.client
import json
import random
import threading
import time

from elasticsearch import ROUTE, for_each_server
from faulty_proxy import FaultyProxy
from harness import eventually, main


class Failing:
    """While it is away, hangs, or answers in part, the embedded search answers, and never with less than was asked for."""

    def test_killed_and_started_again_under_load_it_converges_to_the_log(self):
        self.fill(60)
        server = self.serve()
        server.settled_position()
        guest = server.guest()
        ids = [item["product"]["id"] for item in self.find(guest, q="kettle", limit=100)["items"]]
        over, faults = threading.Event(), []
        writer = threading.Thread(target=self.change_things, args=(server.admin(), ids, over, faults))
        reader = threading.Thread(target=self.read_own_writes, args=(server, ids, over, faults))
        self.await_backend(guest, "elasticsearch")
        writer.start()
        reader.start()
        try:
            for _ in range(2):
                self.service.kill()
                self.await_backend(guest, "embedded")
                self.service.up()
                self.await_backend(guest, "elasticsearch")
        finally:
            over.set()
            writer.join()
            reader.join()
        self.assertEqual(faults, [])
        server.settled_position()
        self.await_backend(guest, "elasticsearch")
        self.assertEqual(self.differences(), "")

    def change_things(self, admin, ids, over, faults):
        chance = random.Random(7)
        try:
            while not over.wait(0.01):
                id_ = chance.choice(ids[1:])
                act = chance.randrange(4)
                if act == 0:
                    self.patch(admin, id_, {"price": {"amount": chance.randrange(1, 99_999), "currency": "CNY"}})
                elif act == 1:
                    self.patch(admin, id_, {"name": f"Kettle {chance.choice(('red', 'blue', '绿色'))} 水壶"})
                else:
                    verb = ("withdraw", "publish")[act - 2]
                    admin.post(f"/api/v1/admin/products/{id_}/{verb}")
        except (AssertionError, OSError, http.client.HTTPException) as fault:
            faults.append(repr(fault))

    def read_own_writes(self, server, ids, over, faults):
        """Who sends the position of a change finds it, whoever answers."""
        admin, number = server.admin(), 0
        try:
            while not over.wait(0.01):
                number += 1
                word = f"zz{number}x"
                position = self.patch(admin, ids[0], {"name": f"Kettle {word}"})
                for wanted, query in ((1, word), (0, f"zz{number - 1}x {word}y")):
                    page = self.find(admin, position, q=query, facets="false")
                    if wanted and [item["product"]["id"] for item in page["items"]] != [ids[0]]:
                        faults.append((word, position, page))
        except (AssertionError, OSError, http.client.HTTPException) as fault:
            faults.append(repr(fault))

    def test_one_that_hangs_costs_a_search_no_more_than_its_time(self):
        self.fill()
        server = self.serve("search.elasticsearch_query_timeout_ms=300", "search.elasticsearch_breaker_failures_max=2",
                            "search.elasticsearch_breaker_open_ms=1000")
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        self.service.pause()
        try:
            took = []
            for number in range(6):
                began = time.monotonic()
                page = self.find(guest, q=f"kettle number {number}")
                took.append(time.monotonic() - began)
                self.assertEqual(page["backend"], "embedded")
            self.assertLess(max(took), 2)
            # It is left alone by then.
            self.assertLess(min(took[3:]), 0.25)
            self.assertGreaterEqual(server.metrics()["souk_elasticsearch_breaker_opened_total"], 1)
        finally:
            self.service.resume()
        self.await_backend(guest, "elasticsearch")

    def test_the_shop_starts_and_sells_while_it_is_away(self):
        self.fill()
        self.service.down()
        server = self.serve()
        guest, admin = server.guest(), server.admin()
        eventually("the list is there", lambda: self.find(guest, q="kettle")["total"] == 40)
        position = self.patch(admin, self.find(guest, q="kettle")["items"][0]["product"]["id"], {"name": "A samovar"})
        self.assertEqual(self.find(guest, position, q="samovar")["total"], 1)
        shown = admin.ok("GET", ROUTE)["projection"]
        self.assertTrue(shown["failing"])
        self.assertIn("http.unreachable", shown["last_error"])
        self.service.up()
        self.await_backend(guest, "elasticsearch")
        server.settled_position()
        self.assertEqual(self.differences(), "")
        self.assertEqual(self.elastic.serving(self.prefix), [f"{self.prefix}-products-1"])

    def test_what_it_answers_in_part_or_wrongly_is_no_answer(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve("search.elasticsearch_breaker_failures_max=1000", url=proxy.url)
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        part = {"timed_out": False, "_shards": {"failed": 1}, "hits": {"total": {"value": 1}, "hits": []}}
        late = {**part, "timed_out": True, "_shards": {"failed": 0}}
        no_facets = {**part, "_shards": {"failed": 0}}
        many = {**no_facets, "hits": {"total": {"value": 40}, "hits": [
            {"_id": "6fbmcde5yznwq83fazzjf99ypj", "sort": [1.0, n]} for n in range(40)]}}
        for number, said in enumerate((part, late, no_facets, many, [], "text", {"hits": {}})):
            with self.subTest(said=said):
                proxy.fault = lambda _, path, __, text=json.dumps(said): (
                    (200, text.encode()) if "_search" in path else None)
                page = self.find(guest, q="kettle", price_max=100_000 + number)
                self.assertEqual((page["backend"], page["total"]), ("embedded", 40))
        for status, text in ((200, b"{"), (429, b"{}"), (404, b"{}"), (500, b"no"), (200, b"x" * (17 << 20))):
            with self.subTest(status=status, size=len(text)):
                proxy.fault = lambda _, path, __, said=(status, text): said if "_search" in path else None
                page = self.find(guest, q="kettle", price_max=200_000 + status + len(text))
                self.assertEqual((page["backend"], page["total"]), ("embedded", 40))
        proxy.fault = None
        self.await_backend(guest, "elasticsearch")

    def test_a_closed_index_is_not_asked_in_vain_for_ever(self):
        self.fill()
        proxy = FaultyProxy(self.service.address())
        self.addCleanup(proxy.close)
        server = self.serve(url=proxy.url)
        server.settled_position()
        guest = server.guest()
        self.await_backend(guest, "elasticsearch")
        index = self.elastic.serving(self.prefix)[0]
        self.elastic.ask("POST", f"/{index}/_close")
        searches = []
        proxy.fault = lambda _method, path, _body: searches.append(path) if "_search" in path else None
        for number in range(30):
            self.assertEqual(self.find(guest, q=f"kettle number {number}")["backend"], "embedded")
        self.assertLessEqual(len(searches), 2)
        self.assertEqual(server.metrics()["souk_elasticsearch_usable"], 0)
        self.elastic.ask("POST", f"/{index}/_open?wait_for_active_shards=1")
        self.await_backend(guest, "elasticsearch")


globals().update(for_each_server(Failing))


if __name__ == "__main__":
    main()
