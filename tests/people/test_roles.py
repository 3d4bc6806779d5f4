"""Roles that people ask for: one of many confirms or declines, and silence does what was said beforehand."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises, deadlines_owed_by, waits_about
from apps.deadlines.sweep import sweep
from apps.notifications.models import Letter
from apps.people import actions
from apps.people.models import RoleTerm
from apps.people.queries import holders_of, liaisons_for
from apps.record.models import Act
from tests.conftest import NOW, granted
from tests.journeys.reader import Reader

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = 365 * DAY
ANSWER_BY = add_working_days(NOW, 10)
COVERS = {
    "liaison": {"languages": ["sw"]},
    "facilitator": {"recommendations": [3]},
    "translator": {"languages": ["ar"]},
    "editor": {},
    "moderator": {},
}


def ask(person, role="liaison", *, now=NOW, **covers):
    what = {"languages": [], "regions": [], "recommendations": []} | (covers or COVERS[role])
    return actions.ask_for_role(role=role, why="I know the people.", **what, by=person, now=now)


def letters(person, kind):
    return Letter.objects.filter(recipient=person, notice__kind=f"people.{kind}").count()


@pytest.fixture
def liaison(person):
    return granted(person("Lia"), "liaison", languages=["sw"])


# --- Asking and answering ---------------------------------------------------------------------


def test_asking_grants_nothing_and_asks_holders_and_administrators(volunteer, liaison, administrator, reviewer):
    term = ask(volunteer)
    assert not holders_of("liaison", NOW).filter(pk=volunteer.pk).exists()
    assert [letters(who, "role_asked") for who in (liaison, administrator, reviewer, volunteer)] == [1, 1, 0, 0]
    [wait] = waits_about(term)
    assert wait.due_at == wait.silence_at == ANSWER_BY
    assert wait.owner_name == "the liaisons, any one of them, or an administrator"
    assert [deadlines_owed_by(who, NOW).count() for who in (liaison, administrator, reviewer)] == [1, 1, 0]


@pytest.mark.parametrize("who", ["liaison", "administrator"])
def test_any_one_confirms_for_twelve_months(request, volunteer, liaison, administrator, who):
    term = actions.confirm_role(ask(volunteer), by=request.getfixturevalue(who), now=NOW + DAY)
    assert (term.state, term.is_confirmed, term.ends_at) == ("held", True, NOW + DAY + YEAR)
    assert letters(volunteer, "role_granted") == 1
    sweep(now=ANSWER_BY + DAY)
    term.refresh_from_db()
    assert term.is_confirmed
    with pytest.raises(Refused, match="confirmed already"):
        actions.confirm_role(term, by=administrator, now=NOW + 2 * DAY)
    with pytest.raises(Refused, match="settled before you"):
        actions.decline_role(term, reason="Late", by=administrator, now=NOW + 2 * DAY)


def test_one_declines_with_a_reason_that_the_person_reads_and_may_ask_again(volunteer, administrator):
    term = actions.decline_role(ask(volunteer), reason="Begin as a translator.", by=administrator, now=NOW)
    assert letters(volunteer, "role_declined") == 1
    assert not holders_of("liaison", NOW).exists()
    assert ask(volunteer, now=NOW + DAY).pk != term.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleTerm.objects.filter(pk=term.pk).update(answer="")


def test_nobody_confirms_themselves(administrator, volunteer):
    term = ask(administrator)
    for act in (actions.confirm_role, lambda term, **who: actions.decline_role(term, reason="No", **who)):
        with pytest.raises(Refused, match="Somebody else"):
            act(term, by=administrator, now=NOW)
    assert letters(administrator, "role_asked") == 0


@pytest.mark.parametrize("role", ["liaison", "facilitator", "translator"])
def test_silence_grants_who_carries_helps_and_translates_for_ninety_days_unconfirmed(volunteer, role):
    term = ask(volunteer, role)
    sweep(now=ANSWER_BY - timedelta(seconds=1))
    assert not holders_of(role, ANSWER_BY).exists()
    sweep(now=ANSWER_BY)
    term.refresh_from_db()
    assert (term.state, term.is_confirmed, term.ends_at) == ("held", False, ANSWER_BY + 90 * DAY)
    assert list(holders_of(role, ANSWER_BY)) == [volunteer]
    assert letters(volunteer, "role_unconfirmed") == 1
    assert broken_promises() == []


@pytest.mark.parametrize("role", ["editor", "moderator"])
def test_silence_never_grants_who_decides_over_texts_and_one_may_ask_again(volunteer, role):
    term = ask(volunteer, role)
    sweep(now=ANSWER_BY)
    term.refresh_from_db()
    assert term.state == "lapsed"
    assert not holders_of(role, ANSWER_BY).exists()
    assert letters(volunteer, "role_lapsed") == 1
    assert ask(volunteer, role, now=ANSWER_BY).state == "asked"
    assert broken_promises() == []


def test_silence_grants_nothing_to_somebody_who_was_blocked_meanwhile(volunteer):
    term = ask(volunteer)
    volunteer.blocked_at = NOW
    volunteer.save()
    sweep(now=ANSWER_BY)
    term.refresh_from_db()
    assert term.state == "lapsed"


def test_whom_nobody_has_confirmed_confirms_nobody(volunteer, stranger):
    ask(volunteer)
    sweep(now=ANSWER_BY)
    term = ask(stranger, now=ANSWER_BY)
    assert letters(volunteer, "role_asked") == 0
    assert not deadlines_owed_by(volunteer, ANSWER_BY).filter(subject_id=term.pk).exists()


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("liaison", "at least one language or region"),
        ("facilitator", "at least one recommendation, region or language"),
        ("translator", "at least one language into which"),
        ("reviewer", "granted by an administrator"),
    ],
)
def test_a_role_that_covers_nothing_or_is_granted_only_is_refused(volunteer, role, sentence):
    with pytest.raises(Refused, match=sentence):
        ask(volunteer, role, languages=[])
    assert not RoleTerm.objects.exists()


def test_the_second_click_and_who_holds_it_already_are_refused(volunteer, administrator):
    term = ask(volunteer)
    with pytest.raises(Refused, match="asked for this role already"):
        ask(volunteer)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleTerm.objects.create(user=volunteer, role="liaison", state="asked", asked_at=NOW)
    actions.confirm_role(term, by=administrator, now=NOW)
    with pytest.raises(Refused, match="hold this role already"):
        ask(volunteer)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleTerm.objects.create(user=volunteer, role="liaison", starts_at=NOW, ends_at=NOW + YEAR)
    assert ask(volunteer, "translator").state == "asked"


def test_a_request_is_taken_back_once(volunteer, administrator):
    term = actions.take_back_role_request(ask(volunteer), by=volunteer, now=NOW)
    sweep(now=ANSWER_BY)
    with pytest.raises(Refused, match="Taken back"):
        actions.confirm_role(term, by=administrator, now=NOW)
    assert not holders_of("liaison", ANSWER_BY).exists()


# --- Terms ------------------------------------------------------------------------------------


@pytest.fixture
def term(volunteer, administrator):
    return actions.confirm_role(ask(volunteer), by=administrator, now=NOW)


def test_the_holder_is_reminded_thirty_and_seven_days_before_and_the_role_ends_with_thanks(term, volunteer):
    end = NOW + YEAR
    for at, count in ((end - 31 * DAY, 0), (end - 30 * DAY, 1), (end - 8 * DAY, 1), (end - 7 * DAY, 2)):
        sweep(now=at)
        assert Letter.objects.filter(recipient=volunteer, notice__kind="deadlines.reminder").count() == count, at
    sweep(now=end)
    term.refresh_from_db()
    assert (term.state, term.ends_at) == ("ended", end)
    assert letters(volunteer, "role_over") == 1
    assert broken_promises() == []


def test_a_term_is_renewed_with_one_click_in_its_last_thirty_days_once(term, volunteer):
    last = NOW + YEAR - 30 * DAY
    with pytest.raises(Refused, match="There is time"):
        actions.renew_role(term, by=volunteer, now=last - timedelta(seconds=1))
    actions.renew_role(term, by=volunteer, now=last)
    with pytest.raises(Refused, match="There is time"):
        actions.renew_role(term, by=volunteer, now=last)
    sweep(now=NOW + YEAR)
    assert list(holders_of("liaison", NOW + YEAR)) == [volunteer]
    sweep(now=NOW + 2 * YEAR)
    assert not RoleTerm.objects.filter(state="held", role="liaison").exists()
    with pytest.raises(Refused, match="Ended"):
        actions.renew_role(term, by=volunteer, now=NOW + 2 * YEAR)


def test_an_unconfirmed_term_is_not_renewed_but_asked_for_again(volunteer, administrator):
    first = ask(volunteer)
    sweep(now=ANSWER_BY)
    last = ANSWER_BY + 60 * DAY
    with pytest.raises(Refused, match="Ask for it again"):
        actions.renew_role(first, by=volunteer, now=last)
    with pytest.raises(Refused, match="You can ask again from"):
        ask(volunteer, now=last - timedelta(seconds=1))
    again = ask(volunteer, now=last)
    with pytest.raises(Refused, match="asked again"):
        actions.confirm_role(first, by=administrator, now=last)
    actions.confirm_role(again, by=administrator, now=last)
    first.refresh_from_db()
    assert first.state == "ended"
    assert list(holders_of("liaison", last + 300 * DAY)) == [volunteer]
    assert broken_promises() == []


def test_silence_on_a_role_that_is_asked_for_again_goes_on_unconfirmed(volunteer):
    ask(volunteer)
    sweep(now=ANSWER_BY)
    again_at = ANSWER_BY + 70 * DAY
    ask(volunteer, now=again_at)
    sweep(now=add_working_days(again_at, 10))
    assert RoleTerm.objects.get(state="held").is_unconfirmed
    assert broken_promises() == []


def test_what_silence_granted_can_still_be_confirmed_within_the_ninety_days(volunteer, administrator):
    term = ask(volunteer)
    sweep(now=ANSWER_BY)
    later = ANSWER_BY + 40 * DAY
    term = actions.confirm_role(term, by=administrator, now=later)
    assert (term.is_confirmed, term.starts_at, term.ends_at) == (True, ANSWER_BY, later + YEAR)
    sweep(now=ANSWER_BY + 91 * DAY)
    assert holders_of("liaison", ANSWER_BY + 91 * DAY).exists()
    assert broken_promises() == []


def test_a_role_is_given_back_at_any_time_once(term, volunteer):
    actions.give_role_back(term, by=volunteer, now=NOW + DAY)
    assert not holders_of("liaison", NOW + DAY).exists()
    with pytest.raises(Refused):
        actions.give_role_back(term, by=volunteer, now=NOW + DAY)
    assert not Deadline.objects.filter(state="open").exists()


def test_an_administrator_ends_a_role_with_a_reason(term, volunteer, administrator):
    actions.end_role(term, reason="They asked me to.", by=administrator, now=NOW + DAY)
    assert not holders_of("liaison", NOW + DAY).exists()
    assert letters(volunteer, "role_ended") == 1
    assert broken_promises() == []


def test_a_role_granted_by_hand_waits_for_its_end_and_passes_over_who_has_asked(volunteer, administrator, stranger):
    until = NOW + 100 * DAY
    actions.grant_role(volunteer, role="translator", until=until, languages=["ar"], by=administrator, now=NOW)
    assert broken_promises() == []
    sweep(now=until)
    again = {"role": "translator", "until": until + YEAR, "by": administrator, "now": until}
    actions.grant_role(volunteer, languages=["ar"], **again)
    ask(stranger, "translator", now=until)
    with pytest.raises(Refused, match="confirm it on its page"):
        actions.grant_role(stranger, languages=["ar"], **again)
    with pytest.raises(Refused, match="at least one language"):
        actions.grant_role(administrator, **again)


def test_the_record_names_the_acts_and_never_the_words_of_a_request(term, volunteer, administrator):
    assert list(Act.objects.filter(verb__startswith="people.").order_by("pk").values_list("verb", flat=True))[-2:] == [
        "people.asked",
        "people.confirmed",
    ]


# --- Who is found -----------------------------------------------------------------------------


def test_liaisons_are_found_by_any_of_their_languages_or_regions(volunteer, stranger, person, administrator):
    confirmed = actions.confirm_role(ask(volunteer, languages=["sw", "ar"]), by=administrator, now=NOW)
    ask(stranger, regions=["mena"])
    sweep(now=ANSWER_BY)
    blocked = granted(person("Bea"), "liaison", languages=["sw"])
    blocked.blocked_at = NOW
    blocked.save()

    def found(**wanted):
        terms = liaisons_for(**{"languages": [], "regions": []} | wanted, now=ANSWER_BY)
        return [(term.user.username, term.is_confirmed) for term in terms]

    assert found(languages=["sw"]) == [("Ada", True)]
    assert found(languages=["fr"], regions=["mena"]) == [("Sven", False)]
    assert found(languages=["ar"], regions=["mena"]) == [("Ada", True), ("Sven", False)]
    assert found(languages=["fr"]) == found() == []
    assert liaisons_for(languages=["sw"], regions=[], now=confirmed.ends_at) == []


# --- Pages ------------------------------------------------------------------------------------


def reader_as(person):
    reader = Reader()
    reader.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return reader


def test_a_person_asks_on_the_page_and_an_administrator_confirms(volunteer, person, stranger):
    amal = person("Amal")
    actions.grant_role(amal, role="administrator", until=timezone.now() + YEAR, by=None, now=timezone.now())
    ada = reader_as(volunteer)
    page = ada.open("/people/ask/liaison/")
    assert "1 person can confirm you" in page.text
    assert "Silence: the role is held for 90 days, marked as unconfirmed" in page.text
    ada.press("Ask for the role", why="I know both communities.")
    assert "An answer is owed by" in ada.page.text
    assert "Silence: the role is held for 90 days, marked as unconfirmed" in ada.page.text
    address = ada.page.address
    assert ada.open("/people/ask/liaison/").address == address
    nosy = reader_as(stranger).open(address)
    assert "I know both communities." not in nosy.text
    assert not nosy.forms or not any(form.has("Confirm") or form.has("Decline") for form in nosy.forms)
    admin = reader_as(amal)
    assert "I know both communities." in admin.open(address).text
    admin.press("Confirm")
    assert "Held until" in admin.page.text
    assert "unconfirmed" not in admin.page.text
    admin.press_again()
    assert "confirmed already" in admin.page.text
    ada.open(address)
    ada.press("Give the role back")
    assert "It ended on" in ada.page.text
    assert "Ada" not in reader_as(stranger).open(address).text


def test_where_nobody_can_answer_the_page_says_so_beforehand(volunteer):
    page = reader_as(volunteer).open("/people/ask/editor/")
    assert "Nobody can confirm you at the moment: silence will decide." in page.text
    assert "Silence never grants this role" in page.text
    assert "you hold the role for 90 days" in reader_as(volunteer).open("/people/ask/translator/").text
    assert reader_as(volunteer).open("/people/ask/reviewer/").status == 404


def test_declining_without_a_reason_says_so_and_with_one_is_read_by_the_person(volunteer, person, stranger):
    now = timezone.now()
    lia = person("Lia")
    actions.grant_role(lia, role="liaison", until=now + YEAR, languages=["sw"], by=None, now=now)
    term = ask(volunteer, now=now)
    reader = reader_as(lia)
    reader.open(term.get_absolute_url())
    reader.press("Decline", reason="")
    assert "Say why." in reader.page.text
    reader.press("Decline", reason="Too early.")
    assert "Too early." in reader_as(volunteer).open(term.get_absolute_url()).text
    others = reader_as(stranger).open(term.get_absolute_url())
    assert "Too early." not in others.text
    assert "Ada" not in others.text


# --- The command of operators -----------------------------------------------------------------


def test_an_operator_grants_a_role_with_what_it_covers(volunteer, catalogue):
    call_command("grant", "facilitator", "Ada", language=["sw"], region=["ssa"], recommendation=[3], stdout=StringIO())
    term = RoleTerm.objects.get()
    assert (term.languages, term.regions, term.recommendations) == (["sw"], ["ssa"], [3])
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("role", "covers", "sentence"),
    [
        ("liaison", {}, "at least one language or region"),
        ("liaison", {"language": ["xx-nonsense"]}, "not the code of a language"),
        ("facilitator", {"recommendation": [99]}, "There is no recommendation 99"),
    ],
)
def test_what_an_operator_cannot_grant_is_said(volunteer, catalogue, role, covers, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("grant", role, "Ada", stdout=StringIO(), **covers)
    assert not RoleTerm.objects.exists()
