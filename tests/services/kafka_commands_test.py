"""Commands for catalogue and stock that come as messages, through a real broker: once each, in order, by the routes' rules."""

import json
import secrets

import packages
from harness import SystemTest, eventually, main, product, read_events
from services import Service
from topics import kcat, read

packages.use("jsonschema==4.23.0")
import jsonschema  # noqa: E402


class KafkaCommandsTest(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.kafka = Service("kafka")
        cls.kafka.up()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.kafka.up)
        self.topic = f"commands-{secrets.token_hex(4)}"
        self.written = 0
        self.import_rows(product("TEA-001", stock=10), product("POT-001", stock=5))

    def serve(self):
        # Whoever was killed is missed soon.
        (self.folder / "properties").write_text("session.timeout.ms=6000\n", encoding="utf-8")
        return self.start(f"kafka.properties_file={self.folder}/properties", f"kafka.brokers={self.kafka.address()}", "kafka.feed_enabled=false",
                          f"kafka.commands_topic={self.topic}", f"kafka.commands_group={self.topic}", quiet=True)

    def write(self, *commands):
        """Each keyed by its product, as whoever wants an order has to."""
        lines = []
        for command in commands:
            text = command if isinstance(command, str) else json.dumps(command)
            key = "none" if isinstance(command, str) else command.get("sku", "none")
            lines.append(f"{key}\t{text}")
        kcat(self.kafka.address(), "-P", "-t", self.topic, "-K", "\\t", stdin="\n".join(lines).encode())
        self.written += len(commands)

    def dealt_with(self, server, count):
        def figure():
            figures = server.metrics()
            return sum(figures[f'souk_kafka_commands_total{{result="{result}"}}'] for result in ("obeyed", "refused"))
        eventually(f"{count} commands are dealt with", lambda: figure() >= count, 60)

    def letters(self):
        return [(json.loads(letter["payload"]).get("id") if letter["payload"].startswith("{") else letter["payload"],
                 letter["headers"]["reason"]) for letter in read(self.kafka.address(), f"{self.topic}.dead")]

    @staticmethod
    def receive(id_, sku, quantity):
        return {"id": id_, "command": "receive_stock", "sku": sku, "body": {"quantity": quantity, "reason": "delivery"}}

    def test_commands_are_obeyed_once_and_their_events_can_be_found(self):
        server = self.serve()
        commands = [
            self.receive("r-1", "TEA-001", 7), self.receive("r-1", "TEA-001", 7),
            {"id": "p-1", "command": "change_product", "sku": "TEA-001",
             "body": {"price": {"amount": 4200, "currency": "CNY"}}},
            {"id": "w-1", "command": "withdraw_product", "sku": "POT-001"},
            {"id": "c-1", "command": "configure_stock", "sku": "POT-001", "body": {"low_threshold": 2}},
            {"id": "a-1", "command": "adjust_stock", "sku": "POT-001", "body": {"from": 5, "to": 4, "reason": "broken"}},
            {"id": "i-1", "command": "import_catalogue_rows", "sku_is_in_the_body": None,
             "body": {"sku": "CUP-001", "name": "Cup", "price": 900, "category": "kitchen/cups", "stock": 3}},
        ]
        del commands[-1]["sku_is_in_the_body"]
        schema = json.loads(server.guest().get("/schemas/commands.json").body)
        for command in commands:
            jsonschema.Draft202012Validator(schema).validate(command)
        self.write(*commands)
        self.dealt_with(server, len(commands))
        admin, ids = server.admin(), server.products()
        self.assertEqual(admin.ok("GET", f"/api/v1/admin/stock/{ids['TEA-001']}")["on_hand"], 17)
        self.assertEqual(admin.ok("GET", f"/api/v1/admin/products/{ids['TEA-001']}")["price"]["amount"], 4200)
        self.assertEqual(admin.ok("GET", f"/api/v1/admin/stock/{ids['CUP-001']}")["on_hand"], 3)
        self.assertNotIn("POT-001", ids)
        server.stop()
        self.assertEqual(self.letters(), [])
        received = [event for event in read_events(self.data) if event["correlation"] == "r-1"]
        self.assertEqual([(event["type"], event["principal"]) for event in received], [("stock.received", "system:kafka")])

    def test_what_is_refused_is_a_dead_letter_with_the_reason_of_the_route(self):
        server = self.serve()
        wrong = {
            "not json": "json.malformed", "7": "field.invalid",
            json.dumps({"id": "x-1", "command": "delete_account"}): "command.unknown",
            json.dumps({"id": "x 2", "command": "publish_product", "sku": "TEA-001"}): "command.id_invalid",
            json.dumps({"id": "x-3", "command": "publish_product"}): "command.product_missing",
            json.dumps({"id": "x-4", "command": "publish_product", "sku": "NO-SUCH"}): "product.not_found",
            json.dumps({"id": "x-5", "command": "publish_product", "sku": "TEA-001", "body": {}}): "command.body_unwanted",
            json.dumps({"id": "x-6", "command": "receive_stock", "sku": "TEA-001", "body": {"quantity": 0}}):
                "field.invalid",
            json.dumps({"id": "x-7", "command": "adjust_stock", "sku": "TEA-001",
                        "body": {"from": 1, "to": 2, "reason": ""}}): "stock.stale",
            json.dumps({"id": "x-8", "command": "import_catalogue_rows", "body": {"sku": "A", "name": "", "price": -1}}):
                "product.name_invalid",
            json.dumps({"id": "x-9", "command": "publish_product", "sku": "TEA-001", "color": "red"}): "field.invalid",
        }
        schema = json.loads(server.guest().get("/schemas/commands.json").body)
        self.write(*wrong)
        twice = '{"id":"y-1","id":"y-2","command":"publish_product","sku":"TEA-001"}'
        self.write(twice, self.receive("k-1", "TEA-001", 1), self.receive("k-1", "TEA-001", 2))
        self.dealt_with(server, len(wrong) + 3)
        server.stop()
        letters = {letter["payload"]: letter for letter in read(self.kafka.address(), f"{self.topic}.dead")}
        for text, reason in wrong.items():
            with self.subTest(text=text):
                self.assertEqual(letters[text]["headers"]["reason"], reason, letters[text])
                self.assertEqual(letters[text]["headers"]["topic"], self.topic)
                self.assertIn("offset", letters[text]["headers"])
        self.assertIn(("k-1", "idempotency.key_reused"), self.letters())
        self.assertEqual(letters[twice]["headers"]["reason"], "field.invalid")
        self.assertEqual(len(letters), len(wrong) + 2)
        structural = [text for text, reason in wrong.items() if reason.startswith(("command.", "field."))]
        for text in structural:
            with self.subTest(schema=text):
                self.assertFalse(jsonschema.Draft202012Validator(schema).is_valid(json.loads(text)))

    def test_what_the_permissions_do_not_let_it_do_waits_until_they_do(self):
        server = self.serve()
        admin, ids = server.admin(), server.products()
        denied = {"kind": "p", "values": ["system:kafka", "/api/v1/admin/stock/*", "*", "deny"]}
        admin.ok("POST", "/api/v1/admin/permissions/rows", {"add": [denied]})
        self.write(self.receive("d-1", "TEA-001", 7), self.receive("d-2", "TEA-001", 5),
                   {"id": "d-3", "command": "withdraw_product", "sku": "POT-001"})
        self.dealt_with(server, 1)
        eventually("it is tried again", lambda: server.metrics()["souk_kafka_command_retries_total"] > 0)
        self.assertEqual(admin.ok("GET", f"/api/v1/admin/stock/{ids['TEA-001']}")["on_hand"], 10)
        admin.ok("POST", "/api/v1/admin/permissions/rows", {"remove": [denied]})
        self.dealt_with(server, 3)
        self.assertEqual(admin.ok("GET", f"/api/v1/admin/stock/{ids['TEA-001']}")["on_hand"], 22)
        server.stop()
        self.assertEqual(self.letters(), [])

    def test_what_changed_nothing_or_was_refused_does_not_undo_what_came_later(self):
        def price(id_, amount):
            return {"id": id_, "command": "change_product", "sku": "TEA-001",
                    "body": {"price": {"amount": amount, "currency": "CNY"}}}
        server = self.serve()
        cup = {"sku": "CUP-001", "name": "Cup", "price": 900, "category": "cups"}
        commands = [
            price("m-1", 1999), price("m-2", 5000),
            {"id": "m-3", "command": "publish_product", "sku": "TEA-001"},
            {"id": "m-4", "command": "withdraw_product", "sku": "TEA-001"},
            {"id": "m-5", "command": "withdraw_product", "sku": "CUP-001"},
            {"id": "m-6", "command": "import_catalogue_rows", "body": cup},
            {"id": "m-7", "command": "import_catalogue_rows", "body": cup},
            {"id": "m-8", "command": "import_catalogue_rows", "body": cup | {"price": 1000}},
        ]
        logs = []
        for _ in range(2):
            for command in commands:
                self.write(json.dumps(command))  # all with one key: in this order
            self.dealt_with(server, len(commands))
            server.settled_position()
            server.stop()
            logs.append(read_events(self.data))
            server = self.serve()
        self.assertEqual(logs[1], logs[0])
        self.assertEqual(self.letters(), [("m-5", "product.not_found")] * 2)
        notes = [event["correlation"] for event in logs[0] if event["type"] == "command_note.written"]
        self.assertEqual(notes, ["m-1", "m-3", "m-5", "m-6", "m-7", "m-8"])

    def test_a_stop_does_not_wait_for_a_broker_that_is_gone_or_hangs(self):
        for end, begin in ((self.kafka.kill, self.kafka.up), (self.kafka.pause, self.kafka.resume)):
            server = self.serve()
            self.write(self.receive(f"s-{secrets.token_hex(4)}", "TEA-001", 1))
            self.dealt_with(server, 1)
            end()
            try:
                server.stop()
            finally:
                begin()

    def test_none_is_lost_and_none_done_twice_though_shop_and_broker_are_killed(self):
        expected = {"TEA-001": 10, "POT-001": 5}
        commands = []
        for number in range(600):
            sku = ("TEA-001", "POT-001")[number % 2]
            commands.append(self.receive(f"k-{number}", sku, number % 5 + 1))
            expected[sku] += number % 5 + 1
        server = self.serve()
        self.write(*commands[:300])
        self.dealt_with(server, 50)
        server.kill()
        server = self.serve()
        self.dealt_with(server, 20)
        self.kafka.kill()
        self.kafka.up()
        self.write(*commands[300:])
        self.dealt_with(server, 100)
        server.kill()
        server = self.serve()
        admin, ids = server.admin(), server.products()

        def on_hand():
            return {sku: admin.ok("GET", f"/api/v1/admin/stock/{ids[sku]}")["on_hand"] for sku in expected}
        eventually("every command is obeyed", lambda: on_hand() == expected, 60)
        server.settled_position()
        server.stop()
        received = [event["correlation"] for event in read_events(self.data) if event["correlation"].startswith("k-")]
        self.assertEqual(len(received), len(set(received)))
        for sku in range(2):
            mine = [int(id_[2:]) for id_ in received if int(id_[2:]) % 2 == sku]
            self.assertEqual(mine, sorted(mine))
        self.assertEqual(self.letters(), [])


if __name__ == "__main__":
    main()
