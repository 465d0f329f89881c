"""Threads share two heaps, and what is freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys
import weakref

from bhyt_filedrop.heap import hand_back

_THREADS = """
import ctypes, re, sys, threading
from bhyt_filedrop.heap import hand_back, keep_few_heaps

if "few" in sys.argv:
    keep_few_heaps()
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
together, done = threading.Barrier(9), threading.Barrier(9)

def hold():
    together.wait()
    mine = [c.malloc(4000) for _ in range(2000)]
    for one in mine[:-1]:
        c.free(one)
    done.wait()

for _ in range(8):
    threading.Thread(target=hold, daemon=True).start()
together.wait()
done.wait()
if "few" in sys.argv:
    hand_back()
# A heap of a thread begins at a multiple of 64 MiB; only what is in use is mapped for reading.
begins = (int(line.split("-")[0], 16) for line in open("/proc/self/maps") if " rw-p " in line)
print(sum(1 for begin in begins if begin % 2**26 == 0))
print(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def played(*words: str) -> tuple[int, int]:
    """Return how many heaps threads had of their own, and the memory of the process (KiB)."""
    call = [sys.executable, "-c", _THREADS, *words]
    heaps, memory = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()
    return int(heaps), int(memory)


class _Kept:
    """Something that refers to itself."""

    def __init__(self) -> None:
        self.me = self


def test_what_only_refers_to_itself_is_freed():
    there = weakref.ref(_Kept())
    assert there() is not None
    hand_back()
    assert there() is None


def test_threads_that_ask_for_memory_at_once_share_heaps_and_give_back_what_they_freed():
    heaps, memory = played("few")
    many, more = played()

    assert heaps <= 1, "beside the one of the process"
    assert many > heaps, "as the C library does by itself"
    assert memory + 20_000 < more


_COMMAND = """
import atexit, gc, sys
from bhyt_filedrop import cli

atexit.register(lambda: print(len(gc.get_objects()), gc.get_freeze_count()))
sys.argv = ["bhyt-filedrop", "--help"]
cli.main()
"""


def test_a_command_that_ends_does_not_look_through_its_memory_once_more():
    ran = subprocess.run([sys.executable, "-c", _COMMAND], capture_output=True, text=True)

    looked_at, passed_over = map(int, ran.stdout.splitlines()[-1].split())
    assert looked_at < 1000 < passed_over
