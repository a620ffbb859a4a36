"""The memory of a process with many threads."""

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # of glibc's malloc.h


def share() -> None:
    """Lets all threads take memory from one heap.

    glibc gives each thread a heap of its own, and what a thread has freed stays with it: a fifth of what the worker and
    the web processes held. Does nothing where the C library is another one.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
