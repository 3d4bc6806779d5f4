"""Anybody offers; stewards change, withdraw, invite and leave; nobody waits for nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.people.actions import confirm_contact, refuse_contact, say_contact
from apps.people.models import Affiliate
from apps.record.models import Act
from apps.resources import actions, queries
from apps.resources.kinds import RESOURCE
from apps.resources.models import Resource, Stewardship
from apps.translations.actions import translate
from apps.translations.kinds import Typed
from apps.translations.queries import unit_of
from tests.conftest import NOW
from tests.resources.offers import ask, offer, pool, terms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
DAY = timedelta(days=1)


def letters(person, kind):
    return Letter.objects.filter(recipient=person, notice__kind=f"resources.{kind}")


def refused(sentence, act, *args, field="", **kwargs):
    with pytest.raises(Refused, match=sentence) as refusal:
        act(*args, **kwargs)
    assert not field or refusal.value.field == field


# --- Offering --------------------------------------------------------------------------------


def test_whoever_offers_is_its_first_steward_and_answers(volunteer, group, coordinator):
    resource = offer(volunteer, kind="room", max_hours=2, capacity=1, languages=["en", "ar"])
    assert (resource.slug, resource.icon, list(resource.stewards.all())) == ("our-room", "live", [volunteer])
    assert Act.objects.latest("pk").verb == "resources.offered"
    start = NOW + DAY
    wish = ask(resource, group, by=coordinator, starts_at=start, ends_at=start + timedelta(hours=1))
    assert wish.state == "asked"
    assert letters(volunteer, "stewards_asked").exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"policy": "self_service"}, "policy"),
        ({"silence_gives": True}, "silence_gives"),
        ({"silence_gives": True, "provider": "pool", "lasts_days": 9, "policy": "costed"}, "silence_gives"),
        ({"kind": "room"}, "max_hours"),
        ({"provider": "pool"}, "lasts_days"),
        ({"capacity": 2}, "lasts_days"),
        ({"max_at_once": 1}, "lasts_days"),
        ({"opens_hour": 9}, "closes_hour"),
        ({"opens_hour": 9, "closes_hour": 9}, "closes_hour"),
        ({"links": ["https://meet.example.org/one"]}, "links"),
    ],
)
def test_what_contradicts_itself_is_refused_beside_its_field(volunteer, said, field):
    before = Resource.objects.count()
    with pytest.raises(Refused) as refusal, transaction.atomic():
        offer(volunteer, **said)
    assert refusal.value.field == field
    assert Resource.objects.count() == before


def test_a_second_click_a_server_and_strangers_of_an_affiliate_are_refused(volunteer):
    offer(volunteer)
    refused("offered this already", offer, volunteer)
    assert offer(volunteer, now=NOW + DAY).slug == "our-room-2"
    refused("set up by whoever runs this site", offer, volunteer, name="Another", provider="jitsi")
    affiliate = Affiliate.objects.first()
    refused("Contacts of", offer, volunteer, name="Theirs", affiliate=affiliate, field="affiliate")
    say_contact(affiliate, by=volunteer, now=NOW)
    assert offer(volunteer, name="Theirs", affiliate=affiliate).affiliate == affiliate


def test_an_affiliate_is_unconfirmed_unless_a_steward_is_a_confirmed_contact_of_it(
    client, volunteer, stranger, administrator
):
    mine, other = Affiliate.objects.all()[:2]
    contacts = [say_contact(affiliate, by=volunteer, now=NOW) for affiliate in (mine, other)]
    resource = offer(volunteer, affiliate=mine)
    elsewhere = say_contact(mine, by=stranger, now=NOW)

    def marks():
        """On the page of all offers, and on its own."""
        pages = [client.get(address).content.decode() for address in ("/resources/", resource.get_absolute_url())]
        return ["unconfirmed" in page for page in pages if str(mine) in page]

    assert marks() == [True, True]
    confirm_contact(contacts[1], by=administrator, now=NOW)  # of another affiliate
    confirm_contact(elsewhere, by=administrator, now=NOW)  # somebody who is no steward of it
    assert marks() == [True, True]
    confirm_contact(contacts[0], by=administrator, now=NOW)
    assert marks() == [False, False]
    refuse_contact(contacts[0], reason="Left", by=administrator, now=NOW)
    assert marks() == [True, True]


def test_names_that_are_pages_or_have_no_latin_letter_get_an_address_of_their_own(volunteer):
    assert offer(volunteer, name="Offer").slug == "offer-2"
    assert offer(volunteer, name="استطلاع").slug == "survey"


def test_nobody_takes_the_duty_whom_no_letter_reaches(person):
    silent = person("Mute", email="")
    refused("no letter would reach you", offer, silent, field="reads_on_site")
    assert offer(silent, reads_on_site=True).pk
    silent.refresh_from_db()
    assert silent.mail == "site"


def test_offers_are_translated_and_a_changed_text_is_outdated(volunteer, stranger):
    resource = offer(volunteer, data_place="Sweden", name="Survey corner")

    def unit():
        return unit_of(RESOURCE, Resource.objects.get(pk=resource.pk), "ar")

    arabic = {"name": "ركن", "line": "سطر", "description": "وصف", "data": "السويد"}
    typed = [Typed(p.part, p.version, arabic[p.part]) for p in unit().paragraphs]
    translate(RESOURCE, resource, language="ar", typed=typed, by=stranger, now=NOW)
    resource.refresh_from_db()
    with override("ar"):
        assert (resource.name, resource.data_place) == ("ركن", "السويد")
    actions.change_offer(resource, terms(name="Survey place", data_place="Sweden"), by=volunteer, now=NOW)
    states = {p.part: p.state for p in unit().paragraphs}
    assert states == {"name": "outdated", "line": "done", "description": "done", "data": "done"}
    with override("ar"):
        assert Resource.objects.get(pk=resource.pk).name == "ركن"  # Until somebody translates it again.


def test_an_offer_in_another_language_stands_for_english_until_somebody_writes_it_so(volunteer):
    resource = offer(volunteer, name="استطلاع", language="ar")
    assert resource.name == "استطلاع"  # Also to those who read English.
    assert resource not in RESOURCE.subjects()
    actions.change_offer(resource, terms(name="Survey", language="en"), by=volunteer, now=NOW)
    resource.refresh_from_db()
    assert resource.name == "Survey"
    with override("ar"):
        assert resource.name == "استطلاع"
    assert resource in RESOURCE.subjects()
    assert unit_of(RESOURCE, resource, "ar").paragraphs[0].state == "done"


def test_what_its_stewards_changed_the_file_of_the_catalogue_leaves_alone(steward):
    resource = Resource.objects.get(slug="mailing-list")
    said = terms(name="Lists", line="Two a week", policy="stewards_decide", lasts_days=30)
    actions.change_offer(resource, said, by=steward, now=NOW)
    row = {"slug": "mailing-list", "name": "From the file"}
    actions.load_resources([row], now=NOW)
    resource.refresh_from_db()
    assert (resource.name, resource.lasts_days) == ("Lists", 30)


def test_more_places_go_to_the_waiting_list_at_once(volunteer, group, coordinator, stranger):
    resource = pool(volunteer, links=["https://meet.example.org/one"])
    ask(resource, form_group(name="Early", by=stranger, now=NOW), by=stranger)
    waiting = ask(resource, group, by=coordinator)
    assert waiting.state == "waiting"
    actions.add_links(resource, links=["https://meet.example.org/two"], by=volunteer, now=NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.place) == ("in_use", "https://meet.example.org/two")


# --- Withdrawing -----------------------------------------------------------------------------


def test_a_withdrawn_offer_goes_on_to_its_end_passes_wishes_on_and_comes_back(volunteer, stranger, group, coordinator):
    first = pool(volunteer, policy="stewards_decide", links=["https://meet.example.org/one"])
    used = actions.give_resource(ask(first, group, by=coordinator), address="", answer="", by=volunteer, now=NOW)
    open_ = ask(first, group, by=coordinator, purpose="Once more")
    invited = actions.invite_steward(first, person=stranger, by=volunteer, now=NOW)
    second = offer(stranger, name="Another survey")
    actions.withdraw_offer(first, reason="We move.", by=volunteer, now=NOW)
    for row in (used, open_, invited):
        row.refresh_from_db()
    assert (used.state, used.place) == ("in_use", "https://meet.example.org/one")
    assert (open_.state, open_.resource, invited.state) == ("asked", second, "taken_back")
    assert "We move." in letters(coordinator, "went_on").get().body
    assert "is yours until 17 September 2026" in letters(coordinator, "withdrawn_in_use").get().body
    assert first not in [shown.resource for shown in queries.offers(NOW)]
    refused("was withdrawn on", ask, first, group, by=coordinator, purpose="Again")
    refused("was withdrawn on", actions.keep_using, used, by=coordinator, now=used.ends_at - DAY)
    first.refresh_from_db()
    refused("Offer it again first", actions.withdraw_offer, first, reason="Twice.", by=volunteer, now=NOW)
    refused("Offer it again first", actions.change_offer, first, terms(), by=volunteer, now=NOW)
    refused("Offer it again first", actions.invite_steward, first, person=coordinator, by=volunteer, now=NOW)
    refused("Offer it again first", actions.add_links, first, links=["https://a.org/b"], by=volunteer, now=NOW)
    assert broken_promises() == []
    actions.offer_again(first, by=volunteer, now=NOW)
    assert first.pk in [shown.resource.pk for shown in queries.offers(NOW)]
    refused("on offer already", actions.offer_again, first, by=volunteer, now=NOW)


def test_the_database_keeps_withdrawn_offers_and_pools_whole(volunteer):
    pool(volunteer)
    for change in ({"withdrawn_at": NOW, "withdrawn_by": volunteer}, {"capacity": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Resource.objects.filter(provider="pool").update(**change)


# --- Stewards --------------------------------------------------------------------------------


def test_a_steward_invites_another_who_answers_beside_them(volunteer, steward, group, coordinator):
    resource = offer(volunteer)
    invitation = actions.invite_steward(resource, person=steward, by=volunteer, now=NOW)
    assert "the invitation lapses" in letters(steward, "steward_invitation").get().body
    assert list(resource.stewards.all()) == [volunteer]
    refused("invited within the last 30 days", actions.invite_steward, resource, person=steward, by=volunteer, now=NOW)
    refused("steward of this already", actions.invite_steward, resource, person=volunteer, by=volunteer, now=NOW)
    actions.accept_stewardship(invitation, by=steward, now=NOW)
    assert letters(volunteer, "steward_joined").exists()
    refused("answered already: Accepted", actions.decline_stewardship, invitation, by=steward, now=NOW)
    wish = ask(resource, group, by=coordinator)
    assert actions.give_resource(wish, address="", answer="Yes.", by=steward, now=NOW).state == "given"


@pytest.mark.parametrize("answer", ["silence", "decline", "take back"])
def test_an_invitation_lapses_is_declined_or_taken_back_and_names_nobody(volunteer, steward, answer):
    resource = offer(volunteer)
    invitation = actions.invite_steward(resource, person=steward, by=volunteer, now=NOW)
    before = Act.objects.count()
    sweep(now=NOW + 14 * DAY - timedelta(seconds=1))
    if answer == "silence":
        sweep(now=NOW + 14 * DAY)
    else:
        act = actions.decline_stewardship if answer == "decline" else actions.take_back_stewardship
        act(invitation, by=steward, now=NOW)
    invitation.refresh_from_db()
    assert invitation.state == {"silence": "lapsed", "decline": "declined", "take back": "taken_back"}[answer]
    assert Act.objects.count() == before
    assert list(resource.stewards.all()) == [volunteer]
    assert broken_promises() == []


def test_a_person_is_invited_once_at_a_time(volunteer, steward):
    resource = offer(volunteer)
    actions.invite_steward(resource, person=steward, by=volunteer, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stewardship.objects.create(resource=resource, person=steward, invited_at=NOW, invited_by=volunteer)


def test_after_the_last_steward_open_wishes_go_on(volunteer, steward, group, coordinator):
    resource = offer(volunteer)
    actions.name_steward(resource, person=steward, now=NOW)
    wish = ask(resource, group, by=coordinator)
    actions.leave_stewards(resource, by=volunteer, now=NOW)
    wish.refresh_from_db()
    assert wish.state == "asked"
    assert "you are the only one" in letters(steward, "left_without").get().body
    actions.leave_stewards(resource, by=steward, now=NOW)
    wish.refresh_from_db()
    assert wish.state == "wanted"
    assert letters(coordinator, "went_on").exists()
    refused("no steward of this", actions.leave_stewards, resource, by=steward, now=NOW)
    assert broken_promises() == []


# --- Silence ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "agreed", "links", "state"),
    [
        ("stewards_decide", True, 2, "in_use"),
        ("stewards_decide", True, 0, "wanted"),
        ("stewards_decide", False, 2, "wanted"),
        ("costed", False, 2, "wanted"),
    ],
)
def test_silence_gives_only_what_was_agreed_and_is_free_and_costs_nothing(
    volunteer, group, coordinator, policy, agreed, links, state
):
    ready = [f"https://meet.example.org/{number}" for number in range(links)]
    resource = pool(volunteer, policy=policy, silence_gives=agreed, links=ready)
    wish = ask(resource, group, by=coordinator)
    means = RULES["resources.answer"].silence_words(wish)
    assert means.startswith("it is given if a place is free then") is agreed
    assert ("silence never spends money" in means) is (policy == "costed")
    day_ten = add_working_days(NOW, 10)
    sweep(now=day_ten - timedelta(seconds=1))
    wish.refresh_from_db()
    assert wish.state == "asked"
    sweep(now=day_ten)
    wish.refresh_from_db()
    assert wish.state == state
    assert bool(wish.place) is (state == "in_use")
    assert letters(coordinator, "answered" if state == "in_use" else "moved_on").exists()
    if state == "in_use":
        assert wish.ends_at == day_ten + 10 * DAY
    assert broken_promises() == []


def test_silence_asks_the_next_offer_that_is_for_the_group_and_not_the_others(volunteer, group, coordinator, person):
    group.region = "ssa"
    group.save()
    first = offer(volunteer)
    strangers = [person(f"Steward {number}") for number in range(4)]
    offer(strangers[0], name="For another region", for_regions=["mena"])
    offer(strangers[1], name="For readers of Maori", for_languages=["mi"])
    gone = offer(strangers[2], name="Withdrawn")
    actions.withdraw_offer(gone, reason="Gone.", by=strangers[2], now=NOW)
    theirs = offer(strangers[3], name="For us", for_regions=["ssa"], for_languages=["yo"])
    wish = ask(first, group, by=coordinator)
    sweep(now=add_working_days(NOW, 10))
    wish.refresh_from_db()
    assert (wish.state, wish.resource) == ("asked", theirs)


def test_what_gives_at_once_needs_no_steward_to_take_a_wish_on(volunteer, stranger, group, coordinator):
    ready = pool(stranger)
    actions.leave_stewards(ready, by=stranger, now=NOW)
    wish = ask(offer(volunteer, name="Slow"), group, by=coordinator)
    sweep(now=add_working_days(NOW, 10))
    wish.refresh_from_db()
    assert (wish.state, wish.resource) == ("in_use", ready)
    assert "Another offer gave it at once: “Our room”." in letters(coordinator, "moved_on").get().body


def test_a_wish_whose_time_has_come_is_passed_on_to_nobody(volunteer, group, coordinator):
    room = offer(volunteer, kind="room", max_hours=2)
    start = NOW + DAY
    wish = ask(room, group, by=coordinator, starts_at=start, ends_at=start + timedelta(hours=1))
    sweep(now=add_working_days(NOW, 10))
    wish.refresh_from_db()
    assert wish.state == "lapsed"
    assert broken_promises() == []


def test_a_steward_of_the_old_offer_does_not_answer_what_has_gone_on(volunteer, stranger, group, coordinator):
    wish = ask(offer(volunteer), group, by=coordinator)
    offer(stranger, name="Another")
    sweep(now=add_working_days(NOW, 10))
    refused("gone on to another offer", actions.give_resource, wish, address="", answer="", by=volunteer, now=NOW)


# --- Whom it is for, and how much ------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"for_regions": ["mena"]}, "groups of: "),
        ({"for_languages": ["mi"]}, "a coordinator who reads: Māori"),
        ({"for_groups_older_than_days": 30}, "groups that exist for 30 days"),
    ],
)
def test_the_refusal_says_for_whom_it_is_and_what_else_there_is(
    volunteer, stranger, group, coordinator, said, sentence
):
    resource = offer(volunteer, **said)
    refused(sentence, ask, resource, group, by=coordinator, field="group")
    refused("ask for “something else”", ask, resource, group, by=coordinator)
    offer(stranger, name="For everybody")
    refused("For your group there is: For everybody", ask, resource, group, by=coordinator)
    assert not resource.requests.exists()
    if "for_groups_older_than_days" in said:
        assert ask(resource, group, by=coordinator, now=NOW + 30 * DAY).state == "asked"


def test_a_group_has_no_more_at_once_and_in_a_month_than_the_offer_allows(volunteer, group, coordinator):
    resource = offer(volunteer, max_at_once=1, max_per_month=2, lasts_days=20)
    first = ask(resource, group, by=coordinator)
    refused("has or awaits 1 of this", ask, resource, group, by=coordinator, purpose="More", field="group")
    actions.give_resource(first, address="", answer="", by=volunteer, now=NOW)
    refused("has or awaits 1 of this", ask, resource, group, by=coordinator, purpose="More", field="group")
    actions.give_back(first, by=coordinator, now=NOW)
    second = ask(resource, group, by=coordinator, purpose="More")
    second = actions.give_resource(second, address="", answer="", by=volunteer, now=NOW)
    actions.give_back(second, by=coordinator, now=NOW)
    refused("2 times in the last 30 days", ask, resource, group, by=coordinator, purpose="Even more")
    assert ask(resource, group, by=coordinator, purpose="Even more", now=NOW + 31 * DAY).state == "asked"


def test_deadlines_of_a_costed_wish_are_public(volunteer, group, coordinator):
    ask(offer(volunteer, policy="costed"), group, by=coordinator)
    assert RULES["resources.answer"].public
    assert Deadline.objects.filter(rule="resources.answer", state="open").count() == 1
