"""Who at the customer sees their page, and who lets them."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import Coverage, Letter, Refused, User
from accounts.tasks import send_letters
from tests.base import CastTestCase, make_contact


class Invitations(CastTestCase):
    def test_the_owner_invites_a_contact_by_a_letter_in_their_own_name(self) -> None:
        self.dieter.email = "dieter@acme.example"
        self.dieter.save()
        page = self.send(self.olivia, "contact_invite", self.dieter.pk)
        assert page.status_code == 302
        user = User.objects.get(contact=self.dieter)
        assert user.is_customer
        assert user.is_active
        send_letters()
        (letter,) = mail.outbox
        assert letter.to == ["Dieter Krol <dieter@acme.example>"]
        assert letter.from_email.startswith("Olivia Brandt")
        assert letter.reply_to == [f"Olivia Brandt <{self.olivia.email}>"]
        send_letters()
        assert len(mail.outbox) == 1

    def test_a_contact_without_an_address_cannot_be_invited(self) -> None:
        page = self.send(self.olivia, "contact_invite", self.dieter.pk)
        assert page.status_code == 409
        self.assertContains(page, "e-mail address first", status_code=409)
        assert not Letter.objects.exists()

    def test_only_the_owner_managers_and_operations_invite(self) -> None:
        assert self.send(self.nils, "contact_invite", self.dieter.pk).status_code == 404
        assert self.send(self.carla, "contact_invite", self.dieter.pk).status_code == 404
        Coverage.begin(self.acme, "support", self.ines, by=self.max, because="Helps out")
        assert self.send(self.ines, "contact_invite", self.dieter.pk).status_code == 403

    def test_an_invitation_that_ended_can_be_given_again(self) -> None:
        carla = self.champion
        carla.end_invitation(by=self.olivia)
        assert self.browse(self.carla, "customer_page").status_code == 302
        with pytest.raises(Refused):
            carla.end_invitation(by=self.olivia)
        assert carla.invite(by=self.olivia) == self.carla
        assert self.browse(self.carla, "customer_page").status_code == 200

    def test_nobody_comes_in_by_an_address_that_somebody_else_has_too(self) -> None:
        jo = make_contact(self.acme, "Jo Park", email="desk@acme.example")
        jim = make_contact(self.acme, "Jim Park", email="Desk@acme.example")
        for one, other in ((jo, jim), (jim, jo)):
            with pytest.raises(
                Refused, match=f"{other} has that e-mail address, too: whoever reads it could"
            ):
                one.invite(by=self.olivia)
        jo.correct(by=self.olivia, email="jo@acme.example")
        user = jo.invite(by=self.olivia)
        with pytest.raises(Refused, match="Jim Park has that e-mail address, too"):
            user.change_address("desk@acme.example", by=self.omar)
        user.refresh_from_db()
        assert user.email == "jo@acme.example"

    def test_of_another_account_nobody_is_named(self) -> None:
        make_contact(self.dunmore, "Dora Quill", email="desk@acme.example")
        jo = make_contact(self.acme, "Jo Park", email="desk@acme.example")
        with pytest.raises(Refused, match="Somebody else has that e-mail address, too") as refused:
            jo.invite(by=self.olivia)
        assert "Dora" not in str(refused.value)

    def test_whoever_is_written_down_twice_is_one_person(self) -> None:
        make_contact(self.cobalt, "Jo Park", email="jo@acme.example")
        user = make_contact(self.acme, "Jo Park", email="jo@acme.example").invite(by=self.olivia)
        assert user.may_come_in
