"""People who do something at the same moment: one is first, nobody loses a word, and every promise holds.

Each race runs with real threads and real connections. Those marked `services` need the row locks of
PostgreSQL; the others are the same stories on whichever database the tests run on, SQLite by default.
"""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.sweep import sweep
from apps.engagement import actions as engagement
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.groups import actions as groups
from apps.groups.models import Group, Membership
from apps.initiatives.actions import step_down
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.notifications.models import Letter
from apps.record.models import Act
from apps.resources import actions as resources
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import NOW, add_member, adopt, meet_early_steps
from tests.journeys.at_once import assert_promises_hold, at_once, browser_of, people, trigger, typed_in
from tests.resources.offers import seats_taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HOW_MANY = 20


def acts(verb):
    return Act.objects.filter(verb=verb).count()


# --- Adopting --------------------------------------------------------------------------------


def adopt_form(n):
    """The whole form, with marks and lines that a careless page would lose."""
    return {
        "accept": "on",
        "version": "1.0",
        "group": "new",
        "new_group": f"Group {n} <b>&\"'</b>",
        "plan": f"Plan {n}: «five wikis» & more.\nSecond line of {n}.\n\n    indented",
        "step_1": f"List what exists, {n}",
        "step_2": f'Ask the "neighbours" of {n}',
        "step_3": f"اكتب الصفحة {n}",
        "beside": "Bela\nCarla",
        "seeks_members": "on",
    }


def adopt_page(initiative):
    return reverse("initiatives:adopt", args=[initiative.number, initiative.words])


def twenty_adopt(initiative, person):
    """Twenty people post the whole form of one initiative at the same moment."""
    person("Bela")
    person("Carla")
    browsers = [browser_of(someone) for someone in people(HOW_MANY)]
    forms = [adopt_form(n) for n in range(HOW_MANY)]
    page = adopt_page(initiative)
    answers = at_once(*(partial(browser.post, page, form) for browser, form in zip(browsers, forms, strict=True)))
    return list(zip(forms, answers, strict=True))


def test_of_twenty_who_adopt_one_initiative_one_leads(initiative, person):
    answers = twenty_adopt(initiative, person)
    assert sorted(answer.status_code for _form, answer in answers) == [200] * 19 + [302]
    adoption = Adoption.objects.get(ended_at=None)
    winner = next(form for form, answer in answers if answer.status_code == 302)
    assert adoption.plan == winner["plan"]
    assert Lead.objects.get().group.name == winner["new_group"]
    assert acts("initiatives.adopted") == 1


def test_the_nineteen_are_told_who_was_first_and_lose_no_text(initiative, person):
    answers = twenty_adopt(initiative, person)
    first = Lead.objects.get().group.name
    told = [(form, answer) for form, answer in answers if answer.status_code == 200]
    assert len(told) == 19
    for form, answer in told:
        said = [str(error) for error in answer.context["form"].non_field_errors()]
        assert said == [
            f"{first} adopted this initiative before you. "
            "What you wrote is still here: take it to that group, or choose another initiative."
        ]
        page = answer.content.decode()
        assert "adopted this initiative before you" in page
        typed = typed_in(page)
        assert {name: typed.get(name) for name in form} == form


def test_the_nineteen_leave_no_group_no_member_no_invitation_and_no_act(initiative, person):
    twenty_adopt(initiative, person)
    lead = Lead.objects.get()
    assert list(Group.objects.all()) == [lead.group]
    assert sorted(Membership.objects.values_list("user__username", "state")) == sorted(
        [(lead.adoption.adopted_by.username, "active"), ("Bela", "invited"), ("Carla", "invited")]
    )
    assert acts("groups.formed") == 1
    assert Letter.objects.filter(notice__kind="groups.invitation").count() == 2
    assert Deadline.objects.count() == 4  # two for the lead, one for each invitation
    assert_promises_hold()


def test_one_person_who_posts_twice_adopts_once(initiative, person):
    person("Bela")
    person("Carla")
    dora = person("Dora")
    page = adopt_page(initiative)
    answers = at_once(*(partial(window.post, page, adopt_form(1)) for window in (browser_of(dora), browser_of(dora))))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Adoption.objects.count() == Group.objects.count() == 1
    assert acts("initiatives.adopted") == acts("groups.formed") == 1
    assert_promises_hold()


def test_one_person_who_adopts_two_initiatives_at_once_leads_one(catalogue, volunteer):
    chosen = Initiative.objects.filter(number__in=[13, 14, 15, 16])
    answers = at_once(
        *(partial(adopt, one, group=None, by=volunteer, new_group_name=f"Group for {one.number}") for one in chosen)
    )
    assert sum(isinstance(answer, Adoption) for answer in answers) == 1
    assert all("which leads" in answer.sentence for answer in answers if isinstance(answer, Refused))
    assert Group.objects.count() == 1


def test_one_group_that_adopts_two_initiatives_at_once_leads_one(catalogue, group, coordinator, volunteer):
    """Two coordinators of one young group, each with another initiative: only the group's own row can tell."""
    add_member(group, volunteer, coordinates=True)
    first, second = Initiative.objects.filter(number__in=[13, 14])
    answers = at_once(
        partial(adopt, first, group=group, by=coordinator), partial(adopt, second, group=group, by=volunteer)
    )
    assert sum(isinstance(answer, Adoption) for answer in answers) == 1
    refusal = next(answer for answer in answers if isinstance(answer, Refused))
    assert refusal.field == "group"
    assert "It can lead a second one once three must-steps there are met." in refusal.sentence
    assert Lead.objects.count() == 1


def test_two_new_groups_with_one_name_are_formed_once(catalogue):
    first, second = people(2)
    answers = at_once(
        *(partial(groups.form_group, name="Same Name", by=someone, now=NOW) for someone in (first, second))
    )
    assert sum(isinstance(answer, Group) for answer in answers) == 1
    assert next(answer for answer in answers if isinstance(answer, Refused)).field == "name"
    assert Membership.objects.count() == 1


def test_stepping_down_and_adopting_at_once_leaves_at_most_one_lead(adoption, initiative, group, coordinator):
    lead = Lead.objects.get()
    newcomers = people(4)
    at_once(
        partial(step_down, lead, notes="", by=coordinator, now=NOW + timedelta(days=1)),
        *(
            partial(
                adopt,
                initiative,
                group=None,
                by=someone,
                new_group_name=f"Next {someone.pk}",
                now=NOW + timedelta(days=1),
            )
            for someone in newcomers
        ),
    )
    assert Adoption.objects.filter(ended_at=None).count() <= 1
    assert Lead.objects.filter(ended_at=None).count() == Adoption.objects.filter(ended_at=None).count()
    assert_promises_hold()


# --- The journey's core, on both databases ---------------------------------------------------


def test_twenty_adopt_and_the_one_who_leads_logs_hands_in_and_is_confirmed_by_silence(initiative, reviewer):
    someone = people(HOW_MANY)
    answers = at_once(
        *(partial(adopt, initiative, group=None, by=who, new_group_name=f"Group {who.pk}") for who in someone)
    )
    adoption = next(answer for answer in answers if isinstance(answer, Adoption))
    lead, leader = Lead.objects.get(adoption=adoption), adoption.adopted_by
    meet_early_steps(adoption, by=leader, group=lead.group)
    submissions = at_once(*[partial(engagement.hand_in_measured, adoption, group=lead.group, by=leader, now=NOW)] * 2)
    submission = next(answer for answer in submissions if isinstance(answer, Submission))
    assert sum(isinstance(answer, Refused) for answer in submissions) == 1
    at_once(*[partial(sweep, now=NOW + timedelta(days=28))] * 3)
    sweep(now=NOW + timedelta(days=28, minutes=5))  # what gave way to another sweeper
    assert set(submission.steps.values_list("state", flat=True)) == {"confirmed_by_silence"}
    assert acts("engagement.confirmed_by_silence") == submission.step_count == 4
    assert Letter.objects.filter(recipient=leader, notice__kind="engagement.settled_by_silence").count() == 1
    assert_promises_hold()


# --- Reviewing -------------------------------------------------------------------------------


@pytest.fixture
def submission(adoption, group, coordinator, reviewer, other_reviewer):
    meet_early_steps(adoption, by=coordinator, group=group)
    return engagement.hand_in_measured(adoption, group=group, by=coordinator, now=NOW)


def decide(browser, submission, **typed):
    return browser.post(reverse("engagement:decide", args=[submission.pk]), typed)


@pytest.mark.services
def test_of_two_reviewers_who_answer_at_once_one_wins_and_the_other_is_told(submission, reviewer, other_reviewer):
    decisions = {"accept": "accepted", "waive": "waived"}
    browsers = [browser_of(reviewer), browser_of(other_reviewer)]
    with trigger("record_act", "PERFORM pg_sleep(0.1);"):  # so that the second comes while the first is inside
        answers = at_once(
            *(
                partial(decide, browser, submission, decision=decision, note=f"My reason to {decision} it")
                for browser, decision in zip(browsers, decisions, strict=True)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    won, lost = (0, 1) if answers[0].status_code == 302 else (1, 0)
    winner = (reviewer, other_reviewer)[won]
    lines = ChecklistStep.objects.filter(submission=submission)
    assert {(line.state, line.decided_by) for line in lines} == {(list(decisions.values())[won], winner)}
    page = answers[lost].content.decode()
    assert "Somebody answered this before you" in page
    assert f"My reason to {list(decisions)[lost]} it" in page
    assert acts("engagement.accepted") + acts("engagement.waived") == 4
    assert Deadline.objects.get(rule="engagement.review").outcome == list(decisions.values())[won]
    assert_promises_hold()


@pytest.mark.services
@pytest.mark.parametrize("again", range(4))
def test_a_reviewer_who_answers_while_silence_settles_it_is_first_or_told(submission, reviewer, again):
    day_20 = NOW + timedelta(days=28)
    Deadline.objects.filter(rule="engagement.review").update(rung=3, wake_at=day_20)
    answer, *_swept = at_once(
        partial(engagement.accept_steps, submission, by=reviewer, now=day_20),
        *[partial(sweep, now=day_20)] * 2,
    )
    sweep(now=day_20 + timedelta(minutes=5))
    states = set(ChecklistStep.objects.filter(submission=submission).values_list("state", flat=True))
    deadline = Deadline.objects.get(rule="engagement.review")
    if isinstance(answer, Refused):
        assert "before you: Confirmed by silence" in answer.sentence
        assert (states, deadline.state) == ({"confirmed_by_silence"}, "lapsed")
    else:
        assert (states, deadline.state) == ({"accepted"}, "met")
    assert acts("engagement.accepted") + acts("engagement.confirmed_by_silence") == 4
    assert_promises_hold()


# --- Rooms -----------------------------------------------------------------------------------


@pytest.fixture
def room(catalogue):
    return Resource.objects.get(slug="video-meeting-room")


def groups_of_their_own(count):
    return [(groups.form_group(name=f"Group {who.pk}", by=who, now=NOW), who) for who in people(count)]


def room_at(room, group, who, *, starts_at, now=None, **more):
    return resources.request_resource(
        room,
        group=group,
        purpose="A call",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        by=who,
        now=now or timezone.now(),
        **more,
    )


@pytest.mark.services
def test_the_last_seat_of_the_room_goes_to_one_of_twenty_groups(room):
    starts_at = (timezone.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    *early, last = groups_of_their_own(room.capacity - 1 + HOW_MANY)
    early, late = early[: room.capacity - 1], [*early[room.capacity - 1 :], last]
    for group, who in early:
        room_at(room, group, who, starts_at=starts_at)
    forms = [
        {"starts_at": f"{starts_at:%Y-%m-%dT%H:%M}", "hours": "1.0", "group": str(group.pk), "purpose": "A call"}
        for group, _who in late
    ]
    browsers = [browser_of(who) for _group, who in late]
    answers = at_once(
        *(
            partial(browser.post, room.get_absolute_url(), form | {"wait": "yes"})
            for browser, form in zip(browsers, forms, strict=True)
        )
    )
    assert {answer.status_code for answer in answers} == {302}
    asked = ResourceRequest.objects.filter(group__in=[group for group, _who in late])
    assert asked.filter(state="in_use").count() == 1
    assert asked.filter(state="waiting").count() == HOW_MANY - 1
    assert seats_taken(room, starts_at, starts_at + timedelta(hours=1)) == room.capacity
    addresses = ResourceRequest.objects.exclude(address="").values_list("address", flat=True)
    assert len(addresses) == len(set(addresses)) == room.capacity
    assert_promises_hold()


def groups_by_the_hundred(count):
    """As `form_group` leaves them, in three queries."""
    someone = people(count)
    made = Group.objects.bulk_create(
        Group(slug=f"group-{who.pk}", name=f"Group {who.pk}", purpose="", formed_at=NOW) for who in someone
    )
    Membership.objects.bulk_create(
        Membership(group=group, user=who, state="active", is_coordinator=True, began_at=NOW, joined_at=NOW)
        for group, who in zip(made, someone, strict=True)
    )
    return list(zip(made, someone, strict=True))


@pytest.mark.services
def test_two_hundred_groups_ask_for_the_last_seat_in_the_same_second(room):
    """In twenty threads, ten groups each; every second one goes on the waiting list, the others would be told."""
    starts_at = (timezone.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    early, late = (all_ := groups_by_the_hundred(room.capacity - 1 + 200))[: room.capacity - 1], all_[-200:]
    for group, who in early:
        room_at(room, group, who, starts_at=starts_at)

    def ask(group, who, may_wait):
        try:
            return room_at(room, group, who, starts_at=starts_at, may_wait=may_wait)
        except Refused as refusal:
            return refusal.sentence

    def ten(asking):
        return [ask(group, who, may_wait=n % 2 == 0) for n, (group, who) in enumerate(asking)]

    shares = [late[n : n + 10] for n in range(0, 200, 10)]
    answers = [answer for share in at_once(*(partial(ten, share) for share in shares)) for answer in share]
    told = [answer for answer in answers if isinstance(answer, str)]
    assert set(told) == {"Every place is taken at this time."}
    asked = ResourceRequest.objects.filter(group__in=[group for group, _who in late])
    assert asked.filter(state="in_use").count() == 1
    assert asked.filter(state="waiting").count() + len(told) == 199
    assert asked.values("group").distinct().count() == asked.count()
    assert seats_taken(room, starts_at, starts_at + timedelta(hours=1)) == room.capacity
    first, *_others = ResourceRequest.objects.filter(state="in_use")
    resources.give_back(first, by=first.asked_by, now=timezone.now())
    assert seats_taken(room, starts_at, starts_at + timedelta(hours=1)) == room.capacity
    assert_promises_hold()


@pytest.mark.services
def test_series_single_bookings_changes_and_give_backs_at_once_never_share_a_seat(room):
    Resource.objects.filter(pk=room.pk).update(capacity=2)
    first = (timezone.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    weeks = [first + timedelta(weeks=n) for n in range(4)]
    everybody = groups_by_the_hundred(16)
    held = [room_at(room, group, who, starts_at=weeks[n % 4]) for n, (group, who) in enumerate(everybody[:8])]
    hour = timedelta(hours=1)

    def series(group, who):
        times = [(at, at + hour) for at in weeks]
        return resources.request_dates(
            room, group=group, purpose="Weekly", times=times, may_wait=True, by=who, now=timezone.now()
        )

    def move(wish):
        return resources.change_booking(
            wish, starts_at=weeks[0] + hour, ends_at=weeks[0] + 2 * hour, by=wish.asked_by, now=timezone.now()
        )

    at_once(
        *(partial(series, group, who) for group, who in everybody[8:12]),
        *(partial(room_at, room, group, who, starts_at=weeks[1]) for group, who in everybody[12:]),
        *(partial(resources.give_back, wish, by=wish.asked_by, now=timezone.now()) for wish in held[:4]),
        *(partial(move, wish) for wish in held[4:]),
    )
    for at in [*weeks, weeks[0] + hour]:
        taken = seats_taken(room, at, at + hour)
        waiting = ResourceRequest.objects.filter(state="waiting", starts_at=at).count()
        assert taken <= 2
        assert not waiting or taken == 2, "Nobody waits beside a free seat."
    assert_promises_hold()


@pytest.mark.services
def test_seats_given_back_at_once_are_each_given_once(room):
    starts_at = timezone.now() + timedelta(days=2)
    everybody = groups_of_their_own(room.capacity + 6)
    asked = [room_at(room, group, who, starts_at=starts_at) for group, who in everybody[: room.capacity + 3]]
    in_use = [(wish, who) for wish, (_group, who) in zip(asked, everybody, strict=False) if wish.state == "in_use"]
    at_once(
        *(partial(resources.give_back, wish, by=who, now=timezone.now()) for wish, who in in_use),
        *(partial(room_at, room, group, who, starts_at=starts_at) for group, who in everybody[-3:]),
    )
    assert ResourceRequest.objects.filter(state="returned").count() == room.capacity
    # Six waited or came; five seats are free again: nobody waits beside a free seat.
    assert ResourceRequest.objects.filter(state="in_use").count() == room.capacity
    assert ResourceRequest.objects.filter(state="waiting").count() == 1
    assert_promises_hold()


@pytest.mark.services
def test_one_group_that_asks_many_times_at_once_keeps_its_limit(room, group, coordinator):
    monday = (timezone.now() + timedelta(days=20)).replace(minute=0)
    answers = at_once(
        *(
            partial(room_at, room, group, coordinator, starts_at=monday + timedelta(hours=2 * n))
            for n in range(room.max_per_month + 4)
        )
    )
    assert sum(isinstance(answer, ResourceRequest) for answer in answers) == room.max_per_month
    assert ResourceRequest.objects.count() == room.max_per_month


# --- Joining ---------------------------------------------------------------------------------


@pytest.mark.services
@pytest.mark.parametrize("again", range(2))
@pytest.mark.parametrize("admit", [True, False])
def test_an_answer_to_a_join_request_while_silence_admits_has_one_consequence(
    group, coordinator, volunteer, admit, again
):
    membership = groups.ask_to_join(group, message="", by=volunteer, now=NOW)
    day_14 = NOW + timedelta(days=14)
    Deadline.objects.filter(rule="groups.answer_join").update(rung=1, wake_at=day_14)
    answer, *_swept = at_once(
        partial(groups.answer_join, membership, admit=admit, by=coordinator, now=day_14),
        *[partial(sweep, now=day_14)] * 2,
    )
    sweep(now=day_14 + timedelta(minutes=5))
    membership.refresh_from_db()
    deadline = Deadline.objects.get(rule="groups.answer_join")
    ending = (membership.state, deadline.state, deadline.outcome)
    if isinstance(answer, Refused):
        assert ending == ("active", "lapsed", "silence")
    else:
        assert ending == (("active", "met", "admitted") if admit else ("declined", "met", "declined"))
    assert acts("groups.joined") + acts("groups.joined_by_silence") + acts("groups.declined") == 1
    assert Letter.objects.filter(recipient=volunteer).count() == 1
    assert_promises_hold()


@pytest.mark.services
def test_asking_to_join_twice_at_once_asks_once(group, volunteer):
    answers = at_once(*[partial(groups.ask_to_join, group, message="", by=volunteer, now=NOW)] * 2)
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Membership.objects.filter(user=volunteer).count() == 1
    assert_promises_hold()


# --- People and the clock --------------------------------------------------------------------


@pytest.mark.services
def test_people_who_log_while_sweepers_run_over_the_same_adoptions_never_see_a_500(catalogue, reviewer):
    """Day 90 of six terms: whoever logs in the same moment keeps the term, or is told that it has ended."""
    long_ago = timezone.now() - timedelta(days=90, minutes=1)
    rounds = []
    for initiative, who in zip(Initiative.objects.order_by("number")[:6], people(6), strict=True):
        adoption = adopt(initiative, group=None, by=who, new_group_name=f"Group {who.pk}", now=long_ago)
        group = Lead.objects.get(adoption=adoption).group
        meet_early_steps(adoption, by=who, group=group, now=long_ago)
        engagement.hand_in_measured(adoption, group=group, by=who, now=long_ago)
        rounds.append((initiative, who, group, adoption))
    everything_is_due = Deadline.objects.filter(rule__in=["initiatives.keep_alive", "engagement.review"])
    everything_is_due.filter(rule="initiatives.keep_alive").update(rung=2, wake_at=timezone.now())
    everything_is_due.filter(rule="engagement.review").update(rung=3, wake_at=timezone.now())
    forms = [
        {
            "title": f"Entry {n}",
            "url": f"https://meta.wikimedia.org/wiki/{n}",
            "happened_on": f"{timezone.now():%Y-%m-%d}",
            "languages": ["en"],
        }
        for n in range(2)
    ]
    pages = [
        (browser_of(who), reverse("engagement:step", args=[initiative.number, initiative.words, "announce"]))
        for initiative, who, _group, _adoption in rounds
    ]
    answers = at_once(
        *(partial(browser.post, page, form) for browser, page in pages for form in forms),
        *[partial(sweep, now=timezone.now())] * 3,
    )
    sweep(now=timezone.now() + timedelta(minutes=5))
    for n, (_initiative, _who, _group, adoption) in enumerate(rounds):
        adoption.refresh_from_db()
        statuses = [answer.status_code for answer in answers[2 * n : 2 * n + 2]]
        logged = Entry.objects.filter(adoption=adoption, title__startswith="Entry").count()
        assert logged == statuses.count(302)
        if logged:
            assert adoption.ended_at is None
            assert adoption.last_act_at > long_ago + timedelta(days=89)
        else:
            assert adoption.ending == "lapsed"
            assert set(statuses) <= {200, 403, 404}
        assert Submission.objects.get(adoption=adoption).state == "settled"
    assert acts("initiatives.lapsed") == Adoption.objects.exclude(ended_at=None).count()
    # A term that lapsed first took its review with it.
    kept = Adoption.objects.filter(ended_at=None).count()
    assert 4 * kept <= acts("engagement.confirmed_by_silence") <= 4 * len(rounds)
    assert_promises_hold()
