"""A clock that a test can set: what it wants to happen in ten minutes need not take them.

The server's own clock is moved, nothing else: a small library that is loaded before it adds to what the system says the
time is, and may let it run faster. Clocks that only measure how long something takes are left alone.
"""

import datetime
import re
import time

from preloaded import Preloaded

SOURCE = r"""
int clock_gettime(clockid_t clock, struct timespec* out) {
  int result = (int)syscall(SYS_clock_gettime, clock, out);
  if (result == 0 && clock == CLOCK_REALTIME && shared) {
    long long us = out->tv_sec * 1000000LL + out->tv_nsec / 1000;
    us += *shared + (TIMES - 1) * (us - SINCE_US);
    out->tv_sec = us / 1000000;
    out->tv_nsec = us % 1000000 * 1000 + out->tv_nsec % 1000;
  }
  return result;
}
"""
UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}


class MovedClock(Preloaded):
    """Of every server that is started with its `environment`. `times`: how fast it runs from now on."""

    def __init__(self, folder, times=1):
        super().__init__(folder, f"#define TIMES {times}LL\n#define SINCE_US {time.time_ns() // 1_000}LL\n{SOURCE}")
        self.shift_us = 0

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
        self.set(self.shift_us)
