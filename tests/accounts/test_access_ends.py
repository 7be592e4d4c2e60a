"""Who may come in no longer is out at once, and stays out: at the next request, at sign-in, and with an old session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Contact, Entry, Refused, Session, User
from accounts.rules import clocks
from tests.base import BACKEND, CastTestCase, make_customer
from tests.laws import refusal_of, run_sql


class CustomersAccessTests(CastTestCase):
    def ways(self) -> dict[str, Callable[[Contact, Account], object]]:
        """Every way in which Carla's access ends: the verbs, an import's bulk update, and SQL around both."""
        today, pk = clocks.now().date(), self.carla.pk
        return {
            "the form": lambda contact, account: contact.correct(by=self.olivia, left_on=today),
            "an import": lambda contact, account: Contact.objects.filter(pk=contact.pk).update(left_on=today),
            "the invitation": lambda contact, account: contact.end_invitation(by=self.olivia),
            "erasure": lambda contact, account: contact.erase(by=self.omar, because="She asked for it"),
            "closing": lambda contact, account: account.close(by=self.max, because="They went", outcomes={}),
            "merging": lambda contact, account: account.merge_into(
                self.borealis, by=self.omar, because="One"
            ),
            "sql": lambda contact, account: run_sql(
                "UPDATE accounts_user SET is_active = false WHERE id = %s", pk
            ),
        }

    def test_sessions_end_with_it_and_no_code_is_sent(self) -> None:
        for name, end in self.ways().items():
            with self.subTest(name), transaction.atomic():
                browser = self.as_(self.carla)
                assert browser.get(reverse("customer_page")).status_code == 200
                end(Contact.objects.get(pk=self.champion.pk), Account.objects.get(pk=self.acme.pk))
                assert not Session.objects.filter(user=self.carla).exists()
                entries = Entry.objects.count()
                for page in ["customer_page", "customer_take_away"]:
                    assert browser.get(reverse(page)).status_code == 302
                assert browser.post(reverse("customer_ask"), {"text": "Still here?"}).status_code == 302
                assert Entry.objects.count() == entries
                Client().post(reverse("account_login"), {"email": "carla@acme.example"})
                assert not mail.outbox
                transaction.set_rollback(True)

    def test_an_ended_session_does_not_come_back_with_a_new_invitation(self) -> None:
        browser = self.as_(self.carla)
        self.champion.end_invitation(by=self.olivia)
        late = Client()  # a sign-in that had begun when the invitation ended
        late.force_login(self.carla, backend=BACKEND)
        self.champion.invite(by=self.olivia)
        for old in [browser, late]:
            assert old.get(reverse("customer_page")).status_code == 302
        assert self.browse(self.carla, "customer_page").status_code == 200

    def test_nobody_who_left_is_let_in_again(self) -> None:
        self.champion.correct(by=self.olivia, left_on=clocks.now().date())
        with pytest.raises(Refused):
            self.champion.invite(by=self.olivia)
        told = "They have left, or their account is closed: nobody signs in for it."
        assert refusal_of("UPDATE accounts_user SET is_active = true WHERE id = %s", self.carla.pk) == told
        self.champion.correct(by=self.olivia, left_on=None)
        assert not User.objects.get(pk=self.carla.pk).is_active, "coming back takes an invitation"
        assert self.champion.invite(by=self.olivia).is_active

    def test_nobody_is_invited_to_a_closed_account(self) -> None:
        self.dieter.correct(by=self.olivia, email="dieter@acme.example")
        self.acme.close(by=self.max, because="They went", outcomes={})
        with pytest.raises(Refused, match="their account is closed"):
            Contact.objects.get(pk=self.dieter.pk).invite(by=self.omar)

    def test_others_of_the_customer_stay(self) -> None:
        dieter = make_customer(self.dieter)
        browser = self.as_(dieter)
        self.champion.correct(by=self.olivia, left_on=clocks.now().date())
        assert browser.get(reverse("customer_page")).status_code == 200


class ColleaguesAccessTests(CastTestCase):
    def test_a_colleague_s_sessions_end_however_their_access_does(self) -> None:
        ends: list[Callable[[], object]] = [
            lambda: self.ines.deactivate(by=self.max, because="Left"),
            lambda: User.objects.filter(pk=self.omar.pk).update(is_active=False),
            lambda: User.objects.filter(pk=self.petra.pk).update(kind=User.Kind.OPERATIONS),
            lambda: User.objects.filter(pk=self.nils.pk).update(access_ended_at=clocks.now()),
        ]
        for person, end in zip([self.ines, self.omar, self.petra, self.nils], ends, strict=True):
            browser = self.as_(person)
            assert browser.get(reverse("today")).status_code == 200
            end()
            assert browser.get(reverse("today")).status_code == 302

    def test_what_else_changes_of_somebody_ends_nothing(self) -> None:
        browser = self.as_(self.ines)
        self.ines.correct(by=self.max, title="Key accounts", phone="1")
        User.objects.filter(pk=self.ines.pk).update(email=self.ines.email.upper())
        assert browser.get(reverse("today")).status_code == 200
