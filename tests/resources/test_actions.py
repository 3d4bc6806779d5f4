from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core.clock import add_working_days
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.notifications.queries import out_of_date
from apps.resources import actions, queries
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW
from tests.resources.offers import seats_taken

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def room(catalogue):
    return Resource.objects.get(slug="video-meeting-room")


@pytest.fixture
def pad(catalogue):
    return Resource.objects.get(slug="notes-pad")


@pytest.fixture
def mailing_list(catalogue, steward):
    resource = Resource.objects.get(slug="mailing-list")
    resource.stewards.add(steward)
    return resource


@pytest.fixture
def translation(catalogue, steward):
    resource = Resource.objects.get(slug="page-translation")
    resource.stewards.add(steward)
    return resource


def book(room, group, by, *, starts_at=TOMORROW, hours=1, now=NOW):
    ends_at = starts_at + timedelta(hours=hours)
    return actions.request_resource(
        room, group=group, purpose="A call", starts_at=starts_at, ends_at=ends_at, by=by, now=now
    )


def ask(resource, group, by, now=NOW, **times):
    return actions.request_resource(resource, group=group, purpose="Our list", by=by, now=now, **times)


def other_group(person, n):
    someone = person(f"Coordinator {n}")
    return form_group(name=f"Group {n}", by=someone, now=NOW), someone


# --- At once ---------------------------------------------------------------------------------


def test_a_room_is_given_at_once_with_a_name_nobody_can_guess(room, group, coordinator, settings):
    first, second = (
        book(room, group, coordinator),
        book(room, group, coordinator, starts_at=TOMORROW + timedelta(hours=2)),
    )
    assert first.state == "in_use"
    assert first.address.startswith(f"{settings.JITSI_URL}/MovementStrategy-")
    assert len(first.key) == 24
    assert first.address != second.address


def test_a_pad_is_given_at_once_for_half_a_year(pad, group, coordinator, settings):
    use = ask(pad, group, coordinator)
    assert use.address.startswith(f"{settings.ETHERPAD_URL}/p/movement-strategy-")
    assert use.ends_at == NOW + timedelta(days=180)


def test_a_room_goes_back_by_itself_when_the_call_is_over(room, group, coordinator):
    use = book(room, group, coordinator)
    sweep(now=use.ends_at)
    use.refresh_from_db()
    assert (use.state, use.address) == ("returned", "")


@pytest.mark.parametrize(
    ("starts_in", "hours", "sentence"),
    [
        (timedelta(days=-1), 1, "in the past"),
        (timedelta(days=200), 1, "180 days ahead"),
        (timedelta(days=1), 4, "At most 3 hours"),
    ],
)
def test_times_that_cannot_be_are_refused(room, group, coordinator, starts_in, hours, sentence):
    with pytest.raises(Refused, match=sentence):
        book(room, group, coordinator, starts_at=NOW + starts_in, hours=hours)
    assert not ResourceRequest.objects.exists()


def test_a_room_without_a_time_is_refused(room, group, coordinator):
    with pytest.raises(Refused, match="when it begins"):
        ask(room, group, coordinator)


def test_a_group_has_eight_rooms_in_thirty_days(room, group, coordinator):
    for n in range(8):
        book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=n))
    with pytest.raises(Refused, match="8 uses within 30 days"):
        book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=9))


def test_rooms_that_were_used_count_in_every_thirty_days(room, group, coordinator):
    for n in range(8):
        at = TOMORROW + timedelta(days=2 * n)
        use = book(room, group, coordinator, starts_at=at, now=at - timedelta(hours=1))
        sweep(now=use.ends_at)
    assert set(ResourceRequest.objects.values_list("state", flat=True)) == {"returned"}
    month_ends = TOMORROW + timedelta(days=30)
    with pytest.raises(Refused, match="8 uses within 30 days"):
        book(room, group, coordinator, starts_at=month_ends - timedelta(minutes=1), now=month_ends - timedelta(days=1))
    assert book(room, group, coordinator, starts_at=month_ends, now=month_ends - timedelta(days=1)).pk
    with pytest.raises(Refused, match="8 uses within 30 days"):  # now those of days 2 to 30 are eight
        book(room, group, coordinator, starts_at=month_ends + timedelta(days=1), now=month_ends)


def test_four_before_and_four_after_fill_the_month_between_them(room, group, coordinator):
    for n in (0, 1, 2, 3, 26, 27, 28, 29):
        book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=n))
    with pytest.raises(Refused, match="8 uses within 30 days"):
        book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=14))
    assert book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=31)).pk


def test_a_room_given_back_before_its_start_makes_place_for_another(room, group, coordinator):
    uses = [book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=n)) for n in range(8)]
    actions.give_back(uses[0], by=coordinator, now=NOW)
    assert book(room, group, coordinator, starts_at=TOMORROW + timedelta(days=9)).pk


def test_the_sixth_at_one_time_waits_and_moves_up_by_itself(room, group, coordinator, person):
    uses = [book(room, *other_group(person, n)) for n in range(5)]
    waiting = book(room, group, coordinator)
    assert waiting.state == "waiting"
    assert Deadline.objects.get(rule="resources.wait_for_seat", state="open").subject_id == waiting.pk
    actions.give_back(uses[0], by=uses[0].asked_by, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == "in_use"
    assert waiting.address
    assert Letter.objects.filter(recipient=coordinator, notice__kind="resources.answered").exists()


def test_a_room_that_ends_when_another_begins_is_no_clash(room, group, coordinator, person):
    for n in range(5):
        book(room, *other_group(person, n))
    assert book(room, group, coordinator, starts_at=TOMORROW + timedelta(hours=1)).state == "in_use"


def test_seats_are_counted_at_the_fullest_moment(room, group, coordinator, person):
    """Three before and three after overlap the wish, but never more than three at once."""
    for n in range(3):
        book(room, *other_group(person, n), starts_at=TOMORROW, hours=1)
    for n in range(3, 6):
        book(room, *other_group(person, n), starts_at=TOMORROW + timedelta(hours=1), hours=1)
    assert seats_taken(room, TOMORROW, TOMORROW + timedelta(hours=2)) == 3
    assert book(room, group, coordinator, hours=2).state == "in_use"


def test_a_wish_lapses_when_its_time_comes_and_no_place_came_free(room, group, coordinator, person):
    for n in range(5):
        book(room, *other_group(person, n))
    waiting = book(room, group, coordinator)
    sweep(now=TOMORROW)
    waiting.refresh_from_db()
    assert waiting.state == "lapsed"
    assert Letter.objects.filter(recipient=coordinator, notice__kind="resources.answered").exists()


def test_the_calendar_counts_seats_at_the_fullest_moment_too(room, group, coordinator, person):
    book(room, *other_group(person, 0), hours=0.5)
    book(room, *other_group(person, 1), starts_at=TOMORROW + timedelta(minutes=30), hours=0.5)
    midnight = TOMORROW.replace(hour=0)
    [[slot, *_later]] = queries.free_slots(room, first_day=midnight, now=NOW, hours=[TOMORROW.hour])
    assert slot.free == 4
    room.capacity = None
    [[slot, *_later]] = queries.free_slots(room, first_day=midnight, now=NOW, hours=[TOMORROW.hour])
    assert slot.free is None


def test_a_wish_without_a_time_of_its_own_waits_for_ninety_days_and_lasts_from_when_it_is_given(
    pad, group, coordinator, person
):
    pad.capacity = 1
    pad.save()
    first = ask(pad, *other_group(person, 0))
    waiting = ask(pad, group, coordinator)
    sweep(now=NOW + timedelta(days=89))
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    actions.give_back(first, by=first.asked_by, now=NOW + timedelta(days=89))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.ends_at) == ("in_use", NOW + timedelta(days=89 + 180))


# --- Stewards decide -------------------------------------------------------------------------


def test_stewards_owe_an_answer_in_five_working_days(mailing_list, group, coordinator, steward):
    wish = ask(mailing_list, group, coordinator)
    deadline = Deadline.objects.get(rule="resources.answer")
    assert (wish.state, deadline.due_at) == ("asked", add_working_days(NOW, 5))
    assert deadline.owner == f"stewards:{mailing_list.pk}"
    letter = Letter.objects.get(recipient=steward, notice__kind="resources.stewards_asked")
    assert "the next offer of that kind is asked" in letter.body


def test_a_steward_gives_with_an_address_that_only_the_group_sees(mailing_list, group, coordinator, steward):
    wish = ask(mailing_list, group, coordinator)
    later = NOW + timedelta(days=2)
    wish = actions.give_resource(wish, address="https://lists.example.org/x", answer="Enjoy.", by=steward, now=later)
    assert (wish.state, wish.address) == ("in_use", "https://lists.example.org/x")
    assert wish.ends_at == later + timedelta(days=365)
    assert Deadline.objects.get(rule="resources.answer").outcome == "given"
    assert Letter.objects.filter(recipient=coordinator, notice__kind="resources.answered").exists()


def test_what_happens_once_is_given_and_rests(translation, group, coordinator, steward):
    wish = ask(translation, group, coordinator)
    wish = actions.give_resource(wish, address="", answer="By Friday.", by=steward, now=NOW)
    assert wish.state == "given"
    assert not Deadline.objects.filter(state="open").exists()


def test_a_no_has_a_reason_and_reaches_the_group(mailing_list, group, coordinator, steward):
    wish = ask(mailing_list, group, coordinator)
    actions.decline_request(wish, answer="Use the existing list.", by=steward, now=NOW)
    assert "Use the existing list." in Letter.objects.get(recipient=coordinator, notice__kind="resources.answered").body


def test_a_second_answer_is_told_what_the_first_was(mailing_list, group, coordinator, steward):
    wish = ask(mailing_list, group, coordinator)
    actions.decline_request(wish, answer="No.", by=steward, now=NOW)
    with pytest.raises(Refused, match="settled before you: Declined"):
        actions.give_resource(wish, address="", answer="", by=steward, now=NOW)


def test_silence_puts_the_wish_under_wanted_on_day_ten(mailing_list, group, coordinator):
    wish = ask(mailing_list, group, coordinator)
    sweep(now=add_working_days(NOW, 10) - timedelta(seconds=1))
    wish.refresh_from_db()
    assert wish.state == "asked"
    sweep(now=add_working_days(NOW, 10))
    wish.refresh_from_db()
    assert wish.state == "wanted"
    assert list(queries.wanted()) == [wish]
    assert Letter.objects.filter(recipient=coordinator, notice__kind="resources.moved_on").count() == 1


def test_silence_asks_the_next_offer_of_that_kind(mailing_list, group, coordinator, stranger):
    other = Resource.objects.create(
        slug="lists-too", kind="mailing_list", policy="stewards_decide", provider="by_hand", icon="message",
        names={"en": "Lists too"}, lines={"en": ""}, descriptions={"en": ""}, position=99,
    )  # fmt: skip
    other.stewards.add(stranger)
    wish = ask(mailing_list, group, coordinator)
    sweep(now=add_working_days(NOW, 10))
    wish.refresh_from_db()
    assert (wish.state, wish.resource) == ("asked", other)
    assert Letter.objects.filter(recipient=stranger, notice__kind="resources.stewards_asked").exists()
    sweep(now=add_working_days(add_working_days(NOW, 10), 10))
    wish.refresh_from_db()
    assert wish.state == "wanted"


def test_silence_never_spends_money(group, coordinator, steward, catalogue):
    costed = Resource.objects.get(policy="costed")
    costed.stewards.add(steward)
    later = NOW + timedelta(days=100)
    wish = ask(costed, group, coordinator, starts_at=later, ends_at=later + timedelta(hours=1))
    sweep(now=NOW + timedelta(days=60))
    wish.refresh_from_db()
    assert wish.state == "wanted"


def test_without_stewards_the_wish_is_wanted_at_once_and_goes_to_the_first_steward(
    group, coordinator, steward, catalogue
):
    resource = Resource.objects.get(slug="forum-category")
    wish = ask(resource, group, coordinator)
    assert wish.state == "wanted"
    actions.name_steward(resource, person=steward, now=NOW)
    wish.refresh_from_db()
    assert wish.state == "asked"
    assert Letter.objects.filter(recipient=steward).exists()


def test_a_wish_that_is_wanted_twice_is_told_twice(group, coordinator, steward, mailing_list):
    ask(mailing_list, group, coordinator)
    again = add_working_days(NOW, 10)
    sweep(now=again)
    actions.name_steward(mailing_list, person=steward, now=again)
    sweep(now=add_working_days(again, 10))
    for kind, person in (("resources.stewards_asked", steward), ("resources.moved_on", coordinator)):
        assert Letter.objects.filter(recipient=person, notice__kind=kind).count() == 2, kind


def test_a_letter_to_stewards_need_not_leave_once_one_of_them_has_answered(mailing_list, group, coordinator, steward):
    wish = ask(mailing_list, group, coordinator)
    letter = Letter.objects.get(recipient=steward, notice__kind="resources.stewards_asked")
    assert out_of_date([letter], NOW) == set()
    actions.decline_request(wish, answer="No.", by=steward, now=NOW)
    assert out_of_date([letter], NOW) == {letter.pk}


# --- In use, and back ------------------------------------------------------------------------


def test_seven_days_before_the_end_the_group_is_asked_and_silence_gives_back(pad, group, coordinator):
    use = ask(pad, group, coordinator)

    def reminders():
        return Letter.objects.filter(recipient=coordinator, notice__kind="deadlines.reminder").count()

    sweep(now=use.ends_at - timedelta(days=7, seconds=1))
    assert reminders() == 0
    sweep(now=use.ends_at - timedelta(days=7))
    assert reminders() == 1
    sweep(now=use.ends_at - timedelta(days=1, seconds=1))
    assert reminders() == 1
    sweep(now=use.ends_at - timedelta(days=1))
    assert reminders() == 2, "What lasts for a week or less is asked about, too."
    sweep(now=use.ends_at)
    use.refresh_from_db()
    assert use.state == "returned"


def test_still_in_use_keeps_it_for_another_term(pad, group, coordinator):
    use = ask(pad, group, coordinator)
    with pytest.raises(Refused, match="There is time"):
        actions.keep_using(use, by=coordinator, now=NOW)
    actions.keep_using(use, by=coordinator, now=use.ends_at - timedelta(days=6))
    sweep(now=use.ends_at + timedelta(days=1))
    use.refresh_from_db()
    assert use.state == "in_use"
    assert use.ends_at == NOW + timedelta(days=360)


def test_a_steward_ends_a_use_at_once_with_a_reason(mailing_list, group, coordinator, steward):
    use = actions.give_resource(ask(mailing_list, group, coordinator), address="x", answer="", by=steward, now=NOW)
    actions.end_use(use, reason="Spam.", by=steward, now=NOW)
    use.refresh_from_db()
    assert (use.state, use.address) == ("ended", "")
    # What people made, its stewards have to end there.
    assert Deadline.objects.get(state="open").rule == "resources.make_by_hand"
    assert "Spam." in Letter.objects.filter(recipient=coordinator).latest("pk").body


def test_a_wish_is_taken_back_and_nobody_waits(mailing_list, group, coordinator):
    wish = ask(mailing_list, group, coordinator)
    actions.give_back(wish, by=coordinator, now=NOW)
    assert Deadline.objects.get(rule="resources.answer").state == "cancelled"
    with pytest.raises(Refused):
        actions.give_back(wish, by=coordinator, now=NOW)


# --- What the database keeps -----------------------------------------------------------------


def refused_by_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_keeps_uses_whole(pad, group, coordinator):
    ask(pad, group, coordinator)
    refused_by_database(lambda: ResourceRequest.objects.update(ends_at=NOW - timedelta(days=1)))
    refused_by_database(lambda: ResourceRequest.objects.update(ends_at=None))
    refused_by_database(lambda: ResourceRequest.objects.update(state="declined"))
    refused_by_database(lambda: Resource.objects.filter(pk=pad.pk).update(provider="by_hand"))
    refused_by_database(lambda: Resource.objects.filter(kind="room").update(max_hours=None))


def test_a_second_click_books_no_second_room(room, group, coordinator):
    book(room, group, coordinator)
    with pytest.raises(Refused, match="asked for this time already"):
        book(room, group, coordinator)
    assert ResourceRequest.objects.count() == 1


@pytest.mark.parametrize("slug", ["notes-pad", "mailing-list", "page-translation", "forum-category"])
def test_a_second_click_asks_for_nothing_twice(catalogue, steward, group, coordinator, slug):
    resource = Resource.objects.get(slug=slug)
    if slug in {"mailing-list", "page-translation"}:
        resource.stewards.add(steward)
    wish = ask(resource, group, coordinator)
    with pytest.raises(Refused, match="asked for this already"):
        ask(resource, group, coordinator, now=NOW + timedelta(minutes=1))
    assert ResourceRequest.objects.count() == 1
    if slug == "mailing-list":
        actions.give_back(wish, by=coordinator, now=NOW)
        assert ask(resource, group, coordinator, now=NOW + timedelta(minutes=2)).pk


def test_the_same_wish_another_day_is_no_second_click(pad, group, coordinator):
    ask(pad, group, coordinator)
    assert ask(pad, group, coordinator, now=NOW + timedelta(hours=2)).pk
