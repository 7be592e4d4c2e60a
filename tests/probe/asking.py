"""Ask every URL as everybody, and hold what comes back, and what it changed, against the oracle.

Each request runs in a transaction that is rolled back, so that everybody finds the same world.
"""

from __future__ import annotations

import io
import random
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler

from accounts.models import Letter, User
from tests.base import BACKEND

from .addresses import Target, Thing, every_target
from .forms import Fields, Form, Forms, filled, guessed
from .judging import Judge, Leak
from .marks import COMMON_WORD, marks_in
from .relations import ANONYMOUS, RELATIONS
from .world import ProbedWorld

#: What somebody looks for who hopes to find more than is theirs.
LOOKED_FOR = [COMMON_WORD, "Works", "Cobalt", "Vera", "mk", "Lunde"]
ROOMS = {"handoffs_handoff", "handoffs_transition"}
EACH = {"handoff", "transition", "move_edit", "customer_preview"}  # pages that are read of each row
CHANGING_HANDS = {*ROOMS, "handoffs_move", "handoffs_checklistitem"}
HTMX = {"HX-Request": "true"}


@dataclass
class Asked:
    """What was asked, in figures."""

    requests: Counter[str] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)
    urls: set[str] = field(default_factory=set)
    allowed: set[int] = field(default_factory=set)
    leaks: Counter[Leak] = field(default_factory=Counter)


class Browser(Client):
    """Sends requests through every middleware, and keeps nothing of what was rendered: that takes long."""

    def request(self, **request: Any) -> Any:
        return ClientHandler.__call__(self.handler, self._base_environ(**request))  # type: ignore[attr-defined]


def marks_in_file(value: object) -> set[int]:
    if not isinstance(value, SimpleUploadedFile):
        return set()
    value.seek(0)
    held = marks_in(value.read().decode())
    value.seek(0)
    return held


def unpacked(body: bytes) -> bytes:
    """What is in an archive or a workbook; anything else as it is."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"\n".join(map(archive.read, archive.namelist()))


class Probe:
    def __init__(
        self, owner: psycopg.Connection[tuple[object, ...]], world: ProbedWorld, *, seed: int
    ) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.judge = Judge(owner, {name: world.people[name] for name in RELATIONS})
        self.people: list[str] = [*RELATIONS, ANONYMOUS]
        self.targets = every_target()
        self.asked = Asked()
        self.brought: set[int] = set()  # marks in the files that were sent: whoever sent them knows them
        self.browser = Browser()
        self.error = ""
        got_request_exception.connect(self.keep_error)
        self.sessions = {name: self.signed_in(world.people[name]) for name in RELATIONS}
        self.forms: dict[str, list[Form]] = {}  # by the URL to which they are sent
        self.own: dict[
            tuple[str, str], list[Form]
        ] = {}  # by whose page they stood on, and where they are sent
        self.queries: dict[str, list[str]] = {}
        self.refuses: set[tuple[str, str]] = set()  # methods that a URL does not know
        self.by_path = {target.path(thing): target for target in self.targets for thing in target.things}
        self.find_forms()

    def keep_error(self, **signal: object) -> None:
        self.error = repr(sys.exc_info()[1])[:200]

    def signed_in(self, user: User) -> str:
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client.session.session_key or ""

    # ---- One request

    def ask(
        self, who: str, method: str, target: Target, thing: Thing, sent: Fields | None = None, query: str = "",
        htmx: bool = False,
    ) -> str:  # fmt: skip
        """Ask for one thing; what came back, where it is a page."""
        with self.within(target):
            return self.asked_within(who, method, target, target.path(thing) + query, sent, htmx=htmx)

    @contextmanager
    def within(self, target: Target) -> Iterator[None]:
        self.asked.urls.add(target.name)
        self.brought = set()
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def asked_within(
        self,
        who: str,
        method: str,
        target: Target,
        path: str,
        sent: Fields | None = None,
        *,
        htmx: bool = False,
    ) -> str:
        self.browser.cookies.clear()
        if who != ANONYMOUS:
            self.browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        headers = HTMX if htmx else {}
        if method == "get":
            answer = self.browser.get(path, headers=headers)
        else:
            self.brought |= {mark for value in (sent or {}).values() for mark in marks_in_file(value)}
            answer = self.browser.post(path, sent or {}, headers=headers)
        self.asked.requests[f"{method}{' by htmx' if htmx else ''}"] += 1
        self.asked.people.add(who)
        said = self.read(answer)
        known = marks_in(f"{path} {sent}") | self.brought
        self.judged(who, method, target, marks_in(said) - known)
        if answer.status_code == 405:
            self.refuses.add((method, target.name))
        if answer.status_code >= 500:
            self.found(Leak(who, method, target.name, f"a server error: {self.error}"))
        if method == "post":
            for change in self.judge.changes(who, target.name):
                self.found(Leak(who, method, target.name, change))
            self.look_where_it_leads(who, target, answer, known)
        return said

    def look_where_it_leads(
        self, who: str, target: Target, answer: HttpResponseBase, known: set[int]
    ) -> None:
        there = answer.headers.get("Location", "")
        if not there.startswith("/"):
            return
        to = self.by_path.get(there.partition("?")[0].partition("#")[0], target)
        self.asked.requests["get after a post"] += 1
        self.judged(who, "post", to, marks_in(self.read(self.browser.get(there))) - known)

    @staticmethod
    def read(answer: HttpResponseBase) -> str:
        """Everything that the browser gets to see: headers, cookies and what it holds."""
        body = answer.content if isinstance(answer, HttpResponse) else answer.getvalue()
        head = "\n".join(f"{name}: {value}" for name, value in answer.items())
        return f"{head}\n{answer.cookies.output()}\n{unpacked(body).decode(errors='replace')}"

    def judged(self, who: str, method: str, target: Target, seen: set[int]) -> None:
        wrong = self.judge.not_allowed(who, seen, of_handoffs=target.of_handoffs, changed=method == "post")
        self.asked.allowed |= seen - wrong
        for what in self.judge.in_words(wrong):
            self.found(Leak(who, method, target.name, what))

    def found(self, leak: Leak) -> None:
        self.asked.leaks[leak] += 1

    # ---- Forms

    def find_forms(self) -> None:
        """Whoever may see a page gets its forms; everybody else sends them as well."""
        for who, rooms in (
            ("omar", False),
            ("carla", False),
            ("max", True),
            ("olivia", True),
            ("inka", True),
        ):
            for target in self.targets:
                near = [thing for thing in target.things if self.may_see(who, thing)]
                if rooms and target.table in ROOMS and "/" not in target.route.partition(">/")[2].rstrip("/"):
                    for thing in near[:4]:
                        self.look(who, target, thing)
                elif not rooms and target.route.startswith("our/") == (who == "carla"):
                    for thing in near[:1]:
                        self.look(who, target, thing)

    def may_see(self, who: str, thing: Thing) -> bool:
        return not thing.account or thing.account in self.judge.accounts[who]

    def look(self, who: str, target: Target, thing: Thing, query: str = "", *, htmx: bool = False) -> None:
        """Ask for a page, and remember the forms and queries in it."""
        if ("get", target.name) in self.refuses:
            return
        said = self.ask(who, "get", target, thing, query=query, htmx=htmx)
        if "<form" not in said and "?" not in said:
            return
        page = Forms.of(said.partition("\n\n")[2] or said, target.path(thing))
        for form in page.forms:
            path = form.action.partition("?")[0]
            to = self.by_path.get(path)
            if to and (form.method == "post" or form.controls):
                self.forms.setdefault(to.name, []).append(form)
                self.own.setdefault((who, path), []).append(form)
        for link in page.links:
            path, _, query = link.partition("?")
            if (to := self.by_path.get(path)) and len(self.queries.setdefault(to.name, [])) < 40:
                self.queries[to.name].append(f"?{query}")

    def send(self, who: str, target: Target, thing: Thing, *, foreign: bool, htmx: bool = False) -> None:
        """Send the form of this URL to this thing, as it stands on a page of theirs or on somebody else's."""
        if ("post", target.name) in self.refuses:
            return
        own = self.own.get((who, target.path(thing)), [])
        known = [form for form in own or self.forms.get(target.name, []) if form.method == "post"]
        others = self.keys_of_others(who)
        if known:
            form, keys = self.dice.choice(known), others if foreign else []
            sent = filled(form, self.dice, foreign=keys, files=self.files(who))
        else:
            sent = guessed(self.dice.choice(others))
        self.ask(who, "post", target, thing, sent, htmx=htmx)

    def keys_of_others(self, who: str) -> list[str]:
        """Numbers of rows that belong to accounts which this person may not see."""
        targets = [target for target in self.targets if target.table.startswith("accounts_")]
        target = self.dice.choice(targets)
        return [thing.keys[0] for thing in target.things if not self.may_see(who, thing)] or ["1"]

    def files(self, who: str) -> dict[str, bytes]:
        """Files that name everybody and everything, and would change it."""
        accounts = "\n".join(
            f"{one.name},Changed,{self.world.people['uwe'].name}" for one in self.world.accounts.values()
        )
        chief = self.world.people[who].name if who != ANONYMOUS else "Nobody"
        people = "\n".join(
            f"{one.name},{one.email},{chief}" for one in self.world.people.values() if not one.is_customer
        )
        return {
            "accounts.csv": f"Account,Industry,Owner\n{accounts}\n".encode(),
            "users.csv": f"Full Name,Email,Manager\n{people}\n".encode(),
        }

    # ---- Which things

    def things(self, who: str, target: Target) -> list[Thing]:
        """One in each relation to this person, another one for each person and URL; of handoffs each one to read."""
        turn = zlib.crc32(f"{who} {target.name}".encode())
        relations: dict[str, list[Thing]] = {}
        for thing in target.things:
            relations.setdefault(self.judge.relation(who, target.table, thing), []).append(thing)
        return [found[turn % len(found)] for found in relations.values()]

    # ---- Whole rounds

    def everything_as(self, who: str) -> None:
        """The short form: every URL, with one thing in each relation to this person, read, and half of them sent."""
        for target in self.targets:
            things = self.things(who, target)
            for n, thing in enumerate(target.things if target.name in EACH else things):
                self.look(who, target, thing, htmx=n % 3 == 2)
            if self.sends(who, target):
                for n, thing in enumerate(things):
                    self.send(who, target, thing, foreign=n % 2 == 1, htmx=n % 3 == 1)
        self.search_as(who)
        if who != ANONYMOUS:
            self.bring_in_as(who)
            self.answer_by_mail_as(who)

    def sends(self, who: str, target: Target) -> bool:
        """Whether the short form sends the forms of this URL as this person: of changes of hands, always; of others
        as a third of the people.
        """
        if target.table in CHANGING_HANDS:
            return True
        ranked = sorted(self.people, key=lambda one: zlib.crc32(f"{target.name} {one}".encode()))
        return who in ranked[: len(ranked) // 3]

    def search_as(self, who: str) -> None:
        for target in self.targets:
            forms = [form for form in self.forms.get(target.name, []) if form.method == "get"]
            names = {
                control.name
                for form in forms
                for control in form.controls
                if control.kind in {"text", "search"}
            }
            for name in sorted(names):
                for n, words in enumerate(LOOKED_FOR):
                    self.ask(who, "get", target, target.things[0], query=f"?{name}={words}", htmx=n % 2 == 1)

    def bring_in_as(self, who: str) -> None:
        """Bring a file along that names everybody, and carry out whatever the next page offers."""
        target = next((one for one in self.targets if one.name == "import_new"), None)
        for name in self.files(who) if target else ():
            assert target
            with self.within(target):
                file = filled(UPLOAD, self.dice, foreign=[], files={name: self.files(who)[name]})
                self.browser.cookies.clear()
                self.asked_within(who, "post", target, target.path(Thing()), file)
                batch = self.judge.newest("accounts_importbatch")
                page = self.asked_within(who, "get", target, f"/import/{batch}/") if batch else ""
                forms = Forms.of(page, "/").forms
                for form in sorted(forms, key=lambda form: "apply" in form.action):
                    if (
                        form.method == "post"
                        and f"/import/{batch}/" in form.action
                        and "discard" not in form.action
                    ):
                        sent = filled(form, self.dice, foreign=[], files={})
                        self.asked_within(who, "post", target, form.action, sent)

    def answer_by_mail_as(self, who: str) -> None:
        """Answer every letter that ever went to them."""
        target = Target("an answer by mail", "", False, "", ())
        for letter in Letter.objects.filter(to=self.world.people[who]).order_by("pk"):
            with self.within(target):
                for what in self.judge.answered(who, letter):
                    self.found(Leak(who, "mail", target.name, what))

    def letters(self) -> None:
        """What the timetable writes today, and what was written to customers: held against who gets it."""
        target = Target("a letter", "", False, "", ())
        with self.within(target):
            for who, what in self.judge.letters():
                self.found(Leak(who, "mail", target.name, what))

    def at_random(self, requests: int) -> None:
        """The long form: anybody asks for anything in any way."""
        while self.asked.requests.total() < requests:
            who, target = self.dice.choice(self.people), self.dice.choice(self.targets)
            thing = self.dice.choice(target.things)
            if self.dice.random() < 0.5:
                queries = self.queries.get(target.name) or [""]
                self.look(who, target, thing, self.dice.choice(["", *queries]), htmx=self.dice.random() < 0.3)
            else:
                self.send(who, target, thing, foreign=self.dice.random() < 0.5, htmx=self.dice.random() < 0.3)

    def report(self) -> str:
        asked = self.asked
        figures = ", ".join(f"{count} {kind}" for kind, count in sorted(asked.requests.items()))
        places: dict[tuple[str, str], list[str]] = {}
        for leak in sorted(asked.leaks):
            places.setdefault((leak.who, f"{leak.method} {leak.url}"), []).append(leak.what)
        return "\n".join(
            [
                f"{asked.requests.total()} requests ({figures})",
                f"{len(asked.people)} people, {len(asked.urls)} of {len({one.name for one in self.targets})} URLs",
                f"{self.judge.planted} marks planted, {len(asked.allowed)} of them read by whoever may",
                f"{len(asked.leaks)} leaks in {len(places)} places",
                *(
                    f"  {who} ({RELATIONS.get(who, '')}) {url}: {', '.join(what)}"
                    for (who, url), what in places.items()
                ),
            ]
        )


UPLOAD = Forms.of('<form method="post"><input type="file" name="files"></form>', "/").forms[0]
