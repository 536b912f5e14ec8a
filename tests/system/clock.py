"""A clock that a test can set: what it wants to happen in ten minutes need not take them.

The server's own clock is moved, nothing else: a small library that is loaded before it adds to what the system says the
time is. Clocks that only measure how long something takes are left alone.
"""

import datetime
import mmap
import pathlib
import re
import struct
import subprocess

SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile long long* shift_us;

__attribute__((constructor)) static void open_shift(void) {
  int file = open(getenv("TEST_CLOCK_FILE"), O_RDONLY);
  void* page = mmap(0, sizeof *shift_us, PROT_READ, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) abort();
  shift_us = page;
}

int clock_gettime(clockid_t clock, struct timespec* out) {
  int result = (int)syscall(SYS_clock_gettime, clock, out);
  if (result == 0 && clock == CLOCK_REALTIME && shift_us) {
    long long us = out->tv_sec * 1000000LL + out->tv_nsec / 1000 + *shift_us;
    out->tv_sec = us / 1000000;
    out->tv_nsec = us % 1000000 * 1000 + out->tv_nsec % 1000;
  }
  return result;
}
"""
UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}


class MovedClock:
    """Of every server that is started with its `environment`."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        source, self.library = folder / "moved_clock.c", folder / "moved_clock.so"
        source.write_text(SOURCE, encoding="ascii")
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.library, source], check=True)
        self.path = folder / "moved_clock"
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)
        self.shift_us = 0

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "TEST_CLOCK_FILE": str(self.path)}

    def move(self, by):
        """`by`: "11 min", "-1 h"."""
        number, unit = re.fullmatch(r"(-?\d+) (\w+)", by).groups()
        self._shift(int(number) * UNITS[unit])

    def move_to_noon(self, hours_from_utc=8):
        """The next noon of a calendar that is so far ahead of UTC."""
        now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=hours_from_utc)))
        now += datetime.timedelta(microseconds=self.shift_us)
        past_noon_s = (now - now.replace(hour=12, minute=0, second=0, microsecond=0)).total_seconds()
        self._shift(-past_noon_s % 86_400)

    def _shift(self, by_s):
        self.shift_us += int(by_s * 1_000_000)
        self.page[:] = struct.pack("<q", self.shift_us)
