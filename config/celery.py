"""The Celery app and its timetable.

A task takes ids, checks again and calls a verb; the rows it writes are its result. What must not be lost is a
row first and a message second: `resume_jobs` finds what no message came for."""

import os
from typing import Any

import celery
from celery.schedules import crontab
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MINUTES = 60.0


class Task(celery.Task):
    """Opens a history context around every run, and forgives a broker that is away when a person saves."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        import pghistory

        with pghistory.context(task=self.name):
            return super().__call__(*args, **kwargs)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Queue this task once the transaction has committed. If the broker is down, that is logged and the
        person's request goes on: the timetable below picks the work up later."""

        def publish() -> None:
            self.delay(*args, **kwargs)

        transaction.on_commit(publish, robust=True)


app = celery.Celery("throughline", task_cls=Task)


def queue(name: str, *args: Any) -> None:
    """Queue a task by its name once the transaction has committed: for a verb that its own task calls."""
    app.tasks[name].delay_on_commit(*args)


def every(seconds: float, task: str) -> dict[str, object]:
    """A line of the timetable. What has waited for a worker that long is not done twice."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app.conf.update(
    broker_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    # Acknowledged when done, so that a killed worker's task is given out again: every task is idempotent.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Above the longest task, or a slow one would be started twice.
    broker_transport_options={
        "visibility_timeout": 15 * 60,
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "socket_keepalive": True,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
    },
    task_ignore_result=True,
    task_time_limit=10 * 60,
    # A web request waits about a second for a broker that is down, no longer.
    broker_connection_timeout=1,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    # Worker and beat wait for the broker, at the start and ever after.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    enable_utc=True,
    timezone="UTC",
    # Each is idempotent, so it may look as often as it likes.
    beat_schedule={
        "resume jobs": every(15.0, "handoffs.tasks.resume_jobs"),
        "books of people who left": every(15.0, "accounts.tasks.move_books"),
        "what a date brings": every(10 * MINUTES, "handoffs.tasks.run_due_changes"),
        "what a date does to the ledger": every(10 * MINUTES, "accounts.tasks.sweep"),
        "entries that nobody has read": every(1 * MINUTES, "accounts.tasks.read_entries"),
        "checklists follow what was read": every(5 * MINUTES, "handoffs.tasks.follow_memory"),
        "letters that could not be sent": every(1 * MINUTES, "accounts.tasks.send_letters"),
        "forms that were sent days ago": every(24 * 60 * MINUTES, "accounts.tasks.forget_submissions"),
        "exports that nobody works on": every(1 * MINUTES, "accounts.tasks.resume_exports"),
        "files that were taken along": every(10 * MINUTES, "accounts.tasks.forget_exports"),
        "sessions that have ended": every(60 * MINUTES, "accounts.tasks.clear_sign_ins"),
        # In the day (UTC); what it wrote it does not write again.
        "digests": {
            "task": "accounts.tasks.send_digests",
            "schedule": crontab(minute=0, hour="5-20"),
            "options": {"expires": 60 * MINUTES},
        },
    },
)
app.autodiscover_tasks(["accounts", "handoffs"])
