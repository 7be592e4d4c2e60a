"""What the product refuses to start with: doors that only the demo may have open, on a database that is not the demo's.

The servers that bin/demo and bin/test start themselves are known by a name that only the start of a server can give.
"""

from __future__ import annotations

import psycopg
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

#: PostgreSQL's `cluster_name` of the servers under var/. No connection can set it.
EMBEDDED = "throughline embedded"


def refusal() -> str:
    """Why the product may not start; empty when it may."""
    doors = [
        "DEMO lets anybody sign in as anybody with one click" if settings.DEMO else "",
        "SECRET_KEY is the one that is published with the product"
        if settings.SECRET_KEY == settings.PUBLISHED_KEY
        else "",
    ]
    standing = [door for door in doors if door]
    if not standing or is_embedded(settings.SITE_DATABASE_URL):
        return ""
    return (
        f"{', and '.join(standing)}. That is for the database which bin/demo starts itself, and DATABASE_URL names "
        "another. Take DEMO away and set a SECRET_KEY of your own."
    )


def is_embedded(url: str) -> bool:
    """Whether this is a database that bin/demo or bin/test started. One that does not answer is not known to be."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute("SHOW cluster_name").fetchone() == (EMBEDDED,)
    except psycopg.OperationalError:
        return False


def refuse() -> None:
    """End the process with a sentence when it may not start."""
    if because := refusal():
        raise SystemExit(because)


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def refuse_worker(**kwargs: object) -> None:
    refuse()


@register(Tags.security, deploy=True)
def check_doors(**kwargs: object) -> list[CheckMessage]:
    because = refusal()
    return [Error(because, id="throughline.E001")] if because else []
