"""The forms of a page, as they stand in its HTML, and how they are filled in."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import today

from .marks import MARK

Fields = dict[str, str | list[str] | SimpleUploadedFile]
OURS = "Words of the probe"


@dataclass
class Control:
    name: str
    kind: str
    values: list[str]
    chosen: list[str]


@dataclass
class Form:
    action: str
    method: str
    controls: list[Control] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page, the links with a query, and nothing else."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self.form: Form | None = None
        self.control: Control | None = None

    @classmethod
    def of(cls, html: str, here: str) -> Forms:
        found = cls(here)
        found.feed(html)
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action") or self.here, given.get("method", "get").lower())
            self.forms.append(self.form)
        for link in (given.get("href", ""), given.get("hx-get", "")):
            if link.startswith("/") and "?" in link:
                self.links.add(link)
        if self.form is not None and given.get("name"):
            self.control_of(tag, given)
        if tag == "option" and self.control:
            self.control.values.append(given.get("value", ""))
            if "selected" in given:
                self.control.chosen.append(given.get("value", ""))

    def control_of(self, tag: str, given: dict[str, str]) -> None:
        assert self.form
        kind = given.get("type", "text") if tag in {"input", "button"} else tag
        if tag not in {"input", "button", "select", "textarea"} or given["name"] == "csrfmiddlewaretoken":
            return
        value = given.get("value", "")
        chosen = [value] if kind not in {"checkbox", "radio"} or "checked" in given else []
        same = next((one for one in self.form.controls if one.name == given["name"]), None)
        if same and kind in {"checkbox", "radio", "submit"}:
            same.values.append(value)
            same.chosen += chosen if kind != "submit" else []
            return
        is_list = kind in {"select", "textarea"}
        self.control = Control(given["name"], kind, [] if is_list else [value], [] if is_list else chosen)
        self.form.controls.append(self.control)

    def handle_data(self, data: str) -> None:
        if self.control and self.control.kind == "textarea":
            self.control.chosen = ["".join(self.control.chosen) + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if tag in {"select", "textarea", "form"}:
            self.control = None


def guessed(foreign: str) -> Fields:
    """What most verbs here take, where no form of the URL was found: words, days, choices, and a key."""
    words = [
        "because",
        "text",
        "words",
        "name",
        "evidence",
        "note",
        "stands",
        "first_call",
        "promised",
        "happens",
        "do",
    ]
    days = ["to", "on", "until", "access_on", "accountable_on", "announce_on", "last_day"]
    keys = [
        "contact",
        "person",
        "incoming",
        "holder",
        "colleague",
        "other",
        "account",
        "owner",
        "into",
        "coverage",
    ]
    day = str(today() + timedelta(days=9))
    return {
        **dict.fromkeys(words, OURS),
        **dict.fromkeys(days, day),
        **dict.fromkeys(keys, foreign),
        "condition": "urgent",
        "kind": "note",
        "topic": "needs",
        "source": "inferred",
        "answer": "yes",
        "decision": "planned",
        "outcome": "won",
        "role": "support",
        "provenance": "inferred",
    }


def filled(form: Form, dice: random.Random, *, foreign: list[str], files: Mapping[str, bytes]) -> Fields:
    """What is sent: the form as it stood, what is empty filled in; with `foreign` keys, those in place of its own."""
    return dict(chosen(form, dice, foreign, files))


def chosen(
    form: Form, dice: random.Random, foreign: list[str], files: Mapping[str, bytes]
) -> Iterator[tuple[str, str | list[str] | SimpleUploadedFile]]:
    for control in form.controls:
        if control.kind == "file":
            name = dice.choice(sorted(files))
            yield control.name, SimpleUploadedFile(name, files[name])
            continue
        value = control.chosen[-1] if control.chosen else ""
        if control.kind in {"select", "radio", "submit"} and (not value or dice.random() < 0.5):
            value = dice.choice([one for one in control.values if one] or [""])
        if control.kind == "checkbox" and not value and dice.random() < 0.5:
            value = control.values[0] or "on"
        if foreign and is_key(control, value):
            value = dice.choice(foreign)
        if control.kind not in {"checkbox", "radio", "select", "hidden", "submit"}:
            value = typed(control, value)
        if value or control.kind != "checkbox":
            yield control.name, MARK.sub("", value).strip() if "mk" in value else value


def is_key(control: Control, value: str) -> bool:
    """Whether it names a row by its number."""
    return control.kind in {"select", "radio", "checkbox", "hidden"} and value.isdigit() and value != "0"


def typed(control: Control, value: str) -> str:
    if value:
        return value
    if control.kind == "date" or re.search(r"(^|_)(on|until|day|to)$", control.name):
        return str(today() + timedelta(days=9))
    return {
        "email": "probe@elsewhere.example",
        "number": "1",
        "time": "14:30",
        "url": "https://x.example",
    }.get(control.kind, OURS)
