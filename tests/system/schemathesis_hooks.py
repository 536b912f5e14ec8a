"""What the specification cannot say, for schemathesis: it loads this by SCHEMATHESIS_HOOKS.

A Souk-Position and a cursor are signed, so neither can be made up; a caller has one cart; an order goes to one address.
Calls that say so anyhow are answered all the same, but would never get further. A client that hardly waits is told that
there was no time, which looks like a fault of the server's. Headers that nobody knows are nobody's business.
"""

import json

import schemathesis


@schemathesis.serializer("application/jsonl")
def as_json_lines(context, value):
    """A text is lines already; whatever else is made up is one of them."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


def drop(headers, *names):
    for name in [name for name in headers or {} if name.lower() in names]:
        del headers[name]


@schemathesis.hook
def before_call(context, case, kwargs):
    sent = {name.lower() for name in {**(case.headers or {}), **(kwargs.get("headers") or {})}}
    drop(case.headers, "souk-position", "souk-timeout", "x-schemathesis-unknown-property",
         *(["souk-cart-token"] if "authorization" in sent else []))
    drop(case.query, "cursor")
    if isinstance(case.body, dict) and {"address", "address_id"} <= set(case.body):
        del case.body["address_id"]
