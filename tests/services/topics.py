"""What Kafka's topics hold, read by kcat, and how it compares with the log."""

import json
import subprocess

FIELDS = ("position", "epoch", "version", "type", "schema", "recorded_at", "event_id", "correlation", "cause", "causation")


def kcat(address, *arguments, stdin=None):
    return subprocess.run(["kcat", "-b", address, *arguments], input=stdin, capture_output=True, check=True,
                          timeout=300).stdout


def topics(address, prefix):
    listed = json.loads(kcat(address, "-L", "-J"))
    return sorted(topic["topic"] for topic in listed["topics"] if topic["topic"].startswith(prefix))


def read(address, topic):
    """All messages of a topic, each partition's in order (none where there is no such topic): key, payload as text, headers as a dictionary."""
    if topic not in topics(address, topic):
        return []
    lines = kcat(address, "-C", "-t", topic, "-e", "-q", "-J", "-X", "check.crcs=true").splitlines()
    messages = []
    for line in lines:
        message = json.loads(line)
        headers = message.get("headers") or []
        messages.append({"topic": topic, "partition": message["partition"], "offset": message["offset"],
                         "key": message["key"], "payload": message["payload"],
                         "headers": dict(zip(headers[::2], headers[1::2]))})
    return messages


def expected_headers(event):
    return {name: str(event[name]) for name in FIELDS if name in event}


class Feed:
    """All that was sent to the topics of a prefix, and what is wrong with it, if it should be `events`."""

    def __init__(self, address, prefix):
        self.prefix = prefix
        self.messages = [message for topic in topics(address, prefix) for message in read(address, topic)]

    @property
    def repeated(self):
        """How many messages tell what was told before."""
        return len(self.messages) - len({message["headers"]["position"] for message in self.messages})

    def faults(self, events):
        found, newest, told = [], {}, {}
        for message in self.messages:
            position = int(message["headers"]["position"])
            key = message["key"]
            if position <= newest.get(key, 0):
                if position not in told:
                    found.append(f"{key}: {position} comes behind {newest[key]}")
                continue
            newest[key] = position
            told[position] = message
        for event in events:
            message = told.pop(event["position"], None)
            if message is None:
                found.append(f"{event['position']} is missing")
                continue
            kind = event["stream"].rsplit("-", 1)[0]
            same = (message["topic"] == self.prefix + kind and message["key"] == event["stream"]
                    and message["headers"] == expected_headers(event)
                    and json.loads(message["payload"]) == event["payload"])
            if not same:
                found.append(f"{event['position']} differs: {message} for {event}")
        found += [f"{position} is no event" for position in told]
        return found
