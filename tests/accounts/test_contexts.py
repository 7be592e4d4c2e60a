"""What weighs on a contact for a while: ours alone to know, and gone after its day."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.database.row_security import as_customer
from accounts.models import Context, ContextEnd, Refused, today
from tests.base import CastTestCase, days_ago, in_days

BOSS = "A new boss, who asks for every invoice twice"


def refusal_of(sql: str, *values: int) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(caught.value)


@pytest.mark.complaint(38)
class Contexts(CastTestCase):
    """Their circumstances are known to whoever talks to them, for as long as they last."""

    @pytest.mark.complaint(38)
    def test_stands_beside_the_person_on_the_accounts_page_while_it_lasts(self) -> None:
        self.send(self.olivia, "contact_context", self.champion.pk, text=BOSS, until=in_days(30))
        page = self.browse(self.max, "account", self.acme.pk)
        self.assertContains(page, BOSS)
        self.assertContains(page, f"until {in_days(30):%-d %b %Y}")
        self.assertContains(self.browse(self.max, "contact", self.champion.pk), BOSS)

    def test_is_gone_from_every_page_on_the_day_after(self) -> None:
        with mock.patch.object(timezone, "now", return_value=days_ago(40)):
            Context.note(self.champion, BOSS, today() + timedelta(days=39), by=self.olivia)
            Context.note(self.champion, "Until today", today() + timedelta(days=40), by=self.olivia)
        for name, thing in (("account", self.acme), ("contact", self.champion)):
            page = self.browse(self.olivia, name, thing.pk)
            self.assertNotContains(page, BOSS)
            self.assertContains(page, "Until today")
        assert Context.objects.filter(text=BOSS).exists()

    def test_somebody_may_say_earlier_that_it_matters_no_longer(self) -> None:
        noted = Context.note(self.champion, BOSS, in_days(30), by=self.olivia)
        self.assertRedirects(
            self.send(self.max, "context_end", noted.pk), reverse("contact", args=[self.champion.pk])
        )
        self.assertNotContains(self.browse(self.olivia, "account", self.acme.pk), BOSS)
        assert ContextEnd.objects.get().by == self.max
        with pytest.raises(Refused, match="has ended already"):
            noted.end(by=self.olivia)

    def test_ends_within_a_year_and_not_before_today(self) -> None:
        for until, said in (
            (in_days(-1), "Choose a day in the future"),
            (in_days(366), "It ends within a year"),
        ):
            page = self.send(self.olivia, "contact_context", self.champion.pk, text=BOSS, until=until)
            self.assertContains(page, said, status_code=409)
            self.assertContains(page, BOSS, status_code=409)
        assert not Context.objects.exists()
        Context.note(self.champion, BOSS, in_days(365), by=self.olivia)

    def test_that_it_ends_within_a_year_is_a_law(self) -> None:
        sql = """INSERT INTO accounts_context (contact_id, text, until, at, by_id)
                 VALUES (%s, 'For ever', now()::date + 400, now(), %s)"""
        assert "context_ends_within_a_year" in refusal_of(sql, self.champion.pk, self.olivia.pk)
        unending = sql.replace("now()::date + 400", "NULL")
        assert "null value" in refusal_of(unending, self.champion.pk, self.olivia.pk)

    def test_a_customer_has_no_right_to_read_it(self) -> None:
        """Law 4: whatever a page of theirs may ask, PostgreSQL refuses it."""
        Context.note(self.champion, BOSS, in_days(30), by=self.olivia)
        for table in ("accounts_context", "accounts_contextend"):
            with as_customer(self.acme):
                assert refusal_of(f"SELECT 1 FROM {table}").startswith("permission denied")
        self.assertNotContains(self.browse(self.carla, "customer_page"), BOSS)
        self.assertNotContains(self.browse(self.olivia, "customer_preview", self.acme.pk), BOSS)
        assert not Context.objects.visible_to(self.carla).exists()
        assert self.browse(self.carla, "contact_context", self.champion.pk).status_code == 404

    def test_an_erasure_blanks_it_and_what_others_say_of_them(self) -> None:
        Context.note(self.champion, BOSS, in_days(30), by=self.olivia)
        Context.note(self.dieter, "Quarrels with Carla Weiss", in_days(30), by=self.olivia)
        self.champion.erase(by=self.omar, because="Her own request")
        assert set(Context.objects.values_list("text", flat=True)) == {
            "[erased on request]",
            "Quarrels with a former contact",
        }
        with pytest.raises(Refused, match="was erased"):
            Context.note(self.champion, BOSS, in_days(30), by=self.olivia)
