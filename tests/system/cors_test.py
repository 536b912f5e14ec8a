"""Web pages of other origins, as browsers ask for them."""

from harness import SharedServerTest, main, product, souk
from routes_test import HIDDEN

SHOP, DESK = "https://shop.example", "http://127.0.0.1:3000"
WRONG_CONFIGURATION = 78


class CorsTest(SharedServerTest):
    rows = [product("tea")]
    settings = (f"http.cors_origins={SHOP},{DESK}",)

    def preflight(self, path, method, origin=SHOP):
        return self.guest.send("OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": method,
                                                         "Access-Control-Request-Headers": "authorization"})

    def test_every_route_tells_a_page_what_it_may_send(self):
        paths = self.guest.ok("GET", "/openapi.json")["paths"]
        self.assertGreater(len(paths), 40)
        for pattern, item in paths.items():
            path = pattern.replace("{", "").replace("}", "")
            methods = {method.upper() for method in {*item, *HIDDEN.get(pattern, ())}} | {"OPTIONS"}
            methods |= {"HEAD"} if "GET" in methods else set()
            for method in methods:
                with self.subTest(path=pattern, method=method):
                    answer = self.preflight(path, method)
                    self.assertEqual((answer.status, answer.body), (204, b""))
                    self.assertEqual(answer.headers["Access-Control-Allow-Origin"], SHOP)
                    self.assertEqual(set(answer.headers["Access-Control-Allow-Methods"].split(", ")), methods)
                    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
                    sent = {p["name"].lower() for operation in item.values() for p in self.headers_of(operation)}
                    self.assertLessEqual(sent | {"authorization", "content-type", "souk-cart-token"}, set(allowed))

    def headers_of(self, operation):
        components = self.guest.ok("GET", "/openapi.json")["components"]["parameters"]
        found = [components[p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p for p in operation["parameters"]]
        return [p for p in found if p["in"] == "header"]

    def test_answers_and_refusals_may_be_read_by_listed_origins_only(self):
        asked = [self.guest.get("/api/v1/products", headers={"Origin": origin})
                 for origin in (SHOP, DESK, "https://evil.example", "null")]
        self.assertEqual([answer.headers["Access-Control-Allow-Origin"] for answer in asked], [SHOP, DESK, None, None])
        for answer in asked:
            self.assertIn("Origin", answer.headers["Vary"])
            self.assertNotIn("Access-Control-Allow-Credentials", answer.headers)
        exposed = asked[0].headers["Access-Control-Expose-Headers"].split(", ")
        for name in ("ETag", "Location", "Retry-After", "Souk-Position", "X-Request-Id", "Deprecation", "Sunset"):
            self.assertIn(name, exposed)
        for path, status in (("/api/v1/orders", 401), ("/api/v1/products/x", 404), ("/nowhere", 404),
                             ("/api/v1/products?limit=0", 400)):
            refused = self.guest.get(path, headers={"Origin": SHOP})
            self.assertEqual((refused.status, refused.headers["Access-Control-Allow-Origin"]), (status, SHOP))
        self.assertNotIn("Access-Control-Allow-Origin", self.preflight("/api/v1/cart", "GET", "null").headers)

    def test_where_any_page_may_ask_every_answer_says_so(self):
        server = self.start("http.cors_origins=*")
        for headers in ({}, {"Origin": "https://evil.example"}):
            answer = server.guest().get("/api/v1/products", headers=headers)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
            self.assertNotIn("Origin", answer.headers["Vary"])

    def test_a_list_of_origins_that_is_none_is_wrong_configuration(self):
        for wrong in ("null", "https://shop.example/", "shop.example", "*,https://a"):
            done = souk("serve", "--check-config", "--set", f"http.cors_origins={wrong}")
            self.assertEqual(done.returncode, WRONG_CONFIGURATION, done)


if __name__ == "__main__":
    main()
