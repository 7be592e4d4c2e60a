"""Processes that end with us: started, watched and stopped, also when we are killed."""

import ctypes
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


class CannotStart(Exception):
    """What stands in the way, in a sentence for the person at the terminal."""


def die_with_parent(stop_signal: int) -> Callable[[], None]:
    """On Linux a child gets its stop signal even when we are killed and cannot pass it on."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, stop_signal)


@dataclass
class Child:
    """A program that we start, watch and stop, in a session of its own so that Ctrl-C reaches only us."""

    name: str
    argv: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stop_signal: int = signal.SIGTERM
    standard_input: str = ""
    answers: Callable[[], bool] = lambda: True  # whether it is ready for work
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=self.cwd,
                env=os.environ | self.env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
            )
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(self.standard_input)
            self.process.stdin.close()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.alive():
            assert self.process
            self.process.send_signal(self.stop_signal)

    def wait(self, seconds: float) -> None:
        """Wait for the end, force it after so many seconds, and end what the program itself had started."""
        if not self.process:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def must_live(self) -> None:
        if not self.alive():
            said = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise CannotStart(f"{self.name} stopped at once. The end of its log:\n{said}")


def stop_all(children: list[Child], seconds: float = 10) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    for child in children:
        child.wait(max(0.1, deadline - time.monotonic()))


def keep_private(folder: Path) -> None:
    """From now on only we can read what we and our children make, and what is in this folder already.

    Run by root, the folder may be passed through, but not listed: its PostgreSQL is another user.
    """
    folder.mkdir(parents=True, exist_ok=True)
    os.umask(0o077)
    for place, _, names in os.walk(folder):
        for path in (Path(place), *(Path(place, name) for name in names)):
            with suppress(OSError):  # gone meanwhile, or somebody else's
                mode = path.lstat().st_mode
                if not stat.S_ISLNK(mode):
                    path.chmod(stat.S_IMODE(mode) & 0o711)
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


@contextmanager
def lock(folder: Path) -> Iterator[bool]:
    """Whether this folder is ours until the end of the block; it is not while another run uses it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Ctrl-C, TERM and HUP leave the block as an exception, once; while it cleans up they are ignored."""
    names = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

    def leave(number: int, frame: object) -> None:
        for name in names:
            signal.signal(name, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for name in names:
        signal.signal(name, leave)
    yield
