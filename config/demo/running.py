"""How a demo that is running says where its servers are, so that commands work beside it without settings."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VAR = Path(__file__).resolve().parents[2] / "var"
NAMES = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DEMO")


@contextmanager
def published(environment: dict[str, str], folder: Path = VAR) -> Iterator[None]:
    """Say it in a file that only whoever started the demo can read, until the end of the block."""
    path = folder / "running.json"
    path.unlink(missing_ok=True)
    said = {name: environment[name] for name in NAMES if name in environment}
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        json.dump(said, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def settings_of_the_demo(folder: Path = VAR) -> dict[str, str]:
    """The environment of the demo that runs from this folder; empty where none does."""
    try:
        said = dict(json.loads((folder / "running.json").read_text()))
    except (OSError, ValueError):
        return {}
    return said if _is_locked(folder / "lock") else {}  # else it was killed, and left the file behind


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
