"""The probe's own database: marks are planted by the tables' owner, and that has to be committed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from tests.conftest import NAME, as_owner, connect_site_to, copy_template

from .asking import Probe
from .world import ProbedWorld

DATABASE = f"{NAME}_probe"


@pytest.fixture(scope="module")
def probe(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Probe]:
    with django_db_blocker.unblock():
        copy_template(DATABASE)
        connect_site_to(DATABASE, settings.SITE_DATABASE_URL)
        logging.disable(logging.CRITICAL)
        try:
            with as_owner(DATABASE) as owner:
                owner.execute((Path(__file__).parent / "oracle.sql").read_bytes())
                yield Probe(owner, ProbedWorld(owner), seed=int(os.environ.get("SEED", 1)))
        finally:
            logging.disable(logging.NOTSET)
            connect_site_to(NAME, settings.SITE_DATABASE_URL)
            with as_owner() as owner:
                owner.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE))
                )
