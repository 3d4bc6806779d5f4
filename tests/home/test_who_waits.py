"""Nobody waits for nothing, and whoever waits reads of it: on their own page, their group's, or the initiative's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.deadlines.actions import say_me_too
from apps.deadlines.models import Deadline
from apps.deadlines.queries import Wait, broken_promises, waits
from apps.deadlines.rules import RULES
from apps.feedback import actions as feedback
from apps.groups.actions import answer_objection, form_group, offer_to_coordinate, want_to_come
from apps.home.queries.who_waits import NOBODY_WAITS, WHO_WAITS
from apps.initiatives.actions import conclude, put_on_hold
from apps.initiatives.models import Adoption, Initiative
from apps.people.actions import grant_role
from apps.resources.models import Resource
from tests.world import (
    World,
    ask,
    ask_about_people,
    ask_for,
    job_of,
    kept_world,
    lead,
    make_person,
    object_to_proposal,
    plan,
    propose,
    round_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_header")]
slow = pytest.mark.slow

HELD, DONE = 30, 31
# Where each kind of wait stands: on /me/ of some people, on the page of the group, on the pages of initiatives.
SEEN = {
    "engagement.review": "member coordinator group led",
    "engagement.answer_doubt": "asker led",
    "engagement.judge_doubt": "asker member coordinator group led",
    "feedback.summarise": "participant led",
    "feedback.carry": "member coordinator group free",
    "feedback.report": "member coordinator group led",
    "groups.answer_join": "asker",
    "groups.answer_invitation": "outsider",
    "groups.publish_notes": "participant",
    "groups.close_proposal": "member",
    "groups.answer_objections": "member",
    "groups.settle_objection": "member coordinator",
    "groups.answer_succession": "member coordinator",
    "initiatives.answer_bid": "outsider asker member coordinator group contested",
    "initiatives.decide_objection": "participant member coordinator group contested",
    "initiatives.review_hold": "held",
    "initiatives.conclude": "done",
    "initiatives.accept_obstacle": "member coordinator",
    "initiatives.answer_obstacle": "member coordinator group contested",
    "news.answer": "participant",
    "people.confirm_role": "participant",
    "people.confirm_contact": "participant",
    "questions.answer": "participant led free",
    "resources.answer": "member coordinator group led contested",
    "resources.wait_for_seat": "member coordinator group led contested",
    "resources.make": "member coordinator group",
    "resources.make_by_hand": "member coordinator group",
    "resources.answer_stewardship": "steward",
}
PAGES = ("group", "led", "contested", "held", "done", "free")
PEOPLE = ("participant", "member", "coordinator", "steward", "asker", "outsider", "reviewer")


def test_every_rule_says_who_waits_or_why_nobody_does():
    assert set(WHO_WAITS) | set(NOBODY_WAITS) == set(RULES)
    assert not set(WHO_WAITS) & set(NOBODY_WAITS)
    assert set(SEEN) == set(WHO_WAITS)
    for name, waiting in WHO_WAITS.items():
        everybody_sees = waiting.groups or waiting.initiative or waiting.lead
        assert not (RULES[name].public and waiting.members) or name == "groups.answer_succession"
        assert not everybody_sees or RULES[name].public or name in {"resources.wait_for_seat", "resources.make",
            "initiatives.conclude"}, f"{name} asks one person, whom pages would tell of"  # fmt: skip


@dataclass
class Waiting:
    world: World
    held: Initiative
    done: Initiative

    def address(self, page: str) -> str:
        if page in PEOPLE:
            return reverse("home:me")
        subject = {
            "group": self.world.group,
            "led": self.world.led,
            "contested": self.world.contest.bid.adoption.initiative,
            "held": self.held,
            "done": self.done,
            "free": self.world.free,
        }[page]
        return subject.get_absolute_url()

    def reader(self, page: str) -> Client:
        client = Client()
        if page in PEOPLE:
            client.force_login(self.world.people[page], backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture(scope="module")
def waiting(django_db_setup: None, django_db_blocker: Any) -> Iterator[Waiting]:
    with kept_world(django_db_blocker) as world:
        now, people = world.now, world.people
        ask_about_people(world, now)
        ask(world.free, by=people["participant"], now=now)
        rounds(world, now)
        over = plan(world.group, by=people["coordinator"], now=now, starts_at=now + timedelta(hours=1), title="First")
        want_to_come(over, by=people["participant"], now=now)
        by_silence("groups.meeting_ends", over, now=over.ends_at)
        proposals(world, now)
        offer_to_coordinate(world.group, by=people["member"], now=now)
        make_seats_scarce(world, now)
        job_of(world)
        again = ask_for("mailing-list", world.group, by=people["coordinator"], now=now, purpose="Again")
        world.wish = again
        by_silence("resources.make", job_of(world), now=now)
        waiting = Waiting(world, held=pause(now), done=finish(now))
        assert not broken_promises()
        yield waiting


def by_silence(rule: str, subject: Any, *, now: datetime) -> None:
    """What the sweep would do on the day of silence."""
    Deadline.objects.filter(rule=rule, subject_id=subject.pk, state="open").update(state="lapsed", closed_at=now)
    RULES[rule].consequence(subject, now=now)


def rounds(world: World, now: datetime) -> None:
    by = world.people["coordinator"]
    said = {"language": "sw", "replies": ["Picha"], "text": "", "is_named": False, "wants_news": True}
    feedback.give_answer(world.round, **said, by=world.people["participant"], now=now)
    by_silence("feedback.close", world.round, now=now)
    liaison = make_person("Lia")
    grant_role(liaison, role="liaison", until=now + timedelta(days=90), by=None, now=now, languages=["sw"])
    feedback.open_round(world.round_draft, by=by, now=now)
    carried = round_of(world.led, world.group, by=by, now=now, title="Another")
    feedback.open_round(carried, by=by, now=now)
    feedback.carry_round(carried, by=liaison, now=now)


def proposals(world: World, now: datetime) -> None:
    owed = propose(world.group, by=world.people["coordinator"], now=now, title="Owed")
    object_to_proposal(owed, by=world.people["member"], now=now)
    by_silence("groups.close_proposal", owed, now=now)
    answered = propose(world.group, by=world.people["coordinator"], now=now, title="Answered")
    objection = object_to_proposal(answered, by=world.people["member"], now=now)
    answer_objection(objection, answer="We ask readers first.", by=world.people["coordinator"], now=now)


def make_seats_scarce(world: World, now: datetime) -> None:
    Resource.objects.filter(pk=world.room.resource_id).update(capacity=1)
    late = world.room.starts_at + timedelta(minutes=30)
    ask_for("video-meeting-room", world.group, by=world.people["coordinator"], now=now, starts_at=late)


def pause(now: datetime) -> Initiative:
    adoption = led_by("Hilde", HELD, now)
    Adoption.objects.filter(pk=adoption.pk).update(notice_ends_at=now)
    why = {"reason": "The board decides.", "waits_for": "The decision", "review_at": now + timedelta(days=30)}
    put_on_hold(adoption.leads.get(), **why, by=adoption.adopted_by, now=now)
    return adoption.initiative


def finish(now: datetime) -> Initiative:
    adoption = led_by("Dora", DONE, now)
    Adoption.objects.filter(pk=adoption.pk).update(musts_settled=True)
    conclude(adoption.leads.get(), summary="Done.", by=adoption.adopted_by, now=now)
    return adoption.initiative


def led_by(name: str, number: int, now: datetime) -> Adoption:
    person = make_person(name)
    group = form_group(name=f"Group of {name}", by=person, now=now)
    return lead(Initiative.objects.get(number=number), group, by=person, now=now - timedelta(days=1))


def waits_on(waiting: Waiting, page: str) -> list[Wait]:
    """What a page says that others owe: in words, or further down by its kind and with a link to its own page."""
    response = waiting.reader(page).get(waiting.address(page))
    found = [wait if isinstance(wait, Wait) else wait[0] for wait in response.context["waits"]]
    more, text = response.context.get("more_waits", []), response.content.decode()
    assert all(escape(wait.what) in text for wait in found)
    for deadline in more:
        assert f">{escape(str(deadline))}<" in text
        assert (deadline.get_absolute_url() in text) == RULES[deadline.rule].public
    assert ("Nothing: nobody owes" in text) == (not found)
    return found + waits(more)


@slow
def test_whoever_waits_reads_of_it_and_opens_where_it_is_answered(waiting):
    for page in (*PEOPLE, *PAGES):
        found = waits_on(waiting, page)
        assert {wait.rule.name for wait in found} == {name for name, seen in SEEN.items() if page in seen.split()}, page
        if page in PEOPLE:
            dates = [wait.due_at for wait in found]
            assert dates == sorted(dates)
        for wait in found if page in PEOPLE else []:
            response = waiting.reader(page).get(wait.link, follow=True)
            assert response.status_code == 200, (page, wait.link)


@slow
def test_what_i_said_me_too_to_waits_for_me_until_it_is_answered(waiting):
    person = make_person("Nora")
    question = Deadline.objects.filter(rule="questions.answer").first()
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert "Nothing: nobody owes you" in client.get(reverse("home:me")).content.decode()
    say_me_too(question, by=person, now=waiting.world.now)
    assert [wait.deadline for wait in client.get(reverse("home:me")).context["waits"]] == [question]
    Deadline.objects.filter(pk=question.pk).update(state="met", closed_at=waiting.world.now)
    assert not client.get(reverse("home:me")).context["waits"]


@slow
def test_one_who_waits_in_two_ways_reads_of_it_once(waiting):
    """A reviewer's group said "me too" as well: one line, one date in the calendar."""
    review = waiting.world.submission_wait
    say_me_too(review, by=waiting.world.people["member"], now=waiting.world.now)
    assert [wait.deadline.pk for wait in waits_on(waiting, "member")].count(review.pk) == 1
