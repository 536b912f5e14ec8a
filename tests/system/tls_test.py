"""HTTPS by the server itself, from outside: Python's own TLS is the other side."""

import random
import signal
import socket
import ssl
import time
import warnings

from certificates import Certificate
from event_stream import EventStream
from harness import ADDRESS, SystemTest, eventually, main, product, souk

warnings.filterwarnings("ignore", category=DeprecationWarning)  # of the versions that must be refused
WRONG_CONFIGURATION = 78


class TlsTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.certificate = Certificate(self.folder)
        self.trusting = self.certificate.trusting()

    def start_shop(self, *settings):
        self.import_rows(*(product(f"tea-{number:03}", stock=1_000, description="leaf " * 200)
                           for number in range(100)))
        self.server = self.start(*self.certificate.settings, *settings)
        self.server.tls = self.trusting
        return self.server

    def connect(self, context=None, timeout_s=30, receive_buffer=None, **more):
        """A socket through TLS. Its end without a goodbye is an error."""
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(plain.close)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(timeout_s)
        plain.connect(("127.0.0.1", self.server.port))
        wrapped = (context or self.trusting).wrap_socket(plain, server_hostname="127.0.0.1",
                                                         suppress_ragged_eofs=False, **more)
        self.addCleanup(wrapped.close)
        return wrapped

    def read_answer(self, connection, pending=b""):
        """One answer with a length: head, body, and what came behind it."""
        while b"\r\n\r\n" not in pending:
            pending += self.read_some(connection)
        head, pending = pending.split(b"\r\n\r\n", 1)
        length = int(next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")).split()[1])
        while len(pending) < length:
            pending += self.read_some(connection)
        return head, pending[:length], pending[length:]

    @staticmethod
    def read_some(connection):
        part = connection.recv(65_536)
        if not part:
            raise AssertionError("the connection has ended")
        return part

    def failures(self):
        return self.server.metrics()["souk_tls_handshakes_failed_total"]

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

    # --- certificates

    def shown(self, context=None):
        context = context or ssl._create_unverified_context()
        with self.connect(context) as connection:
            return connection.getpeercert(binary_form=True)

    def test_a_new_certificate_is_shown_without_a_restart(self):
        self.start_shop()
        older = self.server.guest()
        self.assertEqual(older.get("/healthz").status, 200)
        self.assertEqual(self.shown(), self.certificate.der)
        new = Certificate(self.folder / "new")
        der, trusting = new.der, new.trusting()
        new.put_in_place_of(self.certificate)
        eventually("the new one is shown", lambda: self.shown() == der)
        self.server.tls = trusting
        self.assertEqual(self.server.guest().get("/healthz").status, 200)
        self.assertEqual(older.get("/healthz").status, 200)  # whoever is connected stays so

    def test_sighup_reads_the_certificate_again(self):
        self.start_shop()
        new = Certificate(self.folder / "new")
        self.certificate.certificate.write_bytes(new.certificate.read_bytes())
        self.certificate.key.write_bytes(new.key.read_bytes())
        self.server.process.send_signal(signal.SIGHUP)
        eventually("the new one is shown", lambda: self.shown() == new.der)
        self.assertIsNone(self.server.process.poll())

    def test_a_pair_that_cannot_be_used_leaves_the_old_one_and_is_reported(self):
        self.start_shop()
        old = self.certificate.der
        other = Certificate(self.folder / "other")
        for content, why in ((other.certificate.read_bytes(), "tls.key_mismatched"), (b"nonsense", "tls.certificate_unusable"),
                             (b"", "tls.certificate_unusable")):
            seen = self.server.stderr.count(why)
            self.certificate.certificate.write_bytes(content)
            eventually("it is reported", lambda: self.server.stderr.count(why) > seen)
            self.assertIn("the old certificate is kept", self.server.stderr)
            self.assertEqual(self.shown(), old)
        context = ssl._create_unverified_context()
        self.server.tls = context
        self.assertGreater(self.server.metrics()["souk_internal_errors_total"], 0)
        self.certificate.certificate.write_bytes(other.certificate.read_bytes())
        self.certificate.key.write_bytes(other.key.read_bytes())
        eventually("a good pair is shown", lambda: self.shown() == other.der)

    def test_a_wrong_configuration_is_refused_before_anything_is_opened(self):
        secret = Certificate(self.folder, "secret", "-newkey", "rsa:2048", "-passout", "pass:open-sesame")
        small = Certificate(self.folder, "small", "-newkey", "rsa:1024", "-nodes")
        other = Certificate(self.folder, "other")
        for settings in (self.certificate.settings[:1], self.certificate.settings[1:],
                         ("tls.certificate_file=/nowhere.pem", "tls.key_file=/nowhere.key"), secret.settings,
                         small.settings, (self.certificate.settings[0], other.settings[1])):
            arguments = [part for setting in settings for part in ("--set", setting)]
            for more in ((), ("--check-config",)):
                with self.subTest(settings=settings, more=more):
                    done = souk("serve", "--data", self.data, "--listen", "127.0.0.1:0", *arguments, *more)
                    self.assertEqual(done.returncode, WRONG_CONFIGURATION, done)
                    self.assertIn(b"config.invalid", done.stderr)

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
