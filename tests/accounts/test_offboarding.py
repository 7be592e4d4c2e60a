"""Who leaves is out first, whatever becomes of moving what they held."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.core import mail
from django.test import override_settings
from django.urls import reverse

from accounts.models import Coverage, Letter, Offboarding, Refused, User
from accounts.models.coverage import CoverageQuerySet
from accounts.models.offboarding import OUR_FAULT
from accounts.rules import clocks
from accounts.tasks import move_books, send_digests, send_letters
from tests.base import CastTestCase, make_obligation, make_user, the_cast
from tests.handoffs.test_verbs import at_once, one_wins

FAILS = mock.patch.object(CoverageQuerySet, "leave_to", side_effect=RuntimeError("The power went out"))
LARGE = mock.patch("accounts.models.offboarding.SMALL", 0)


def it_is_time() -> None:
    """For the next try of every book that waits."""
    Offboarding.objects.unfinished().update(next_try_at=clocks.now())


class OutFirst(CastTestCase):
    def gone(self) -> Offboarding:
        """Olivia's access has ended, and what she held has not moved: the second act failed."""
        with FAILS, self.assertLogs("accounts.models.offboarding", "ERROR"):
            assert self.olivia.deactivate(by=self.max, because="She went over night") == self.max
        return Offboarding.objects.get()

    def test_where_moving_the_book_fails_the_person_stays_out(self) -> None:
        browser = self.as_(self.olivia)
        offboarding = self.gone()
        assert (self.olivia.is_active, self.olivia.may_come_in) == (True, False)
        assert not self.olivia.sessions.exists()
        assert browser.get(reverse("today")).status_code == 302
        assert (offboarding.tries, offboarding.failed_because) == (1, OUR_FAULT)
        assert self.acme.owner == self.olivia  # nobody is dropped meanwhile

    def test_it_is_tried_again_by_itself_after_growing_pauses(self) -> None:
        offboarding = self.gone()
        pauses = []
        for _ in range(9):
            it_is_time()
            with FAILS, self.assertLogs("accounts.models.offboarding", "ERROR"):
                move_books()
            offboarding.refresh_from_db()
            pauses.append(round((offboarding.next_try_at - clocks.now()) / timedelta(minutes=1)))
        assert pauses == [2, 4, 8, 16, 32, 60, 60, 60, 60]
        move_books()  # too early
        assert User.objects.get(pk=self.olivia.pk).is_active
        it_is_time()
        move_books()
        self.olivia.refresh_from_db()
        assert not self.olivia.is_active
        assert self.olivia.deactivated_because == "She went over night"
        assert not Coverage.objects.current().filter(person=self.olivia).exists()
        offboarding.refresh_from_db()
        assert offboarding.finished_at
        assert not offboarding.failed_because

    def test_her_manager_sees_it_and_tries_again(self) -> None:
        self.gone()
        page = self.browse(self.max, "person", self.olivia.pk).content.decode()
        assert "Olivia Brandt’s access ended on" in page
        assert OUR_FAULT in page
        assert "Try again now" in page
        assert "access ended on" not in self.browse(self.ines, "person", self.olivia.pk).content.decode()
        self.send(self.max, "person_move_book", self.olivia.pk)
        assert not User.objects.get(pk=self.olivia.pk).is_active
        assert self.send(self.max, "person_move_book", self.olivia.pk).status_code == 409

    def test_no_door_opens(self) -> None:
        make_obligation(self.acme, due_in=0)
        Letter.write(self.olivia, signed_by=self.max, subject="Hello", text="Are you there?")
        self.gone()
        browser = self.as_(self.olivia)  # a session that was made after all, as in a race
        for asked in (
            browser.get(reverse("today")),
            browser.get(reverse("today"), headers={"hx-request": "true"}),
        ):
            assert asked.status_code == 302
            browser.force_login(self.olivia)
        with override_settings(DEMO=True):
            assert self.client.post(reverse("cast_sign_in", args=[self.olivia.pk])).status_code == 404
        assert self.olivia not in User.objects.can_serve()
        send_digests()
        send_letters()
        assert not [letter for letter in mail.outbox if self.olivia.email in letter.to[0]]

    def test_a_code_that_was_mailed_before_lets_nobody_in(self) -> None:
        self.client.post(reverse("account_login"), {"email": self.olivia.email})
        code = next(word for word in mail.outbox[-1].body.split() if word.isupper() and len(word) >= 6)
        self.gone()
        answer = self.client.post(reverse("account_confirm_login_code"), {"code": code})
        assert answer.status_code == 302
        assert answer["Location"] == reverse("account_login")
        assert not self.olivia.sessions.exists()

    def test_nobody_whose_access_has_ended_acts_for_others(self) -> None:
        self.max.end_access(by=self.omar, because="He left")
        assert User.objects.get(pk=self.olivia.pk).nearest_manager() == self.petra

    def test_the_question_and_the_filter_say_the_same(self) -> None:
        self.gone()
        make_user("Gerd Moll", is_active=False)
        self.ines.deactivate(by=self.max, because="Left")
        active = set(User.objects.active())
        assert active == {person for person in User.objects.all() if person.may_come_in}
        assert not {self.olivia, self.ines} & active

    def test_a_large_book_moves_in_the_background(self) -> None:
        with LARGE, self.captureOnCommitCallbacks() as told:
            self.olivia.deactivate(by=self.max, because="Left")
        assert self.acme.owner == self.olivia
        for tell in told:
            tell()
        self.acme.refresh_from_db()
        assert self.acme.owner == self.max

    def test_who_is_back_is_let_in_and_nothing_moves_any_more(self) -> None:
        self.gone()
        self.olivia.reactivate(by=self.omar)
        it_is_time()
        move_books()
        self.olivia.refresh_from_db()
        assert self.olivia.may_come_in
        assert self.acme.owner == self.olivia


def test_of_two_managers_at_once_one_ends_the_access_and_the_other_is_told(transactional_db: None) -> None:
    cast = the_cast()
    mine, theirs = User.objects.get(pk=cast.olivia.pk), User.objects.get(pk=cast.olivia.pk)
    ended = at_once(
        lambda: mine.deactivate(by=cast.max, because="Left"),
        lambda: theirs.deactivate(by=cast.petra, because="Went"),
    )
    assert one_wins(ended)
    assert "access has already ended" in str(next(one for one in ended if isinstance(one, Refused)))
    assert Offboarding.objects.get().finished_at


@pytest.mark.parametrize(
    "between",
    ["Offboarding.begin = lambda self: os.kill(os.getpid(), signal.SIGKILL)", "offboarding.SMALL = 0"],
    ids=["killed between the two acts", "no broker"],
)
def test_what_happens_between_the_two_acts(between: str, site_environment: dict[str, str]) -> None:
    """The first is committed, and the second is done as soon as somebody can."""
    cast = the_cast()
    leave = (
        "import os, signal; from accounts.models import Offboarding, User, offboarding;"
        f"{between};"
        f"User.objects.get(pk={cast.olivia.pk}).deactivate(by=User.objects.get(pk={cast.max.pk}), because='Left')"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", leave],
        cwd=settings.BASE_DIR,
        env=site_environment | {"REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
    )
    cast.olivia.refresh_from_db()
    assert (cast.olivia.is_active, cast.olivia.may_come_in) == (True, False)
    assert not Offboarding.objects.get().finished_at
    it_is_time()
    move_books()
    cast.olivia.refresh_from_db()
    assert not cast.olivia.is_active
    assert cast.acme.owner == cast.max
