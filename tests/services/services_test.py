"""Services are real: they keep what was stored through a crash and a stop, where they were, and forget it when asked to."""

import subprocess
import unittest

from services import Service, free_ports


def write(kafka, topic, text):
    subprocess.run(["kcat", "-P", "-b", kafka.address(), "-t", topic], input=text.encode(), check=True, timeout=30)


def read(kafka, topic):
    return subprocess.run(["kcat", "-C", "-e", "-q", "-b", kafka.address(), "-t", topic], capture_output=True,
                          check=True, timeout=30, text=True).stdout


class ServicesTest(unittest.TestCase):
    def setUp(self):
        self.kafka = Service("kafka")
        self.kafka.up()

    def test_what_was_stored_is_there_after_a_crash_and_after_a_stop(self):
        write(self.kafka, "services_test", "one\n")
        address = self.kafka.address()
        for end in (self.kafka.kill, self.kafka.down):
            pid = self.kafka.pid
            end()
            self.assertIsNone(self.kafka.pid)
            self.kafka.up()
            self.assertNotEqual(self.kafka.pid, pid)
            self.assertEqual(self.kafka.address(), address)
            self.assertIn("one", read(self.kafka, "services_test"))

    def test_up_twice_is_up_once(self):
        pid = self.kafka.pid
        self.kafka.up()
        self.assertEqual(self.kafka.pid, pid)

    def test_its_log_says_what_it_does(self):
        self.assertIn("is now STARTING", self.kafka.log.read_text(encoding="utf-8"))

    def test_ports_are_not_given_twice(self):
        self.assertEqual(len(set(free_ports(3))), 3)


if __name__ == "__main__":
    unittest.main()
