"""The real servers behind a proxy that speaks TLS and asks who is there, and with several nodes, some of them gone."""

import base64

from certificates import Certificate
from elasticsearch import ROUTE, for_each_server
from faulty_proxy import FaultyProxy
from harness import eventually, main
from services import free_ports


class Access:
    """Who may ask, and by which way."""

    def proxy(self, **more):
        proxy = FaultyProxy(self.service.address(), **more)
        self.addCleanup(proxy.close)
        return proxy

    def test_a_certificate_is_verified_by_the_file_that_is_said(self):
        self.fill()
        certificate = Certificate(self.folder)
        proxy = self.proxy(certificate=certificate)
        trusting = f"search.elasticsearch_ca_file={certificate.certificate}"
        server = self.serve(trusting, url=proxy.url)
        server.settled_position()
        self.await_backend(server.guest(), "elasticsearch")
        server.stop()
        server = self.serve(url=proxy.url)
        admin = server.admin()
        shown = eventually("it is not trusted", lambda: admin.ok("GET", ROUTE)["projection"].get("last_error"))
        self.assertIn("http.unreachable", shown)
        self.assertEqual(self.find(server.guest(), q="kettle")["backend"], "embedded")

    def assert_known_by(self, header, *settings):
        self.fill()
        proxy = self.proxy()
        proxy.authorization = header
        server = self.serve(*settings, url=proxy.url)
        server.settled_position()
        self.await_backend(server.guest(), "elasticsearch")
        self.assertEqual(server.metrics()["souk_elasticsearch_failures_total"], 0)
        return proxy, server

    def test_a_name_and_a_password_are_sent(self):
        known = base64.b64encode("souk:secret ü".encode()).decode()
        self.assert_known_by(f"Basic {known}", "search.elasticsearch_username=souk",
                             "search.elasticsearch_password=secret ü")

    def test_a_key_is_sent_and_once_it_is_revoked_the_server_is_left_alone(self):
        proxy, server = self.assert_known_by("ApiKey VnVhQ2ZHY0JDZGJrU", "search.elasticsearch_api_key=VnVhQ2ZHY0JDZGJrU",
                                             "search.elasticsearch_breaker_open_ms=60000")
        proxy.authorization = "ApiKey another"
        guest = server.guest()
        for number in range(30):
            self.assertEqual(self.find(guest, q=f"kettle number {number}")["backend"], "embedded")
        self.assertLessEqual(len([path for path in proxy.refused if "_search" in path]), 5)
        self.assertEqual(server.metrics()["souk_elasticsearch_usable"], 0)

    def test_a_node_that_is_gone_costs_nothing_while_another_one_is_there(self):
        self.fill()
        dead = f"http://127.0.0.1:{free_ports(1)[0]}"
        one, other = self.proxy(), self.proxy()
        server = self.serve(url=f"{dead},{one.url},{other.url}")
        server.settled_position()
        guest, admin = server.guest(), server.admin()
        self.await_backend(guest, "elasticsearch")
        gone = one if one.asked > other.asked else other
        gone.close()
        gone.fault = lambda *_: (503, b"{}")
        id_ = self.find(guest, q="kettle")["items"][0]["product"]["id"]
        position = self.patch(admin, id_, {"name": "A samovar"})
        self.assertEqual(self.find(guest, position, q="samovar")["total"], 1)
        self.await_backend(guest, "elasticsearch")
        server.settled_position()
        self.assertEqual(self.differences(), "")


globals().update(for_each_server(Access))


if __name__ == "__main__":
    main()
