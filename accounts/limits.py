"""How much may come in from outside, and how long it may take to read.

What somebody else wrote (a workbook, a calendar) is read in a process of its own. The system ends that process when it
has taken too much time or memory, and whoever sent the file gets a sentence.
"""

from __future__ import annotations

import atexit
import importlib
import logging
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

MB = 1024 * 1024
#: Characters of a text that somebody writes or sends by mail.
LONGEST_TEXT = 100_000


class Unreadable(Exception):
    """A file that cannot be read, with the sentence that says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """`seconds` of the processor's time and by the clock; `memory` in bytes (macOS does not keep to it)."""

    seconds: int
    by_the_clock: int
    memory: int


# A web server's worker is often given up after 30 seconds.
READING = Limits(seconds=15, by_the_clock=25, memory=640 * MB)


def read_within(limits: Limits, name: str, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `read` returns when a process of its own calls it. Raises `Unreadable`, about the file of this name."""
    answer: T | Unreadable = Unreadable(
        f"{name} takes too much time or memory to read. Send less of it at once."
    )
    ended = (OSError, EOFError, pickle.UnpicklingError)  # before it had answered, or in the middle of it
    with suppress(*ended), _readers.new() as channel, channel.makefile("rwb") as there:
        pickle.dump((limits, name, partial(read, *args, **kwargs)), there)
        there.flush()
        answer = pickle.load(there)  # noqa: S301 - from a process of ours
    if isinstance(answer, Unreadable):
        raise answer
    return answer


# ---- The processes


class Readers:
    """Where processes for reading come from: each is forked from one that has no threads and no connections, and has
    the readers loaded. It is started when it is first needed, and ends with us."""

    LOADED = ("accounts.importing.reading", "accounts.calendars.reading")
    START = (
        "import sys; sys.path[:] = sys.argv[2:]; from accounts.limits import serve; serve(int(sys.argv[1]))"
    )

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.started_by = 0
        self.control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def new(self) -> socket.socket:
        """A channel to a new process, which waits for what it shall read."""
        ours, theirs = socket.socketpair()
        with theirs, self.lock:
            try:
                socket.send_fds(self.started(), [b"."], [theirs.fileno()])
            except OSError:  # somebody has ended it
                self.stop()
                socket.send_fds(self.started(), [b"."], [theirs.fileno()])
        return ours

    def started(self) -> socket.socket:
        if self.control is None or self.started_by != os.getpid():
            self.control, theirs = socket.socketpair()
            with theirs:
                self.process = subprocess.Popen(
                    [sys.executable, "-c", self.START, str(theirs.fileno()), *sys.path],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for us
                )
            self.started_by = os.getpid()
        return self.control

    def stop(self) -> None:
        if self.control and self.process and self.started_by == os.getpid():
            self.control.close()
            self.control = None
            self.process.wait()


_readers = Readers()
atexit.register(_readers.stop)


def serve(control: int) -> None:
    """Fork a process for each channel that comes, until whoever started us is gone."""
    for module in Readers.LOADED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    with socket.socket(fileno=control) as channels:
        while True:
            _, found, _, _ = socket.recv_fds(channels, 1, 1)
            if not found:
                return
            if os.fork() == 0:
                channels.close()
                with socket.socket(fileno=found[0]) as channel, channel.makefile("rwb") as there:
                    limits, name, read = pickle.load(there)  # noqa: S301 - from whoever started us
                    pickle.dump(_answer(limits, name, read), there)
                return
            os.close(found[0])


def _answer(limits: Limits, name: str, read: Callable[[], T]) -> T | Unreadable:
    _hold_this_process_to(limits)
    try:
        return read()
    except Unreadable as unreadable:
        return unreadable
    except MemoryError:
        return Unreadable(f"{name} takes too much memory to read. Send less of it at once.")
    except Exception:  # a reader raises whatever a damaged file provokes
        logger.exception("A file could not be read")
        return Unreadable(f"{name} is damaged or of a form that we do not know. Export it again.")


def _hold_this_process_to(limits: Limits) -> None:
    signal.alarm(limits.by_the_clock)
    for what, most in (
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # not on this system, or held to less already
            resource.setrlimit(what, (most, most))
