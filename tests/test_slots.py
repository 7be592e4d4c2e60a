"""Memory names places on its pages that another app may fill, and knows nothing of who does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts import slots
from handoffs import urls
from tests.conftest import ROOT

THEIRS = {str(address.name) for address in urls.urlpatterns}
TEMPLATES = sorted((ROOT / "templates" / "accounts").rglob("*.html"))
ASKED = re.compile(r"""\{% slot "([^"]+)"|parts_of\("([^"]+)\"""")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_of_memory_knows_handoffs(template: Path) -> None:
    text = template.read_text()
    assert not THEIRS & set(re.findall(r"""\{% url ["'](\w+)""", text))
    assert not re.findall(r"""\{% (?:include|extends) "(?:handoffs|customer)/""", text)


def test_no_module_of_memory_knows_handoffs() -> None:
    modules = [path for path in (ROOT / "accounts").rglob("*.py") if "migrations" not in path.parts]
    named = {word for path in modules for word in re.findall(r"""["'](\w+)["']""", path.read_text())}
    assert not THEIRS - {"job", "transition", "handoff"} & named


def test_every_slot_is_asked_for_by_a_page_and_filled_by_handoffs() -> None:
    pages = [*TEMPLATES, *sorted((ROOT / "accounts" / "views").glob("*.py"))]
    asked = {one or other for page in pages for one, other in ASKED.findall(page.read_text())}
    assert asked == set(slots.SLOTS)
    assert all(fillers for fillers in slots.SLOTS.values())
