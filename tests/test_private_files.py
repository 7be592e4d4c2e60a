"""What is made under `var/` is readable by its owner alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo.processes import keep_private

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_mode & 0o777 for path in folder.rglob("*")}


def test_what_is_there_and_what_is_made_becomes_private(umask: None, tmp_path: Path) -> None:
    mail = tmp_path / "var" / "mail"
    mail.mkdir(parents=True)
    (mail / "letter.log").write_text("Your code")
    (tmp_path / "outside").write_text("Not ours")
    (mail / "link").symlink_to(tmp_path / "outside")
    keep_private(tmp_path / "var")
    (mail / "next.log").write_text("Your next code")
    (mail / "more").mkdir()
    there = modes(tmp_path)
    assert (there["var/mail/letter.log"], there["var/mail/next.log"]) == (0o600, 0o600)
    assert (there["var/mail/more"], there["outside"]) == (0o700, 0o644)
    for folder in ("var", "var/mail"):
        assert not there[folder] & 0o066, "others can list it"


def test_the_servers_and_what_runs_with_them_keep_their_files_to_themselves(
    umask: None, tmp_path: Path
) -> None:
    addresses = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if name not in addresses}
    folder = tmp_path / "var"
    look = "echo words > $0/made; test -s $0/postgres/PG_VERSION && ls $0; find $0 -perm /066"
    said = subprocess.run(
        [sys.executable, "-m", "config.demo.servers", str(folder), "sh", "-c", look, str(folder)],
        env=environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    made = {"lock", "made", "passwords.json", "postgres", "postgres.log", "valkey", "valkey.log"}
    assert set(said.stdout.split()) == made, f"what others can read stands among them: {said}"
