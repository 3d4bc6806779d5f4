"""Booking: several dates, another time, a longer use, whether anybody came, the waiting list, limits, closed hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.deadlines.sweep import sweep
from apps.groups.actions import form_group
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.resources import actions, queries
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, add_member

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
TOMORROW = NOW + DAY
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def room(catalogue):
    Resource.objects.filter(slug="video-meeting-room").update(capacity=1)
    return Resource.objects.get(slug="video-meeting-room")


@pytest.fixture
def others(person):
    someone = person("Otto")
    return form_group(name="Others", by=someone, now=NOW), someone


def book(room, group, by, *, starts_at=TOMORROW, hours=1.0, now=NOW, **more):
    ends_at = starts_at + hours * HOUR
    return actions.request_resource(
        room, group=group, purpose="A call", starts_at=starts_at, ends_at=ends_at, by=by, now=now, **more
    )


def book_dates(room, group, by, starts, *, now=NOW, **more):
    about = {"times": [(at, at + HOUR) for at in starts], "may_wait": True, **more}
    return actions.request_dates(room, group=group, purpose="Weekly", by=by, now=now, **about)


def states(requests):
    return [ResourceRequest.objects.get(pk=request.pk).state for request in requests]


def letters(kind, person):
    return Letter.objects.filter(notice__kind=f"resources.{kind}", recipient=person)


def acts(verb):
    return Act.objects.filter(verb=f"resources.{verb}").count()


# --- A series --------------------------------------------------------------------------------


def test_a_series_is_one_act_each_full_date_waits_alone_and_moves_up_alone(room, group, coordinator, others):
    starts = [TOMORROW + n * WEEK for n in range(4)]
    taken = book(room, *others, starts_at=starts[1])
    made = book_dates(room, group, coordinator, starts)
    assert states(made) == ["in_use", "waiting", "in_use", "in_use"]
    assert len({request.series for request in made} - {""}) == 1
    assert len({request.address for request in made if request.address}) == 3
    assert acts("asked") == 2
    assert queries.series_of(made[0]) == made
    actions.give_back(taken, by=others[1], now=NOW)
    assert states(made) == ["in_use"] * 4
    assert letters("answered", coordinator).count() == 1
    assert broken_promises() == []


def test_full_dates_are_left_out_if_that_is_chosen_and_none_left_is_refused(room, group, coordinator, others):
    starts = [TOMORROW, TOMORROW + WEEK]
    book(room, *others, starts_at=starts[0])
    [made] = book_dates(room, group, coordinator, starts, may_wait=False)
    assert (made.starts_at, made.series) == (starts[1], "")
    with pytest.raises(Refused, match="Every place is taken at this time"):
        book_dates(room, group, coordinator, starts[:1], may_wait=False)


def test_a_series_that_cannot_be_whole_is_refused_whole(room, group, coordinator):
    with pytest.raises(Refused, match="8 uses within 30 days"):
        book_dates(room, group, coordinator, [TOMORROW + n * DAY for n in range(9)])
    with pytest.raises(Refused, match="in the past"):
        book_dates(room, group, coordinator, [TOMORROW, NOW - DAY])
    with pytest.raises(Refused, match="At most 26 dates"):
        book_dates(room, group, coordinator, [TOMORROW + n * WEEK for n in range(27)])
    with pytest.raises(Refused, match="at least one"):
        book_dates(room, group, coordinator, [])
    assert not ResourceRequest.objects.exists()


def test_half_a_year_of_weeks_keeps_the_limit_and_is_booked_in_few_queries(
    room, group, coordinator, django_assert_max_num_queries
):
    starts = [TOMORROW + n * WEEK for n in range(25)]
    with django_assert_max_num_queries(10 + 25 * 12):
        made = book_dates(room, group, coordinator, starts)
    assert states(made) == ["in_use"] * 25


def test_what_would_become_of_dates_is_said_before_anything_is_written(room, group, coordinator, others):
    Resource.objects.filter(pk=room.pk).update(opens_hour=8, closes_hour=18, max_per_month=3)
    room.refresh_from_db()
    book(room, *others, starts_at=TOMORROW)
    times = [TOMORROW, TOMORROW.replace(hour=17, minute=30), *(TOMORROW + n * DAY for n in (1, 2, 3)), NOW - DAY]
    found = queries.look_ahead(room, group, [(at, at + HOUR) for at in times], now=NOW)
    assert [outcome.outlook.value for outcome in found] == ["refused", "full", "closed", "free", "free", "limit"]
    assert "from 08:00 to 18:00 UTC" in found[2].why
    assert "3 uses within 30 days" in found[5].why
    assert "8 September 2026, 9 September 2026, 10 September 2026" in found[5].why
    assert "from 8 October 2026, 10:00 UTC on" in found[5].why
    leaves = queries.look_ahead(room, group, [(at, at + HOUR) for at in times], now=NOW, full_count=False)
    assert leaves[5].outlook.value == "free", "What is left out does not count."
    assert ResourceRequest.objects.count() == 1


def test_the_free_day_that_a_limit_names_is_the_first_one(room, group, coordinator):
    for n in (0, 1, 2, 3, 26, 27, 28, 29):
        book(room, group, coordinator, starts_at=TOMORROW + n * DAY)
    [refused] = queries.look_ahead(room, group, [(TOMORROW + 14 * DAY, TOMORROW + 14 * DAY + HOUR)], now=NOW)
    assert "from 8 October 2026, 10:00 UTC on" in refused.why
    first = TOMORROW + 30 * DAY
    with pytest.raises(Refused):
        book(room, group, coordinator, starts_at=first - timedelta(minutes=1))
    assert book(room, group, coordinator, starts_at=first).state == "in_use"


# --- Clocks ----------------------------------------------------------------------------------


def test_every_week_stays_at_the_same_time_on_the_clock(room):
    times = queries.times_on(queries.weekly(date(2026, 10, 19), date(2026, 11, 2)), time(15), HOUR, BERLIN)
    assert [at.starts_at.hour for at in times] == [13, 14, 14]
    assert {at.starts_at.astimezone(BERLIN).hour for at in times} == {15}
    assert {at.note for at in times} == {""}


def test_an_hour_that_does_not_exist_and_one_that_comes_twice_are_said():
    [gone] = queries.times_on([date(2027, 3, 28)], time(2, 30), HOUR, BERLIN)
    assert gone.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert gone.note == "Clocks go forward: there is no 02:30 on that day, so it begins at 03:30."
    [twice] = queries.times_on([date(2026, 10, 25)], time(2, 30), HOUR, BERLIN)
    assert twice.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "02:30 comes twice" in twice.note


# --- Another time ----------------------------------------------------------------------------


def test_a_booking_moves_and_who_waited_for_its_old_time_moves_up(room, group, coordinator, others, volunteer):
    add_member(group, volunteer, coordinates=True)
    mine, waiting = book(room, group, coordinator), book(room, *others)
    key = mine.key
    mine = actions.change_booking(
        mine, starts_at=TOMORROW + 2 * HOUR, ends_at=TOMORROW + 3 * HOUR, by=coordinator, now=NOW
    )
    assert states([mine, waiting]) == ["in_use", "in_use"]
    assert mine.key == key, "It stays the same room."
    assert (
        Deadline.objects.get(rule="resources.end_of_booking", subject_id=mine.pk, state="open").ends_at == mine.ends_at
    )
    assert letters("booking_changed", volunteer).exists()
    assert not letters("booking_changed", coordinator).exists()
    assert letters("answered", others[1]).exists()
    assert acts("booking_changed") == 1
    assert broken_promises() == []


def test_a_booking_keeps_its_seat_if_the_new_time_is_full(room, group, coordinator, others):
    mine = book(room, group, coordinator)
    book(room, *others, starts_at=TOMORROW + 2 * HOUR)
    with pytest.raises(Refused, match="What you have booked stays as it is"):
        actions.change_booking(
            mine, starts_at=TOMORROW + 2 * HOUR, ends_at=TOMORROW + 3 * HOUR, by=coordinator, now=NOW
        )
    mine.refresh_from_db()
    assert (mine.state, mine.starts_at) == ("in_use", TOMORROW)


def test_a_shorter_booking_lets_the_next_one_move_up(room, group, coordinator, others):
    mine = book(room, group, coordinator, hours=2)
    waiting = book(room, *others, starts_at=TOMORROW + HOUR)
    actions.change_booking(mine, starts_at=TOMORROW, ends_at=TOMORROW + HOUR, by=coordinator, now=NOW)
    assert states([waiting]) == ["in_use"]


def test_the_limit_is_counted_without_the_booking_that_moves(room, group, coordinator):
    uses = [book(room, group, coordinator, starts_at=TOMORROW + n * DAY) for n in range(8)]
    moved = actions.change_booking(
        uses[0], starts_at=TOMORROW + 9 * DAY, ends_at=TOMORROW + 9 * DAY + HOUR, by=coordinator, now=NOW
    )
    assert moved.starts_at == TOMORROW + 9 * DAY


def test_what_waits_and_moves_stands_behind_those_who_asked_for_that_time_before(
    room, group, coordinator, others, person
):
    taken = book(room, *others, hours=2)
    early = book(room, group, coordinator)
    third = person("Third")
    before = book(room, form_group(name="Third", by=third, now=NOW), third, starts_at=TOMORROW + HOUR, now=NOW + HOUR)
    early = actions.change_booking(
        early, starts_at=TOMORROW + HOUR, ends_at=TOMORROW + 2 * HOUR, by=coordinator, now=NOW + 2 * HOUR
    )
    assert [queries.place_in_line(wish) for wish in (before, early)] == [1, 2]
    actions.give_back(taken, by=others[1], now=NOW + 3 * HOUR)
    assert states([before, early]) == ["in_use", "waiting"]
    assert broken_promises() == []


def test_what_has_begun_or_has_no_time_is_not_moved(room, group, coordinator):
    mine = book(room, group, coordinator)
    later = {"starts_at": TOMORROW + DAY, "ends_at": TOMORROW + DAY + HOUR}
    with pytest.raises(Refused, match="has begun already"):
        actions.change_booking(mine, **later, by=coordinator, now=TOMORROW)
    pad = actions.request_resource(
        Resource.objects.get(slug="notes-pad"), group=group, purpose="Notes", by=coordinator, now=NOW
    )
    with pytest.raises(Refused, match="no time of its own"):
        actions.change_booking(pad, **later, by=coordinator, now=NOW)


def test_a_series_moves_from_a_date_on_also_into_its_own_times_and_across_a_change_of_clocks(
    room, group, coordinator, others
):
    starts = [at.starts_at for at in queries.times_on(
        queries.weekly(date(2026, 10, 13), date(2026, 11, 3)), time(15), HOUR, BERLIN
    )]  # fmt: skip
    made = book_dates(room, group, coordinator, starts, zone="Europe/Berlin")
    new = starts[1] + WEEK + HOUR  # which is when clocks go back
    with timezone.override("America/New_York"):  # Whose clock goes back a week later: it is not theirs that counts.
        changed = actions.change_series(made[1], starts_at=new, ends_at=new + HOUR, by=coordinator, now=NOW)
    assert len(changed.moved) == 3
    assert not changed.stayed
    shown = [each.starts_at.astimezone(BERLIN) for each in queries.series_of(made[0])]
    assert [(at.day, at.hour) for at in shown] == [(13, 15), (27, 15), (3, 15), (10, 15)]
    assert broken_promises() == []


def test_where_only_the_length_of_a_series_changes_each_date_keeps_its_start(room, group, coordinator):
    made = book_dates(room, group, coordinator, [TOMORROW + n * WEEK for n in range(3)])
    at = made[1].starts_at + 3 * HOUR
    actions.change_booking(made[1], starts_at=at, ends_at=at + HOUR, by=coordinator, now=NOW)
    actions.change_series(made[0], starts_at=TOMORROW, ends_at=TOMORROW + 2 * HOUR, by=coordinator, now=NOW)
    shown = [(each.starts_at.hour, each.ends_at.hour) for each in queries.series_of(made[0])]
    assert shown == [(10, 12), (13, 15), (10, 12)]


def test_a_date_of_a_series_that_finds_no_place_at_the_new_time_keeps_its_own(room, group, coordinator, others):
    made = book_dates(room, group, coordinator, [TOMORROW + n * WEEK for n in range(3)])
    book(room, *others, starts_at=TOMORROW + WEEK + 2 * HOUR)
    new = TOMORROW + 2 * HOUR
    changed = actions.change_series(made[0], starts_at=new, ends_at=new + HOUR, by=coordinator, now=NOW)
    assert [date.pk for date, _why in changed.stayed] == [made[1].pk]
    assert [each.starts_at.hour - TOMORROW.hour for each in queries.series_of(made[0])] == [2, 0, 2]


def test_a_series_is_given_back_from_a_date_on(room, group, coordinator, others):
    made = book_dates(room, group, coordinator, [TOMORROW + n * WEEK for n in range(3)])
    waiting = book(room, *others, starts_at=TOMORROW + 2 * WEEK)
    assert len(actions.give_back_series(made[1], by=coordinator, now=NOW)) == 2
    assert states([*made, waiting]) == ["in_use", "returned", "returned", "in_use"]
    with pytest.raises(Refused, match="No date of this series is left"):
        actions.give_back_series(made[1], by=coordinator, now=NOW)


# --- Longer ----------------------------------------------------------------------------------


def test_a_running_use_goes_on_until_its_seat_is_taken_and_says_from_when(room, group, coordinator, others):
    mine = book(room, group, coordinator)
    book(room, *others, starts_at=TOMORROW + 2 * HOUR)
    with pytest.raises(Refused, match="Only what runs now"):
        actions.extend_use(mine, half_hours=1, by=coordinator, now=NOW)
    during = TOMORROW + HOUR / 2
    mine = actions.extend_use(mine, half_hours=2, by=coordinator, now=during)
    assert mine.ends_at == TOMORROW + 2 * HOUR
    with pytest.raises(Refused, match="no free place for it from 12:00 UTC on"):
        actions.extend_use(mine, half_hours=1, by=coordinator, now=during)
    sweep(now=TOMORROW + 2 * HOUR - timedelta(seconds=1))
    assert states([mine]) == ["in_use"]
    sweep(now=TOMORROW + 2 * HOUR)
    assert states([mine]) == ["returned"]


def test_a_use_is_never_longer_than_the_resource_is_given_nor_beyond_closing(room, group, coordinator):
    mine = book(room, group, coordinator, hours=2.5)
    longer = queries.longer_ends(mine)
    assert (len(longer.ends), longer.why_not) == (1, "At most 3 hours at once.")
    Resource.objects.filter(pk=room.pk).update(opens_hour=8, closes_hour=12)
    mine = ResourceRequest.objects.get(pk=mine.pk)
    assert queries.longer_ends(mine).ends == []
    assert "closed then" in queries.longer_ends(mine).why_not


# --- Whether anybody came --------------------------------------------------------------------


def over(room, group, by):
    use = book(room, group, by)
    sweep(now=use.ends_at)
    return ResourceRequest.objects.get(pk=use.pk)


def test_a_booking_that_nobody_came_to_counts_twice(room, group, coordinator, steward):
    room.stewards.add(steward)
    Resource.objects.filter(pk=room.pk).update(max_per_month=3)
    use = over(room, group, coordinator)
    later = use.ends_at + DAY
    book(room, group, coordinator, starts_at=TOMORROW + 2 * DAY, now=later)
    actions.note_use(use, was_used=False, by=steward, now=later)
    with pytest.raises(Refused, match=r"3 uses within 30 days.*8 September 2026 \(counts twice, since nobody came\)"):
        book(room, group, coordinator, starts_at=TOMORROW + 3 * DAY, now=later)
    assert letters("nobody_came", coordinator).count() == 1
    assert acts("nobody_came") == 1
    with pytest.raises(Refused, match="A steward can correct it"):
        actions.note_use(use, was_used=True, by=coordinator, now=later)
    actions.note_use(use, was_used=True, by=steward, now=later)
    assert book(room, group, coordinator, starts_at=TOMORROW + 3 * DAY, now=later).state == "in_use"


def test_it_is_said_within_seven_days_of_the_end_and_of_what_was_not_given_back(room, group, coordinator):
    use = over(room, group, coordinator)
    for at in (use.ends_at + 7 * DAY + timedelta(seconds=1), use.ends_at - timedelta(seconds=1)):
        with pytest.raises(Refused, match="in the 7 days after"):
            actions.note_use(use, was_used=True, by=coordinator, now=at)
    assert actions.note_use(use, was_used=True, by=coordinator, now=use.ends_at + 7 * DAY).was_used is True
    early = actions.give_back(
        book(room, group, coordinator, starts_at=TOMORROW + DAY), by=coordinator, now=TOMORROW + HOUR
    )
    with pytest.raises(Refused, match="in the 7 days after"):
        actions.note_use(early, was_used=False, by=coordinator, now=TOMORROW + 2 * DAY)


# --- Other times, closed hours, the line, limits ---------------------------------------------


def test_the_three_nearest_free_times_are_offered(room, group, coordinator, others):
    book(room, *others, hours=2)
    Resource.objects.filter(pk=room.pk).update(opens_hour=10, closes_hour=20)
    room.refresh_from_db()
    found = queries.nearest_free(room, TOMORROW + HOUR, TOMORROW + 2 * HOUR, now=NOW)
    assert found == [TOMORROW + 2 * HOUR, TOMORROW + 2.5 * HOUR, TOMORROW + 3 * HOUR]
    assert queries.next_free(room, HOUR, now=TOMORROW) == TOMORROW + 2 * HOUR


def test_a_time_at_a_closed_hour_is_refused_with_the_hours(room, group, coordinator):
    Resource.objects.filter(pk=room.pk).update(opens_hour=8, closes_hour=24)
    for starts_at in (TOMORROW.replace(hour=7, minute=30), TOMORROW.replace(hour=23, minute=30)):
        with pytest.raises(Refused, match="from 08:00 to 24:00 UTC"):
            book(room, group, coordinator, starts_at=starts_at)
    assert book(room, group, coordinator, starts_at=TOMORROW.replace(hour=23)).state == "in_use"


def test_a_full_time_is_refused_unless_one_may_wait(room, group, coordinator, others):
    book(room, *others)
    with pytest.raises(Refused, match="Every place is taken at this time"):
        book(room, group, coordinator, may_wait=False)
    assert book(room, group, coordinator).state == "waiting"


def test_limits_of_what_has_no_time_of_its_own(group, coordinator, catalogue):
    Resource.objects.filter(slug="notes-pad").update(max_at_once=1, max_per_month=2)
    pad = Resource.objects.get(slug="notes-pad")

    def ask(purpose, now=NOW):
        return actions.request_resource(pad, group=group, purpose=purpose, by=coordinator, now=now)

    first = ask("One")
    with pytest.raises(Refused, match="1 of this, which is the limit"):
        ask("Two")
    actions.give_back(first, by=coordinator, now=NOW)
    second = ask("Two")
    actions.give_back(second, by=coordinator, now=NOW)
    with pytest.raises(Refused, match="2 times in the last 30 days"):
        ask("Three")
    assert ask("Three", now=NOW + 31 * DAY).state == "in_use"


# --- The calendar ----------------------------------------------------------------------------


def test_a_month_says_how_much_is_free_and_which_hour_is_fullest(room, group, coordinator, person):
    Resource.objects.filter(pk=room.pk).update(capacity=2, max_per_month=None, opens_hour=8, closes_hour=18)
    room.refresh_from_db()
    noon = TOMORROW.replace(hour=12)
    for n, (at, hours) in enumerate([(noon, 2), (noon + HOUR, 1.5), (noon + DAY, 1)]):
        someone = person(f"P{n}")
        book(room, form_group(name=f"G{n}", by=someone, now=NOW), someone, starts_at=at, hours=hours)
    days = {day.day: day for week in queries.month_of(room, month=NOW.date(), now=NOW) for day in week}
    assert len(days) == 35
    first, second = days[noon.date()], days[noon.date() + DAY]
    assert (first.most, first.fullest_at, first.fewest_free) == (2, noon + HOUR, 0)
    assert first.percent_free == 82  # of ten hours with two places, three and a half are taken
    assert (second.most, second.fewest_free, second.percent_free) == (1, 1, 95)
    assert not days[NOW.date() - DAY].is_shown
    assert days[NOW.date()].open_seconds == 8 * 3600, "Of today what is left."
    assert not days[date(2026, 10, 1)].is_shown


def test_seats_from_one_pass_are_those_of_every_moment():
    spans = [(NOW + a * HOUR, NOW + b * HOUR) for a, b in [(0, 3), (1, 2), (2, 4), (2, 2.5), (6, 7)]]
    uses = [(*span, 1 + n % 2) for n, span in enumerate(spans)]
    seats = queries.Seats(uses)
    for a in range(16):
        for b in range(a + 1, 17):
            start, end = NOW + a * HOUR / 2, NOW + b * HOUR / 2
            moments = [start + n * HOUR / 4 for n in range(2 * (b - a))]
            by_hand = max(sum(quantity for s, e, quantity in uses if s <= at < e) for at in moments)
            assert seats.most(start, end) == by_hand
    grown = queries.Seats([])
    for use in uses:
        grown.add(*use)
    assert [grown.most(*span) for span in spans] == [seats.most(*span) for span in spans]
