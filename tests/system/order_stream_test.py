"""The stream of an order's events: everything once, in order, from wherever the client was."""

import http.client
import json
import resource
import signal
import threading

from event_stream import EventStream, Refused
from harness import ADDRESS, PASSWORD, SystemTest, eventually, main, product


class OrderStreamTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.import_rows(product("tea", stock=1_000_000, price=1999))

    def start_shop(self, *settings, **more):
        self.server = self.start(*settings, **more)
        self.admin = self.server.admin()
        self.tea = self.server.products()["tea"]

    def place(self, client):
        body = {"items": [{"product_id": self.tea, "quantity": 2}], "address": ADDRESS}
        return client.ok("POST", "/api/v1/orders", body, status=201)["id"]

    def pay(self, client, order):
        payment = client.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)
        client.ok("POST", f"/sandbox/payments/{payment['id']}", {"outcome": "success"})

    def history(self, client, order):
        return client.ok("GET", f"/api/v1/orders/{order}/history")["items"]

    def follow(self, client, order, last=None, admin=False, **more):
        stream = EventStream(self.server.port, f"/api/v1{'/admin' if admin else ''}/orders/{order}/events",
                             client.token, last, **more)
        self.addCleanup(stream.close)
        return stream

    def refusal(self, *arguments, **more):
        with self.assertRaises(Refused) as refused:
            self.follow(*arguments, **more)
        return refused.exception.answer

    def open_streams(self):
        return self.server.metrics()["souk_event_streams"]

    # --- what it tells

    def test_a_whole_life_is_told_as_it_happens_and_as_the_history_tells_it(self):
        self.start_shop()
        ada = self.server.customer("ada")
        order = self.place(ada)
        stream = self.follow(ada, order)
        self.assertEqual(stream.headers["Content-Type"], "text/event-stream")
        self.assertEqual(stream.headers["Cache-Control"], "no-store")
        self.assertEqual(stream.headers["X-Accel-Buffering"], "no")
        told = stream.until("order.awaiting_payment")
        self.assertEqual(stream.retry_ms, 2000)
        watcher = self.follow(self.admin, order, admin=True)
        steps = [(lambda: self.pay(ada, order), "order.paid"),
                 (lambda: self.admin.ok("POST", f"/api/v1/admin/orders/{order}/shipments", {"carrier": "SF"},
                                        status=201), "order.shipped"),
                 (lambda: self.admin.ok("POST", f"/api/v1/admin/orders/{order}/delivery"), "order.delivered"),
                 (lambda: ada.ok("POST", f"/api/v1/orders/{order}/receipt"), "order.completed"),
                 (lambda: self.admin.ok("POST", f"/api/v1/admin/orders/{order}/refunds", {"reason": "broken"},
                                        status=201), "order.closed_refunded")]
        for step, type_ in steps:
            step()
            told += stream.until(type_)
        history = self.history(ada, order)
        self.assertEqual([event["data"] for event in told], history)
        self.assertEqual([event["id"] for event in told], list(range(1, len(history) + 1)))
        self.assertEqual(watcher.take(len(told)), told)
        self.assertNotIn("address", told[0]["data"]["data"])

    def test_a_client_that_comes_back_is_told_exactly_what_it_missed(self):
        self.start_shop()
        ada = self.server.customer("ada")
        order = self.place(ada)
        self.pay(ada, order)
        history = self.history(ada, order)
        for last in range(len(history)):
            with self.follow(ada, order, last) as stream:
                self.assertEqual([event["data"] for event in stream.take(len(history) - last)], history[last:])
        path = f"/api/v1/orders/{order}/events?last_event_id="
        with EventStream(self.server.port, path + "2", ada.token) as stream:
            self.assertEqual(stream.next()["id"], 3)
        with EventStream(self.server.port, path + "1", ada.token, last=3) as stream:
            self.assertEqual(stream.next()["id"], 4)
        with self.follow(ada, order, len(history)) as stream:
            ada.ok("POST", f"/api/v1/orders/{order}/cancel")
            self.assertEqual(stream.next()["data"]["type"], "order.cancelled")
        for wrong in ("-1", "x", "", "1.5", "9007199254740992", "+1"):
            self.assert_problem(self.refusal(ada, order, wrong), 400, "events.last_id_invalid")
        self.assert_problem(ada.get(path + "7&last_event_id=8"), 400, "query.duplicate")
        ahead = self.refusal(ada, order, 10_000)
        self.assert_problem(ahead, 409, "events.last_id_unknown")

    def test_an_event_of_any_length_is_told(self):
        names = [f"long-{number}" for number in range(9)]
        self.import_rows(*(product(name, description="\u8336" * 10_000) for name in names))
        self.start_shop()
        ada, products = self.server.customer("ada"), self.server.products()
        items = [{"product_id": products[name], "quantity": 1} for name in names]
        order = ada.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)["id"]
        with self.follow(ada, order) as stream:
            told = stream.until("order.awaiting_payment")
            self.assertEqual([event["data"] for event in told], self.history(ada, order))
            self.assertGreater(len(json.dumps(told[0]["data"], ensure_ascii=False).encode()), 256 * 1024)

    def test_only_the_owner_and_administrators_may_follow_an_order(self):
        self.start_shop()
        ada, bob = self.server.customer("ada"), self.server.customer("bob")
        order = self.place(ada)
        self.assert_problem(self.refusal(bob, order), 404, "order.not_found")
        self.assert_problem(self.refusal(self.admin, order), 404, "order.not_found")
        self.assert_problem(self.refusal(ada, order, admin=True), 403, "access.denied")
        self.assert_problem(self.server.guest().get(f"/api/v1/orders/{order}/events"), 401, "token.missing")
        head = ada.send("HEAD", f"/api/v1/orders/{order}/events")
        self.assertEqual((head.status, head.headers["Content-Type"], head.body), (200, "text/event-stream", b""))
        self.assertEqual(ada.send("HEAD", f"/api/v1/orders/{self.tea}/events").status, 404)
        self.assertEqual(self.open_streams(), 0)

    # --- how it ends

    def test_a_token_that_becomes_void_ends_its_streams_and_nobody_elses(self):
        self.start_shop()
        ada, bob = self.server.customer("ada"), self.server.customer("bob")
        order = self.place(bob)
        mine, his = self.follow(ada, self.place(ada)), self.follow(bob, order)
        mine.until("order.awaiting_payment")
        self.assertEqual(ada.send("DELETE", "/api/v1/sessions/current").status, 204)
        self.assertIsNone(mine.next())
        eventually("it has gone", lambda: self.open_streams() == 1)
        self.assertEqual(self.server.log_in("ada").get("/api/v1/orders").status, 200)

        his.until("order.awaiting_payment")
        with self.follow(self.server.log_in("bob"), order) as other:
            other.until("order.awaiting_payment")
            changed = bob.post("/api/v1/account/password", {"current_password": PASSWORD, "new_password": "another-1234"})
            self.assertEqual(changed.status, 204, changed)
            self.assertIsNone(his.next())
            self.assertIsNone(other.next())

    def test_a_key_that_goes_ends_the_streams_that_were_opened_with_what_it_signed_and_no_others(self):
        self.start_shop()
        ada, admin, path = self.server.customer("ada"), self.server.admin(), "/api/v1/admin/token-keys"
        order = self.place(ada)
        old = self.follow(ada, order)
        old.until("order.awaiting_payment")
        first = admin.ok("POST", path, {}, status=201)["items"][0]["id"]
        later = self.follow(self.server.log_in("ada"), order)
        later.until("order.awaiting_payment")
        self.assertEqual(self.server.admin().send("DELETE", f"{path}/{first}").status, 204)
        self.assertIsNone(old.next())
        eventually("it has gone", lambda: self.open_streams() == 1)
        self.server.admin().ok("POST", path, {"void_older": True}, status=201)
        self.assertIsNone(later.next())

    def test_a_stream_ends_when_its_token_expires(self):
        self.start_shop("token.access_ttl_s=10")  # long enough to begin in, on a slow machine
        ada = self.server.customer("ada")
        stream = self.follow(ada, self.place(ada))
        stream.until("order.awaiting_payment")
        self.assertIsNone(stream.next())

    def test_a_stream_on_which_nothing_happens_lives_longer_than_an_idle_connection(self):
        self.start_shop("http.idle_timeout_ms=200", "events.heartbeat_ms=100")
        ada = self.server.customer("ada")
        order = self.place(ada)
        stream = self.follow(ada, order)
        stream.until("order.awaiting_payment")
        for _ in range(10):
            stream.wait_for_comment()
        self.server.log_in("ada").ok("POST", f"/api/v1/orders/{order}/cancel")
        self.assertEqual(stream.next()["data"]["type"], "order.cancelled")

    def test_sigterm_ends_streams_properly_and_the_process_at_once(self):
        self.start_shop()
        ada = self.server.customer("ada")
        streams = [self.follow(ada, self.place(ada)) for _ in range(5)]
        for stream in streams:
            stream.until("order.awaiting_payment")
        self.server.process.send_signal(signal.SIGTERM)
        for stream in streams:
            self.assertIsNone(stream.next())
        self.assertEqual(self.server.wait(10), 0, self.server.stderr)

    def test_a_client_that_hangs_up_gives_its_place_back(self):
        self.start_shop("events.streams_per_account_max=2", "events.streams_max=3")
        ada, bob = self.server.customer("ada"), self.server.customer("bob")
        order, his = self.place(ada), self.place(bob)
        first, second = self.follow(ada, order), self.follow(ada, order)
        refused = self.refusal(ada, order)
        self.assert_problem(refused, 429, "events.too_many_streams_of_account")
        self.assertEqual(refused.headers["Retry-After"], "1")
        self.follow(bob, his)
        refused = self.refusal(bob, his)
        self.assert_problem(refused, 503, "events.too_many_streams")
        self.assertEqual(refused.headers["Retry-After"], "1")
        self.assertEqual(ada.send("HEAD", f"/api/v1/orders/{order}/events").status, 503)
        for stream in (first, second):
            stream.close()
        eventually("their places are free", lambda: self.open_streams() == 1)
        with self.follow(ada, order) as stream:
            self.assertEqual(stream.next()["id"], 1)

    # --- what goes wrong

    def test_a_server_that_dies_costs_a_client_that_comes_back_no_event(self):
        self.start_shop()
        ada = self.server.customer("ada")
        order = self.place(ada)
        told = []
        for step in range(6):
            with self.follow(ada, order, told[-1]["id"] if told else None) as stream:
                if step == 0:
                    told += stream.until("order.awaiting_payment")
                buying = threading.Thread(target=self.keep_starting_payments, args=(order, ada.token))
                buying.start()
                told += stream.take(3)
                self.server.process.kill()
                try:
                    while event := stream.next():
                        told.append(event)
                except (OSError, http.client.HTTPException):
                    pass
            buying.join()
            self.server.wait()
            self.start_shop()
        ada = self.server.log_in("ada")
        last = self.history(ada, order)[-1]["version"]
        if last > told[-1]["id"]:
            with self.follow(ada, order, told[-1]["id"]) as stream:
                told += stream.take(last - told[-1]["id"])
        self.assertEqual([event["data"] for event in told], self.history(ada, order))

    def keep_starting_payments(self, order, token):
        client = self.server.guest()
        client.token = token
        try:
            for _ in range(8):  # an order has at most 50
                client.post(f"/api/v1/orders/{order}/payments", {"provider": "sandbox"})
        except (OSError, http.client.HTTPException):
            return

    def test_a_client_that_takes_nothing_loses_its_stream_and_holds_up_nobody(self):
        self.import_rows(*(product(f"long-{n}", stock=1, description="x" * 5_000) for n in range(99)))
        self.start_shop("http.write_timeout_ms=500", "events.streams_per_account_max=20")
        ada = self.server.customer("ada")
        items = [{"product_id": id_, "quantity": 1} for id_ in self.server.products().values()]
        order = ada.ok("POST", "/api/v1/orders", {"items": items, "address": ADDRESS}, status=201)["id"]
        slow = [self.follow(ada, order, receive_buffer=2_048) for _ in range(10)]
        quick = self.follow(ada, order)
        history = self.history(ada, order)
        self.assertEqual([event["data"] for event in quick.take(len(history))], history)
        eventually("the slow ones are gone", lambda: self.open_streams() == 1)
        with self.assertRaises((OSError, http.client.HTTPException)):
            while slow[0].next():
                pass
        ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        self.assertEqual(quick.until("order.cancelled")[-1]["id"], len(history) + 1)

    # --- many

    def test_a_thousand_clients_are_told_everything(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.start_shop("events.streams_per_account_max=1000")
        ada = self.server.customer("ada")
        orders = [self.place(ada) for _ in range(10)]
        streams = [(order, self.follow(ada, order)) for order in orders for _ in range(100)]
        self.assertEqual(self.open_streams(), 1_000)
        for order in orders:
            self.pay(ada, order)
            ada.ok("POST", f"/api/v1/orders/{order}/cancel")
        for order in orders:
            eventually("it is closed", lambda: self.history(ada, order)[-1]["type"] == "order.closed_refunded")
        histories = {order: self.history(ada, order) for order in orders}
        for order, stream in streams:
            told = stream.until("order.closed_refunded")
            self.assertEqual([event["data"] for event in told], histories[order])
        for _, stream in streams:
            stream.close()
        eventually("all have gone", lambda: self.open_streams() == 0)


if __name__ == "__main__":
    main()
