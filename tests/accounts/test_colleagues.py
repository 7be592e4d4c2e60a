"""Who changes what a colleague is, to whom they report and whether they have access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Letter, Refused, User
from tests.base import CastTestCase, make_user
from tests.laws import refusal_of


class Colleagues(CastTestCase):
    def fields(self, person: User, **changed: Any) -> dict[str, Any]:
        fields = {
            "name": person.name, "email": person.email, "kind": person.kind, "title": person.title,
            "reports_to": person.reports_to_id or "",
        }  # fmt: skip
        return fields | changed

    def test_a_manager_adds_reps_only(self) -> None:
        for kind in ("manager", "operations", "customer"):
            sent: dict[str, Any] = {
                "name": "Eve",
                "email": "eve@vendor.example",
                "kind": kind,
                "reports_to": self.max.pk,
            }
            with self.subTest(kind):
                assert self.send(self.max, "person_new", **sent).status_code == 200
                with pytest.raises((PermissionDenied, Refused)):
                    User.add(by=self.max, **(sent | {"reports_to": self.max}))
        with pytest.raises(PermissionDenied):
            User.add(by=self.max, name="Eve", email="eve@vendor.example", reports_to=self.petra)
        assert not User.objects.filter(name="Eve").exists()

    def test_a_manager_changes_neither_kind_nor_line(self) -> None:
        for changed in (
            {"kind": "manager"},
            {"kind": "operations"},
            {"reports_to": self.max.pk},
            {"reports_to": ""},
        ):
            self.send(
                self.petra, "person_edit", self.olivia.pk, **self.fields(self.olivia, title="Key", **changed)
            )
        self.olivia.refresh_from_db()
        assert (self.olivia.kind, self.olivia.reports_to, self.olivia.title) == ("rep", self.max, "Key")
        changes: list[Callable[[], object]] = [
            lambda: self.olivia.correct(by=self.petra, kind="manager"),
            lambda: self.olivia.correct(by=self.petra, reports_to=self.petra),
            lambda: self.olivia.change_kind("manager", by=self.max),
            lambda: self.olivia.change_manager(None, by=self.max),
        ]
        for change in changes:
            with pytest.raises(PermissionDenied):
                change()

    def test_operations_are_under_no_managers_hand(self) -> None:
        otis = make_user("Otis Ops", User.Kind.OPERATIONS, reports_to=self.max)
        for name in ("person_edit", "person_deactivate", "departure_new", "leave_new"):
            with self.subTest(name):
                assert self.browse(self.max, name, otis.pk).status_code in {403, 404}
        with pytest.raises(PermissionDenied):
            otis.correct(by=self.max, name="Mine")

    def test_nobody_changes_themselves_nor_the_last_ones(self) -> None:
        otis = make_user("Otis Ops", User.Kind.OPERATIONS)
        for person, by, told in (
            (self.omar, self.omar, "Nobody changes this of themselves"),
            (self.petra, self.omar, "person of last resort"),
        ):
            for changed in ({"kind": "rep"}, {"reports_to": self.max.pk}):
                page = self.send(by, "person_edit", person.pk, **self.fields(person, **changed))
                self.assertContains(page, told, status_code=409)
        with pytest.raises(Refused, match="of themselves"):
            otis.deactivate(by=otis, because="Enough")
        otis.deactivate(by=self.omar, because="Left")
        with pytest.raises(Refused, match="Nobody else works in operations"):
            self.omar.change_kind("rep", by=otis)

    def test_postgresql_keeps_one_in_operations(self) -> None:
        told = "Nobody else works in operations. Add another first."
        assert refusal_of("UPDATE accounts_user SET kind = 'rep' WHERE id = %s", self.omar.pk) == told
        assert refusal_of("UPDATE accounts_user SET is_active = false WHERE id = %s", self.omar.pk) == told
        otis = make_user("Otis Ops", User.Kind.OPERATIONS)
        assert refusal_of("UPDATE accounts_user SET kind = 'rep' WHERE kind = 'operations'") == told
        User.objects.filter(pk=otis.pk).update(is_active=False)
        assert refusal_of("UPDATE accounts_user SET kind = 'rep' WHERE id = %s", self.omar.pk) == told

    def test_every_change_is_told_to_the_address_of_that_moment(self) -> None:
        tess = make_user("Tess Oak", reports_to=self.max)
        new = {"kind": "manager", "email": "tess@new.example", "reports_to": self.petra.pk}
        assert self.send(self.omar, "person_edit", tess.pk, **self.fields(tess, **new)).status_code == 302
        tess.refresh_from_db()
        assert (tess.kind, tess.email, tess.reports_to) == ("manager", "tess@new.example", self.petra)
        letters = Letter.objects.filter(to=tess)
        assert set(letters.values_list("address", flat=True)) == {"tess.oak@vendor.example"}
        assert letters.count() == 3

    def test_only_operations_let_somebody_in_again(self) -> None:
        self.olivia.deactivate(by=self.max, because="Left")
        assert self.send(self.max, "person_reactivate", self.olivia.pk).status_code == 403
        page = self.browse(self.max, "person", self.olivia.pk).content.decode()
        assert reverse("person_reactivate", args=[self.olivia.pk]) not in page
        assert self.send(self.omar, "person_reactivate", self.olivia.pk).status_code == 302
        assert Letter.objects.filter(to=self.olivia, signed_by=self.omar).exists()
