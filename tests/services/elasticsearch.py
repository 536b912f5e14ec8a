"""What tests of the search by Elasticsearch share: a shop beside a real server, and questions to both."""

import itertools
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

from harness import SystemTest, eventually, product, souk
from services import Service

SEARCH = "/api/v1/search"
MERGE = "application/merge-patch+json"
ROUTE = "/api/v1/admin/projections/elasticsearch"
prefixes = itertools.count(1)


def new_prefix():
    """Of indices that no other test has."""
    return f"t{os.getpid()}-{next(prefixes)}"


def settings_for(url, prefix):
    return ("search.backend=elasticsearch", f"search.elasticsearch_urls={url}",
            f"search.elasticsearch_index_prefix={prefix}")


class Elastic:
    """Questions to the server itself."""

    def __init__(self, service):
        self.service = service

    @property
    def url(self):
        return f"http://{self.service.address()}"

    def ask(self, method, path, body=None):
        """Status and document."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"{}")

    def indices(self, prefix):
        return sorted(self.ask("GET", f"/{prefix}-products-*/_mapping?filter_path=*.mappings._meta")[1])

    def serving(self, prefix):
        return sorted(self.ask("GET", f"/_alias/{prefix}-products")[1])


class ElasticTest(SystemTest):
    """A shop of its own beside the service that the class names."""

    service_name = None

    def setUp(self):
        super().setUp()
        self.service = Service(self.service_name)
        self.service.up()
        self.elastic = Elastic(self.service)
        self.prefix = new_prefix()
        self.addCleanup(self._drop_indices)

    def _drop_indices(self):
        self.service.up()
        for index in self.elastic.indices(self.prefix):
            self.elastic.ask("DELETE", f"/{index}")

    def settings(self, url=None):
        return settings_for(url or self.elastic.url, self.prefix)

    def serve(self, *more, url=None):
        # A service that starts beside much else takes longer than a connection may idle.
        return self.start(*self.settings(url), "read.position_wait_ms=5000", "http.idle_timeout_ms=600000", *more)

    def fill(self, count=40):
        self.import_rows(*(product(f"p-{n:04}", name=f"Kettle number {n} 水壶", price=1_000 + n, stock=5,
                                   category="kitchen/kettles" if n % 2 else "garden") for n in range(count)))

    def find(self, client, position=None, **query):
        headers = {"Souk-Position": position} if position else {}
        answer = client.get(f"{SEARCH}?{urllib.parse.urlencode(query)}", headers=headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def await_backend(self, client, backend, deadline_s=60):
        """Answers that are kept say who found them then, so each question is another one."""
        numbers = itertools.count(int(time.monotonic() * 1_000_000))
        return eventually(f"{backend} answers",
                          lambda: self.find(client, q="kettle", limit=1, price_max=next(numbers))["backend"] == backend,
                          deadline_s)

    def patch(self, admin, id_, change):
        answer = admin.send("PATCH", f"/api/v1/admin/products/{id_}", change, media=MERGE, headers={"If-Match": "*"})
        self.assertEqual(answer.status, 200, answer)
        return answer.headers["Souk-Position"]

    def differences(self, url=None):
        """What the index holds otherwise than the log says; nothing, if it is as it should be."""
        arguments = [part for setting in self.settings(url) for part in ("--set", setting)]
        done = souk("projections", "diff", "elasticsearch", "--data", self.data, *arguments)
        self.assertIn(done.returncode, (0, 65), done)
        return done.stdout.decode() if done.returncode == 65 else ""


def settings_beside(name):
    service = Service(name)
    service.up()
    return settings_for(Elastic(service).url, new_prefix())


def for_each_server(*classes):
    """The test cases that they become beside each of the servers, by their names."""
    return {f"{one.__name__}Of{name}": type(f"{one.__name__}Of{name}", (one, ElasticTest), {"service_name": name})
            for name in ("elasticsearch7", "elasticsearch8") for one in classes}
