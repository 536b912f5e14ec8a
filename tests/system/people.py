"""What tests about accounts share: the messages that were sent, and patches."""

import json
import os

from harness import eventually

MERGE_PATCH = "application/merge-patch+json"


def messages(server, kind):
    """The messages written so far, by whom they are for."""
    folder = os.path.join(server.data, "messages")
    found = []
    for name in sorted(os.listdir(folder)):
        if name.startswith(kind) and name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found.append(json.load(file))
    return found


def message_to(server, kind, email, but=()):
    """The one message of this kind to an address whose token is none of `but`."""
    def look():
        return [m for m in messages(server, kind) if m["to"] == email and m["token"] not in but]
    return eventually(f"{kind} is sent to {email}", look)[0]


def patch(client, body, path="/api/v1/account", **more):
    return client.send("PATCH", path, body, media=MERGE_PATCH, **more)
