"""A proxy before a server that speaks HTTP, which does wrong what a test tells it to."""

import http.client
import http.server
import ssl
import threading


class FaultyProxy:
    """`fault`, if there is one, is asked about each request: `fault(method, path, body)` gives None for what is to be
    handed on, other bytes for what is to be handed on instead, or a status and the bytes of an answer.
    `authorization`, if there is one, is what a request has to say about who asks. With a certificate it speaks TLS."""

    def __init__(self, address, certificate=None):
        self.fault = None
        self.authorization = None
        self.asked = 0
        self.refused = []
        proxy = self
        host, port = address.split(":")

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                proxy.asked += 1
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if proxy.authorization not in (None, self.headers["Authorization"]):
                    proxy.refused.append(self.path)
                    self.give(401, b'{"error":"who are you?"}')
                    return
                said = proxy.fault(self.command, self.path, body) if proxy.fault else None
                if isinstance(said, tuple):
                    self.give(*said)
                    return
                server = http.client.HTTPConnection(host, int(port), timeout=60)
                try:
                    server.request(self.command, self.path, body=body if said is None else said,
                                   headers={"Content-Type": "application/json"})
                    answer = server.getresponse()
                    self.give(answer.status, answer.read())
                except OSError:
                    self.close_connection = True
                finally:
                    server.close()

            def give(self, status, body):
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            do_GET = do_PUT = do_POST = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self._listener = Listener(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            self._listener.socket = context.wrap_socket(self._listener.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.server_port}"
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    def close(self):
        self._listener.shutdown()
        self._listener.server_close()
