"""The demo's doors open on the demo's own database, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client, override_settings

from config import starting

ROOT = Path(__file__).resolve().parent.parent
OURS = {"SITE_DATABASE_URL": "postgresql://somebody@127.0.0.1:1/theirs"}
DOORS: list[dict[str, Any]] = [
    {"DEMO": True, "SECRET_KEY": "k" * 60},
    {"DEMO": False, "SECRET_KEY": settings.PUBLISHED_KEY},
]


@pytest.mark.parametrize("doors", DOORS)
def test_it_refuses_to_start_on_any_other_database(doors: dict[str, Any]) -> None:
    with override_settings(**doors, **OURS), pytest.raises(SystemExit, match="DATABASE_URL names another"):
        starting.refuse()
    with override_settings(**doors, **OURS):
        assert "throughline.E001" in [one.id for one in run_checks(include_deployment_checks=True)]
        with pytest.raises(SystemExit):
            worker_init.send(None)
        with pytest.raises(SystemExit):
            beat_init.send(None)


def test_it_starts_on_the_one_that_was_started_for_it_and_without_these_doors_anywhere() -> None:
    for doors in DOORS:
        with override_settings(**doors):
            starting.refuse()
    with override_settings(DEMO=False, SECRET_KEY="k" * 60, **OURS):
        starting.refuse()
        assert "throughline.E001" not in [one.id for one in run_checks(include_deployment_checks=True)]


def test_the_mark_cannot_be_given_by_whoever_connects() -> None:
    forged = f"{settings.SITE_DATABASE_URL}?options=-c%20cluster_name%3Dthroughline%20embedded"
    assert starting.is_embedded(settings.SITE_DATABASE_URL)
    assert not starting.is_embedded(forged)


@pytest.mark.parametrize("start", [["-c", "import config.wsgi"], ["manage.py", "shell", "-c", "print(1)"]])
def test_site_and_commands_ask_first(start: list[str]) -> None:
    elsewhere = {"DATABASE_URL": OURS["SITE_DATABASE_URL"], "DEMO": "1", "SECRET_KEY": "k" * 60}
    started = subprocess.run(
        [sys.executable, *start], cwd=ROOT, env=os.environ | elsewhere, capture_output=True, text=True
    )
    assert started.returncode == 1
    assert "one click" in started.stderr


@override_settings(DEMO=False)
def test_without_it_there_is_no_cast_by_any_method() -> None:
    for path in ["/cast/", "/cast/1/"]:
        for method in ["GET", "POST"]:
            assert Client().generic(method, path).status_code == 404
