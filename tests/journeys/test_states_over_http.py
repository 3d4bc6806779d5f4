"""Whatever anybody posts, in whatever state an initiative or a step is: only moves drawn in docs/states.md happen.

Each post is undone, so that the next one begins with the same state. A post that writes nothing moves nothing. The same
for what operators type: their commands.
"""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command, get_commands
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from apps.engagement.actions import accept_steps, ask_for_more, hand_in_again, hand_in_early, refuse_steps
from apps.engagement.actions.review import settle_by_silence
from apps.engagement.models import ChecklistStep, Decision, Doubt, Entry, Submission
from apps.initiatives.actions import (
    conclude,
    decline_bid,
    dismiss_objection,
    finish,
    object_to,
    put_on_hold,
    seek_successor,
    step_down,
)
from apps.initiatives.models import Adoption, Bid, Initiative, Lead, Objection
from apps.people.actions import grant_role
from tests.conftest import step_called
from tests.journeys.diagrams import Row, states_now, wrong_moves
from tests.world import CONTESTED, FREE, LED, OFFERED, SILENT, World, kept_world, make_person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.usefixtures("plain_header", "unread"),
    pytest.mark.timeout(300),
]

# Somebody of the leading group, and somebody whose group would lead; others where it is for them.
ROLES = ("coordinator", "outsider")
OTHERS = ("reviewer", "heir", "participant")
# All that anybody can reach with these posts.
TOUCHED = Initiative.objects.filter(number__in=[LED, FREE, CONTESTED, SILENT, OFFERED])
LINK = "https://meta.wikimedia.org/wiki/N"
# What no diagram is about: pages to read, interest, places, hints, replies.
BESIDE = {
    "initiatives": {"index", "options", "disputes", "bid", "objection", "obstacle", "interest", "end_interest",
                    "start_group", "add_place", "add_hint", "take_back_hint"},
    "engagement": {"coverage", "coverage_json", "coverage_csv", "review", "replies", "reply", "remove_reply",
                   "checklist", "entry"},
}  # fmt: skip


@dataclass(frozen=True)
class Post:
    """An act: its address, what is sent, and who posts it beside the others, since it is for them."""

    name: str
    args: tuple[object, ...]
    data: dict[str, object] = field(default_factory=dict)
    also: str = ""


@dataclass(frozen=True)
class Stage:
    world: World
    contested: Adoption
    objection: Objection

    @property
    def lead(self) -> Lead:
        return Lead.objects.select_related("group", "adoption__initiative").get(adoption=self.contested)

    @property
    def by(self) -> Any:
        return self.world.people["coordinator"]


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with kept_world(django_db_blocker) as world:
        contested = world.contest.bid.adoption
        heirs = world.contest.offer.group
        plan = {"group": heirs, "plan": "We ask first."}
        objection = object_to(contested, reason="Ask.", **plan, by=world.people["heir"], now=world.now)
        yield Stage(world, contested, objection)


# --- The states of an initiative ---------------------------------------------------------------


def undisputed(stage: Stage) -> Lead:
    """Its notice is over, its must-steps are settled, and nobody waits for an answer about the lead."""
    decline_bid(stage.world.contest.bid, reason="No.", by=stage.by, now=stage.world.now)
    for objection in stage.contested.objections.filter(state=Objection.State.OPEN):
        dismiss_objection(objection, note="No.", by=stage.world.people["reviewer"], now=stage.world.now)
    return led(stage, musts_settled=True)


def led(stage: Stage, **changed: object) -> Lead:
    now = stage.world.now
    Adoption.objects.filter(pk=stage.contested.pk).update(**({"notice_ends_at": now} | changed))
    return stage.lead


def quiet(stage: Stage) -> None:
    undisputed(stage)
    led(stage, last_act_at=stage.world.now - timedelta(days=61))


def on_hold(stage: Stage) -> None:
    why = {"reason": "The board.", "waits_for": "March", "review_at": stage.world.now + timedelta(days=20)}
    put_on_hold(undisputed(stage), **why, by=stage.by, now=stage.world.now)


def handing_over(stage: Stage) -> None:
    seek_successor(led(stage), by=stage.by, now=stage.world.now)


def concluding(stage: Stage) -> None:
    conclude(undisputed(stage), summary="Done.", by=stage.by, now=stage.world.now)


def done(stage: Stage) -> None:
    concluding(stage)
    finish(stage.contested, now=stage.world.now)


def released(stage: Stage) -> None:
    step_down(undisputed(stage), notes="", by=stage.by, now=stage.world.now)


def open_(stage: Stage) -> None:
    released(stage)
    Adoption.objects.filter(pk=stage.contested.pk).update(ending="lapsed")


def proposed(stage: Stage) -> None:
    """As it stands, disputed in every way."""


STATES: dict[str, tuple[str, Callable[[Stage], Any]]] = {
    "proposed": ("proposed", proposed),
    "undisputed": ("led", undisputed),
    "quiet": ("quiet", quiet),
    "on_hold": ("on_hold", on_hold),
    "handing_over": ("handing_over", handing_over),
    "concluding": ("led", concluding),
    "done": ("done", done),
    "released": ("released", released),
    "open": ("open", open_),
}


def posts_about_the_lead(stage: Stage) -> list[Post]:
    world, contest, initiative = stage.world, stage.world.contest, stage.contested.initiative
    here = (initiative.number, initiative.words)
    bid, objection = (contest.bid.pk,), (stage.objection.pk,)
    adopt = {"accept": "on", "version": "1.0", "group": "new", "new_group": "New Group", "plan": "One page.",
             "step_1": "One", "step_2": "Two", "step_3": "Three"}  # fmt: skip
    soon = (timezone.now() + timedelta(days=30)).date().isoformat()
    hold = {"reason": "The board.", "waits_for": "April", "review_on": soon}
    accept = {f"accept-{name}": value for name, value in adopt.items()}
    go_on = {"go_on-text": "We met.", "go_on-link": LINK}
    return [
        *(Post("adopt", here, adopt | {"way": way}) for way in ("adopt", "take_over", "quiet", "join")),
        Post("object", here, {"reason": "Nobody asked."}),
        Post("update", here, {"text": "We went on."}),
        Post("update", here, {"text": "Slowly.", "obstacle": "No logo.", "waits_for": "reviewer"}),
        Post("renew", here, {"summary": "A year."}),
        Post("step_down", here),
        Post("hold", here, hold),
        Post("hold_longer", here, hold),
        Post("resume", here, {"text": "We go on."}),
        Post("conclude", here, {"summary": "It is done."}),
        Post("go_on", here),
        Post("offer", here, {"group": world.unconfirmed.pk}),
        *(Post("seek", here, {"seek": seek}) for seek in ("yes", "no")),
        *(Post("answer_bid", bid, {"answer": answer}) for answer in ("share", "hand_over", "take_back")),
        Post("decline_bid", bid, {"decline-reason": "Our plans differ."}),
        Post("go_on_alone", bid, go_on),
        Post("go_on_alone", (contest.quiet.pk,), go_on),
        Post("accept_lead", bid, accept),
        Post("accept_lead", (contest.offer.pk,), accept, also="heir"),
        *(
            Post("decide_objection", objection, {"decision": d, "note": "So."}, "reviewer")
            for d in ("dismiss", "share", "uphold")
        ),
        Post("withdraw_objection", (contest.objection.pk,), also="participant"),
        Post("answer_obstacle", (contest.obstacle.pk,), {"answer": "Use the old one."}, "reviewer"),
        *(Post("say_whether_mine", (contest.asked.pk,), {"answer": a}, also="participant") for a in ("yes", "no")),
        Post("clear_obstacle", (contest.obstacle.pk,)),
        Post("clear_obstacle", (contest.asked.pk,)),
    ]


# --- The states of a step ----------------------------------------------------------------------


def in_review(stage: Stage) -> None:
    """As it stands: four steps are handed in."""


def accepted(stage: Stage) -> None:
    accept_steps(stage.world.submission, by=stage.world.people["reviewer"], now=timezone.now())


def more_asked(stage: Stage) -> None:
    who = {"by": stage.world.people["reviewer"], "now": timezone.now()}
    ask_for_more(stage.world.submission, steps=None, note="Show us.", **who)


def refused(stage: Stage) -> None:
    more_asked(stage)
    step = step_called("announce")
    again = hand_in_again(stage.world.adoption, step=step, answer="Here.", group=stage.world.group, by=stage.by,
                          now=timezone.now())  # fmt: skip
    refuse_steps(again, steps=None, note="No.", by=second_reviewer(stage), now=timezone.now())


def second_reviewer(stage: Stage) -> Any:
    """Another one than whoever asked for more."""
    person = make_person("Ruth")
    grant_role(person, role="reviewer", until=stage.world.now + timedelta(days=9), by=None, now=stage.world.now)
    return person


def settled_by_silence(stage: Stage) -> None:
    early = hand_in_early(stage.world.adoption, step=step_called("calls"), reason="One was enough.",
                          group=stage.world.group, by=stage.by, now=timezone.now())  # fmt: skip
    for submission in (stage.world.submission, early):
        settle_by_silence(submission, now=timezone.now())


STEP_STATES: dict[str, tuple[str, Callable[[Stage], Any]]] = {
    "in_review": ("in_review", in_review),
    "accepted": ("accepted", accepted),
    "more_asked": ("more_asked", more_asked),
    "refused": ("refused", refused),
    "confirmed_by_silence": ("confirmed_by_silence", settled_by_silence),
}


def posts_about_the_checklist(stage: Stage) -> list[Post]:
    world, here = stage.world, (stage.world.led.number, stage.world.led.words)
    step = (*here, "announce")
    day = (world.now - timedelta(days=1)).date().isoformat()
    entry = {"title": "Village pump", "url": LINK, "happened_on": day, "languages": "en"}
    announced = Entry.objects.filter(adoption=world.adoption, step__code="announce").order_by("pk")[0]
    newest = Decision.objects.order_by("-pk").first()
    submissions = Submission.objects.filter(adoption=world.adoption).order_by("pk")
    decisions = ("accept", "more", "waive", "refuse", "pass")
    return [
        *(
            Post("decide", (submission.pk,), {"decision": decision, "note": "So.", "language": "sw"}, "reviewer")
            for submission in submissions
            for decision in decisions
        ),
        Post("take_back", (newest.pk if newest else 0,), also="reviewer"),
        Post("hand_in", here),
        Post("early", (*here, "calls"), {"reason": "One was enough."}),
        Post("early", step, {"reason": "One was enough."}),
        Post("answer", step, {"answer": "It is there now."}),
        Post("move", here, {"version": "1.0"}),
        Post("step", step, entry),
        Post("paste", step, {f"line-0-{name}": value for name, value in entry.items()}),
        Post("neighbours", (*here, "neighbours"), {"names": "Otto"}),
        Post("withdraw", (announced.pk,)),
        Post("correct", (announced.pk,), entry),
        Post("confirm", (Entry.objects.get(state="awaiting").pk,), {"say": "yes"}, "participant"),
        Post("doubt", (announced.pk,), {"reason": "It is empty."}),
        Post("answer_doubt", (Doubt.objects.get(state="open").pk,), {"answer": "It moved."}),
        Post(
            "judge_doubt",
            (Doubt.objects.get(state="answered").pk,),
            {"decision": "uphold", "note": "Gone."},
            "reviewer",
        ),
        Post("take_back_doubt", (Doubt.objects.get(state="open").pk,)),
    ]


# --- Everything in every state ------------------------------------------------------------------


@contextlib.contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextlib.contextmanager
def noting_writes() -> Iterator[list[str]]:
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written


@dataclass
class Walk:
    """What the posts of everybody did: the moves that are not drawn, and all that were made."""

    namespace: str
    wrong: list[str] = field(default_factory=list)
    moves: set[tuple[str, str, str]] = field(default_factory=set)

    def post(self, session: Any, before: dict[Row, str], post: Post, who: str) -> None:
        client = Client()
        client.cookies = session.copy()
        with undone(), noting_writes() as written:
            response = client.post(reverse(f"{self.namespace}:{post.name}", args=post.args), post.data)
            assert response.status_code in {200, 302, 403, 404}, (post, who)
            after = states_now(timezone.now(), TOUCHED) if written else before
        wrong = wrong_moves(before, after, by_clock=False)
        self.wrong += [f"{post.name} {post.data} by {who}: {move}" for move in wrong]
        self.moves |= {(row[0], before.get(row, "[*]"), after[row]) for row in after if before.get(row) != after[row]}


def everybody_posts_everything(
    stage: Stage, namespace: str, states: dict[str, Any], row: Callable[[], Row], posts: Any
) -> Walk:
    walk, sessions = Walk(namespace), {role: signed_in(stage, role) for role in (*ROLES, *OTHERS)}
    for name, (state, prepare) in states.items():
        with undone():
            prepare(stage)
            before = states_now(timezone.now(), TOUCHED)
            assert before[row()] == state, name
            found = posts(stage)
            assert {post.name for post in found} == names_of(namespace), "Every act has a line here, or is beside it."
            for post in found:
                for role in filter(None, (*ROLES, post.also)):
                    walk.post(sessions[role], before, post, f"{role}, {name}")
    return walk


def signed_in(stage: Stage, role: str) -> Any:
    client = Client()
    client.force_login(stage.world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies


def names_of(namespace: str) -> set[str]:
    """The names of the addresses of an app, without those that are beside the diagrams."""
    [resolver] = [found for found in get_resolver().url_patterns if getattr(found, "namespace", "") == namespace]
    return {pattern.name for pattern in resolver.url_patterns} - BESIDE[namespace]


def test_no_post_moves_an_initiative_along_an_arrow_that_is_not_drawn(stage):
    row = ("initiative", stage.contested.initiative_id)
    walk = everybody_posts_everything(stage, "initiatives", STATES, lambda: row, posts_about_the_lead)
    assert walk.wrong == []
    moved = {move[1:] for move in walk.moves if move[0] == "initiative"}
    # The posts are right, so that what is allowed did happen: most arrows of people.
    assert moved >= {
        ("open", "proposed"), ("released", "proposed"), ("done", "proposed"), ("led", "on_hold"),
        ("led", "handing_over"), ("led", "released"), ("quiet", "led"), ("quiet", "released"),
        ("handing_over", "led"), ("on_hold", "led"), ("on_hold", "released"),
    }  # fmt: skip
    assert {move[1:] for move in walk.moves if move[0] == "adoption"} >= {
        ("[*]", "running"), ("running", "ended"), ("running", "concluding"), ("concluding", "running"),
        ("concluding", "ended"),
    }  # fmt: skip
    assert {after for kind, _before, after in walk.moves if kind == "bid"} >= {
        Bid.State.OPEN, Bid.State.SHARED, Bid.State.DECLINED, Bid.State.HANDED_OVER, Bid.State.CONTINUED,
        Bid.State.WITHDRAWN,
    }  # fmt: skip


def test_no_post_moves_a_step_along_an_arrow_that_is_not_drawn(stage):
    def announce() -> Row:
        return "step", ChecklistStep.objects.get(adoption=stage.world.adoption, step__code="announce").pk

    walk = everybody_posts_everything(stage, "engagement", STEP_STATES, announce, posts_about_the_checklist)
    assert walk.wrong == []
    assert {move[1:] for move in walk.moves if move[0] == "step"} >= {
        ("open", "in_review"), ("in_review", "accepted"), ("in_review", "waived"), ("in_review", "more_asked"),
        ("more_asked", "in_review"), ("refused", "in_review"), ("accepted", "in_review"),
    }  # fmt: skip


# --- What operators type ------------------------------------------------------------------------

# `example` plays whole stories, by the same actions, and is removed by its own; tests/home/test_example.py.
COMMANDS = {
    "bounce": [[]],
    "catalogue": [[]],
    "grant": [["reviewer", "Bola"], ["liaison", "Otto", "--language", "sw"]],
    "reconcile": [[]],
    "retry": [[]],
    "steward": [["survey-tool", "Otto"]],
    "sweep": [[], ["--commit"]],
    "example": [],
}


@pytest.mark.parametrize("states", [STATES, STEP_STATES], ids=["initiatives", "steps"])
def test_no_command_moves_anything_but_the_clock_along_its_arrows(stage, states, monkeypatch):
    assert set(COMMANDS) == {name for name, app in get_commands().items() if app.startswith("apps.")}
    for name, (_state, prepare) in states.items():
        with undone():
            prepare(stage)
            before = states_now(timezone.now())
            for command, calls in COMMANDS.items():
                for arguments in calls:
                    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Subject: nothing")))
                    with undone():
                        call_command(command, *arguments, stdout=io.StringIO())
                        after = states_now(timezone.now())
                    if "--commit" in arguments:
                        assert wrong_moves(before, after, by_clock=True) == [], name
                    else:
                        assert after == before, (name, command)
