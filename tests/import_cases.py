"""Where the small inputs lie that other systems' exports, mail and calendars fail on (../shared/data/import_cases)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "import_cases"


def a_case(name: str) -> Path:
    """The folder of one case, such as f08_mail."""
    folder = CASES / name
    if not folder.exists():
        missing = "../shared/data is missing: the inputs that imports fail on."
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return folder
