"""A client of a stream of Server-Sent Events, for tests."""

import json
import socket

from harness import DEADLINE_S, Answer, connection_to


class Refused(Exception):
    def __init__(self, answer):
        super().__init__(repr(answer))
        self.answer = answer


class EventStream:
    """Opens the stream, or raises Refused. `last`: the Last-Event-ID to come back with."""

    def __init__(self, port, path, token, last=None, receive_buffer=None, timeout_s=DEADLINE_S, tls=None,
                 headers=None):
        self.connection = connection_to(port, timeout_s, tls)
        if receive_buffer:
            self.connection._create_connection = lambda address, timeout, _: narrow(address, timeout, receive_buffer)
        sent = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream", **(headers or {})}
        if last is not None:
            sent["Last-Event-ID"] = str(last)
        self.connection.request("GET", path, headers=sent)
        self.response = self.connection.getresponse()
        self.headers = self.response.headers
        self.retry_ms = None
        self.comments = 0
        if self.response.status != 200:
            raise Refused(Answer(self.response, self.response.read()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.response.close()
        self.connection.close()

    def _block(self):
        """The fields up to the next empty line; None at the proper end."""
        fields = {}
        while True:
            line = self.response.readline()
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")

    def next(self):
        """The next event as {"id", "data"}; None when the stream has ended properly. A broken one raises."""
        while (block := self._block()) is not None:
            if "" in block:
                self.comments += 1
            if "retry" in block:
                self.retry_ms = int(block["retry"])
            if "data" in block:
                return {"id": int(block["id"]), "data": json.loads(block["data"])}
        return None

    def take(self, count):
        return [self.next() for _ in range(count)]

    def until(self, type_):
        """The events up to one of this type."""
        events = [self.next()]
        while events[-1] is not None and events[-1]["data"]["type"] != type_:
            events.append(self.next())
        return events

    def wait_for_comment(self):
        seen = self.comments
        while self.comments == seen:
            block = self._block()
            if block is None:
                raise AssertionError("the stream has ended")
            self.comments += "" in block


def narrow(address, timeout, size):
    """A socket that takes little at a time."""
    end = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    end.settimeout(timeout)
    end.connect(address)
    return end
