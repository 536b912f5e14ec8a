"""What tests about HTTPS share: a shop that speaks it, and sockets that do."""

import socket

from certificates import Certificate
from harness import SystemTest, product


class TlsShop(SystemTest):
    def setUp(self):
        super().setUp()
        self.certificate = Certificate(self.folder)
        self.trusting = self.certificate.trusting()

    def start_shop(self, *settings, **more):
        self.import_rows(*(product(f"tea-{number:03}", stock=1_000, description="leaf " * 200)
                           for number in range(100)))
        self.server = self.start(*self.certificate.settings, *settings, **more)
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
