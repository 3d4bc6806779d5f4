"""The page of people: who is there, where nobody is yet, and affiliates with people who agreed to be named."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.queries import broken_promises, waits_about
from apps.deadlines.sweep import sweep
from apps.notifications.models import Letter
from apps.people import actions
from apps.people.models import Affiliate, Contact, RoleTerm
from tests.conftest import NOW, granted
from tests.journeys.reader import Reader

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("catalogue")]
YEAR = timedelta(days=365)
ANSWER_BY = add_working_days(NOW, 10)


@pytest.fixture
def affiliate():
    return Affiliate.objects.filter(region="ssa").first()


@pytest.fixture
def liaison(person):
    return granted(person("Zuri"), "liaison", languages=["sw"], regions=["ssa"])


def reader_as(person=None):
    reader = Reader()
    if person:
        reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return reader


def letters(person, kind):
    return Letter.objects.filter(recipient=person, notice__kind=f"people.{kind}").count()


# --- Who is there -----------------------------------------------------------------------------


def test_an_empty_site_says_that_nobody_is_there_and_invites(db):
    page = reader_as().open("/people/")
    assert "Nobody has taken a role here yet." in page.text
    assert page.text.count("Nobody yet.") > 20
    assert page.link("Kiswahili") == "/people/?language=sw"
    assert page.link("Be the first: Liaison, Sub-Saharan Africa") == "/people/ask/liaison/?region=ssa"


def test_the_page_names_who_holds_a_role_where_and_counts_where_nobody_is(liaison, stranger, volunteer):
    actions.ask_for_role(
        role="translator", why="I can.", languages=["ca"], regions=[], recommendations=[], by=stranger, now=NOW
    )
    actions.ask_for_role(
        role="facilitator", why="Yes.", languages=[], regions=[], recommendations=[3], by=volunteer, now=NOW
    )
    page = reader_as().open("/people/")
    assert "1 person has taken a role. 7 regions have nobody yet." in page.text
    assert "Sven" not in page.text
    sweep(now=ANSWER_BY)
    page = reader_as().open("/people/")
    assert "3 people have taken a role." in page.text
    assert "Sven (unconfirmed" in page.text
    assert "Ada (unconfirmed" in page.text


def test_the_filters_leave_one_place_or_one_role(liaison):
    reader = reader_as()
    page = reader.open("/people/?region=ssa")
    assert "Zuri" in page.text
    assert "Be the first: Liaison, Middle East" not in page.text
    assert "Kiswahili" not in [text for text, _href in page.links]
    assert "By recommendation" not in page.text
    page = reader.open("/people/?language=sw&role=translator")
    assert "Zuri" not in page.text
    assert page.link("Be the first: Translator, Kiswahili") == "/people/ask/translator/?language=sw"
    assert "Kiswahili" in reader.open("/people/?language=sw").text
    assert reader.open("/people/?region=moon&role=emperor&language=%00").status == 200


def test_blocked_people_and_ended_roles_are_not_shown(liaison):
    liaison.blocked_at = NOW
    liaison.save()
    assert "Zuri" not in reader_as().open("/people/").text


def test_the_invitation_of_a_place_fills_the_form(volunteer):
    page = reader_as(volunteer).open("/people/ask/facilitator/?region=ssa&recommendation=3")
    values = page.form("Ask for the role").values
    assert (values["regions"], values["recommendations"]) == (["ssa"], ["3"])
    assert sorted(values["languages"]) == ["ar", "en"]


# --- Contacts of affiliates -------------------------------------------------------------------


def test_a_contact_is_shown_unconfirmed_at_once_and_an_administrator_is_asked(affiliate, volunteer, administrator):
    contact = actions.say_contact(affiliate, by=volunteer, now=NOW)
    [wait] = waits_about(contact)
    assert wait.due_at == ANSWER_BY
    assert "the contacts of" in wait.owner_name
    assert (letters(administrator, "contact_asked"), letters(volunteer, "contact_asked")) == (1, 0)
    assert "Ada (unconfirmed" in reader_as().open("/people/?region=ssa").text
    with pytest.raises(Refused, match="said so already"):
        actions.say_contact(affiliate, by=volunteer, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(affiliate=affiliate, user=volunteer, said_at=NOW)


def test_a_confirmed_contact_confirms_the_next_one_of_the_same_affiliate_only(
    affiliate, volunteer, stranger, person, administrator, sign_in
):
    first = actions.say_contact(affiliate, by=volunteer, now=NOW)
    second = actions.say_contact(affiliate, by=stranger, now=NOW)
    elsewhere = actions.say_contact(Affiliate.objects.exclude(pk=affiliate.pk).first(), by=person("Eve"), now=NOW)
    client = sign_in(volunteer)
    assert client.post(f"/people/contacts/{second.pk}/confirm/").status_code == 403
    assert client.post(f"/people/contacts/{first.pk}/confirm/").status_code == 403
    actions.confirm_contact(first, by=administrator, now=NOW)
    assert client.post(f"/people/contacts/{second.pk}/confirm/").status_code == 302
    assert client.post(f"/people/contacts/{elsewhere.pk}/confirm/").status_code == 403
    assert set(Contact.objects.filter(state="confirmed")) == {first, second}
    # Whom somebody has confirmed, only an administrator takes off.
    taken_off = client.post(f"/people/contacts/{second.pk}/take-off/", {"reason": "I know better."})
    assert taken_off.status_code == 403
    with pytest.raises(Refused, match="Somebody else"):
        actions.refuse_contact(first, reason="Me", by=volunteer, now=NOW)
    with pytest.raises(Refused, match="Confirmed"):
        actions.confirm_contact(second, by=administrator, now=NOW)


def test_silence_leaves_the_name_unconfirmed_and_it_can_still_be_confirmed(affiliate, volunteer, administrator):
    contact = actions.say_contact(affiliate, by=volunteer, now=NOW)
    sweep(now=ANSWER_BY)
    contact.refresh_from_db()
    assert contact.state == "unconfirmed"
    assert "Ada (unconfirmed" in reader_as().open("/people/").text
    actions.confirm_contact(contact, by=administrator, now=ANSWER_BY)
    assert letters(volunteer, "contact_confirmed") == 1
    assert broken_promises() == []


def test_a_name_is_taken_back_at_any_time_and_taken_off_with_a_reason(affiliate, volunteer, stranger, administrator):
    contact = actions.say_contact(affiliate, by=volunteer, now=NOW)
    actions.take_back_contact(contact, by=volunteer, now=NOW)
    again = actions.say_contact(affiliate, by=volunteer, now=NOW)
    actions.refuse_contact(again, reason="We do not know Ada.", by=administrator, now=NOW)
    assert letters(volunteer, "contact_refused") == 1
    assert "Ada" not in reader_as().open(affiliate.get_absolute_url()).text
    with pytest.raises(Refused, match="Taken off"):
        actions.take_back_contact(again, by=volunteer, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=again.pk).update(answer="")
    assert broken_promises() == []


def test_the_whole_way_on_the_page_of_an_affiliate(affiliate, volunteer, person):
    amal = person("Amal")
    actions.grant_role(amal, role="administrator", until=timezone.now() + YEAR, by=None, now=timezone.now())
    ada, admin = reader_as(volunteer), reader_as(amal)
    assert "Nobody is named as a contact yet." in ada.open(affiliate.get_absolute_url()).text
    ada.press("I am a contact")
    assert "1 person is a contact." in ada.page.text
    assert "Silence: the name stays, marked as unconfirmed" in ada.page.text
    assert not any(form.has("Confirm") for form in ada.page.forms)
    ada.press_again()
    assert "You have said so already" in ada.page.text
    admin.open(affiliate.get_absolute_url())
    admin.press("Take it off", reason="")
    assert "Say why." in admin.page.text
    admin.open(affiliate.get_absolute_url())
    admin.press("Confirm")
    assert "confirmed · since" in admin.page.text
    ada.open(affiliate.get_absolute_url())
    ada.press("Take my name back")
    assert "Nobody is named as a contact yet." in ada.page.text


# --- What an affiliate takes under its wing ----------------------------------------------------


def test_an_affiliate_takes_a_recommendation_under_its_wing_through_its_contact(
    affiliate, volunteer, stranger, administrator
):
    eve = reader_as(stranger)
    assert "In whose name?" not in eve.open("/people/ask/facilitator/").text
    actions.say_contact(affiliate, by=volunteer, now=timezone.now())
    ada = reader_as(volunteer)
    assert "In whose name?" not in ada.open("/people/ask/liaison/").text, "Affiliates take part as facilitators."
    ada.open(affiliate.get_absolute_url())
    ada.follow("Take something under its wing")
    ada.press("Ask for the role", why="We have two people for it.", recommendations="3")
    term = RoleTerm.objects.get(role="facilitator")
    assert (term.affiliate, term.user) == (affiliate, volunteer)
    admin = reader_as(administrator)
    assert "the contact is not confirmed yet" in admin.open(term.get_absolute_url()).text
    admin.press("Confirm")
    visitor = reader_as()
    assert str(affiliate) in visitor.open("/recommendations/3/").text
    assert volunteer.username not in visitor.page.text, "It is shown by the name of the affiliate."
    table = visitor.open("/people/?role=facilitator").text.partition("By recommendation")[2]
    assert str(affiliate) in table.partition("Affiliates, by region")[0]
    assert "Under its wing Facilitator 3 " in visitor.open(affiliate.get_absolute_url()).text
    assert str(affiliate) in visitor.open("/record/").text
    ada.open(affiliate.get_absolute_url())
    ada.press("Take my name back")
    assert "Wanted:" in visitor.open("/recommendations/3/").text, "Without its contact the affiliate has no voice."
    term.refresh_from_db()
    assert (term.state, waits_about(term), broken_promises()) == ("ended", [], [])


def test_nobody_asks_in_the_name_of_an_affiliate_of_others(affiliate, volunteer, stranger, administrator):
    contact = actions.say_contact(affiliate, by=volunteer, now=NOW)

    def ask(role, by):
        return actions.ask_for_role(
            role=role,
            why="We would.",
            languages=["sw"],
            regions=[],
            recommendations=[],
            affiliate=affiliate,
            by=by,
            now=NOW,
        )

    for role, by, sentence in (
        ("facilitator", stranger, "that you are a contact of it"),
        ("liaison", volunteer, "Affiliates take part as facilitators"),
    ):
        with pytest.raises(Refused, match=sentence):
            ask(role, by)
    asked = ask("facilitator", volunteer)
    actions.refuse_contact(contact, reason="Nobody there knows you.", by=administrator, now=NOW)
    asked.refresh_from_db()
    assert (asked.state, waits_about(asked)) == ("taken_back", [])
    with pytest.raises(IntegrityError, match="affiliates_take_part_as_facilitators"), transaction.atomic():
        RoleTerm.objects.filter(pk=asked.pk).update(role="liaison")


# --- Where roles are shown elsewhere -----------------------------------------------------------


def test_a_recommendation_names_its_facilitators_or_says_that_one_is_wanted(person):
    reader = reader_as()
    page = reader.open("/recommendations/3/")
    assert "Wanted: nobody has this recommendation under their wing yet." in page.text
    assert page.link("Be the first") == "/people/ask/facilitator/?recommendation=3"
    granted(person("Zuri"), "facilitator", recommendations=[3])
    granted(person("Omari"), "facilitator", recommendations=[4])
    page = reader.open("/recommendations/3/")
    assert "Zuri" in page.text
    assert "Omari" not in page.text
    assert "Wanted" not in page.text


def test_my_page_shows_my_roles_with_their_ends_and_renews_in_time(volunteer):
    now = timezone.now()
    reader = reader_as(volunteer)
    assert "None yet. Take a role" in reader.open("/me/").text
    for role, days in (("translator", 20), ("liaison", 200)):
        actions.grant_role(volunteer, role=role, until=now + timedelta(days=days), languages=["ar"], by=None, now=now)
    actions.ask_for_role(
        role="editor", why="I can.", languages=[], regions=[], recommendations=[], by=volunteer, now=now
    )
    page = reader.open("/me/")
    assert "asked on" in page.text
    assert "A request for the role “Editor of Strategy News”" in page.text
    assert [form.has("Renew for 12 months") for form in page.forms].count(True) == 1
    page = reader.press("Renew for 12 months: Translator")
    assert "Renewed for 12 months. Thank you." in page.text
