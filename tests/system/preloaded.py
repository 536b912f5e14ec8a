"""A small library that is loaded before the server, and a number that it shares with a test."""

import mmap
import pathlib
import struct
import subprocess

BEGIN = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile long long* shared;

__attribute__((constructor)) static void open_shared(void) {
  int file = open(getenv("TEST_SHARED_FILE"), O_RDONLY);
  void* page = mmap(0, sizeof *shared, PROT_READ, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) abort();
  shared = page;
}
"""


class Preloaded:
    """Of every server that is started with its `environment`. `source`: C that replaces functions and looks at `*shared`,
    which is 0 until it is set; `shared` is null until the library is there."""

    def __init__(self, folder, source):
        folder = pathlib.Path(folder)
        text, self.library = folder / "preloaded.c", folder / "preloaded.so"
        text.write_text(BEGIN + source, encoding="ascii")
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.library, text], check=True)
        self.path = folder / "preloaded.shared"
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "TEST_SHARED_FILE": str(self.path)}

    def set(self, number):
        self.page[:] = struct.pack("<q", number)
