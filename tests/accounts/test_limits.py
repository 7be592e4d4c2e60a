"""A reader that takes too much time or memory, or breaks, is ended: whoever sent the file gets a sentence."""

from __future__ import annotations

import os
import threading
import time

import billiard
import pytest

from accounts import limits
from accounts.limits import MB, Limits, Unreadable, read_within

LITTLE = Limits(seconds=1, by_the_clock=2, memory=256 * MB)


def double(data: bytes) -> bytes:
    return data * 2


def never_end() -> None:
    while True:
        pass


def fall_asleep() -> None:
    time.sleep(60)


def fill_the_memory() -> int:
    return len(bytes(512 * MB))


def break_down() -> None:
    os.abort()


def go_ever_deeper(depth: int = 0) -> int:
    return go_ever_deeper(depth + 1) + 1


def refuse() -> None:
    raise Unreadable("This is a letter, not a table.")


def test_what_a_reader_finds_comes_back_however_large() -> None:
    assert read_within(LITTLE, "book.csv", double, b"x" * MB) == b"x" * 2 * MB


@pytest.mark.parametrize(
    ("reader", "sentence"),
    [
        (never_end, "book.csv takes too much time or memory to read"),
        (fall_asleep, "book.csv takes too much time or memory to read"),
        (fill_the_memory, "book.csv takes too much memory to read"),
        (break_down, "book.csv takes too much time or memory to read"),
        (go_ever_deeper, "book.csv is damaged"),
        (refuse, "^This is a letter, not a table.$"),
    ],
)
def test_a_reader_is_held_to_its_limits(reader: object, sentence: str) -> None:
    assert callable(reader)
    began = time.monotonic()
    with pytest.raises(Unreadable, match=sentence):
        read_within(LITTLE, "book.csv", reader)
    assert time.monotonic() - began < 10, "it was waited for"


def test_another_process_is_started_when_somebody_has_ended_it() -> None:
    assert read_within(LITTLE, "a", double, b"x") == b"xx"
    assert limits._readers.process
    limits._readers.process.kill()
    limits._readers.process.wait()
    assert read_within(LITTLE, "a", double, b"x") == b"xx"


def read_as_a_worker() -> None:
    assert read_within(LITTLE, "a", double, b"x") == b"xx"


def test_a_worker_in_the_background_reads_as_well() -> None:
    """Its processes may have no children by the rules of `multiprocessing`."""
    worker = billiard.Process(target=read_as_a_worker)
    worker.daemon = True
    worker.start()
    worker.join(30)
    assert worker.exitcode == 0


def test_several_are_read_at_the_same_time_by_threads_of_a_server() -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(read_within(LITTLE, "a", double, b"x")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"xx"] * 4
