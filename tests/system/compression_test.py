"""Compressed answers of the real binary: the same content, told apart by tags, and never where it would tell a secret."""

import gzip
import json

from event_stream import EventStream
from harness import ADDRESS, ADMIN, SharedServerTest, SystemTest, main, product
from people import MERGE_PATCH

GZIP = {"Accept-Encoding": "gzip"}
GZIP_ONLY = {"Accept-Encoding": "gzip, identity;q=0"}


class CompressionTest(SharedServerTest):
    rows = [product(f"tea-{number:02}", description="茶 leaf, " * 150) for number in range(30)]

    def test_answers_are_the_same_compressed_and_not(self):
        tea = self.skus["tea-00"]
        for path in ("/api/v1/products?limit=30", f"/api/v1/products/{tea}", "/openapi.json", "/api/v1/admin/stock"):
            with self.subTest(path=path):
                plain, packed = self.admin.get(path), self.admin.get(path, headers=GZIP)
                self.assertEqual(packed.headers["Content-Encoding"], "gzip")
                self.assertNotIn("Content-Encoding", plain.headers)
                self.assertEqual(gzip.decompress(packed.body), plain.body)
                self.assertLess(len(packed.body), len(plain.body))
                for answer in (plain, packed):
                    self.assertEqual(answer.headers["Vary"], "Accept-Encoding")
                    self.assertEqual(answer.headers["Content-Type"], "application/json")
                    self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
                head = self.admin.send("HEAD", path, headers=GZIP)
                for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
                    self.assertEqual(head.headers[name], packed.headers[name], name)
        self.assertIn(b"souk_log_position", gzip.decompress(self.guest.get("/metrics", headers=GZIP).body))

    def test_the_codings_of_one_version_have_strong_tags_of_their_own_and_either_counts(self):
        path = f"/api/v1/products/{self.skus['tea-01']}"
        plain, packed = (self.guest.get(path, headers=headers).headers["ETag"] for headers in ({}, GZIP))
        if plain.startswith("W/"):
            self.assertEqual(packed, plain)
        else:
            self.assertEqual(packed, plain[:-1] + '-gzip"')
        for tag in (plain, packed):
            for headers in ({}, GZIP):
                known = self.guest.get(path, headers={"If-None-Match": tag, **headers})
                self.assertEqual((known.status, known.headers["ETag"], known.body), (304, tag, b""))
                self.assertEqual(known.headers["Vary"], "Accept-Encoding")
        account = self.server.customer("ada")
        tag = account.get("/api/v1/account", headers=GZIP_ONLY).headers["ETag"]
        self.assertTrue(tag.endswith('-gzip"'))
        patched = account.send("PATCH", "/api/v1/account", {"description": "hello"}, media=MERGE_PATCH,
                               headers={"If-Match": tag})
        self.assertEqual(patched.status, 200, patched)
        stale = account.send("PATCH", "/api/v1/account", {"description": "again"}, media=MERGE_PATCH,
                             headers={"If-Match": tag})
        self.assert_problem(stale, 412, "version.changed")

    def test_answers_with_secrets_are_not_compressed(self):
        for path, body in (("/api/v1/sessions", {"username": ADMIN[0], "password": ADMIN[1]}),
                           ("/api/v1/guest-carts", None)):
            answer = self.guest.post(path, body, headers=GZIP_ONLY)
            self.assertEqual(answer.status, 201, answer)
            self.assertNotIn("Content-Encoding", answer.headers)
            self.assertTrue(json.loads(answer.body))

    def test_refusals_are_compressed_for_who_reads_nothing_else(self):
        answer = self.guest.get("/api/v1/products?limit=0", headers=GZIP_ONLY)
        self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (400, "gzip"))
        self.assertEqual(json.loads(gzip.decompress(answer.body))["status"], 400)

    def test_streams_and_bodies_of_requests_are_not_compressed(self):
        ada = self.server.customer("eve")
        body = {"items": [{"product_id": self.skus["tea-02"], "quantity": 1}], "address": ADDRESS}
        order = ada.ok("POST", "/api/v1/orders", body, status=201)["id"]
        with EventStream(self.server.port, f"/api/v1/orders/{order}/events", ada.token, headers=GZIP_ONLY) as stream:
            self.assertNotIn("Content-Encoding", stream.headers)
            self.assertEqual(stream.next()["id"], 1)
        packed = gzip.compress(json.dumps(body).encode())
        refused = ada.post("/api/v1/orders", packed, headers={"Content-Encoding": "gzip"})
        self.assert_problem(refused, 415, "request.content_encoding")


class NoCompressionTest(SystemTest):
    def test_a_server_may_be_told_to_compress_nothing(self):
        server = self.start("http.compressed_bytes_min=0")
        answer = server.guest().get("/openapi.json", headers=GZIP_ONLY)
        self.assertEqual(answer.json["openapi"], "3.1.0")
        self.assertNotIn("Content-Encoding", answer.headers)
        self.assertNotIn("Vary", answer.headers)


if __name__ == "__main__":
    main()
