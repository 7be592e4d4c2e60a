"""People whom an import brought without an address: they get one in bulk, and until then nothing waits for them."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone

from accounts.importing.addresses import with_invented_addresses
from accounts.models import ImportBatch, Letter, User
from handoffs.models import Handoff
from tests.base import CastTestCase, make_account, make_user
from tests.handoffs.steps import hand_over, write


class InBulk(CastTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.jo = make_user("Jo Park", email="jo.park@import.invalid", external_id="U1")
        self.kim = make_user("Kim Ode", email="kim.ode@import.invalid", reports_to=self.jo)

    def sent(self, text: str, **more: object) -> HttpResponse:
        return self.send(self.omar, "address_list", list=text, **more)

    def give(self, text: str) -> HttpResponse:
        """Look at the list, and give what it gives."""
        page = self.sent(text)
        assert page.status_code == 200
        (mark,) = [line.split('value="')[1].split('"')[0] for line in lines_with(page, 'name="give"')]
        return self.sent(text, give=mark)

    def as_it_is(self, person: User) -> tuple[str, str, str]:
        found = User.objects.select_related("reports_to").get(pk=person.pk)
        return found.email, str(found.reports_to or ""), found.kind

    def test_who_waits_is_listed_and_nobody_else(self) -> None:
        signed_in = make_user("Ada Reed", email="ada@import.invalid", last_login=timezone.now())
        make_user("Gone Girl", email="gone@import.invalid", is_active=False)
        page = self.browse(self.omar, "address_list").content.decode()
        assert "Jo Park" in page
        assert "Kim Ode" in page
        assert str(signed_in) not in page
        assert "Gone Girl" not in page
        assert "Nils Aalto" not in page

    def test_a_domain_that_was_chosen_for_them_counts_too(self) -> None:
        lee = make_user("Lee Moon", email="lee.moon@no-mail.example")
        assert lee not in with_invented_addresses()
        batch = ImportBatch.objects.create(created_by=self.omar, answers={"domain": "no-mail.example"})
        batch.applied_at, batch.applied_by = timezone.now(), self.omar
        batch.save()
        assert lee in with_invented_addresses()

    def test_nothing_changes_before_it_is_given_and_then_all_of_it_by_the_verbs(self) -> None:
        text = "U1, jo@vendor.example, Max Adeyemi, manager\nKim Ode, kim@vendor.example\n"
        page = self.sent(text).content.decode()
        for words in (
            "jo.park@import.invalid → jo@vendor.example",
            "rep → manager",
            "reports to nobody → Max Adeyemi",
            "kim.ode@import.invalid → kim@vendor.example",
        ):
            assert words in page
        assert self.as_it_is(self.jo)[0] == "jo.park@import.invalid"
        assert self.give(text).status_code == 302
        assert self.as_it_is(self.jo) == ("jo@vendor.example", "Max Adeyemi", "manager")
        assert self.as_it_is(self.kim) == ("kim@vendor.example", "Jo Park", "rep")
        told = Letter.objects.filter(to=self.jo, subject="What is recorded of you has changed")
        assert set(told.values_list("address", flat=True)) == {"jo@vendor.example"}
        assert not with_invented_addresses()

    def test_columns_may_be_named_in_any_order_and_come_as_a_file(self) -> None:
        file = SimpleUploadedFile("a.csv", b"E-mail;Kind;Name\njo@vendor.example;Manager;JO  PARK\n")
        page = self.send(self.omar, "address_list", file=file)
        self.assertContains(page, "jo.park@import.invalid → jo@vendor.example")
        self.assertContains(page, "rep → manager")

    def test_every_line_that_fits_nobody_says_why_and_the_others_are_given(self) -> None:
        make_user("Kim Ode", email="kim2@import.invalid")
        lines = {
            "Nobody Here, x@vendor.example": "Nobody here has the name, id or address “Nobody Here”.",
            "Kim Ode, kim@vendor.example": "2 people are called “Kim Ode”",
            "Ines Carvalho, i@vendor.example": "Ines Carvalho has an address of their own already",
            "kim.ode@import.invalid, kim": "“kim” is not an e-mail address.",
            "kim2@import.invalid, carla@acme.example": "Somebody else signs in with carla@acme.example.",
            ", y@vendor.example": "It names nobody.",
        }
        text = "\n".join([*lines, "Jo Park, jo@vendor.example"])
        page = self.sent(text).content.decode()
        for words in lines.values():
            assert words in page
        assert self.give(text).status_code == 302
        assert self.as_it_is(self.jo)[0] == "jo@vendor.example"
        assert self.as_it_is(self.kim)[0] == "kim.ode@import.invalid"

    def test_lines_that_contradict_each_other_or_the_house_are_refused(self) -> None:
        cases = {
            "Jo Park, a@vendor.example\nU1, b@vendor.example": "Jo Park is in 2 lines.",
            "Jo Park, a@vendor.example\nKim Ode, A@vendor.example": "is in 2 lines: whoever reads it",
            "Jo Park, jo@other.invalid": "No mail reaches jo@other.invalid.",
            "Jo Park,, Kim Ode": "Kim Ode is a rep.",
            "Jo Park,, Nils Berg": "Their manager: Nobody here has the name",
            "Jo Park,,, boss": "“boss” is none of rep, manager and operations.",
            "Jo Park,, Kim Ode\nKim Ode,,, manager": "Kim Ode reports to Jo Park: reporting lines cannot go",
            "Jo Park": "It says nothing new.",
        }
        for text, words in cases.items():
            with self.subTest(text):
                page = self.sent(text)
                self.assertContains(page, words)
        assert self.as_it_is(self.jo) == ("jo.park@import.invalid", "", "rep")

    def test_whoever_has_signed_in_keeps_the_rule_of_the_old_address(self) -> None:
        User.objects.filter(pk=self.jo.pk).update(last_login=timezone.now())
        page = self.sent("Jo Park, jo@vendor.example")
        self.assertContains(page, "Jo Park has signed in already: change it on their page")
        self.assertNotContains(page, 'name="give"')

    def test_what_has_changed_since_is_shown_again_and_nothing_given(self) -> None:
        text = "Jo Park, jo@vendor.example\n"
        page = self.sent(text)
        (mark,) = [line.split('value="')[1].split('"')[0] for line in lines_with(page, 'name="give"')]
        make_user("Another", email="jo@vendor.example")
        again = self.sent(text, give=mark)
        self.assertContains(again, "Nothing was given: something has changed since you looked.")
        self.assertContains(again, "Somebody else signs in with jo@vendor.example.")
        assert self.as_it_is(self.jo)[0] == "jo.park@import.invalid"

    def test_only_operations_give_addresses(self) -> None:
        assert self.send(self.max, "address_list", list="Jo Park, j@x.example").status_code == 403
        assert self.browse(self.olivia, "address_list").status_code == 403


def lines_with(page: HttpResponse, words: str) -> list[str]:
    return [line for line in page.content.decode().split("<") if words in line]


class UntilThen(CastTestCase):
    """Ida is the imported manager of the new rep, and has no address; Max stands above her."""

    def setUp(self) -> None:
        super().setUp()
        self.ida = make_user("Ida Nu", User.Kind.MANAGER, email="ida.nu@import.invalid", reports_to=self.max)
        self.rep = make_user("Rob Ek", reports_to=self.ida)
        self.account = make_account("Kestrel Glass", self.rep)

    def test_an_approval_waits_for_the_nearest_manager_who_can_come_in(self) -> None:
        handoff = hand_over(self.account, self.ines, by=self.max)
        write(handoff, by=self.rep)
        assert handoff.approvers() == [self.max]
        self.ida.change_address("ida@vendor.example", by=self.omar)
        again = Handoff.objects.get(pk=handoff.pk)
        assert [one.name for one in again.approvers()] == ["Ida Nu", "Max Adeyemi"]

    def test_what_somebody_held_who_leaves_goes_there_too(self) -> None:
        self.rep.deactivate(by=self.omar, because="Left")
        assert self.account.owner == self.max

    def test_where_nobody_above_has_an_address_it_is_the_nearest_all_the_same(self) -> None:
        for person in (self.max, self.petra, self.omar):
            User.objects.filter(pk=person.pk).update(email=f"{person.pk}@import.invalid")
        rep = User.objects.get(pk=self.rep.pk)
        assert rep.manager_if_any() == self.ida
