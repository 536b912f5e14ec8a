"""Every event, of the goldens and of a run, is as `souk schema events` says, judged by an independent validator."""

import copy
import json
import pathlib
import re

import packages
from harness import ADDRESS, SystemTest, main, product, read_events, souk

packages.use("jsonschema==4.23.0")
import jsonschema  # noqa: E402

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "engine" / "goldens" / "events.hpp"
GOLDEN = re.compile(r'\{"(\w+)", "([\w.]+)", (\d+), R"\((.*?)\)"', re.DOTALL)


class EventSchemas:
    def __init__(self, document):
        self.document = document

    def faults(self, kind, type_, schema, payload):
        known = self.document["events"].get(type_)
        if known is None or str(schema) not in known["schemas"]:
            return [f"{type_} {schema} is not there"]
        whole = {"$defs": self.document["$defs"], **known["schemas"][str(schema)]}
        found = [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(payload)]
        return found if known["kind"] == kind else [*found, f"it is of {known['kind']}"]


class EventSchemasTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.document = json.loads(souk("schema", "events").stdout)
        self.schemas = EventSchemas(self.document)

    def goldens(self):
        found = [(kind, type_, int(schema), json.loads(payload)) for kind, type_, schema, payload
                 in GOLDEN.findall(GOLDENS.read_text(encoding="utf-8"))]
        self.assertGreater(len(found), 100)
        return found

    def test_each_schema_is_one(self):
        for name in self.document["$defs"]:
            jsonschema.Draft202012Validator.check_schema({"$defs": self.document["$defs"], "$ref": f"#/$defs/{name}"})

    def test_every_event_ever_written_is_described(self):
        goldens = self.goldens()
        for kind, type_, schema, payload in goldens:
            with self.subTest(type=type_, payload=payload):
                self.assertEqual(self.schemas.faults(kind, type_, schema, payload), [])
        self.assertEqual({type_ for _, type_, _, _ in goldens}, set(self.document["events"]))

    def test_what_is_no_such_event_is_found_out(self):
        for kind, type_, schema, payload in self.goldens():
            with self.subTest(type=type_, payload=payload):
                self.assertNotEqual(self.schemas.faults("nothing", type_, schema, payload), [])
                self.assertNotEqual(self.schemas.faults(kind, type_, schema + 1, payload), [])
                for name in payload:
                    wrong = copy.deepcopy(payload)
                    wrong[name] = {"no": "such thing"} if not isinstance(payload[name], dict) else 7
                    self.assertNotEqual(self.schemas.faults(kind, type_, schema, wrong), [], name)

    def test_the_events_of_a_run_are_described_and_the_route_says_the_same(self):
        self.import_rows(product("tea", category="food/tea", brand="Xihu"), product("pot"))
        server = self.start()
        ids = server.products()
        ada, admin = server.customer("ada"), server.admin()
        ada.ok("POST", "/api/v1/account/addresses", ADDRESS, status=201)
        ada.ok("POST", "/api/v1/cart/items", {"product_id": ids["tea"], "quantity": 2})
        order = ada.ok("POST", "/api/v1/orders", {"address": ADDRESS}, status=201)["id"]
        payment = ada.ok("POST", f"/api/v1/orders/{order}/payments", {"provider": "sandbox"}, status=201)["id"]
        ada.ok("POST", f"/sandbox/payments/{payment}", {"outcome": "success"})
        admin.ok("POST", f"/api/v1/admin/orders/{order}/shipments", {"carrier": "SF"}, status=201)
        server.settled_position()
        self.assertEqual(server.guest().ok("GET", "/schemas/events.json"), self.document)
        server.stop()
        events = read_events(self.data)
        self.assertGreater(len({event["type"] for event in events}), 20)
        for event in events:
            kind = event["stream"].rsplit("-", 1)[0]
            self.assertEqual(self.schemas.faults(kind, event["type"], event["schema"], event["payload"]), [], event)


if __name__ == "__main__":
    main()
