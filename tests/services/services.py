"""Real services for tests: started, killed, started again where they were, and stopped, all on the loopback interface.

What a service is, is in kinds.py; this is its life. A test uses `Service("kafka")`, a person `script/services`. Both see
the same: the state is in files below build/services, one folder for each service, with its ports, its process, its data
and its log. Root runs them as `nobody`, which Elasticsearch demands.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

from kinds import KINDS

ROOT = pathlib.Path(__file__).resolve().parents[2]
UP_S, DOWN_S = 120, 30
GROUPS = {"elasticsearch": ("elasticsearch7", "elasticsearch8"), "all": tuple(KINDS)}


def folder_of_all():
    """build/services, unless root runs this and `nobody` cannot get there."""
    inside = ROOT / "build" / "services"
    open_to_all = all(path.stat().st_mode & 0o001 for path in (ROOT, *ROOT.parents))
    if os.geteuid() != 0 or open_to_all:
        return inside
    return pathlib.Path("/var/tmp") / f"souk-services-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"


def as_user():
    """How subprocess runs something as nobody, if that is needed."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_away(folder):
    user = as_user()
    if user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user["user"], user["group"])


def free_ports(count):
    """Below those that the system gives to connections: a service that is away gets its own back."""
    found = []
    for port in random.sample(range(20_000, 32_000), 1_000):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found


def started_at(pid):
    """When a process was started, in ticks since the machine was; None if there is none. A number alone may be another's."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


class Service:
    """One service by its name. What is asked for already is done already: `up` twice is up once."""

    def __init__(self, name):
        self.name = name
        self.kind = KINDS[name]
        base = folder_of_all()
        self.package = base / "packages" / f"{name}-{self.kind.version}"
        self.home = base / name
        self.log = self.home / "log"

    @property
    def ports(self):
        """Those of its last start, also while it is down."""
        return json.loads((self.home / "ports.json").read_text(encoding="utf-8"))

    def address(self, port="port"):
        return f"127.0.0.1:{self.ports[port]}"

    @property
    def pid(self):
        """Its process, if there is one. It leads a process group of its own, in which all of its processes are."""
        try:
            process = json.loads((self.home / "process.json").read_text(encoding="utf-8"))
        except OSError:
            return None
        return process["pid"] if started_at(process["pid"]) == process["started_at"] else None

    def is_up(self):
        return self.pid is not None and self.kind.is_well(self.ports)

    def up(self, port=None):
        """Returns when it is well. It keeps its ports, so that clients find it again after `kill`."""
        with self._locked():
            self._install()
            if self.pid is None:
                self._start(port)
            elif port not in (None, self.ports["port"]):
                sys.exit(f"script/services: {self.name} runs already, at {self.address()}")
        self._await_well()

    def down(self):
        """Asks it to stop, and insists after a while. Its data stays."""
        with self._locked():
            self._end(signal.SIGTERM)

    def kill(self):
        """As a crash: nothing is written to the end."""
        with self._locked():
            self._end(signal.SIGKILL)

    def pause(self):
        """It hangs: connections stay open, and nothing is answered."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self):
        os.killpg(self.pid, signal.SIGCONT)

    def wipe(self):
        """Stops it and forgets all that it has stored, and its ports."""
        with self._locked():
            self._end(signal.SIGKILL)
            shutil.rmtree(self.home, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self):
        """Commands that run beside each other take turns."""
        self.package.parent.mkdir(parents=True, exist_ok=True)
        with open(self.package.parent / f"{self.name}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _install(self):
        done = self.package / "done"
        if not done.exists():
            shutil.rmtree(self.package, ignore_errors=True)
            self.package.mkdir()
            self.kind.install(self.package)
            done.touch()

    def _start(self, port):
        (self.home / "tmp").mkdir(parents=True, exist_ok=True)
        ports_file = self.home / "ports.json"
        if not ports_file.exists() or port not in (None, self.ports["port"]):
            ports = dict(zip(self.kind.ports, free_ports(len(self.kind.ports))))
            if port is not None:
                ports["port"] = port
            ports_file.write_text(json.dumps(ports), encoding="utf-8")
        give_away(self.home)
        self.kind.prepare(self.package, self.home, self.ports, as_user())
        give_away(self.home)
        command, environment = self.kind.command(self.package, self.home)
        with open(self.log, "ab") as log:
            process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       cwd=self.home, env={**os.environ, **environment}, start_new_session=True,
                                       **as_user())
        (self.home / "process.json").write_text(
            json.dumps({"pid": process.pid, "started_at": started_at(process.pid)}), encoding="utf-8")

    def _await_well(self):
        end = time.monotonic() + UP_S
        while not self.is_up():
            if self.pid is None or time.monotonic() > end:
                lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
                why = "ended" if self.pid is None else f"is not well after {UP_S} s"
                sys.exit("\n".join([*lines, f"script/services: {self.name} {why}; its log: {self.log}"]))
            time.sleep(0.1)

    def _end(self, how):
        group = self.pid
        if group is None:
            return
        os.killpg(group, how)
        end = time.monotonic() + DOWN_S
        while is_group(group):
            if time.monotonic() > end:
                os.killpg(group, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(group, os.WNOHANG)
            time.sleep(0.02)


def is_group(group):
    """Whether a process of the group is left that is not merely waiting to be reaped."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            if int(fields[2]) == group and fields[0] != "Z":
                return True
    return False


def status(name):
    service = Service(name)
    if service.pid is None:
        return f"{name} down"
    state = "up" if service.is_up() else "starting"
    return f"{name} {state} {service.address()} pid {service.pid} log {service.log}"


def asked_for(texts):
    """Pairs of name and port: "kafka", "kafka=9092", or a group."""
    wanted = []
    for text in texts or ["all"]:
        name, _, port = text.partition("=")
        members = GROUPS.get(name, (name,))
        if any(member not in KINDS for member in members) or port and (not port.isdigit() or name in GROUPS):
            sys.exit(f"script/services: there is no service {text}; there are {', '.join(KINDS)}")
        wanted += [(member, int(port) if port else None) for member in members]
    return wanted


def main():
    parser = argparse.ArgumentParser(prog="script/services", description="Real services for tests, on this machine only.")
    parser.add_argument("what", choices=("up", "down", "kill", "wipe", "status", "address"),
                        help="down keeps what is stored, wipe forgets it; address prints where one listens")
    parser.add_argument("name", nargs="*", help=f"{', '.join([*KINDS, *GROUPS])}; with =PORT to say where; default: all")
    given = parser.parse_args()
    for name, port in asked_for(given.name):
        if given.what == "up":
            Service(name).up(port)
        elif given.what in ("down", "kill", "wipe"):
            getattr(Service(name), given.what)()
        if given.what == "address":
            print(Service(name).address())
        else:
            print(status(name))


if __name__ == "__main__":
    main()
