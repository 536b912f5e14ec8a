"""Runs the real binary for a test: its data directory, its process, and clients that speak HTTP to it.

The path of the binary comes from SOUK_TEST_BINARY. No other variable that begins with SOUK_ reaches the binary, so
that a developer's own settings change no result.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from ledger import Ledger

BINARY = os.environ.get("SOUK_TEST_BINARY", "build/dev/bin/souk")
READY = re.compile(r"souk: ready on port (\d+)")
DEADLINE_S = 30
ADMIN = ("keeper", "correct-horse-staple")
PASSWORD = "open-sesame-42"
ADDRESS = {"name": "Ada Quill", "phone_number": "+86 138-0013-8000", "province": "浙江省", "city": "杭州市",
           "region": "西湖区", "detail_address": "Longjing Lane 17"}
ID = re.compile(r"^[0-9a-hjkmnp-tv-z]{26}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


def environment(extra=None):
    own = {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")}
    return {**own, **(extra or {})}


def souk(*arguments, stdin=None, env=None):
    """Runs a subcommand to its end."""
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, env=environment(env),
                          timeout=120, check=False)


def eventually(what, condition, deadline_s=DEADLINE_S, told=None):
    """Waits until `condition` gives something true, and returns it. `told` gives what is said if it does not."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}{f'; {told()}' if told else ''}")
        time.sleep(0.01)


def product(sku, stock=100, price=1999, **more):
    return {"sku": sku, "name": f"Product {sku}", "price": price, "stock": stock, **more}


def import_products(data, rows):
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    done = souk("import", "--data", data, "-", stdin=lines.encode())
    if done.returncode != 0:
        raise AssertionError(f"import ended with {done.returncode}: {done.stderr.decode()}")


def read_events(data, *arguments):
    """The log of a data directory that nobody serves."""
    done = souk("events", "--data", data, *arguments)
    if done.returncode != 0:
        raise AssertionError(f"events ended with {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def audit(data):
    """What does not hold in the log of a data directory, if there is one: orders, stock, payments and carts, at each
    position of it."""
    return Ledger(read_events(data)).faults if os.path.exists(os.path.join(data, "log", "identity")) else []


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        return self.json["reason"]

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:2000]!r}"


def connection_to(port, timeout_s, tls):
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout_s, context=tls)


class Client:
    """One keep-alive connection, through TLS if there is a context for it. A request that gets no answer raises OSError
    or HTTPException."""

    def __init__(self, port, token=None, account=None, timeout_s=DEADLINE_S, tls=None):
        self.token = token
        self.account = account
        self.refresh_token = None  # if there is one, a token that has expired is replaced
        self.connection = connection_to(port, timeout_s, tls)

    def close(self):
        self.connection.close()

    def send(self, method, path, body=None, **more):
        """`body`: bytes as they are, anything else as JSON. A header of None is left out."""
        answer = self.send_once(method, path, body, **more)
        if self.refresh_token and answer.status == 401 and answer.reason == "token.expired":
            self.refresh()
            answer = self.send_once(method, path, body, **more)
        return answer

    def refresh(self):
        token, self.token, self.refresh_token = self.refresh_token, None, None
        session = self.ok("POST", "/api/v1/sessions/refresh", {"refresh_token": token})
        self.token, self.refresh_token = session["access_token"], session["refresh_token"]

    def send_once(self, method, path, body=None, *, key=None, headers=None, media="application/json"):
        sent = {"Content-Type": media} if body is not None else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            sent["Idempotency-Key"] = key
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.connection.request(method, path, body=data, headers=sent)
            response = self.connection.getresponse()
            return Answer(response, response.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, body, **more)

    def ok(self, method, path, body=None, *, status=200, **more):
        """The document of an answer that must have this status."""
        answer = self.send(method, path, body, **more)
        if answer.status != status:
            raise AssertionError(f"{method} {path}: {status} was expected: {answer}")
        return answer.json


class Server:
    """A process of `souk serve`. `settings`: "key=value"."""

    def __init__(self, data, *settings, admin=True, arguments=(), preexec=None, quiet=False,
                 wait=True, env=None):
        self.data = str(data)
        cheap = ("password.operations=1", "password.memory_kib=8")
        # No job runs in the middle of a test that does not mean it to.
        calm = tuple(f"jobs.{job}_schedule=@yearly" for job in ("reconciliation", "order_completion", "guest_cart_sweep"))
        # Nobody is slowed down who does not mean to be.
        unlimited = ("limits.enabled=false",)
        command = [BINARY, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *arguments]
        for setting in (*cheap, *calm, *unlimited, *settings):
            command += ["--set", setting]
        env = dict(env or {})
        if admin:
            env.update(SOUK_ADMIN_USERNAME=ADMIN[0], SOUK_ADMIN_PASSWORD=ADMIN[1])
        self.log_path = f"{self.data}.access_log"
        began = time.monotonic()
        with open(os.devnull if quiet else self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.PIPE, env=environment(env),
                                            preexec_fn=preexec)
        self.port = None
        self.tls = None  # how its clients speak, if it speaks TLS
        self.renews = False  # whether its clients replace tokens that have expired
        self.stderr = ""
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        if wait:
            self._told.wait(DEADLINE_S)
        self.ready_after_s = time.monotonic() - began

    def _read_stderr(self):
        for line in self.process.stderr:
            self.stderr += line.decode(errors="replace")
            found = READY.search(self.stderr)
            if found:
                self.port = int(found.group(1))
                self._told.set()
        self._told.set()

    def require_ready(self):
        if self.port is None:
            self.kill()
            raise AssertionError(f"the server did not start: {self.stderr}")
        return self

    def wait(self, timeout_s=DEADLINE_S):
        """The exit code, and all of stderr in `stderr`."""
        code = self.process.wait(timeout_s)
        self._reader.join(timeout_s)
        self.process.stderr.close()
        return code

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.wait()
        if code != 0:
            raise AssertionError(f"SIGTERM ended it with {code}: {self.stderr}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        if not self.process.stderr.closed:
            self.wait()

    def guest(self):
        return Client(self.port, tls=self.tls)

    def log_in(self, username, password=PASSWORD):
        guest = self.guest()
        session = guest.ok("POST", "/api/v1/sessions", {"username": username, "password": password}, status=201)
        guest.token = session["access_token"]
        guest.account = session["account_id"]
        guest.session = session["session_id"]
        guest.refresh_token = session["refresh_token"] if self.renews else None
        return guest

    def admin(self):
        return self.log_in(*ADMIN)

    def customer(self, username):
        """A new account's client."""
        guest = self.guest()
        guest.ok("POST", "/api/v1/accounts",
                 {"username": username, "email": f"{username}@mail.example", "password": PASSWORD}, status=201)
        guest.close()
        return self.log_in(username)

    def products(self):
        """The id of each product by its sku, once the list has caught up with what was imported."""
        self.settled_position()
        guest, found, cursor = self.guest(), {}, ""
        while cursor is not None:
            page = guest.ok("GET", f"/api/v1/products?limit=100{'&cursor=' if cursor else ''}{cursor}")
            found.update((item["sku"], item["id"]) for item in page["items"])
            cursor = page["next_cursor"]
        guest.close()
        return found

    def metrics(self):
        guest = self.guest()
        text = guest.get("/metrics").body.decode()
        guest.close()
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}

    def settled_position(self):
        """The log's head once nothing is under way any more and all followers have seen it."""
        last = []

        def is_settled():
            figures = self.metrics()
            busy = figures["souk_effects_under_way"] + figures["souk_log_queue_appends"] + sum(
                value for name, value in figures.items() if name.startswith("souk_follower_lag_events"))
            last.append((figures["souk_log_position"], busy))
            return len(last) > 1 and last[-1] == last[-2] and busy == 0

        eventually("nothing is under way", is_settled)
        return int(last[-1][0])


class SystemTest(unittest.TestCase):
    """A test with a folder of its own, whose servers end with it. The log that it leaves behind is audited."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-system-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"
        self.addCleanup(lambda: self.assertEqual(audit(self.data), []))

    def import_rows(self, *rows):
        import_products(self.data, rows)

    def start(self, *settings, **more):
        server = self.start_unready(*settings, **more)
        return server.require_ready()

    def start_unready(self, *settings, **more):
        server = Server(self.data, *settings, **more)
        self.addCleanup(server.kill)
        return server

    def assert_problem(self, answer, status, reason=None):
        """A refusal by the book: RFC 9457 with our own members."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json", answer)
        self.assertTrue(answer.headers["X-Request-Id"], answer)
        problem = answer.json
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], "/problems/" + problem["reason"])
        self.assertEqual(problem["request_id"], answer.headers["X-Request-Id"])
        self.assertRegex(problem["reason"], r"^[a-z_]+\.[a-z_]+$")
        if reason is not None:
            self.assertEqual(problem["reason"], reason, answer)
        if status == 401:
            self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")
        return problem


class SharedServerTest(SystemTest):
    """Tests that share one server over `rows`."""

    rows = ()
    settings = ()

    @classmethod
    def setUpClass(cls):
        cls.shared_folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-system-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared_folder, ignore_errors=True)
        data = cls.shared_folder / "data"
        cls.addClassCleanup(cls.audit, data)
        import_products(data, cls.rows)
        cls.server = Server(data, *cls.settings)
        cls.addClassCleanup(cls.server.kill)
        cls.server.require_ready()
        cls.guest = cls.server.guest()
        cls.admin = cls.server.admin()
        cls.skus = cls.server.products()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    @staticmethod
    def audit(data):
        faults = audit(data)
        if faults:
            raise AssertionError(faults)


def main():
    unittest.main(verbosity=2, warnings="ignore", argv=sys.argv)
