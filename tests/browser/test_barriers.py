"""Every page of the demo story, as each kind of person sees it: nothing on it keeps anybody out.

In both colour schemes axe finds nothing at 1280 pixels, with everything open that opens; at 390 pixels nothing
has to be scrolled sideways. Which pages there are is asked of the site's own addresses, so that none is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from accounts.importing.batches import stage
from accounts.importing.reading import read_file
from accounts.models import (
    Account,
    Contact,
    Deal,
    Entry,
    Export,
    Fact,
    HeldMail,
    ImportBatch,
    Letter,
    Note,
    Obligation,
    Topic,
    User,
)
from accounts.rules import clocks
from config.urls import NOT_HERE
from handoffs.models import Handoff, JobRun, Move, TemplateItem, Transition
from tests.base import BACKEND

from .conftest import NARROW, WIDE, Visit

BOOK = "Id,Account,Industry,Owner\nA1,Fennel Labs,Biotech,Olivia Berg\nA2,,Energy,Max Stein\n"
#: Pages that operations cannot see (or not without having begun something), and who sees them instead.
ELSEWHERE = {
    "manager": {"handoff_approve"},
    "rep": {"entry_retract", "entry_undo"},
    "successor": {"handoff_read_back"},
    "customer": {"customer_page"},
    "stranger": {"account_login", "account_request_login_code"},
}
#: A page that needs a form to be sent first: see the journeys; and what is no page.
BEGUN = {
    "account_confirm_login_code", "address_change", "unsent", "letter_page", "handoff_recipient", "handoff_call",
    "handoff_ask", "inquiry_answer",
}  # fmt: skip
NOT_PAGES = {
    *NOT_HERE, "health", "import_new", "import_tray_file", "customer_take_away", "entry_original",
    "held_mail_original", "export_file",
}  # fmt: skip
#: Pages that say something different of each thing: so many of them are looked at, and one of every other.
SEVERAL = {
    "export": 5,
    "handoff": 6,
    "transition": 6,
    "handoff_read_back": 2,
    "handoff_approve": 2,
    "account": 2,
}
#: Pages that another kind of person reads differently. Every page is looked at by operations or by whom it is for.
DIFFERENT = {
    "today", "account_list", "account", "obligation_list", "obligation", "person_list", "person",
    "transition_list", "transition", "approval_list", "handoff", "search",
}  # fmt: skip

AXE = Axe().axe_script
BARRIERS = """async (rules) => {
  const found = await axe.run(document, {preload: false, resultTypes: ["violations"], ...rules});
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}"""
OPEN = "document.querySelectorAll('details:not(.menu)').forEach((details) => { details.open = true; })"
TOO_WIDE = """(most) => document.documentElement.scrollWidth <= most ? [] :
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > most + 1)
    .slice(0, 4).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def story(transactional_db: None, settings: Any, tmp_path: Path) -> dict[str, User | None]:
    """The demo story is told; who looks at it, by the name of their kind."""
    settings.VAR = tmp_path
    call_command("load_demo", verbosity=0)
    people = {person.email.split("@")[0]: person for person in User.objects.all()}
    omar = people["omar.haddad"]
    stage(read_file("accounts.csv", BOOK.encode()), by=omar)
    exports_of(omar)
    letter = Letter.objects.exclude(account__contacts=None).earliest("pk")
    assert letter.account
    HeldMail.objects.create(
        letter=letter,
        account=letter.account,
        contact=Contact.objects.filter(account=letter.account).earliest("pk"),
        text="Yes, that is fine.",
        at=letter.written_at,
        received_at=letter.written_at,
        because="Nothing proves who sent it.",
        external_id="mail:1",
    )
    return {
        "operations": omar,
        "manager": people["max.stein"],
        "rep": people["olivia.berg"],
        "successor": people["ines.roth"],
        "customer": people["carla.diaz"],
        "stranger": None,
    }


def exports_of(user: User) -> None:
    """One in each state: ready, failed, stopped, interrupted and under way."""
    ready, failed, stopped, lost, _ = (
        Export.ask(by=user, shape="csv", what=f"Accounts named “{name}”", total=3, query=f"q={name}")
        for name in ("ready", "failed", "stopped", "interrupted", "under way")
    )
    now = clocks.now()
    ends = {"finished_at": now, "expires_at": now + timedelta(hours=24), "rows": 7, "size": 4000}
    Export.objects.filter(pk=ready.pk).update(**ends)
    failed.fail("The file would be larger than 200 MB. Choose fewer accounts at once.")
    stopped.stop(by=user)
    Export.objects.filter(pk=lost.pk).update(heartbeat_at=now - timedelta(hours=1))


def addresses(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns)
        else:
            yield pattern


def things(name: str, user: User | None) -> Iterator[Any]:
    """What the page of this name could be about, most telling first."""
    if user is None:
        return
    told = {
        "contact": Contact.objects.filter(account__in=Account.objects.visible_to(user)).order_by("-roles"),
        "fact": Fact.objects.visible_to(user),
        "topic": Topic.objects.all(),
        "obligation": Obligation.objects.visible_to(user).order_by("due"),
        "deal": Deal.objects.visible_to(user),
        "sale_to_success_new": Deal.objects.visible_to(user).filter(outcome="won"),
        "entry_retract": Entry.objects.filter(author=user, kind="conversation").order_by("-at"),
        "entry_undo": Note.objects.visible_to(user).filter(author=user).order_by("-at"),
        "person": User.objects.staff().order_by("reports_to"),
        "person_edit": User.objects.staff(),
        "person_deactivate": User.objects.active().staff().order_by("-pk"),
        "departure_new": User.objects.active().filter(kind="rep"),
        "leave_new": User.objects.active().filter(kind="rep"),
        "handoff": Handoff.objects.visible_to(user).order_by("-pk"),
        "transition": Transition.objects.visible_to(user),
        "move_edit": Move.objects.filter(transition__started_at=None),
        "job": JobRun.objects.all(),
        "checklist_edit": TemplateItem.objects.all(),
        "import": ImportBatch.objects.visible_to(user),
        "held": HeldMail.objects.all(),
        "export": Export.objects.visible_to(user),
    }
    # What is new is about an account, whatever it will be.
    own = told.get(name) or (None if name.endswith("_new") else told.get(name.partition("_")[0]))
    yield from own if own is not None else Account.objects.visible_to(user).open().order_by("pk")


def paths(address: URLPattern, user: User | None) -> Iterator[str]:
    """The address itself, or for each of the things it could be about."""
    if not address.pattern.converters:
        yield reverse(str(address.name))
        return
    _, *more = address.pattern.converters
    for one in things(str(address.name), user):
        yield reverse(str(address.name), args=[one.pk, *(0 for _ in more)])


def pages(user: User | None, names: set[str]) -> dict[str, list[str]]:
    """The paths of those pages that answer this person, by the name of their address."""
    client = Client()
    if user:
        client.force_login(user, backend=BACKEND)
    found: dict[str, list[str]] = {}
    for address in addresses():
        name = str(address.name)
        if name not in names:
            continue
        answered: list[str] = []
        for path in islice(paths(address, user), 15):
            response = client.get(path)
            if response.status_code == 405:
                break
            if response.status_code == 200:
                answered.append(path)
            if len(answered) == SEVERAL.get(name, 1):
                break
        if answered:
            found[name] = answered
    return found


def what_keeps_out(page: Page, path: str) -> Iterator[str]:
    """Everything that is wrong with the page at this path."""
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    page.goto(path)
    for element in page.evaluate(TOO_WIDE, NARROW["width"]):
        yield f"{path} is wider than a telephone: {element}"
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.evaluate(OPEN)
    page.evaluate(AXE)
    for barrier in page.evaluate(BARRIERS, {}):
        yield f"{path} {barrier}"
    page.emulate_media(color_scheme="dark")
    for barrier in page.evaluate(BARRIERS, {"runOnly": ["color-contrast"]}):
        yield f"{path} in the dark {barrier}"


@pytest.mark.parametrize("kinds", ["operations", "manager", "rep successor", "customer stranger"])
def test_nothing_keeps_anybody_out(
    kinds: str, story: dict[str, User | None], visit: Visit, settings: Any
) -> None:
    settings.DEMO = True  # the page of the cast is one of them
    found: list[str] = []
    for kind in kinds.split():
        wanted = DIFFERENT | ELSEWHERE.get(kind, set())
        seen = pages(story[kind], every_name() if kind == "operations" else wanted)
        if kind == "operations":
            nobodys = every_name() - set().union(seen, *ELSEWHERE.values())
            assert not [name for name in nobodys if answers_get(name)]
        assert set(seen) >= ELSEWHERE.get(kind, set())
        page = visit(story[kind], reduced_motion="reduce")
        found += [wrong for some in seen.values() for path in some for wrong in what_keeps_out(page, path)]
    assert not found, "\n".join(found)


def every_name() -> set[str]:
    return {str(address.name) for address in addresses()} - NOT_PAGES - BEGUN


def answers_get(name: str) -> bool:
    """Whether the address is more than a verb: no page answers 405 to everybody."""
    client = Client()
    kinds = [User.objects.get(kind="operations"), User.objects.filter(kind="customer", is_active=True)[0]]
    address = next(one for one in addresses() if one.name == name)
    path = reverse(name, args=[1] * len(address.pattern.converters))
    statuses = []
    for person in kinds:
        client.force_login(person, backend=BACKEND)
        statuses.append(client.get(path).status_code)
    return 405 not in statuses
