"""Limits that nodes share through a real Redis server, and what becomes of them when it is away."""

import os
import secrets
import socket
import subprocess
import unittest

from harness import eventually
from services import Service

PROBE, UNIT_TESTS = os.environ["SOUK_LIMITS_PROBE"], os.environ["SOUK_LIMITS_TEST"]
# The probe's deadline is 50 ms; what lies above is the machine's.
LATE_US = 1_000_000


class Node:
    def __init__(self, test, port, requests=8, period_ms=3_600_000, nodes=4):
        self.process = subprocess.Popen([PROBE, str(port), str(nodes), str(requests), str(period_ms)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        test.addCleanup(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def ask(self, user):
        outcome, by, took_us = self.say(f"ask {user}")
        return outcome, by, int(took_us)

    def let_in(self, user, tries=20):
        return sum(self.ask(user)[0] == "allowed" for _ in range(tries))

    def status(self):
        return self.say("status")[0]


class RedisTest(unittest.TestCase):
    def setUp(self):
        self.redis = Service("redis")
        self.redis.up()
        self.addCleanup(self.redis.up)
        self.port = self.redis.ports["port"]

    def node(self, **how):
        node = Node(self, self.port, **how)
        eventually("the store is asked", lambda: node.status() == "shared")
        return node

    def redis_says(self, *command):
        with socket.create_connection(("127.0.0.1", self.port), 5) as server:
            server.sendall(f"*{len(command)}\r\n".encode() + b"".join(
                f"${len(word)}\r\n{word}\r\n".encode() for word in command))
            return server.recv(65_536).decode()

    def test_the_unit_tests_hold_on_a_real_server(self):
        done = subprocess.run([UNIT_TESTS, "-tc=*real server*"], env={**os.environ, "SOUK_TEST_REDIS_PORT": str(self.port)},
                              capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("4 passed", done.stdout)

    def test_nodes_let_in_together_what_the_rule_says(self):
        user = secrets.randbits(48)
        nodes = [self.node(), self.node(), self.node()]
        let_in = 0
        for _ in range(10):
            let_in += sum(node.ask(user)[0] == "allowed" for node in nodes)
        self.assertEqual(let_in, 8)
        self.assertEqual(nodes[0].let_in(user + 1), 8)

    def test_a_server_that_is_killed_leaves_each_node_its_share_and_nobody_waits(self):
        node = self.node()
        self.redis.kill()
        user = secrets.randbits(48)
        answers = [node.ask(user) for _ in range(20)]
        self.assertEqual({by for _, by, _ in answers}, {"by_share"})
        self.assertEqual(sum(outcome == "allowed" for outcome, _, _ in answers), 2)
        self.assertLess(max(took_us for _, _, took_us in answers), LATE_US)
        self.assertEqual(node.status(), "own_share")
        self.redis.up()
        eventually("the store is asked again", lambda: node.ask(secrets.randbits(48))[1] == "shared")
        self.assertEqual(node.status(), "shared")
        self.assertEqual(node.let_in(secrets.randbits(48)), 8)

    def test_a_server_that_hangs_is_waited_for_no_longer_than_the_deadline(self):
        node = self.node()
        self.redis.pause()
        try:
            answers = [node.ask(secrets.randbits(48)) for _ in range(30)]
        finally:
            self.redis.resume()
        self.assertEqual({(outcome, by) for outcome, by, _ in answers}, {("allowed", "by_share")})
        self.assertLess(max(took_us for _, _, took_us in answers), LATE_US)
        # The breaker is open: the server is not asked, and nothing is waited for.
        self.assertLess(sorted(took_us for _, _, took_us in answers)[15], 50_000)
        eventually("the store is asked again", lambda: node.ask(secrets.randbits(48))[1] == "shared")

    def test_a_server_that_forgot_the_script_is_taught_it_again(self):
        node = self.node()
        self.redis_says("SCRIPT", "FLUSH")
        # By the very question that finds it out.
        self.assertEqual(node.ask(1)[1], "shared")
        self.assertEqual(node.status(), "shared")

    def test_counters_expire_and_name_nobody(self):
        self.redis_says("FLUSHALL")
        node = self.node(requests=5, period_ms=200)
        self.assertGreaterEqual(node.let_in(4_711), 5)
        keys = self.redis_says("KEYS", "*")
        self.assertIn("souk:limits:", keys)
        self.assertNotIn("4711", keys)
        eventually("the counters are gone", lambda: self.redis_says("DBSIZE") == ":0\r\n")


if __name__ == "__main__":
    unittest.main()
