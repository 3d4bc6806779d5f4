"""What nobody offers: those who could help are told once, the group keeps it on the board, an offer takes it on."""

from datetime import timedelta

import pytest

from apps.core.refused import Refused
from apps.deadlines.actions import set_end
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.notifications.models import Letter
from apps.people.actions import confirm_contact, say_contact
from apps.people.models import Affiliate
from apps.resources import actions, queries
from apps.resources.deadlines import STILL_WANTED
from apps.resources.models import Resource
from tests.conftest import NOW, granted
from tests.resources.offers import ask, offer, pool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
DAY = timedelta(days=1)


@pytest.fixture
def need(group, coordinator):
    """A group of Sub-Saharan Africa, whose coordinator reads Yoruba, wants a survey tool that nobody stewards."""
    group.region = "ssa"
    group.save()

    def make(slug="survey-tool", **wish):
        return ask(Resource.objects.get(slug=slug), group, by=coordinator, **wish)

    return make


def told(kind="can_you_help"):
    return Letter.objects.filter(notice__kind=f"resources.{kind}").order_by("pk")


def test_those_who_could_help_are_told_once_and_nobody_else(need, person, administrator, coordinator):
    near = {
        "region": granted(person("Near"), "facilitator", regions=["ssa"]),
        "language": granted(person("Reads"), "liaison", languages=["yo"]),
        "contact": person("Contact"),
        "steward": person("Steward"),
    }
    granted(person("Far"), "facilitator", regions=["mena"], languages=["mi"])
    granted(coordinator, "facilitator", regions=["ssa"])
    affiliate = Affiliate.objects.filter(region="ssa").first()
    for name in ("Contact", "Only said"):
        someone = near["contact"] if name == "Contact" else person(name)
        contact = say_contact(affiliate, by=someone, now=NOW)
        if name == "Contact":
            confirm_contact(contact, by=administrator, now=NOW)
    offer(near["steward"], name="Elsewhere", for_regions=["mena"])
    wish = need()
    assert wish.state == "wanted"
    assert {letter.recipient for letter in told()} == set(near.values())
    # It goes back and forth: nobody is told a second time.
    someone = person("New")
    taken = offer(someone, name="For a while")
    wish.refresh_from_db()
    assert wish.resource == taken
    actions.withdraw_offer(taken, reason="No time.", by=someone, now=NOW + DAY)
    wish.refresh_from_db()
    assert wish.state == "wanted"
    assert {letter.recipient for letter in told()} == set(near.values())
    assert told().count() == len(near)


def test_at_most_twenty_are_told(need, person):
    for number in range(25):
        granted(person(f"Liaison {number}"), "liaison", regions=["ssa"])
    need()
    assert told().count() == 20


def test_silence_takes_it_off_the_board_and_still_wanted_keeps_it(need, coordinator):
    wish, other = need(), need(purpose="Another survey")
    reminders = Letter.objects.filter(notice__kind="deadlines.reminder", recipient=coordinator)
    with pytest.raises(Refused, match="There is time"):
        actions.say_still_wanted(wish, by=coordinator, now=NOW + 59 * DAY)
    sweep(now=NOW + 83 * DAY - timedelta(seconds=1))
    assert not reminders.exists()
    sweep(now=NOW + 83 * DAY)
    assert reminders.exists()
    actions.say_still_wanted(wish, by=coordinator, now=NOW + 84 * DAY)
    sweep(now=NOW + 90 * DAY)
    wish.refresh_from_db()
    other.refresh_from_db()
    assert (wish.state, other.state) == ("wanted", "unmet")
    assert "off the board" in told("off_the_board").get().body
    with pytest.raises(Refused, match="settled before you"):
        actions.say_still_wanted(other, by=coordinator, now=NOW + 91 * DAY)
    sweep(now=NOW + (84 + 90) * DAY)
    wish.refresh_from_db()
    assert wish.state == "unmet"
    assert broken_promises() == []


def test_what_is_wanted_for_longer_is_asked_about_anew(need, coordinator):
    """The first letter named a date that no longer stands."""
    wish = need()
    reminders = Letter.objects.filter(notice__kind="deadlines.reminder", recipient=coordinator)
    counts = []
    for day in (83, 84, 92, 93, 94):
        if day == 92:
            set_end(STILL_WANTED, wish, ends_at=NOW + 100 * DAY, now=NOW + 85 * DAY)
        sweep(now=NOW + day * DAY)
        counts.append(reminders.count())
    assert counts == [1, 1, 1, 2, 2]


def test_a_wish_that_is_wanted_is_taken_back_and_nobody_waits(need, coordinator):
    wish = need()
    actions.give_back(wish, by=coordinator, now=NOW)
    assert not Deadline.objects.filter(state="open").exists()
    assert list(queries.wanted()) == []


def test_an_offer_takes_on_all_wishes_of_its_kind_that_it_suits(need, volunteer, coordinator, stranger):
    first, second = need(), need(purpose="Another survey")
    unlike = need(slug="news-slot")
    offer(stranger, name="Not for them", for_regions=["mena"])
    assert {one.pk for one in queries.wanted()} == {first.pk, second.pk, unlike.pk}
    taken = offer(volunteer, wish=first)
    for wish in (first, second, unlike):
        wish.refresh_from_db()
    assert [(wish.state, wish.resource == taken) for wish in (first, second, unlike)] == [
        ("asked", True), ("asked", True), ("wanted", False)
    ]  # fmt: skip
    assert Deadline.objects.filter(rule="resources.answer", state="open").count() == 2
    assert Letter.objects.filter(recipient=volunteer, notice__kind="resources.stewards_asked").count() == 2
    assert "is before its stewards" in told("taken_on").filter(recipient=coordinator).first().body
    assert broken_promises() == []


def test_of_something_else_an_offer_takes_on_the_one_wish_it_came_from(need, volunteer):
    camera, printer = need(slug="something-else", purpose="A camera"), need(slug="something-else", purpose="A printer")
    assert {camera.state, printer.state} == {"wanted"}
    taken = offer(volunteer, kind="other", name="A camera to lend", wish=camera)
    camera.refresh_from_db()
    printer.refresh_from_db()
    assert (camera.resource, camera.state, printer.state) == (taken, "asked", "wanted")
    actions.leave_stewards(taken, by=volunteer, now=NOW)
    camera.refresh_from_db()
    assert camera.state == "wanted"


def test_what_is_ready_is_given_to_who_waited_longest(need, volunteer, coordinator):
    first, second = need(), need(purpose="Another survey")
    resource = pool(volunteer, links=["https://survey.example.org/one"])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.resource, first.place) == ("in_use", resource, "https://survey.example.org/one")
    assert second.state == "wanted"
    actions.add_links(resource, links=["https://survey.example.org/two"], by=volunteer, now=NOW + DAY)
    second.refresh_from_db()
    assert (second.state, second.place) == ("in_use", "https://survey.example.org/two")
    assert second.ends_at == NOW + 11 * DAY
    assert broken_promises() == []


def test_every_kind_of_the_movement_is_in_the_catalogue():
    assert set(Resource.objects.values_list("kind", flat=True)) == set(Resource.Kind.values)
