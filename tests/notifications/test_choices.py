"""How letters come: by and large, for each kind, and the one click that stops them."""

import re

import pytest
from django.core import signing
from django.urls import reverse

from apps.accounts.actions import pause_mail, sign_in_from_wikimedia
from apps.deadlines.words import REMINDER
from apps.groups.words import ADMITTED, INVITATION
from apps.notifications.actions import render
from apps.notifications.kinds import KINDS, LetterKind
from apps.notifications.models import Letter
from apps.notifications.tokens import DIGESTS, unsubscribe_token
from tests.conftest import NOW
from tests.notifications.post import arrived, post, unsubscribe_link, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CHOICES = "/notices/choices/"
AS_ABOVE = dict.fromkeys(KINDS, "")


def choices_of(person):
    person.refresh_from_db()
    return person.mail, person.mail_by_kind


# --- The page --------------------------------------------------------------------------------


def test_every_kind_of_letter_stands_on_the_page_under_its_topic(sign_in, volunteer):
    page = sign_in(volunteer).get(CHOICES).content.decode()
    for kind in KINDS.values():
        assert str(kind.title) in page
        assert f'name="{kind.name}"' in page
    assert page.index("Groups") < page.index(str(INVITATION.title))


def test_only_what_is_different_is_kept(sign_in, volunteer):
    chosen = AS_ABOVE | {"mail": "daily", "groups.invitation": "at_once", "groups.admitted": "daily"}
    assert sign_in(volunteer).post(CHOICES, chosen).status_code == 302
    assert choices_of(volunteer) == ("daily", {"groups.invitation": "at_once"})


def test_the_page_shows_what_was_chosen(sign_in, volunteer):
    volunteer.mail, volunteer.mail_by_kind = "weekly", {"groups.invitation": "site"}
    volunteer.save()
    form = sign_in(volunteer).get(CHOICES).context["form"]
    assert (form["mail"].value(), form["groups.invitation"].value()) == ("weekly", "site")
    assert form["groups.admitted"].value() in {None, ""}


@pytest.mark.parametrize("wrong", [{"mail": "pigeon"}, {"mail": ""}, {"mail": "daily", "groups.invitation": "pigeon"}])
def test_a_choice_that_there_is_not_changes_nothing(sign_in, volunteer, wrong):
    assert sign_in(volunteer).post(CHOICES, AS_ABOVE | wrong).status_code == 200
    assert choices_of(volunteer) == ("at_once", {})


def test_a_letter_goes_the_way_its_kind_was_chosen(smtp_sink, clock, volunteer):
    volunteer.mail, volunteer.mail_by_kind = "site", {"groups.invitation": "at_once"}
    volunteer.save()
    write_to(volunteer)
    write_to(volunteer, kind=ADMITTED)
    assert post(clock) == 1
    assert set(volunteer.letters.values_list("notice__kind", "mail")) == {
        ("groups.invitation", "sent"),
        ("groups.admitted", "none"),
    }


def test_what_was_to_leave_stays_when_its_kind_shall_not_come_by_mail(smtp_sink, clock, sign_in, volunteer):
    write_to(volunteer)
    write_to(volunteer, kind=ADMITTED)
    sign_in(volunteer).post(CHOICES, AS_ABOVE | {"mail": "at_once", "groups.invitation": "site"})
    assert dict(volunteer.letters.values_list("notice__kind", "mail")) == {
        "groups.invitation": "none",
        "groups.admitted": "queued",
    }


def test_a_kind_without_a_topic_is_refused():
    with pytest.raises(ValueError, match="no topic"):
        LetterKind("nowhere.x", title="x", subject="x", happened="x", link_words="x", why="x")


def test_a_case_has_words_of_its_own_and_is_chosen_with_its_kind():
    kind = KINDS["deadlines.reminder"]
    case = kind.case(happened="It rained.", quote="Ada wrote: “%(quote)s”", asked="", silence="", why="You asked.")
    assert (case.name, case.subject, KINDS[case.name]) == (kind.name, kind.subject, kind)
    context = {"what": "", "silence": "", "due_at": NOW}
    assert render(case, "en", context | {"quote": "50% wet"})[1] == "It rained.\n\nAda wrote: “50%% wet”\n\nYou asked."
    assert render(case, "en", context | {"quote": ""})[1] == "It rained.\n\nYou asked."


# --- Unsubscribing ---------------------------------------------------------------------------


def page_of(token):
    return reverse("notifications:unsubscribe", args=[token])


def test_one_click_stops_letters_of_this_kind_signed_out_and_without_our_form(
    smtp_sink, clock, mail_program, volunteer
):
    write_to(volunteer)
    assert post(clock) == 1
    write_to(volunteer, key="waits")
    write_to(volunteer, kind=ADMITTED)
    link = unsubscribe_link(smtp_sink.messages[0]).removeprefix("http://localhost:8000")
    answer = mail_program(link)
    assert answer.status_code == 200  # RFC 8058: no redirect
    assert "Invitations to groups" in answer.content.decode()
    assert choices_of(volunteer) == ("at_once", {"groups.invitation": "site"})
    assert post(clock) == 1, "Other kinds go on."
    assert {mail["Subject"] for mail in smtp_sink.messages[1:]} == {"You are a member of First Steps"}


def test_all_mail_can_be_stopped_on_the_same_page(client, volunteer):
    link = page_of(unsubscribe_token(volunteer, INVITATION.name))
    page = client.get(link).content.decode()
    assert "Invitations to groups" in page
    assert 'name="all"' in page
    assert "No more letters by mail" in client.post(link, {"all": "1"}).content.decode()
    assert choices_of(volunteer) == ("site", {})


def test_the_link_of_a_digest_stops_digests_and_nothing_else(mail_program, volunteer):
    volunteer.mail, volunteer.mail_by_kind = "daily", {"groups.invitation": "at_once", "groups.admitted": "weekly"}
    volunteer.save()
    mail_program(page_of(unsubscribe_token(volunteer, DIGESTS)))
    assert choices_of(volunteer) == ("site", {"groups.invitation": "at_once"})


def test_a_link_from_before_there_were_kinds_stops_all_mail(mail_program, volunteer):
    old = signing.dumps(volunteer.pk, salt="notifications.unsubscribe")
    write_to(volunteer)
    assert mail_program(page_of(old)).status_code == 200
    assert choices_of(volunteer) == ("site", {})
    assert Letter.objects.get().mail == Letter.Mail.NONE


def test_one_click_twice_is_no_harm(mail_program, volunteer):
    link = page_of(unsubscribe_token(volunteer, INVITATION.name))
    assert [mail_program(link).status_code for _ in range(2)] == [200, 200]
    assert choices_of(volunteer) == ("at_once", {"groups.invitation": "site"})


def test_opening_the_link_alone_changes_nothing(client, volunteer):
    """Mail programs and scanners open every link of a letter."""
    answer = client.get(page_of(unsubscribe_token(volunteer)))
    assert answer.status_code == 200
    assert "<form" in re.sub(r"(?s)<header.*?</header>", "", answer.content.decode())
    assert choices_of(volunteer) == ("at_once", {})


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "forged",
        lambda token: token[:-1],
        lambda token: "x" + token,
        lambda token: signing.dumps([1, ""], salt="other"),
        lambda token: signing.dumps([987654, ""], salt="notifications.unsubscribe"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_token_gets_a_sentence_and_changes_nothing(client, volunteer, forge, method):
    answer = getattr(client, method)(page_of(forge(unsubscribe_token(volunteer))))
    assert answer.status_code < 500
    page = answer.content.decode()
    assert "This link is not complete." in page
    assert "Stop all letters" not in page
    assert choices_of(volunteer) == ("at_once", {})


# --- Urgent or not ---------------------------------------------------------------------------


def test_what_is_not_urgent_leaves_in_the_morning_of_the_recipient(smtp_sink, clock, person):
    """NOW is ten in the morning in Accra, ten at night in Auckland, six in the morning in New York."""
    accra, auckland, york = (
        person(name, time_zone=zone)
        for name, zone in [("Kofi", "Africa/Accra"), ("Aroha", "Pacific/Auckland"), ("Yuri", "America/New_York")]
    )
    write_to(accra, auckland, york)
    assert post(clock) == 1
    clock.pass_by(hours=2)
    assert post(clock) == 1
    clock.pass_by(hours=8)
    assert post(clock) == 1
    assert arrived(smtp_sink) == [accra.email, york.email, auckland.email]


# --- Languages -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "fallbacks", "languages", "expected"),
    [
        ("ar", [], ["en"], "ar"),
        ("fr", ["ar"], ["en"], "ar"),
        ("fr", ["sw", "en"], ["ar"], "en"),
        ("fr", [], ["sw", "ar", "en"], "ar"),
        ("fr", [], ["sw"], "en"),
        ("ar-eg", [], [], "ar"),
    ],
)
def test_a_letter_and_pages_come_in_the_first_own_language_that_the_site_speaks(
    sign_in, person, language, fallbacks, languages, expected
):
    someone = person("Noor", language=language, fallbacks=fallbacks, languages=languages)
    [letter] = write_to(someone)
    assert letter.language == expected
    assert sign_in(someone).get("/notices/")["Content-Language"] == expected


# --- An address that is paused ---------------------------------------------------------------


@pytest.fixture
def paused(volunteer):
    assert pause_mail(volunteer, address=volunteer.email, why="550 No such person", now=NOW)
    volunteer.refresh_from_db()
    return volunteer


def test_to_a_paused_address_nothing_goes_and_the_site_says_so(smtp_sink, clock, sign_in, paused):
    write_to(paused, kind=REMINDER, what="x", silence="y", opened_at=NOW, silence_at=NOW)
    assert post(clock) == 0
    assert Letter.objects.get().mail == Letter.Mail.NONE
    browser = sign_in(paused)
    for address in ("/me/", "/accounts/settings/", "/notices/", CHOICES):
        page = browser.get(address).content.decode()
        assert "came back on" in page, address
        assert "Try this address again" in page, address


def test_one_click_tries_the_address_again(smtp_sink, clock, sign_in, paused):
    assert sign_in(paused).post("/notices/again/").status_code == 302
    paused.refresh_from_db()
    write_to(paused)
    assert post(clock) == 1


@pytest.mark.parametrize(("email", "still_paused"), [("new@example.org", False), ("ada@example.org", True)])
def test_another_address_at_the_next_sign_in_ends_the_pause(paused, email, still_paused):
    sign_in_from_wikimedia(paused.wikimedia_id, username="Ada", email=email, is_blocked=False, language="en", now=NOW)
    paused.refresh_from_db()
    assert bool(paused.mail_paused_at) is still_paused


def test_an_address_that_was_changed_meanwhile_is_not_paused(volunteer):
    assert not pause_mail(volunteer, address="old@example.org", why="550", now=NOW)
    volunteer.refresh_from_db()
    assert volunteer.mail_paused_at is None


def test_letters_without_a_way_by_mail_are_read_on_the_site(sign_in, paused):
    [letter] = write_to(paused)
    assert "It is here only, not in your mail." in sign_in(paused).get(letter.get_absolute_url()).content.decode()
