"""HTTPS by the server itself, from outside: Python's own TLS is the other side."""

import random
import signal
import socket
import ssl
import time
import warnings

from event_stream import EventStream
from harness import ADDRESS, eventually, main
from tls_shop import TlsShop

warnings.filterwarnings("ignore", category=DeprecationWarning)  # of the versions that must be refused


class TlsTest(TlsShop):
    # --- what is spoken

    def test_a_shop_works_through_tls(self):
        server = self.start_shop()
        self.assertIn("https://127.0.0.1", server.stderr)
        ada = server.customer("ada")
        tea = server.products()["tea-000"]
        body = {"items": [{"product_id": tea, "quantity": 2}], "address": ADDRESS}
        order = ada.ok("POST", "/api/v1/orders", body, status=201)["id"]
        with EventStream(server.port, f"/api/v1/orders/{order}/events", ada.token, tls=self.trusting) as stream:
            stream.until("order.awaiting_payment")
            payment = ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
            server.guest().ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
            self.assertEqual(stream.until("order.paid")[-1]["data"]["type"], "order.paid")
        eventually("a client that hangs up is noticed", lambda: server.metrics()["souk_event_streams"] == 0)
        self.assertNotIn("Strict-Transport-Security", ada.get("/api/v1/cart").headers)
        self.assertEqual(self.failures(), 0)
        expires = server.metrics()["souk_tls_certificate_expires_seconds"]
        self.assertAlmostEqual(expires, time.time() + 30 * 86_400, delta=3_600)

    def test_tls_is_spoken_from_1_2_on_with_modern_ciphers_only(self):
        self.start_shop()
        versions = ssl.TLSVersion
        for version, name in ((versions.TLSv1_2, "TLSv1.2"), (versions.TLSv1_3, "TLSv1.3")):
            context = self.certificate.trusting(minimum_version=version, maximum_version=version)
            with self.connect(context) as connection:
                self.assertEqual(connection.version(), name)
                self.assertIsNone(connection.compression())
                self.assertRegex(connection.cipher()[0], "GCM|CHACHA20")
        for version in (versions.TLSv1, versions.TLSv1_1):
            context = self.certificate.trusting(minimum_version=version, maximum_version=version)
            context.set_ciphers("ALL:@SECLEVEL=0")
            self.assertRaises(ssl.SSLError, self.connect, context)
        for ciphers in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "NULL-SHA256", "3DES"):
            context = self.certificate.trusting(maximum_version=versions.TLSv1_2)
            try:
                context.set_ciphers(ciphers + ":@SECLEVEL=0")
            except ssl.SSLError:
                continue  # this library does not know it any more
            self.assertRaises(ssl.SSLError, self.connect, context)
        self.assertGreater(self.failures(), 0)

    def test_the_protocol_is_http_1_1_and_a_client_that_wants_another_is_told(self):
        self.start_shop()
        for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), ([], None)):
            context = self.certificate.trusting()
            if offered:
                context.set_alpn_protocols(offered)
            with self.connect(context) as connection:
                self.assertEqual(connection.selected_alpn_protocol(), chosen)
        context = self.certificate.trusting()
        context.set_alpn_protocols(["h2"])
        with self.assertRaises(ssl.SSLError) as refused:
            self.connect(context)
        self.assertRegex(str(refused.exception).lower(), "no.application.protocol")

    def test_a_client_that_comes_back_resumes_its_session(self):
        self.start_shop()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.certificate.trusting(minimum_version=version, maximum_version=version)
            with self.connect(context) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.read_answer(connection)  # TLS 1.3 sends its tickets before
                session = connection.session
                self.assertFalse(connection.session_reused)
            with self.connect(context, session=session) as connection:
                self.assertTrue(connection.session_reused, version)
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertIn(b"200 OK", self.read_answer(connection)[0])

    def test_browsers_are_told_to_stay_with_https_if_that_is_configured(self):
        self.start_shop("tls.hsts_max_age_s=3600")
        for path in ("/healthz", "/nowhere"):
            self.assertEqual(self.server.guest().get(path).headers["Strict-Transport-Security"], "max-age=3600")

    # --- how bytes come and go

    def test_large_bodies_come_whole_both_ways(self):
        self.start_shop("http.body_bytes_max=8388608")
        guest = self.server.guest()
        page = guest.get("/api/v1/products?limit=100")
        self.assertGreater(len(page.body), 100_000)
        self.assertEqual(len(page.json["items"]), 100)
        for size in (1, 16_384, 16_385, 1_000_000, 8_388_600):
            answer = guest.post("/api/v1/sessions", b'"' + b"x" * (size - 2) + b'"' if size > 1 else b'"')
            self.assert_problem(answer, 400)
        connection = self.connect()
        connection.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 8388609\r\n\r\n")
        self.assertIn(b" 413 ", self.read_answer(connection)[0])
        self.assertEqual(connection.recv(1), b"")

    def test_a_client_that_reads_slowly_gets_all_of_a_long_answer(self):
        self.start_shop()
        expected = self.server.guest().get("/api/v1/products?limit=100").body
        connection = self.connect(receive_buffer=2_048)
        request = b"GET /api/v1/products?limit=100 HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.sendall(request * 40)
        # Together they are more than the buffers on the way hold: the server has to wait.
        pending = b""
        for _ in range(40):
            _, body, pending = self.read_answer(connection, pending)
            self.assertEqual(body, expected)

    def test_requests_sent_ahead_are_answered_in_order_however_their_bytes_come(self):
        self.start_shop()
        connection = self.connect()
        requests = b"".join(b"GET /nowhere/%d HTTP/1.1\r\nHost: a\r\nX-Request-Id: r%d\r\n\r\n" % (i, i)
                            for i in range(300))
        connection.sendall(requests)
        pending = b""
        for i in range(300):
            head, _, pending = self.read_answer(connection, pending)
            self.assertIn(b"X-Request-Id: r%d\r\n" % i, head)
        for i in range(len(requests) // 300):
            connection.send(requests[i:i + 1])
        connection.sendall(requests[len(requests) // 300:])
        self.assertIn(b"X-Request-Id: r0\r\n", self.read_answer(connection)[0])

    def test_a_request_that_comes_with_the_end_of_the_handshake_is_answered(self):
        self.start_shop()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            context = self.certificate.trusting(minimum_version=version, maximum_version=version)
            side = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
            with socket.create_connection(("127.0.0.1", self.server.port), 30) as plain:
                while True:
                    try:
                        side.do_handshake()
                        break
                    except ssl.SSLWantReadError:
                        plain.sendall(outgoing.read())
                        incoming.write(self.read_some(plain))
                side.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                plain.sendall(outgoing.read())  # in TLS 1.3 the Finished and the request at once
                answer = b""
                while b'{"status":"ok"}' not in answer:
                    try:
                        answer += side.read()
                    except ssl.SSLWantReadError:
                        incoming.write(self.read_some(plain))
                self.assertTrue(answer.startswith(b"HTTP/1.1 200"), answer)

    def test_a_client_that_asks_before_it_sends_a_body_is_told_to_go_on(self):
        self.start_shop()
        connection = self.connect()
        connection.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                           b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        self.assertEqual(self.read_some(connection), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"{}")
        self.assertIn(b" 400 ", self.read_answer(connection)[0])

    # --- how it goes wrong

    def test_handshakes_that_do_not_get_on_are_ended_in_time_and_hold_up_nobody(self):
        self.start_shop("tls.handshake_timeout_ms=300")
        idle = [socket.create_connection(("127.0.0.1", self.server.port), 30) for _ in range(50)]
        slow = socket.create_connection(("127.0.0.1", self.server.port), 30)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        side = self.trusting.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        self.assertRaises(ssl.SSLWantReadError, side.do_handshake)
        hello = outgoing.read()
        began = time.monotonic()
        try:
            for i in range(len(hello) - 1):  # each byte in time, all of them not
                slow.sendall(hello[i:i + 1])
                self.assertEqual(self.server.guest().get("/healthz").status, 200)
                if time.monotonic() - began > 10:
                    break
        except OSError:
            pass
        self.assertLess(time.monotonic() - began, 5)
        for end in idle:
            self.assertEqual(end.recv(1), b"")
            end.close()
        slow.close()
        self.assertEqual(self.failures(), 51)

    def test_a_client_that_hangs_up_in_its_handshake_is_counted(self):
        self.start_shop()
        for bytes_ in (b"", b"\x16\x03\x01"):
            with socket.create_connection(("127.0.0.1", self.server.port), 30) as plain:
                plain.sendall(bytes_)
        eventually("both are counted", lambda: self.failures() == 2)

    def test_http_without_tls_is_refused_with_a_reason(self):
        self.start_shop()
        for request in (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
                        b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + b"x" * 50_000):
            with socket.create_connection(("127.0.0.1", self.server.port), 30) as plain:
                plain.sendall(request)
                head, body, rest = self.read_answer(plain)
                self.assertTrue(head.startswith(b"HTTP/1.1 400 "), head)
                self.assertIn(b'"reason":"request.needs_tls"', body)
                self.assertNotIn(b"Strict-Transport", head)
                self.assertEqual(rest + plain.recv(1), b"")
        self.assertEqual(self.failures(), 2)

    def test_whatever_bytes_come_others_are_served(self):
        self.start_shop()
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        side = self.trusting.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        self.assertRaises(ssl.SSLWantReadError, side.do_handshake)
        hello = outgoing.read()
        for _ in range(300):
            text = bytearray(hello)
            for _ in range(chance.randrange(1, 5)):
                text[chance.randrange(len(text))] = chance.randrange(256)
            with socket.create_connection(("127.0.0.1", self.server.port), 30) as plain:
                plain.sendall(text[:chance.randrange(len(text))] + chance.randbytes(chance.randrange(50)))
                if chance.randrange(2):
                    plain.shutdown(socket.SHUT_WR)
        # In the middle of what was encrypted, too.
        for _ in range(50):
            connection = self.connect()
            plain = socket.socket(fileno=connection.detach())
            plain.sendall(chance.randbytes(chance.randrange(1, 100)))
            plain.close()
        self.assertEqual(self.server.guest().get("/healthz").status, 200)
        self.assertEqual(self.server.metrics()["souk_internal_errors_total"], 0)

    def test_clients_that_break_off_cost_nothing(self):
        self.start_shop()
        request = b"GET /api/v1/products?limit=100 HTTP/1.1\r\nHost: a\r\n\r\n"
        for size in (0, 1, 1_000, 100_000):
            connection = self.connect(receive_buffer=2_048)
            connection.sendall(request * 20)
            if size:
                connection.recv(size)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
        eventually("they are gone", lambda: self.server.metrics()["souk_http_connections"] <= 2)
        self.assertEqual(self.server.guest().get("/healthz").status, 200)

    # --- how it ends

    def test_sigterm_answers_what_is_asked_and_says_goodbye(self):
        self.start_shop()
        idle = self.connect()
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        self.read_answer(idle)
        expected = self.server.guest().get("/api/v1/products?limit=100").body
        busy = self.connect(receive_buffer=2_048)
        busy.sendall(b"GET /api/v1/products?limit=100 HTTP/1.1\r\nHost: a\r\n\r\n" * 30)
        half = socket.create_connection(("127.0.0.1", self.server.port), 30)
        pending = self.read_some(busy)
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(idle.recv(1), b"")  # an end without a goodbye would raise
        self.assertEqual(half.recv(1), b"")
        half.close()
        bodies = []
        try:
            while True:
                _, body, pending = self.read_answer(busy, pending)
                bodies.append(body)
        except AssertionError:
            pass
        self.assertEqual(pending, b"")
        self.assertGreater(len(bodies), 0)
        self.assertEqual(set(bodies), {expected})
        self.assertEqual(self.server.wait(), 0, self.server.stderr)


if __name__ == "__main__":
    main()
