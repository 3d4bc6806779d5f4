"""On every page that waits, whoever owes or may answer sees the whole ladder: every date, what is past ticked."""

import re
from datetime import datetime, timedelta

import pytest
from django.db.models import F, Model
from django.test import Client
from django.utils import timezone

from apps.deadlines.actions import declare_absence
from apps.deadlines.models import Deadline
from apps.deadlines.queries import open_deadlines, people_who_can_answer, waits
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.feedback import actions as feedback
from apps.groups.actions import answer_objection, form_group, offer_to_coordinate
from apps.guidelines.actions import announce_draft, publish_draft, save_draft, start_draft
from apps.initiatives.actions import conclude, put_on_hold
from apps.initiatives.models import Adoption, Initiative
from apps.people.actions import grant_role
from apps.resources.actions.making import make_again
from apps.resources.models import Job
from tests.world import (
    World,
    ask,
    ask_about_people,
    ask_for,
    contest,
    job_of,
    lead,
    log_doubtful,
    make_person,
    make_world,
    next_noon,
    object_to_proposal,
    offer_links,
    plan,
    propose,
    round_of,
    submit_news,
)

DAY = timedelta(days=1)

# The clock owes these and nobody is asked anything, so no page is about an answer; why there is no ladder:
BY_DESIGN = {
    "deadlines.absence_begins": "Private. The page of the absence says from which day to which one is away.",
    "deadlines.absence_ends": "Private. The page of the absence says from which day to which one is away.",
    "groups.meeting_ends": "The page says when it begins and ends; what is owed from then on has its ladder there.",
}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("catalogue")
def test_whoever_owes_or_may_answer_sees_the_whole_ladder_with_the_date_of_silence():
    world = make_world(timezone.now())
    let_everything_wait(world)
    found = {wait.rule.name: wait for wait in waits(open_deadlines())}
    assert set(RULES) == set(found)
    without = {}
    for name in set(found) - set(BY_DESIGN):
        wait = found[name]
        can_answer = people_who_can_answer(wait.rule, [wait.subject], world.now).get(wait.subject.pk)
        reader = (can_answer or [world.people["coordinator"]])[0]
        if wait.silence_at not in dates_in_ladders(reader, wait.link):
            without[name] = f"{wait.link} for {reader}"
    assert without == {}


def dates_in_ladders(reader, link: str) -> set[datetime]:
    """The dates in the ladders of a page that have a rung that is ticked."""
    browser = Client()
    browser.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get(link, follow=True).content.decode()
    ladders = [found for found in re.findall(r'<ol class="ladder.*?</ol>', page, re.DOTALL) if "rung--past" in found]
    return {datetime.fromisoformat(at) for found in ladders for at in re.findall(r'<time datetime="([^"]+)"', found)}


def let_everything_wait(world: World) -> None:
    """Open what the world does not have yet, each by the acts that open it."""
    now, people, group = world.now, world.people, world.group
    coordinator, began = people["coordinator"], world.now - 3 * DAY
    contested = contest(world)
    log_doubtful(world, now=now)
    offer_links(world, now)
    ask(world.led, by=people["participant"], now=now)
    ask_about_people(world, now)
    submit_news(world, by=people["participant"], now=now)
    name_the_next_guidelines(world)
    declare_absence(begins_at=now, ends_at=now + 9 * DAY, by=people["heir"], now=now)
    declare_absence(begins_at=now + DAY, ends_at=now + 9 * DAY, by=people["asker"], now=now)
    offer_to_coordinate(group, by=people["member"], now=now)

    plan(group, by=coordinator, now=began, starts_at=now - DAY, title="Over")
    early = propose(group, by=coordinator, now=began, title="Early")
    object_to_proposal(early, by=people["member"], now=began)
    turn_silent("groups.close_proposal", early)
    answer_objection(world.objection, answer="We ask readers first.", by=coordinator, now=now)

    paused, done = (lead(initiative, group, by=coordinator, now=now - 20 * DAY) for initiative in unled(2))
    Adoption.objects.filter(pk=done.pk).update(musts_settled=True)
    put_on_hold(
        paused.leads.get(), reason="The board decides.", waits_for="The decision", review_at=now + 30 * DAY,
        by=coordinator, now=now,
    )  # fmt: skip
    conclude(done.leads.get(), summary="One page for all.", by=coordinator, now=now)
    # The silent lead is at its last rung: the sweep finds another group that asks, and lets it leave later.
    turn_silent("initiatives.keep_alive", contested.quiet.adoption.leads.get())

    carried = round_of(world.led, group, by=coordinator, now=began, title="Carried")
    over = round_of(world.led, group, by=coordinator, now=began, title="Over")
    feedback.open_round(over, by=coordinator, now=began)
    for name in ("Lila", "Luis"):
        liaison = make_person(name, languages=["en", "sw"])
        grant_role(liaison, role="liaison", until=now + 90 * DAY, by=None, now=began, languages=["sw"])
    feedback.open_round(carried, by=coordinator, now=now)
    feedback.carry_round(carried, by=liaison, now=now)
    turn_silent("feedback.close", over)

    want_resources(world)
    sweep(now=now)
    assert not Deadline.objects.exclude(last_error="").exists()


def turn_silent(name: str, subject: Model) -> None:
    """Let the last rung come with the next sweep."""
    last = len(RULES[name].ladder) - 1
    deadline = Deadline.objects.filter(rule=name, subject_id=subject.pk, state=Deadline.State.OPEN)
    deadline.update(rung=last, wake_at=F("opened_at"))


def unled(count: int) -> list[Initiative]:
    return list(Initiative.objects.filter(adoptions=None).exclude(number=21).order_by("number")[:count])


def name_the_next_guidelines(world: World) -> None:
    """One version is published and comes into force; the next draft is announced."""
    by, now = world.people["reviewer"], world.now
    announce_draft(world.draft, comments_url="https://meta.wikimedia.org/wiki/C", by=by, now=now - 15 * DAY)
    publish_draft(world.draft, by=by, now=now)
    draft = start_draft(by=by, now=now)
    text = {"number": "1.2", "title": draft.title, "body": draft.body + "\n\nBe brave.", "steps": draft.steps}
    draft = save_draft(draft, seen=0, by=by, now=now, **text)
    announce_draft(draft, comments_url="https://meta.wikimedia.org/wiki/C", by=by, now=now)


def want_resources(world: World) -> None:
    """A seat is waited for, a machine is asked, another one is stuck, and something is wanted that nobody offers."""
    now, coordinator, outsider = world.now, world.people["coordinator"], world.people["outsider"]
    noon = next_noon(now, 9)
    for number in range(5):
        early = form_group(name=f"Early {number}", by=outsider, now=now)
        ask_for("video-meeting-room", early, by=outsider, now=now, starts_at=noon)
    ask_for("video-meeting-room", world.group, by=coordinator, now=now, starts_at=noon)
    ask_for("page-translation", world.group, by=coordinator, now=now)
    ask_for("survey-tool", world.group, by=coordinator, now=now)
    job_of(world)
    make_again(world.pad, now=now)
    turn_silent("resources.make", Job.objects.get(request=world.pad))
