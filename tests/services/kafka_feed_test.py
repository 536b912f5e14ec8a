"""The feed of events beside a real broker that is killed, hangs and is away: the topics are what the log is.

SOUK_OUTAGE_S says how long the long outage is (default 8).
"""

import concurrent.futures
import contextlib
import os
import pathlib
import secrets
import subprocess
import threading

from harness import ADDRESS, SystemTest, eventually, main, product, read_events
from services import Service, as_user
from topics import Feed, topics

OUTAGE_S = float(os.environ.get("SOUK_OUTAGE_S", "8"))
ROUTE = "/api/v1/admin/projections/kafka"
BUYERS = 3


class Load:
    """Buyers who place and cancel orders until they are told to stop, also while their server is away."""

    def __init__(self, server):
        self.ids = list(server.products().values())
        self.over, self.placed = threading.Event(), 0
        for number in range(BUYERS):
            server.customer(f"buyer{number}")

    @contextlib.contextmanager
    def on(self, server):
        self.over.clear()
        clients = [server.log_in(f"buyer{number}") for number in range(BUYERS)]
        with concurrent.futures.ThreadPoolExecutor(BUYERS) as pool:
            for client in clients:
                pool.submit(self.buy, client)
            try:
                yield
            finally:
                self.over.set()

    def buy(self, client):
        lines = [{"product_id": id_, "quantity": 1} for id_ in self.ids[:3]]
        while not self.over.is_set():
            try:
                order = client.post("/api/v1/orders", {"items": lines, "address": ADDRESS}).json
                client.post(f"/api/v1/orders/{order['id']}/cancel", {})
                self.placed += 1
                self.over.wait(0.02)  # a load that goes on for minutes, not as much as there can be
            except Exception:  # it was killed
                return

    def until_placed(self, more):
        wanted = self.placed + more
        eventually(f"{more} orders are placed", lambda: self.placed >= wanted, 60)


def rss_kib(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


class KafkaFeedTest(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.kafka = Service("kafka")
        cls.kafka.up()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.kafka.up)
        self.prefix = f"feed-{secrets.token_hex(4)}."
        self.import_rows(*(product(f"tea-{number}", stock=10_000_000) for number in range(5)))

    def settings(self, *more):
        return (f"kafka.brokers={self.kafka.address()}", f"kafka.topic_prefix={self.prefix}", *more)

    def serve(self, *more):
        return self.start(*self.settings(*more), quiet=True)

    def fed(self, server, deadline_s=120):
        """Returns once the feed has all that the log has, and nothing goes on any more."""
        admin = server.admin()  # once: a log-in is an event, and the feed would be behind by it whenever it is asked
        status = None

        def is_fed():
            nonlocal status
            status = admin.ok("GET", ROUTE)["projection"]
            return status["lag_events"] == 0

        def told():
            figures = {name: value for name, value in server.metrics().items() if "kafka" in name}
            return f"{status}; {figures}; the broker is {'well' if self.kafka.is_up() else 'not well'}; {server.stderr}"

        eventually("the feed is at the end of the log", is_fed, deadline_s, told)
        server.settled_position()

    def assert_equal_to_log(self, wanted=lambda event: True):
        feed = Feed(self.kafka.address(), self.prefix)
        self.assertEqual(feed.faults([event for event in read_events(self.data) if wanted(event)])[:10], [])
        return feed

    def test_topics_are_the_log_though_broker_and_shop_are_killed_under_load(self):
        server = self.serve()
        load = Load(server)
        with load.on(server):
            for _ in range(2):
                load.until_placed(30)
                self.kafka.kill()
                load.until_placed(30)
                self.kafka.up()
            load.until_placed(30)
            server.kill()
        server = self.serve()
        with load.on(server):
            load.until_placed(30)
            self.kafka.pause()
            load.until_placed(30)
            self.kafka.resume()
        self.fed(server)
        server.stop()
        self.assert_equal_to_log()

    def test_a_broker_that_is_away_for_long_costs_bounded_memory_and_nothing_is_lost(self):
        server = self.serve("kafka.in_flight_events_max=2000", "actors.budget=2000")
        load = Load(server)
        with load.on(server):
            load.until_placed(50)
            self.kafka.kill()
            eventually("it is told", lambda: server.metrics()['souk_follower_failing{follower="kafka"}'] == 1)
            load.until_placed(50)
            before = rss_kib(server)
            threading.Event().wait(OUTAGE_S)  # it is about this time
            figures = server.metrics()
            self.assertLessEqual(figures["souk_kafka_in_flight_events"], 2000)
            status = server.admin().ok("GET", ROUTE)["projection"]
            self.assertIn("kafka.unreachable", status["last_error"])
            self.assertFalse(status["stuck"])
            grown = rss_kib(server) - before
            self.assertLess(grown, 400 * 1024)  # caches fill as they do without an outage
            self.kafka.up()
        print(f"away for {OUTAGE_S} s: {load.placed} orders, {status['lag_events']} events behind, "
              f"{grown} KiB more memory")
        self.fed(server, 300)
        server.stop()
        feed = self.assert_equal_to_log()
        self.assertEqual(feed.repeated, 0)

    def test_only_what_is_wanted_is_sent(self):
        server = self.serve("kafka.kinds=order,stock", "kafka.types=order.placed,stock.reserved")
        load = Load(server)
        with load.on(server):
            load.until_placed(10)
        self.fed(server)
        server.stop()
        self.assertEqual(topics(self.kafka.address(), self.prefix), [f"{self.prefix}order", f"{self.prefix}stock"])
        self.assert_equal_to_log(lambda event: event["type"] in ("order.placed", "stock.reserved"))

    def test_events_too_large_for_their_topic_follow_the_policy(self):
        server = self.serve("kafka.on_poison=park", "kafka.kinds=product", "kafka.compression=none")
        self.fed(server)
        self.limit_topic(f"{self.prefix}product", 700)
        admin = server.admin()
        big = admin.ok("POST", "/api/v1/admin/products", {"sku": "big", "name": "Big", "description": "x" * 2000,
                                                          "price": {"amount": 1, "currency": "CNY"}}, status=201)
        for number in range(20):
            admin.ok("POST", "/api/v1/admin/products", {"sku": f"small-{number}", "name": "Small",
                                                        "price": {"amount": 1, "currency": "CNY"}}, status=201)
        self.fed(server)
        shown = admin.ok("GET", ROUTE)
        self.assertEqual([parked["stream"] for parked in shown["parked"]], [f"product-{big['id']}"])
        self.assertIn("MSG_SIZE_TOO_LARGE", shown["parked"][0]["detail"])
        self.assert_equal_to_log_later(server, big)

    def assert_equal_to_log_later(self, server, big):
        self.assert_equal_to_log(lambda event: event["stream"].startswith("product-")
                                 and event["stream"] != f"product-{big['id']}")
        self.limit_topic(f"{self.prefix}product", 1_000_000)
        retried = server.admin().ok("POST", f"{ROUTE}/retry", {})
        self.assertEqual(retried, {"applied": 1, "still_parked": 0})
        server.stop()
        self.assert_equal_to_log(lambda event: event["stream"].startswith("product-"))

    def test_a_broker_that_hangs_ends_a_retry_and_neither_the_shop_nor_its_end_waits_for_it(self):
        settings = ("kafka.on_poison=park", "kafka.kinds=product")
        server = self.serve(*settings, "kafka.message_bytes_max=1500")
        admin = server.admin()
        for number in range(20):
            admin.ok("POST", "/api/v1/admin/products", {"sku": f"big-{number}", "name": "Big", "description": "x" * 2000,
                                                        "price": {"amount": 1, "currency": "CNY"}}, status=201)
        self.fed(server)
        server.stop()
        server = self.serve(*settings)
        self.fed(server)
        admin = server.admin()
        self.kafka.pause()
        self.addCleanup(self.kafka.resume)
        refused = admin.post(f"{ROUTE}/retry", {})
        self.assert_problem(refused, 503, "kafka.busy")
        self.assertEqual(server.guest().ok("GET", "/readyz"), {"status": "ready"})
        server.stop()
        self.kafka.resume()
        server = self.serve(*settings)
        self.fed(server)
        retried = server.admin().ok("POST", f"{ROUTE}/retry", {})
        self.assertEqual(retried, {"applied": 20, "still_parked": 0})
        server.stop()
        self.assert_equal_to_log(lambda event: event["stream"].startswith("product-"))

    def limit_topic(self, topic, size):
        command = [*self.kafka.kind.java(self.kafka.package, self.kafka.home), "kafka.admin.ConfigCommand",
                   "--bootstrap-server", self.kafka.address(), "--alter", "--entity-type", "topics", "--entity-name",
                   topic, "--add-config", f"max.message.bytes={size}"]
        subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=60, **as_user())

    def test_a_broker_that_lets_nobody_in_is_told_of_and_found_once_the_password_is_right(self):
        properties = self.folder / "kafka.properties"
        settings = (f"kafka.brokers={self.kafka.address('sasl')}", f"kafka.topic_prefix={self.prefix}",
                    f"kafka.properties_file={properties}")
        lines = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=souk\nsasl.password="
        properties.write_text(f"{lines}wrong\n", encoding="utf-8")
        server = self.start(*settings, quiet=True)
        admin = server.admin()
        eventually("it is told why", lambda: "uthentication" in str(
            admin.ok("GET", ROUTE)["projection"].get("last_error")))
        server.stop()
        properties.write_text(f"{lines}secret\n", encoding="utf-8")
        server = self.start(*settings, quiet=True)
        self.fed(server)
        server.stop()
        self.assert_equal_to_log()


if __name__ == "__main__":
    main()
