"""The address in a letter to a customer: it leads to the page that the letter speaks of, and never fails."""

from __future__ import annotations

import re
from unittest import mock

from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from accounts.adapter import SignInAdapter
from accounts.models import Ask, Letter, Obligation
from accounts.models.letter_sets import PAGE_SIGNER
from tests.base import CastTestCase, Reader, days_ago, in_days, make_contact, make_deal
from tests.handoffs.steps import announce, hand_over

SITE = "https://throughline.example"
LINK = re.compile(rf"{SITE}(/our/letters/\S+)")
CODE = "ABC-123"


@override_settings(SITE_URL=SITE)
class LetterPages(CastTestCase):
    def link_in(self, address: str) -> str:
        """The path of the address that stands in the last mail to this address."""
        body = next(letter.body for letter in reversed(mail.outbox) if address in letter.to[0])
        found = LINK.search(str(body))
        assert found, body
        return found[1]

    def announced_to(self, address: str) -> str:
        announce(hand_over(self.acme, self.ines, by=self.max))
        return self.link_in(address)

    def test_every_letter_to_a_customer_carries_one(self) -> None:
        deal = make_deal(self.acme, closed_at=days_ago(90), outcome="won")
        check_in = Obligation.owe(
            self.acme, "visit", "Check in", by=self.olivia, due=in_days(0), check_in=90, after_deal=deal
        )
        Ask.same_choice(check_in, by=self.olivia)
        dieter = make_contact(self.acme, "Dora Klein", email="dora@acme.example").invite(by=self.olivia)
        dieter.change_address("dora.klein@acme.example", by=self.omar)
        hand_over(self.acme, self.ines, by=self.max).announce()
        Letter.objects.send()
        theirs = [letter for letter in mail.outbox if "@acme.example" in letter.to[0]]
        assert len(theirs) == 5
        for letter in theirs:
            assert LINK.search(str(letter.body)), letter.subject

    def test_a_letter_to_one_of_us_names_the_page_itself(self) -> None:
        question = Obligation.owe(
            self.acme, "question", "May we export it?", by=self.olivia, contact=self.dieter
        )
        question.escalate(by=self.olivia, because="They wait")
        Letter.objects.send()
        assert f"{SITE}{reverse('obligation', args=[question.pk])}" in mail.outbox[-1].body

    def test_whoever_is_signed_in_comes_to_the_place_on_their_page(self) -> None:
        link = self.announced_to("carla@acme.example")
        self.assertRedirects(self.as_(self.carla).get(link), reverse("customer_page") + "#team")

    def test_whoever_never_signed_in_comes_there_by_the_mailed_code(self) -> None:
        link, browser = self.announced_to("carla@acme.example"), Client()
        with mock.patch.object(SignInAdapter, "generate_login_code", return_value=CODE):
            asked = browser.get(link)
            self.assertRedirects(
                asked, f"{reverse('account_login')}?next={link}", fetch_redirect_response=False
            )
            sent = {"email": "carla@acme.example", "next": link}
            browser.post(reverse("account_request_login_code"), sent)
            typed = browser.post(reverse("account_confirm_login_code"), {"code": CODE, "next": link})
        self.assertRedirects(typed, link, fetch_redirect_response=False)
        self.assertRedirects(browser.get(link), reverse("customer_page") + "#team")

    def test_who_has_no_sign_in_reads_whom_to_ask(self) -> None:
        self.dieter.email, self.dieter.roles = "dieter@acme.example", ["decision_maker"]
        self.dieter.save()
        link = self.announced_to("dieter@acme.example")
        page = Reader().get(link)
        self.assertContains(page, "Dieter Krol, you have no sign-in for this page yet")
        self.assertContains(page, "Ask Olivia Brandt, who wrote to you")
        self.dieter.invite(by=self.olivia)
        assert Reader().get(link).status_code == 302, "the same address, once they are let in"

    def test_somebody_else_who_is_signed_in_is_told_whom_it_is_for(self) -> None:
        link = self.announced_to("carla@acme.example")
        for other in (self.olivia, self.omar):
            self.assertContains(self.as_(other).get(link), "This letter went to Carla Weiss")

    def test_whose_access_ended_is_told_whom_to_ask(self) -> None:
        link = self.announced_to("carla@acme.example")
        self.champion.end_invitation(by=self.max)
        self.assertContains(Reader().get(link), "you have no sign-in for this page yet")

    def test_an_address_that_we_did_not_write_leads_nowhere(self) -> None:
        letter = Letter.write(self.max, signed_by=self.olivia, account=self.acme, subject="x", text="x")
        signed = PAGE_SIGNER.sign(str(letter.pk))
        for name in (signed, f"{letter.pk}.forged", "nothing"):
            assert Client().get(reverse("letter_page", args=[name])).status_code == 404

    def test_it_is_not_the_name_by_which_an_answer_is_known(self) -> None:
        link = self.announced_to("carla@acme.example")
        assert link.rstrip("/").rpartition("/")[2] not in mail.outbox[-1].extra_headers["Message-ID"]
