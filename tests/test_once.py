"""Once is once: the same form sent twice at the same moment does one thing, and what becomes of its key.

That it is so of every address, one after the other, is tried where all of them are listed (`test_addresses.py`).
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.test import (
    Client,
    RequestFactory,
    SimpleTestCase,
    TransactionTestCase,
)
from django.urls import reverse

from accounts.models import (
    Account,
    Ask,
    Cadence,
    Contact,
    Context,
    Coverage,
    Deal,
    Entry,
    Fact,
    ImportBatch,
    Obligation,
    Submission,
    Topic,
    User,
    Verdict,
)
from accounts.tasks import forget_submissions
from handoffs.models import TemplateItem, Transition
from tests.base import BACKEND, CastTestCase, at_time, days_ago, make_obligation
from tests.test_addresses import Address, World, every_address

ROOT = Path(settings.BASE_DIR)
POST_FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)
HTMX_POST = re.compile(r"<(\w+)\b[^>]*\bhx-post=[^>]*>", re.DOTALL)
#: Elements that send by themselves, and why they carry no key.
KEYLESS = {
    "accounts/_note_chips.html": "it saves nothing",
    "handoffs/_move.html": "it sets a choice, and says which one it saw",
    "handoffs/_reorg_rows.html": "it sets a choice, and says which one it saw",
}
#: Forms that make something, and what: sent by two at the same moment, there is one of it.
MAKES = {
    "account_new": Account,
    "account_note": Entry,
    "account_stage": Entry,
    "account_story": Fact,
    "account_team": Coverage,
    "ask_list": Ask,
    "cadence_list": Cadence,
    "checklist_new": TemplateItem,
    "contact_context": Context,
    "contact_new": Contact,
    "customer_ask": Obligation,
    "customer_correct": Obligation,
    "deal_new": Deal,
    "departure_new": Transition,
    "fact_new": Fact,
    "handoff_if_then": Fact,
    "handoff_know": Fact,
    "handover_new": Transition,
    "import_new": ImportBatch,
    "incident_new": Obligation,
    "meeting_new": Obligation,
    "obligation_move": Entry,
    "obligation_new": Obligation,
    "passage_list": Fact,
    "person_new": User,
    "reorg_new": Transition,
    "topic_new": Topic,
    "verdict_new": Verdict,
}


def fresh(fields: dict[str, Any], key: str = "of this form") -> dict[str, Any]:
    """What the form sends, its key included; a file can be read only once."""
    sent = dict(fields)
    for name, value in fields.items():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
            sent[name] = SimpleUploadedFile(str(value.name), value.read())
    return sent | {"once": key}


class EveryForm(SimpleTestCase):
    def test_has_a_key(self) -> None:
        forms = 0
        for template in sorted((ROOT / "templates").rglob("*.html")):
            for form in POST_FORM.findall(template.read_text()):
                forms += 1
                assert "{% csrf_token %}" in form, f"{template}: a form without {{% csrf_token %}}"
        assert forms > 80

    def test_and_so_has_whatever_sends_by_itself(self) -> None:
        for template in sorted((ROOT / "templates").rglob("*.html")):
            for tag in HTMX_POST.finditer(template.read_text()):
                name = str(template.relative_to(ROOT / "templates"))
                assert tag[1] == "form" or name in KEYLESS or '"once"' in tag[0], name
        for module in [*ROOT.glob("accounts/**/*.py"), *ROOT.glob("handoffs/**/*.py")]:
            for line in module.read_text().splitlines():
                assert "hx-post=" not in line or '"once"' in line, module

    def test_each_time_it_is_shown_it_has_another(self) -> None:
        request = RequestFactory().get("/")
        form = Template("{% csrf_token %}{% csrf_token %}").render(
            RequestContext(request, {"csrf_token": "x"})
        )
        keys = re.findall(r'name="once" value="([\w-]{20,})"', form)
        assert len(set(keys)) == 2
        assert form.count('name="csrfmiddlewaretoken"') == 2


class AtTheSameMoment(TransactionTestCase):
    def test_two_make_one(self) -> None:
        world = World()
        addresses = {address.name: address for address in every_address(world)}
        for name, model in MAKES.items():
            address = addresses[name]
            with self.subTest(name):
                before = model._default_manager.count()
                first, second = self.at_once(address)
                assert (first.status_code, second.status_code) == (302, 302)
                assert first["Location"] == second["Location"]
                assert model._default_manager.count() == before + 1

    def at_once(self, address: Address) -> list[HttpResponse]:
        client = Client()
        assert address.who
        client.force_login(address.who, backend=BACKEND)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        bodies = [fresh(address.fields, address.name), fresh(address.fields, address.name)]
        start, answers = threading.Barrier(2), list[HttpResponse]()

        def send(body: dict[str, Any]) -> None:
            browser = Client(raise_request_exception=False)
            browser.cookies[settings.SESSION_COOKIE_NAME] = session
            start.wait()
            answers.append(browser.post(address.url, body))  # type: ignore[arg-type]
            connections.close_all()

        threads = [threading.Thread(target=send, args=[body]) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


class TheKey(CastTestCase):
    FIELDS = {"kind": "task", "text": "Send the offer", "urgency": "normal", "once": "of this form"}

    def owe(self, **fields: Any) -> Any:
        return self.send(self.olivia, "obligation_new", self.acme.pk, **(self.FIELDS | fields))

    def test_a_form_that_came_back_has_not_used_it(self) -> None:
        assert self.owe(text="").status_code == 200
        assert self.owe().status_code == 302
        assert Obligation.objects.count() == 1

    def test_nor_has_one_that_was_refused(self) -> None:
        owed = make_obligation(self.acme)
        refused = {"text": "We did", "once": "of another"}
        for _ in range(2):
            assert self.send(self.olivia, "obligation_answer", owed.pk, **refused).status_code in {404, 409}
        assert not Submission.objects.exists()

    def test_what_breaks_behind_the_act_takes_the_act_back(self) -> None:
        client = self.as_(self.olivia)
        client.raise_request_exception = False
        url = reverse("obligation_new", args=[self.acme.pk])
        with mock.patch("accounts.views.obligations.done", side_effect=ZeroDivisionError):
            assert client.post(url, self.FIELDS).status_code == 500
        assert not Obligation.objects.exists()
        assert client.post(url, self.FIELDS).status_code == 302
        assert Obligation.objects.count() == 1

    def test_somebody_elses_key_says_nothing(self) -> None:
        self.owe()
        there = self.send(self.ines, "obligation_new", self.cobalt.pk, **self.FIELDS)
        assert there["Location"].startswith(reverse("account", args=[self.cobalt.pk]))
        assert Obligation.objects.count() == 2

    def test_other_words_under_the_same_key_are_kept_and_asked_about(self) -> None:
        first = self.owe()
        page = self.owe(text="Send the offer of the second year")
        self.assertContains(page, "Send the offer of the second year", status_code=409)
        self.assertContains(page, f'href="{first["Location"]}"', status_code=409)
        assert Obligation.objects.count() == 1
        form = POST_FORM.findall(page.content.decode())[-1]
        fields = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', form))
        assert fields["once"] != self.FIELDS["once"]
        assert self.owe(**fields).status_code == 302
        assert Obligation.objects.filter(text="Send the offer of the second year").count() == 1

    def test_a_part_of_a_page_is_loaded_anew(self) -> None:
        owed = make_obligation(self.acme)
        client, url = self.as_(self.olivia), reverse("obligation_keep", args=[owed.pk])
        htmx = {"HX-Request": "true"}
        assert client.post(url, {"once": "a"}, headers=htmx).status_code == 200
        steps = owed.entries.count()
        assert client.post(url, {"once": "a"}, headers=htmx).headers["HX-Refresh"] == "true"
        assert owed.entries.count() == steps

    def test_it_is_forgotten_after_some_days(self) -> None:
        with at_time(days_ago(8)):
            Submission.claim(self.olivia, "old", "")
        Submission.claim(self.olivia, "new", "")
        forget_submissions()
        assert Submission.objects.get().key == "new"

    def test_an_erasure_takes_the_names_out_of_what_was_said(self) -> None:
        sent, _ = Submission.claim(self.olivia, "a", "")
        sent.answered("/", [Message(messages.SUCCESS, "Carla Weiss was invited.")])
        self.champion.erase(by=self.omar, because="She asked for it")
        sent.refresh_from_db()
        assert sent.messages == []
