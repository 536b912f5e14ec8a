"""What /openapi.json says, held against itself and against the server: examples are what they are examples of, whatever
a client may send has limits, and what is one beyond a limit is refused and changes nothing.
"""

import re
import urllib.parse

import packages
from harness import PASSWORD, main
from recipe import Call
from recipes import Recipes

packages.use("jsonschema==4.26.0")
from jsonschema import Draft202012Validator  # noqa: E402
from referencing import Registry  # noqa: E402
from referencing.jsonschema import DRAFT202012  # noqa: E402

URI = "urn:souk"
NO_PATTERNS = ("§", "a/b", "")
# Or 400, as everywhere. What cannot be somebody's password or token is refused like one that is not.
REFUSED_WITH = {"log_in.username": 401, "log_in.password": 401, "refresh_session.refresh_token": 401, "change_password.current_password": 403,
                "merge_cart.cart_token": 404, "If-None-Match": 431}


class OpenApiTest(Recipes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.guest.ok("GET", "/openapi.json")
        cls.registry = Registry().with_resource(URI, DRAFT202012.create_resource(cls.document))
        cls.operations = [(path, method, operation) for path, item in cls.document["paths"].items()
                          for method, operation in item.items()]

    # --- reading the document

    @classmethod
    def resolved(cls, node):
        while "$ref" in node:
            name = node["$ref"].removeprefix("#/").split("/")
            node = cls.document
            for part in name:
                node = node[part]
        return node

    @classmethod
    def shape(cls, schema):
        """Without references, and without the null that stands for "absent"."""
        schema = cls.resolved(schema)
        return cls.shape(schema["anyOf"][0]) if "anyOf" in schema else schema

    def contents(self):
        """Each body and answer: where, its media type, and what is said of it."""
        for _, _, operation in self.operations:
            name = operation["operationId"]
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{name} body", media, content
            for status, answer in operation["responses"].items():
                for media, content in self.resolved(answer).get("content", {}).items():
                    yield f"{name} {status}", media, content

    def parameters(self, operation):
        return [self.resolved(parameter) for parameter in operation["parameters"]]

    def sent(self):
        """Each schema of what a client sends."""
        for _, _, operation in self.operations:
            for parameter in self.parameters(operation):
                yield f"{operation['operationId']} {parameter['in']} {parameter['name']}", parameter["schema"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{operation['operationId']} body", content["schema"]

    def faults(self, schema, example):
        """What of the example is not as the schema says."""
        absolute = {"$id": f"{URI}/example", "allOf": [self.absolute(schema)]}
        return [fault.message for fault in Draft202012Validator(absolute, registry=self.registry).iter_errors(example)]

    def absolute(self, node):
        if isinstance(node, list):
            return [self.absolute(one) for one in node]
        if not isinstance(node, dict):
            return node
        return {name: URI + value if name == "$ref" else self.absolute(value) for name, value in node.items()}

    # --- what it says

    def test_every_body_and_every_answer_has_an_example_that_is_what_its_schema_says(self):
        for where, media, content in self.contents():
            with self.subTest(where=where, media=media):
                if media == "image/png":
                    continue
                Draft202012Validator.check_schema(content["schema"])
                self.assertNotIn(content.get("example"), (None, {"items": []}, {"items": [], "next_cursor": None}))
                self.assertEqual(self.faults(content["schema"], content["example"]), [], content["example"])

    def test_what_is_described_once_has_examples_that_are_what_they_are_examples_of(self):
        for name, schema in self.document["components"]["schemas"].items():
            Draft202012Validator.check_schema(schema)
            for example in schema.get("examples", ()):
                with self.subTest(name=name):
                    self.assertEqual(self.faults(schema, example), [])

    def test_every_answer_that_is_no_success_is_a_problem(self):
        for path, method, operation in self.operations:
            with self.subTest(method=method, path=path):
                self.assertTrue(any(status.startswith("2") for status in operation["responses"]))
                for status, answer in operation["responses"].items():
                    if status >= "400":
                        self.assertEqual(list(self.resolved(answer)["content"]), ["application/problem+json"])

    def test_whatever_a_client_sends_has_limits(self):
        for where, schema in self.sent():
            with self.subTest(where=where):
                self.assertEqual(list(self.unlimited(schema, where)), [])

    def unlimited(self, schema, where):
        schema = self.shape(schema)
        kind = schema.get("type")
        if kind == "object":
            if schema.get("additionalProperties") is not False:
                yield f"{where}: further members"
            for name, member in schema["properties"].items():
                yield from self.unlimited(member, f"{where}.{name}")
        elif kind == "array":
            if "maxItems" not in schema:
                yield f"{where}: items"
            yield from self.unlimited(schema["items"], f"{where}[]")
        elif kind == "string":
            if not schema.keys() & {"maxLength", "enum", "pattern", "format"}:
                yield f"{where}: text"
        elif kind == "integer":
            if not schema.keys() >= {"minimum", "maximum"}:
                yield f"{where}: number"
        elif kind != "boolean":
            yield f"{where}: neither of these"

    # --- that it is so

    def log_in(self):
        return Call(self.guest, "POST", "/api/v1/sessions", {"username": "ada", "password": PASSWORD})

    def request_password_reset(self):
        return Call(self.guest, "POST", "/api/v1/password-resets", {"email": "nobody@mail.example"})

    def preview_checkout(self):
        return self.by_ada("POST", "checkout/preview", {"items": [{"product_id": self.tea, "quantity": 1}]})

    def settle_sandbox_payment(self):
        return Call(self.guest, "POST", f"/sandbox/payments/{self.payment(self.order())}", {"outcome": "success"})

    def wrong(self, schema, value):
        """Of a value that is as the schema says (or none): some that are one step beyond a limit."""
        schema = self.shape(schema)
        kind = schema["type"]
        if "enum" in schema:
            yield "no_such_value"
        elif kind == "string":
            text = value if isinstance(value, str) else ""
            if "maxLength" in schema:
                yield text.ljust(schema["maxLength"] + 1, text[-1:] or "a")
            if "minLength" in schema:
                yield text[:schema["minLength"] - 1]
            if "pattern" in schema:
                yield next(other for other in NO_PATTERNS if not re.search(schema["pattern"], other))
            if schema.get("format") == "email":
                yield "nobody"
        elif kind == "integer":
            yield schema["minimum"] - 1
            yield schema["maximum"] + 1
        elif kind == "array":
            if "minItems" in schema:
                yield []
            yield [self.another(value[0] if value else None, number) for number in range(schema["maxItems"] + 1)]

    @staticmethod
    def another(element, number):
        """As the element, but another one."""
        if isinstance(element, dict) and "product_id" in element:
            return {**element, "product_id": f"{number:026}"}
        return element

    def all_wrong(self, schema, value, where):
        """The value with one thing in it that is beyond a limit, for each."""
        schema = self.shape(schema)
        for other in self.wrong(schema, value):
            yield where, other
        if schema["type"] == "object" and isinstance(value, dict):
            for name, member in schema["properties"].items():
                for place, other in self.all_wrong(member, value.get(name), f"{where}.{name}"):
                    yield place, {**value, name: other}
        elif schema["type"] == "array" and value:
            for place, other in self.all_wrong(schema["items"], value[0], f"{where}[]"):
                yield place, [other, *value[1:]]

    def assert_refused(self, answer, operation, where):
        self.assertIn(answer.status, {400, REFUSED_WITH.get(where)}, answer)
        self.assert_problem(answer, answer.status)
        self.assertIn(str(answer.status), operation["responses"])

    def test_a_body_beyond_a_limit_is_refused_and_changes_nothing(self):
        for path, method, operation in self.operations:
            content = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {"schema": {}})
            if not self.shape(content["schema"]).get("properties"):
                continue  # it says nothing, or is no JSON: too many bytes are the business of bad_input_test
            name = operation["operationId"]
            recipe = getattr(self, name, None)
            self.assertIsNotNone(recipe, f"write down how {name} is called, in recipes.py")
            call = recipe()
            body = {**content["example"], **call.body}
            head = self.server.settled_position()
            for where, other in self.all_wrong(content["schema"], body, name):
                with self.subTest(where=where, body=str(other)[:300]):
                    self.assert_refused(self.say(call, other), operation, where)
            self.assertEqual(self.server.settled_position(), head, name)
            with self.subTest(where=name, body=body):
                self.assertIn(self.say(call, body).status, range(200, 300))

    @staticmethod
    def say(call, body):
        return call.client.send(call.method, call.path, body, media=call.media, headers=call.headers)

    def test_a_parameter_beyond_a_limit_is_refused_and_changes_nothing(self):
        ids = {"{id}": self.order(), "{product_id}": self.tea, "{account_id}": self.ada.account,
               "{name}": "order_completion"}
        head = self.server.settled_position()
        for path, method, operation in self.operations:
            client = self.admin if "/admin/" in path else self.ada
            for parameter in self.parameters(operation):
                name, place = parameter["name"], parameter["in"]
                if place == "path":
                    continue
                for other in self.wrong(parameter["schema"], None):
                    text = ",".join(self.tea for _ in other) if isinstance(other, list) else str(other)
                    target = "/".join(ids.get(part, part) for part in path.split("/"))
                    headers = {"If-Match": "*"}
                    if place == "query":
                        target += f"?{name}={urllib.parse.quote(text)}"
                    else:
                        headers[name] = text.encode()
                    body = {} if method != "get" and "requestBody" in operation else None
                    media = next(iter(operation.get("requestBody", {}).get("content", {})), None)
                    with self.subTest(method=method, path=path, parameter=name, text=text[:50]):
                        answer = client.send(method.upper(), target, body, media=media, headers=headers)
                        self.assert_refused(answer, operation, name)
        self.assertEqual(self.server.settled_position(), head)


if __name__ == "__main__":
    main()
