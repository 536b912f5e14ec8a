"""What the figures were measured on: processor, load, disk, file system, commit."""

import ctypes
import os
import pathlib
import platform
import statistics
import subprocess
import time

FILE_SYSTEMS = {0xEF53: "ext2/3/4", 0x58465342: "xfs", 0x9123683E: "btrfs", 0x794C7630: "overlayfs", 0x2FC12FC1: "zfs"}
IN_MEMORY = {0x01021994: "tmpfs", 0x858458F6: "ramfs"}


def file_system(path):
    """(name, whether it is on a disk) as statfs says."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(512)
    if libc.statfs(os.fsencode(path), buffer) != 0:
        raise OSError(ctypes.get_errno(), "statfs", path)
    kind = ctypes.c_long.from_buffer(buffer).value & 0xFFFFFFFF
    if kind in IN_MEMORY:
        return IN_MEMORY[kind], False
    return FILE_SYSTEMS.get(kind, hex(kind)), True


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def command(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def describe(root, data, souk):
    name, _ = file_system(data)
    changed = command("git", "-C", root, "status", "--porcelain", "--untracked-files=no")
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "compiler": command("c++", "--version").splitlines()[0],
        "file_system": name,
        "commit": command("git", "-C", root, "rev-parse", "--short", "HEAD") + (" with changes" if changed else ""),
        "souk": command(souk, "version"),
    }


class SyncProbe:
    """How long the disk takes to make a small append durable, asked now and then over a run."""

    BYTES = b"x" * 512

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "sync-probe"
        self.took_us = []
        self.loads = []

    def ask(self, count=200):
        """The median of this time, in microseconds."""
        took = []
        with open(self.path, "ab", buffering=0) as file:
            for _ in range(count):
                file.write(self.BYTES)
                begin = time.perf_counter_ns()
                os.fsync(file.fileno())
                took.append((time.perf_counter_ns() - begin) / 1e3)
        self.took_us += took
        self.loads.append(os.getloadavg()[0])
        return statistics.median(took)

    def report(self):
        ordered = sorted(self.took_us)
        return {
            "count": len(ordered),
            "p50_us": statistics.median(ordered),
            "p99_us": ordered[len(ordered) * 99 // 100],
            "load_average_min": min(self.loads),
            "load_average_max": max(self.loads),
        }
