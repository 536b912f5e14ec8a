"""The servers that are measured, started on ports of their own and stopped again, and the load put on them."""

import json
import pathlib
import secrets
import signal
import socket
import subprocess
import time
import urllib.request

WAIT_S = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that serves HTTP; stopped with SIGTERM at the end of a `with`."""

    def __init__(self, words, port, ready_path, log, access_log="/dev/null"):
        self.port = port
        self.log = pathlib.Path(log)
        with open(self.log, "wb") as errors, open(access_log, "wb") as output:
            self.process = subprocess.Popen(words, stdout=output, stderr=errors)
        self.pid = self.process.pid
        try:
            self.wait_until_ready(ready_path)
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self, path):
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args[0]} ended at once: {self.log.read_text(errors='replace')[-2000:]}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2):
                    return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{self.process.args[0]} was not ready within {WAIT_S} s")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def bare_beast(binaries, folder):
    port = free_port()
    return Server([binaries / "bare_beast_server", str(port)], port, "/", folder / "beast.log")


def souk(binaries, folder, data, settings, access_log):
    """`settings`: texts "key=value". Every request is logged unless a setting turns that off."""
    port = free_port()
    words = [binaries / "souk", "serve", "--data", data, "--listen", f"127.0.0.1:{port}"]
    for setting in ("limits.enabled=false", *settings):
        words += ["--set", setting]
    return Server(words, port, "/readyz", folder / "souk.log", access_log)


def metrics(server):
    """What /metrics says, by series."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=10) as response:
        lines = response.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def lag_events(server):
    """How far the slowest follower is behind the log."""
    return max((value for name, value in metrics(server).items() if name.startswith("souk_follower_lag_events")), default=0)


def settle(server):
    """Waits until the followers have caught up, so that one run's work is not done in the next one's time."""
    deadline = time.monotonic() + WAIT_S
    while lag_events(server) > 0 and time.monotonic() < deadline:
        time.sleep(0.05)


class Load:
    """Runs the generator against a server; every run has keys of its own."""

    def __init__(self, binaries, folder, connections, seconds, warm_up):
        self.program = binaries / "souk_load"
        self.tokens = folder / "tokens"
        self.products = folder / "products"
        self.connections = connections
        self.seconds = seconds
        self.warm_up = warm_up

    def run(self, server, scenario, rate=0.0, seconds=None, may_be_refused=False):
        words = [self.program, "--port", server.port, "--pid", server.pid, "--scenario", scenario,
                 "--connections", self.connections, "--seconds", seconds or self.seconds, "--warm-up", self.warm_up,
                 "--tokens", self.tokens, "--products", self.products, "--key-prefix", secrets.token_hex(6) + "-"]
        if rate:
            words += ["--rate", rate]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{scenario}: {done.stderr.strip()}")
        figures = json.loads(done.stdout)
        if figures["errors"] and not may_be_refused:
            # An answer that was not the expected one makes a run void, whatever its rate.
            raise RuntimeError(f"{scenario}: answers that were not expected: {done.stdout.strip()}")
        return figures
