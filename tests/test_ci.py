"""Where a machine decides, nothing is left out: .ci/run fails when the browser or the shared data is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ["bash", "cksum", "dirname", "grep", "id"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The commands of this project in a folder of their own, on a machine that has little besides."""
    house, tools = tmp_path / "house", tmp_path / "tools"
    for folder in ("bin", ".ci"):
        shutil.copytree(ROOT / folder, house / folder)
    python = house / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    lists = ["requirements.txt", "requirements-dev.txt"]
    for name in lists:
        (house / name).touch()
    installed = subprocess.run(["cksum", *lists], cwd=house, capture_output=True, check=True)
    (house / ".venv" / "installed").write_bytes(installed.stdout)
    tools.mkdir()
    for name in NEEDED:
        (tools / name).symlink_to(shutil.which(name) or name)
    return house


def says(house: Path, **environment: str) -> str:
    """What .ci/run says when it refuses, with CI unset."""
    known = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    there = known | {"PATH": str(house.parent / "tools")} | environment
    done = subprocess.run(["bash", ".ci/run"], cwd=house, env=there, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


def test_without_the_shared_data_it_fails(house: Path) -> None:
    assert "../shared/data is missing, and CI may not skip" in says(house, CHROMIUM=sys.executable)


def test_without_a_browser_it_fails(house: Path) -> None:
    (house.parent / "shared" / "data").mkdir(parents=True)
    assert "There is no Chromium, and CI may not skip" in says(house)
