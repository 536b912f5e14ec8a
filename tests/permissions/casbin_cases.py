"""Models of every kind that Casbin documents, with rules and requests that chance makes for them.

A case has a model, `rules(chance)` and `request(chance)`. Names are few, so that rules and requests meet.
"""

import dataclasses
import typing

ALLOW = "some(where (p.eft == allow))"
DENY = "!some(where (p.eft == deny))"
BOTH = "some(where (p.eft == allow)) && !some(where (p.eft == deny))"
PRIORITY = "priority(p.eft) || deny"
SUBJECT_PRIORITY = "subjectPriority(p.eft) || deny"

SUBJECTS = ["alice", "bob", "carol", "dave"]
ROLES = ["reader", "editor", "admin", "owner"]
OBJECTS = ["data1", "data2", "data3"]
ACTS = ["read", "write", "delete"]
DOMAINS = ["east", "west"]
EFFECTS = ["allow", "allow", "deny"]


@dataclasses.dataclass
class Case:
    name: str
    model: str
    rules: typing.Callable
    request: typing.Callable


def model(r, p, m, e=ALLOW, roles=()):
    sections = [("request_definition", [f"r = {r}"]), ("policy_definition", [f"p = {p}"])]
    if roles:
        sections.append(("role_definition", [f"{'g' if i == 0 else f'g{i + 1}'} = {role}" for i, role in enumerate(roles)]))
    sections += [("policy_effect", [f"e = {e}"]), ("matchers", [f"m = {m}"])]
    return "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in sections) + "\n"


def some(chance, most, make):
    """Up to `most` different rows."""
    rows = []
    for _ in range(chance.randrange(most + 1)):
        row = make()
        if row not in rows:
            rows.append(row)
    return rows


def rows_of(*columns, kind="p", most=10):
    """Rows of a kind whose columns are picked from these lists."""
    return lambda chance: some(chance, most, lambda: [kind, *(chance.choice(column) for column in columns)])


def all_of(*parts):
    return lambda chance: [row for part in parts for row in part(chance)]


def seldom(rows):
    """For one policy in four: where they are, the reference hardly ever has an answer."""
    return lambda chance: rows(chance) if chance.randrange(4) == 0 else []


def picked(*columns):
    return lambda chance: [chance.choice(column) for column in columns]


ANYBODY = SUBJECTS + ROLES
ACCESS = rows_of(ANYBODY, OBJECTS, ACTS)
ASSIGNMENTS = rows_of(ANYBODY, ROLES, kind="g", most=6)
DOMAIN_ASSIGNMENTS = rows_of(ANYBODY, ROLES, DOMAINS, kind="g", most=10)
ASKED = picked(SUBJECTS, OBJECTS, ACTS)
TRIPLE = "sub, obj, act"
RBAC = "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act"
ACL = "r.sub == p.sub && r.obj == p.obj && r.act == p.act"


def chain(chance):
    """One long line of roles: only so many levels count."""
    names = [f"role{i}" for i in range(14)]
    rows = [["g", a, b] for a, b in zip(names, names[1:])]
    short_cut = ["g", names[chance.randrange(14)], names[chance.randrange(14)]]
    if short_cut not in rows:
        rows.append(short_cut)
    return [["p", name, "data1", "read"] for name in chance.sample(names, 4)] + rows


def tree(chance):
    """Assignments that go in no circle."""
    names = SUBJECTS + ROLES
    rows = []
    for _ in range(chance.randrange(8)):
        low, high = sorted(chance.sample(range(len(names)), 2))
        if high >= len(SUBJECTS) and (row := ["g", names[low], names[high]]) not in rows:
            rows.append(row)
    return rows


def domain_tree(chance):
    return [row + [chance.choice(DOMAINS)] for row in tree(chance)]


def with_priority(chance):
    return some(chance, 12, lambda: ["p", str(chance.randrange(6)), chance.choice(ANYBODY), chance.choice(OBJECTS),
                                     chance.choice(ACTS), chance.choice(EFFECTS)])


BASIC = [
    Case("acl", model(TRIPLE, TRIPLE, ACL), ACCESS, ASKED),
    Case("acl with a superuser", model(TRIPLE, TRIPLE, ACL + ' || r.sub == "root"'), ACCESS,
         picked([*SUBJECTS, "root"], OBJECTS, ACTS)),
    Case("acl without users", model("obj, act", "obj, act", "r.obj == p.obj && r.act == p.act"),
         rows_of(OBJECTS, ACTS), picked(OBJECTS, ACTS)),
    Case("acl without resources", model("sub, act", "sub, act", "r.sub == p.sub && r.act == p.act"),
         rows_of(SUBJECTS, ACTS), picked(SUBJECTS, ACTS)),
    Case("acl with effects", model(TRIPLE, TRIPLE + ", eft", ACL), rows_of(SUBJECTS, OBJECTS, ACTS, EFFECTS), ASKED),
    Case("acl with any action", model(TRIPLE, TRIPLE, 'r.sub == p.sub && r.obj == p.obj && (r.act == p.act || p.act == "*")'),
         rows_of(SUBJECTS, OBJECTS, [*ACTS, "*"]), ASKED),
    Case("not everybody", model(TRIPLE, TRIPLE, "!(r.sub == p.sub) && r.obj == p.obj && r.act == p.act"), ACCESS, ASKED),
    Case("not, without parentheses", model(TRIPLE, TRIPLE, "!r.sub == p.sub && r.obj == p.obj && r.act != p.act"), ACCESS,
         ASKED),
    Case("choices over several columns", model(TRIPLE, TRIPLE,
         '(r.sub == p.sub || r.obj == p.obj) && r.act == p.act || r.sub == p.obj'),
         rows_of([*ANYBODY, *OBJECTS], [*OBJECTS, *SUBJECTS], ACTS), ASKED),
    Case("order of texts", model(TRIPLE, TRIPLE, "r.sub <= p.sub && r.obj > p.obj && r.act == p.act"), ACCESS, ASKED),
    Case("texts put together", model(TRIPLE, "who, act", 'r.sub + "@" + r.obj == p.who && r.act == p.act'),
         rows_of([f"{s}@{o}" for s in SUBJECTS for o in OBJECTS], ACTS, most=20), ASKED),
    Case("comments and lines that go on", "# a model\n[request_definition]\n; the request\nr = sub, obj, act\n"
         "[policy_definition]\np = sub, obj, \\\nact\n[policy_effect]\ne = some(where (p.eft == allow)) # one is enough\n"
         "[matchers]\nm = r.sub == p.sub && \\\n r.obj == p.obj && \\\n r.act == p.act # all of it\n", ACCESS, ASKED),
]

EFFECT_CASES = [
    Case(f"{name}, {kind}", model(TRIPLE, TRIPLE + ", eft", matcher, effect, roles),
         all_of(rows_of(ANYBODY, OBJECTS, ACTS, EFFECTS, most=16), assignments), ASKED)
    for name, effect in (("allow-override", ALLOW), ("deny-override", DENY), ("allow-and-deny", BOTH), ("priority", PRIORITY))
    for kind, matcher, roles, assignments in (("acl", ACL, (), lambda chance: []), ("rbac", RBAC, ("_, _",), ASSIGNMENTS))
] + [
    Case("explicit priority", model(TRIPLE, "priority, sub, obj, act, eft", RBAC, PRIORITY, ("_, _",)),
         all_of(with_priority, ASSIGNMENTS), ASKED),
    Case("explicit priority in the middle", model(TRIPLE, "sub, priority, obj, act, eft", RBAC, PRIORITY, ("_, _",)),
         all_of(lambda chance: [["p", row[2], row[1], *row[3:]] for row in with_priority(chance)], ASSIGNMENTS), ASKED),
    Case("subject priority", model(TRIPLE, TRIPLE + ", eft", RBAC, SUBJECT_PRIORITY, ("_, _",)),
         all_of(rows_of(ANYBODY, OBJECTS[:2], ACTS[:2], EFFECTS, most=12), tree), picked(SUBJECTS, OBJECTS[:2], ACTS[:2])),
    Case("subject priority with domains", model("sub, obj, dom, act", "sub, obj, dom, act, eft",
         "g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj && r.act == p.act", SUBJECT_PRIORITY, ("_, _, _",)),
         all_of(rows_of(ANYBODY, OBJECTS[:2], DOMAINS, ACTS[:2], EFFECTS, most=14), domain_tree),
         picked(SUBJECTS, OBJECTS[:2], DOMAINS, ACTS[:2])),
]

ROLE_CASES = [
    Case("rbac", model(TRIPLE, TRIPLE, RBAC, ALLOW, ("_, _",)), all_of(ACCESS, ASSIGNMENTS), ASKED),
    Case("a long line of roles", model(TRIPLE, TRIPLE, RBAC, ALLOW, ("_, _",)), chain,
         picked([f"role{i}" for i in range(14)], ["data1"], ["read"])),
    Case("roles of resources", model(TRIPLE, TRIPLE, "g(r.sub, p.sub) && g2(r.obj, p.obj) && r.act == p.act", ALLOW,
         ("_, _", "_, _")), all_of(rows_of(ANYBODY, [*OBJECTS, "group1", "group2"], ACTS), ASSIGNMENTS,
                                   rows_of([*OBJECTS, "group1"], ["group1", "group2"], kind="g2", most=6)), ASKED),
    Case("domains", model("sub, dom, obj, act", "sub, dom, obj, act",
         "g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj && r.act == p.act", ALLOW, ("_, _, _",)),
         all_of(rows_of(ANYBODY, DOMAINS, OBJECTS, ACTS, most=16), DOMAIN_ASSIGNMENTS),
         picked(SUBJECTS, [*DOMAINS, "north"], OBJECTS, ACTS)),
    Case("domains of the rule", model("sub, obj, act", "sub, dom, obj, act",
         "g(r.sub, p.sub, p.dom) && r.obj == p.obj && r.act == p.act", ALLOW, ("_, _, _",)),
         all_of(rows_of(ANYBODY, DOMAINS, OBJECTS, ACTS, most=16), DOMAIN_ASSIGNMENTS), ASKED),
    Case("rbac with a superuser's role", model(TRIPLE, TRIPLE, RBAC + ' || g(r.sub, "admin")', ALLOW, ("_, _",)),
         all_of(ACCESS, ASSIGNMENTS), ASKED),
    Case("roles the other way round", model(TRIPLE, TRIPLE, "g(p.sub, r.sub) && r.obj == p.obj && r.act == p.act", ALLOW,
         ("_, _",)), all_of(ACCESS, ASSIGNMENTS), picked(ANYBODY, OBJECTS, ACTS)),
    Case("who has no such role", model(TRIPLE, TRIPLE, "!g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act", ALLOW,
         ("_, _",)), all_of(ACCESS, ASSIGNMENTS), ASKED),
]

SEGMENTS = ["a", "b", "cc", "a.b", "x1", "~c", "1"]


def path(chance, least=0, most=4):
    return "/" + "/".join(chance.choice(SEGMENTS) for _ in range(chance.randrange(least, most + 1)))


def key_of(chance):
    key = path(chance)
    if chance.random() < 0.15:
        key += chance.choice(["/", "?q=1", "/?q=/a", "*", "//a"])
    return key


def pattern_of(*placeholders):
    """A pattern in which segments may be these; some end with a star."""
    def make(chance):
        parts = [chance.choice(placeholders) if placeholders and chance.random() < 0.4 else chance.choice(SEGMENTS)
                 for _ in range(chance.randrange(4))]
        if chance.random() < 0.3:
            parts.append("*")
        return "/" + "/".join(parts)
    return make


def key_case(name, function, pattern, key=key_of):
    return Case(name, model("key, act", "pattern, act", f"{function}(r.key, p.pattern) && r.act == p.act"),
                lambda chance: some(chance, 8, lambda: ["p", pattern(chance), chance.choice(ACTS[:1])]),
                lambda chance: [key(chance), ACTS[0]])


def one_of(*texts):
    return lambda chance: chance.choice(texts)


def odd_pattern(*parts):
    return lambda chance: "/" + "".join(chance.choice(parts) for _ in range(chance.randrange(1, 6)))


def address(chance):
    return chance.choice(["10.0.0.{}", "10.0.1.{}", "192.168.2.{}", "2001:db8::{}", "::{}"]).format(chance.randrange(1, 9))


KEY_CASES = [
    key_case("keyMatch", "keyMatch", pattern_of("*", "a*")),
    key_case("keyMatch2", "keyMatch2", pattern_of(":id", ":name", "x:id", ":")),
    key_case("keyMatch3", "keyMatch3", pattern_of("{id}", "{name}", "x{id}", "{id}x")),
    key_case("keyMatch4", "keyMatch4", pattern_of("{id}", "{id}", "{name}")),
    key_case("keyMatch5", "keyMatch5", pattern_of("{id}", "{name}", "x{id}")),
    key_case("keyMatch2, odd patterns", "keyMatch2", odd_pattern("a", "b", "/", ":id", "/*", ".", "[ab]", "(a|b)", "b?", "+a")),
    key_case("keyMatch3, odd patterns", "keyMatch3", odd_pattern("a", "/", "{id}", "/*", ".", "{a}{b}", "(a|b)", "b?")),
    key_case("keyMatch4, odd patterns", "keyMatch4", odd_pattern("a", "/", "{id}", "/*", ".", "x{id}y{id}", "b?")),
    key_case("keyMatch5, odd patterns", "keyMatch5", odd_pattern("a", "/", "{id}", "/*", ".", "{a}{b}", "b?")),
    key_case("keyMatch2 of everything", "keyMatch2", one_of("*", "/*", "/:a", "/:a/*")),
    key_case("regexMatch", "regexMatch", one_of("/a", "/a$", "^/a/.*", "/[ab]+", "/(a|b)/cc", ".*", "/a/[^/]+$", "/x\\d",
                                                "a|/b", "/cc/?", "", "/a.b")),
    key_case("globMatch", "globMatch", pattern_of("a?b", "[ab]", "[!a]", "?", "c[a-d]")),
    key_case("ipMatch", "ipMatch", one_of("10.0.0.0/24", "10.0.0.0/16", "10.0.0.4/30", "192.168.2.3", "2001:db8::/32",
                                          "2001:db8::4/126", "0.0.0.0/0", "::/0", "nonsense", "10.0.0.5/33"), address),
    Case("keyGet", model("key, rest", "pattern", "keyGet(r.key, p.pattern) == r.rest"),
         lambda chance: some(chance, 6, lambda: ["p", pattern_of("*")(chance)]),
         lambda chance: [path(chance, 1), chance.choice(["", "a", "b", "a/b"])]),
    Case("keyGet2", model("key, id", "pattern", 'keyGet2(r.key, p.pattern, "id") == r.id'),
         lambda chance: some(chance, 6, lambda: ["p", pattern_of(":id", ":name")(chance)]),
         lambda chance: [path(chance, 1), chance.choice(["a", "b", "cc"])]),
    Case("keyGet3", model("key, id", "pattern", 'keyGet3(r.key, p.pattern, "id") == r.id'),
         lambda chance: some(chance, 6, lambda: ["p", pattern_of("{id}", "x{id}", "{name}")(chance)]),
         lambda chance: [path(chance, 1), chance.choice(["a", "b", "cc", "1"])]),
    Case("rest", model(TRIPLE, TRIPLE, "r.sub == p.sub && keyMatch(r.obj, p.obj) && regexMatch(r.act, p.act)"),
         lambda chance: some(chance, 10, lambda: ["p", chance.choice(SUBJECTS), pattern_of("*")(chance),
                                                  chance.choice(["GET", "(GET)|(POST)", "P.*", ".*"])]),
         lambda chance: [chance.choice(SUBJECTS), path(chance), chance.choice(["GET", "POST", "PUT"])]),
    Case("rest with roles", model(TRIPLE, TRIPLE + ", eft",
         'g(r.sub, p.sub) && (r.obj == p.obj || keyMatch2(r.obj, p.obj)) && (r.act == p.act || p.act == "*")', BOTH, ("_, _",)),
         all_of(lambda chance: some(chance, 14, lambda: ["p", chance.choice(ANYBODY), pattern_of(":id")(chance),
                                                         chance.choice(["GET", "POST", "*"]), chance.choice(EFFECTS)]),
                ASSIGNMENTS),
         lambda chance: [chance.choice(SUBJECTS), path(chance), chance.choice(["GET", "POST"])]),
]


def person(chance):
    return {"Name": chance.choice(SUBJECTS), "Age": chance.randrange(10, 70), "Admin": chance.random() < 0.2,
            "Groups": chance.sample(ROLES, chance.randrange(3)), "Home": {"City": chance.choice(["Hangzhou", "Suzhou"])}}


def thing(chance):
    return {"Owner": chance.choice(SUBJECTS), "Price": chance.choice([1, 2.5, 30, 400]), "Kind": chance.choice(OBJECTS),
            "Readers": chance.sample(SUBJECTS, chance.randrange(4))}


CONDITIONS = ["r.sub.Age > 18 && r.sub.Age < 60", "r.sub.Age <= 18 || r.sub.Age >= 60", "r.sub.Name == r.obj.Owner",
              "r.sub.Name in r.obj.Readers", '"admin" in r.sub.Groups', "r.obj.Price * 2 + 1 > r.sub.Age - 9",
              'r.sub.Home.City == "Suzhou"', "r.sub.Admin", "!r.sub.Admin && r.obj.Price / 2 < 20", "-r.sub.Age < -30",
              "r.obj.Kind == p.obj", "r.sub.Name in ('alice', 'bob')"]
# Where these are reached the reference fails.
BROKEN = ["r.sub.Missing == 1", "r.sub.Name > 5"]


def asked_of(chance):
    return [person(chance), thing(chance), chance.choice(ACTS)]


ATTRIBUTE_CASES = [
    Case("attributes", model(TRIPLE, TRIPLE, "r.sub.Name == r.obj.Owner"), lambda chance: [], asked_of),
    Case("attributes and rules", model(TRIPLE, "sub, obj, act", "r.sub.Name == p.sub && r.obj.Kind == p.obj && r.act == p.act"),
         ACCESS, asked_of),
    Case("rules with conditions", model(TRIPLE, "rule, obj, act", "eval(p.rule) && r.obj.Kind == p.obj && r.act == p.act"),
         all_of(rows_of(CONDITIONS, OBJECTS, ACTS, most=12), seldom(rows_of(BROKEN, OBJECTS, ACTS, most=1))), asked_of),
    Case("conditions that deny", model(TRIPLE, "rule, obj, act, eft", "r.obj.Kind == p.obj && eval(p.rule)", BOTH),
         rows_of(CONDITIONS, OBJECTS, ACTS, EFFECTS, most=12), asked_of),
    Case("in lists", model(TRIPLE, TRIPLE, 'r.sub.Name in r.obj.Readers && r.act in ("read", "write") && r.obj.Kind == p.obj'),
         ACCESS, asked_of),
    Case("in a list in parentheses", model(TRIPLE, TRIPLE, "r.sub.Name in (r.obj.Readers) && r.act == p.act"), ACCESS, asked_of),
    Case("a column in a list", model(TRIPLE, TRIPLE, 'r.sub.Name == p.sub && p.act in ("read", r.act)'), ACCESS, asked_of),
    Case("numbers", model(TRIPLE, TRIPLE, "r.sub.Age >= 18 && r.obj.Price != 30 && r.sub.Name == p.sub"), ACCESS, asked_of),
    Case("roles of attributes", model(TRIPLE, TRIPLE, "g(r.sub.Name, p.sub) && r.obj.Kind == p.obj && r.act == p.act", ALLOW,
         ("_, _",)), all_of(ACCESS, ASSIGNMENTS), asked_of),
    Case("no rules at all", model(TRIPLE, TRIPLE, "r.sub.Admin || r.sub.Name == r.obj.Owner && r.act == \"read\"", BOTH),
         lambda chance: [], asked_of),
    Case("no rules, deny-override", model(TRIPLE, TRIPLE, ACL, DENY), lambda chance: [], ASKED),
]

CASES = BASIC + EFFECT_CASES + ROLE_CASES + KEY_CASES + ATTRIBUTE_CASES
