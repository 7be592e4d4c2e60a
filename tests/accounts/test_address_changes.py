"""Another address to sign in with takes two: whoever asks, and the old address or operations."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Letter, Refused, User
from accounts.tasks import send_letters
from tests.base import CastTestCase, make_customer

NEW = "olivia@elsewhere.example"


class AddressChangeTests(CastTestCase):
    def now(self, person: User) -> str:
        return str(User.objects.get(pk=person.pk).email)

    def link(self) -> str:
        found = re.search(r"https?://[^/]+(/address/\S+/)", Letter.objects.latest("pk").text)
        assert found
        return found[1]

    def test_operations_change_it_at_once_and_the_old_address_is_told(self) -> None:
        before = self.olivia.email
        self.as_(self.olivia)
        assert self.olivia.change_address(f" {NEW} ", by=self.omar)
        assert self.now(self.olivia) == NEW
        assert not self.olivia.sessions.exists()
        send_letters()
        assert [letter.to for letter in mail.outbox] == [[f"Olivia Brandt <{before}>"]]
        assert NEW in mail.outbox[0].body

    def test_a_manager_asks_and_the_old_address_says_yes(self) -> None:
        before = self.olivia.email
        browser = self.as_(self.olivia)
        assert not self.olivia.change_address(NEW, by=self.max)
        assert self.now(self.olivia) == before
        assert browser.get(reverse("today")).status_code == 200
        send_letters()
        assert mail.outbox[0].to == [f"Olivia Brandt <{before}>"]
        asked = self.link()
        self.assertContains(self.client.get(asked), f"Yes, use {NEW}")
        assert self.now(self.olivia) == before, "looking changes nothing"
        assert self.client.post(asked).status_code == 302
        assert self.now(self.olivia) == NEW
        assert browser.get(reverse("today")).status_code == 302
        self.assertContains(self.client.post(asked), "changed already", status_code=409)

    def test_nobody_changes_it_alone(self) -> None:
        for person in [self.omar, self.max, self.olivia]:
            assert not person.change_address(f"new-{person.email}", by=person)
            assert self.now(person) == person.email
            letter = Letter.objects.latest("pk")
            assert letter.address == person.email
            assert letter.signed_by != person, "an answer would go to whoever asked"

    def test_others_may_not_even_ask(self) -> None:
        for by in [self.ines, self.nils, self.carla]:
            with pytest.raises(PermissionDenied):
                self.olivia.change_address(NEW, by=by)
        assert not Letter.objects.exists()

    def test_an_address_is_one_and_is_nobody_else_s_however_it_is_written(self) -> None:
        for wrong in [self.ines.email.upper(), "no address", "", "a@b.example\nBcc: c@d.example"]:
            with pytest.raises(Refused):
                self.olivia.change_address(wrong, by=self.omar)
        assert self.olivia.change_address(self.olivia.email, by=self.max), "nothing to change"
        assert not Letter.objects.exists()

    def test_a_link_is_worth_nothing_when_it_was_made_up_or_somebody_took_the_address_meanwhile(self) -> None:
        self.assertContains(self.client.get("/address/WzEsImEiXQ:x:y/"), "a part of it", status_code=409)
        self.olivia.change_address(NEW, by=self.max)
        asked = self.link()
        self.ines.change_address(NEW.upper(), by=self.omar)
        self.assertContains(self.client.post(asked), "Somebody else signs in", status_code=409)

    def test_the_form_about_a_colleague_says_that_the_old_address_is_asked(self) -> None:
        page = self.as_(self.max).get(reverse("person_edit", args=[self.olivia.pk]))
        sent = {name: value or "" for name, value in page.context["form"].initial.items()}
        answer = self.as_(self.max).post(
            reverse("person_edit", args=[self.olivia.pk]),
            sent | {"email": NEW, "title": "Sales"},
            follow=True,
        )
        self.assertContains(answer, f"still signs in as {self.olivia.email}")
        olivia = User.objects.get(pk=self.olivia.pk)
        assert (olivia.email, olivia.title) == (self.olivia.email, "Sales")


class ContactsAddressTests(CastTestCase):
    def correct(self, by: User, **fields: Any) -> Any:
        browser = self.as_(by)
        address = reverse("contact", args=[self.champion.pk])
        initial = browser.get(address).context["form"].initial
        sent = {name: "" if value is None else value for name, value in initial.items()}
        return browser.post(address, sent | fields, follow=True)

    def test_whoever_serves_them_asks_the_old_address(self) -> None:
        page = self.correct(self.olivia, email="olivia+carla@vendor.example", title="Finance")
        self.assertContains(page, "still signs in as carla@acme.example")
        self.champion.refresh_from_db()
        self.carla.refresh_from_db()
        assert self.champion.title == "Finance"
        assert {self.champion.email, self.carla.email} == {"carla@acme.example"}
        assert Letter.objects.get().address == "carla@acme.example"

    def test_operations_change_both(self) -> None:
        self.correct(self.omar, email="weiss@acme.example")
        self.champion.refresh_from_db()
        self.carla.refresh_from_db()
        assert self.champion.email == self.carla.email == "weiss@acme.example"

    def test_it_cannot_be_emptied_under_their_sign_in(self) -> None:
        self.assertContains(self.correct(self.omar, email=""), "End their access first", status_code=409)

    def test_a_new_invitation_is_no_way_around(self) -> None:
        """End the invitation, write down one's own address, invite: and one would sign in as the customer."""
        self.champion.end_invitation(by=self.olivia)
        self.correct(self.olivia, email="olivia+carla@vendor.example")
        with pytest.raises(Refused, match="signed in as carla@acme"):
            self.champion.invite(by=self.olivia)
        assert self.now_signs_in_as() == "carla@acme.example"
        self.champion.invite(by=self.omar)
        assert self.now_signs_in_as() == "olivia+carla@vendor.example"
        assert Letter.objects.earliest("pk").address == "carla@acme.example", "told at the old one"

    def now_signs_in_as(self) -> str:
        return str(User.objects.get(pk=self.carla.pk).email)

    def test_one_who_never_signed_in_has_their_address_corrected_like_anything_else(self) -> None:
        self.dieter.correct(by=self.olivia, email="dieter@acme.example")
        assert make_customer(self.dieter).email == "dieter@acme.example"
        assert not Letter.objects.exists()
