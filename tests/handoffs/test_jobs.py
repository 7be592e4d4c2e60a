"""Long work: resumed where it stopped, however it stopped; every handoff exists once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import Account, Coverage, Letter, User
from handoffs.models import ChecklistItem, Handoff, JobRun, Transition
from handoffs.models.handoff_sets import HandoffQuerySet
from handoffs.models.transfer import HoldoutQuerySet
from handoffs.tasks import resume_jobs, run_due_changes
from tests.base import CastTestCase, in_days, make_account, make_champion, the_cast
from tests.handoffs.steps import dates, departure

Second = psycopg.Connection[tuple[Any, ...]]
WORKER = [
    sys.executable,
    "-m",
    "celery",
    "-A",
    "config.celery",
    "worker",
    "--pool",
    "solo",
    "--loglevel",
    "WARNING",
]


def a_large_book(owner: User, size: int) -> None:
    for n in range(size):
        make_account(f"Account {n:03}", owner)


def ready(leaver: User, successor: User, by: User) -> Transition:
    """A departure that only needs to be started."""
    transition = Transition.objects.open_departure(leaver, by=by, because="Moves to Lisbon", **dates())
    transition.moves.update(incoming=successor)
    return transition


def each_once(transition: Transition) -> bool:
    handoffs = Handoff.objects.filter(transition=transition)
    moves = set(transition.moves.values_list("pk", flat=True))
    return (
        sorted(handoffs.values_list("move_id", flat=True)) == sorted(moves)
        and not Handoff.objects.exclude(pk__in=ChecklistItem.objects.values("handoff")).exists()
        and Coverage.objects.current().filter(role="incoming").count() == len(moves)
    )


class InChunks(CastTestCase):
    def test_an_exception_in_the_middle_loses_and_doubles_nothing(self) -> None:
        a_large_book(self.olivia, 8)
        transition = ready(self.olivia, self.ines, self.max)
        job = transition.start(by=self.max)
        make_for, calls = ChecklistItem.objects.make_for, []

        def fails_once(handoffs: Any) -> int:
            calls.append(1)
            if len(calls) == 2:
                raise RuntimeError("The power went out")
            return make_for(handoffs)

        with mock.patch.object(ChecklistItem.objects, "make_for", fails_once):
            job.open_chunk(3)
            with pytest.raises(RuntimeError):
                job.open_chunk(3)
        assert Handoff.objects.count() == 3  # the first chunk is there, whole; of the second nothing is
        assert (JobRun.objects.get().done, JobRun.objects.get().is_finished) == (3, False)
        job.run()
        assert each_once(transition)
        assert (JobRun.objects.get().done, JobRun.objects.get().is_finished) == (10, True)
        job.run()
        assert each_once(transition)

    def test_what_cannot_be_opened_is_set_aside_with_its_reason(self) -> None:
        transition = ready(self.olivia, self.ines, self.max)
        job = transition.start(by=self.max)
        self.acme.close(by=self.max, because="Gone", outcomes={})
        job.run()
        refused = transition.moves.get(account=self.acme)
        assert "was closed in the meantime" in refused.refused_because
        assert transition.handoffs.get().account == self.borealis

    def test_a_move_that_fails_keeps_no_other_from_its_handoff(self) -> None:
        a_large_book(self.olivia, 4)
        transition = ready(self.olivia, self.ines, self.max)
        job = transition.start(by=self.max)
        make_for = ChecklistItem.objects.make_for

        def fails_for_acme(handoffs: Any) -> int:
            if any(handoff.account_id == self.acme.pk for handoff in handoffs):
                raise RuntimeError("Acme has a name\nthat breaks")
            return make_for(handoffs)

        with (
            mock.patch.object(ChecklistItem.objects, "make_for", fails_for_acme),
            self.assertLogs("handoffs.models.jobs", "ERROR"),
        ):
            job.run()
        refused = transition.moves.exclude(refused_because="").get()
        assert refused.account == self.acme
        assert refused.refused_because == "It could not be opened: Acme has a name that breaks"
        assert transition.handoffs.count() == 5
        job.refresh_from_db()
        assert (job.done, job.is_finished) == (6, True)

    def test_nor_does_what_is_the_databases_fault_refuse_a_move(self) -> None:
        transition = ready(self.olivia, self.ines, self.max)
        job = transition.start(by=self.max)
        with (
            mock.patch.object(ChecklistItem.objects, "make_for", side_effect=OperationalError("away")),
            self.assertLogs("handoffs.models.jobs", "ERROR"),
            pytest.raises(OperationalError),
        ):
            job.run()
        assert not transition.moves.exclude(refused_because="")
        job.run()
        assert each_once(transition)

    def test_nothing_is_opened_for_what_was_taken_back(self) -> None:
        transition = ready(self.olivia, self.ines, self.max)
        job = transition.start(by=self.max)
        transition.undo(by=self.max)
        job.run()
        assert not Handoff.objects.exists()
        assert JobRun.objects.get().is_finished

    def test_work_that_nobody_has_touched_for_a_while_is_taken_up(self) -> None:
        transition = ready(self.olivia, self.ines, self.max)
        transition.start(by=self.max)  # its message is lost: this transaction never commits
        resume_jobs()
        assert not Handoff.objects.exists()  # too early
        JobRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
        resume_jobs()
        assert each_once(transition)

    def test_one_row_that_fails_does_not_keep_the_day_from_the_others(self) -> None:
        departure(self.olivia, self.ines, by=self.max)
        announce, told = Handoff.announce, []

        def fails_for_acme(handoff: Handoff) -> None:
            if handoff.account == self.acme:
                raise RuntimeError("No")
            told.append(handoff.account)
            announce(handoff)

        with (
            mock.patch.object(Handoff, "announce", fails_for_acme),
            self.assertLogs("accounts.models.base", "ERROR"),
        ):
            run_due_changes()
        assert told == [self.borealis]

    def test_one_kind_of_change_that_fails_does_not_keep_the_day_from_the_others(self) -> None:
        make_champion(self.borealis, "Bea Holm", email="bea@borealis.example")
        departure(self.olivia, self.ines, by=self.max)
        with (
            mock.patch.object(HandoffQuerySet, "give_access", side_effect=RuntimeError("No")),
            mock.patch.object(HoldoutQuerySet, "expired", side_effect=RuntimeError("No")),
            self.assertLogs("accounts.models.base", "ERROR"),
        ):
            run_due_changes()
        assert Letter.objects.send()
        assert not Handoff.objects.to_announce().exists()

    def test_one_who_cannot_read_in_keeps_nobody_else_from_it(self) -> None:
        departure(self.olivia, self.ines, by=self.max, **dates(access=3, accountable=10, announced=10))
        give_access = HandoffQuerySet.give_access

        def fails_for_acme(chosen: HandoffQuerySet) -> int:
            if chosen.filter(account=self.acme).exists():
                raise RuntimeError("No")
            return give_access(chosen)

        Handoff.objects.update(access_on=in_days(0))  # the day has come
        with (
            mock.patch.object(HandoffQuerySet, "give_access", fails_for_acme),
            self.assertLogs("accounts.models.base", "ERROR"),
        ):
            run_due_changes()
        assert Handoff.objects.exclude(access_at=None).get().account == self.borealis


def test_two_workers_at_once_open_each_handoff_once(transactional_db: None) -> None:
    cast = the_cast()
    a_large_book(cast.olivia, 20)
    transition = ready(cast.olivia, cast.ines, cast.max)
    with mock.patch("handoffs.tasks.open_handoffs.delay_on_commit"):
        job = transition.start(by=cast.max)
    failed: list[Exception] = []

    def work() -> None:
        try:
            mine = JobRun.objects.get(pk=job.pk)
            while mine.open_chunk(4):
                pass
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert each_once(transition)
    job.refresh_from_db()
    assert (job.done, job.is_finished) == (22, True)


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def start_worker(environment: dict[str, str], tmp_path: Path) -> subprocess.Popen[bytes]:
    with (tmp_path / "worker.log").open("ab") as log:
        return subprocess.Popen(
            WORKER, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def end(worker: subprocess.Popen[bytes], how: int) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, how)
    worker.wait(30)


def test_a_worker_killed_in_the_middle_of_300_handoffs(
    broker: str, site_environment: dict[str, str], second_connection: Second, tmp_path: Path
) -> None:
    """A real worker on the real broker. It stops in its second chunk, where an account of it is locked."""
    cast = the_cast()
    a_large_book(cast.olivia, 298)
    transition = ready(cast.olivia, cast.ines, cast.max)
    held = transition.moves.order_by("pk")[150].account_id
    second_connection.execute("SELECT 1 FROM accounts_account WHERE id = %s FOR UPDATE", [held])
    worker = start_worker(site_environment, tmp_path)
    try:
        job = transition.start(by=cast.max)
        until(lambda: Handoff.objects.count() == 100)
        time.sleep(0.5)
        end(worker, signal.SIGKILL)
        second_connection.rollback()
        assert Handoff.objects.count() == 100
        job.refresh_from_db()
        assert (job.total, job.done, job.is_finished) == (300, 100, False)

        worker = start_worker(site_environment, tmp_path)
        JobRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
        resume_jobs()
        resume_jobs()  # a second message for the same work does no harm
        until(lambda: JobRun.objects.get().is_finished)
    finally:
        end(worker, signal.SIGKILL)
    assert each_once(transition)
    assert JobRun.objects.get().done == 300


def test_with_the_broker_down_what_a_person_saved_stays_and_is_done_later(
    site_environment: dict[str, str], tmp_path: Path
) -> None:
    cast = the_cast()
    transition = ready(cast.olivia, cast.ines, cast.max)
    begin = (
        "from handoffs.models import Transition; from accounts.models import User;"
        f"Transition.objects.get(pk={transition.pk}).start(by=User.objects.get(pk={cast.max.pk}))"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", begin],
        cwd=settings.BASE_DIR,
        env=site_environment | {"REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 60  # a process of its own, and a second or two for the broker
    transition.refresh_from_db()
    assert transition.started_at
    assert not Handoff.objects.exists()
    JobRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    resume_jobs()
    assert each_once(transition)
    assert Account.objects.open().count() == 4
