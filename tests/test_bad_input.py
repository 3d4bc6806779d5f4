"""Whatever is typed: a clear sentence, never a 500, and nothing typed is lost.

Every field of every form class gets what its kind should refuse, and what it should take as it stands. The forms and
their fields are read from the code, so that a new one is tried as soon as it exists.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django import forms
from django.conf import settings as site
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.accounts.forms import SettingsForm
from apps.core.forms import Day, Line, Link, Moment, Text
from apps.deadlines.forms import AbsenceForm, WaitsForm
from apps.engagement.actions import ask_for_more
from apps.engagement.forms.coverage import CoverageForm
from apps.engagement.forms.doubts import AnswerDoubtForm, ConfirmForm, DoubtForm, JudgeForm
from apps.engagement.forms.entries import EntryForm, NeighboursForm
from apps.engagement.forms.pasting import LineForm, PasteForm
from apps.engagement.forms.review import AnswerForm, DecisionForm, EarlyForm, ReplyForm
from apps.engagement.models import Doubt, Entry
from apps.feedback import forms as feedback
from apps.feedback.actions import carry_round, close_round, give_answer, open_round, publish_summary
from apps.groups.forms import (
    AnswerObjectionForm,
    CancelMeetingForm,
    ChangeGroupForm,
    FormGroupForm,
    InsistForm,
    InviteForm,
    JoinForm,
    MeetingForm,
    NotesForm,
    PositionForm,
    ProposalForm,
    VersionForm,
)
from apps.guidelines.forms import AnnounceForm, DraftForm
from apps.guidelines.models import Step
from apps.initiatives.forms.adopting import (
    AdoptForm,
    DecideObjectionForm,
    DeclineForm,
    ObjectForm,
    OfferForm,
    PlanForm,
)
from apps.initiatives.forms.catalogue import FilterForm, HintForm, InterestForm, PlaceForm
from apps.initiatives.forms.leading import (
    AnswerObstacleForm,
    ConcludeForm,
    GoOnForm,
    HoldForm,
    RenewForm,
    ResumeForm,
    StepDownForm,
    UpdateForm,
)
from apps.news import forms as news
from apps.people import forms as people
from apps.people.actions import grant_role
from apps.people.forms import AskForm, GrantForm
from apps.questions import forms as questions
from apps.resources.forms import (
    AcceptForm,
    CatalogueForm,
    ChangeForm,
    ChangeOfferForm,
    GiveForm,
    HandForm,
    InviteStewardForm,
    LinksForm,
    ReasonForm,
    RequestForm,
    TermsForm,
    WithdrawForm,
)
from apps.resources.forms import OfferForm as OfferResourceForm
from apps.translations.forms import TranslationForm
from tests.world import World, draft_form_data, job_of, kept_world, round_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]

LONG = "x" * 100_000
REFUSED_TEXT = [LONG, "a\0b", "abc\u202egnp.exe", "\u2066abc", "a\x08b", "a\u2028b"]
TAKEN_TEXT = [
    '<script>alert("1")</script> &amp; <b>',
    "javascript:alert(1)",
    "\u200fمرحبا بكم",
    "👩‍🚀 %s %(name)s {{ x }} {% now %}",
    "' OR 1=1 --",
    "\u0301\u0301\u0301",
]
REFUSED_LINKS = [
    *REFUSED_TEXT,
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://example.org",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://example.org/x",
    "http://[::1",
    "https://",
    "https://exa mple.org/",
    "https://example.org:99999999/",
    "https://example.org/" + "x" * 1000,
]
REFUSED_DAYS = ["9999-12-31", "0001-01-01", "2026-13-45", "22.11.2026", "-1", "a\0b", LONG, "99999-01-01"]
REFUSED_MOMENTS = ["9999-12-31T23:59", "0001-01-01T00:00", "2026-11-30T25:61", "tomorrow", "a\0b", LONG]
REFUSED_NUMBERS = ["9" * 400, "-1", "1e400", "NaN", "a\0b", "1.5", LONG]
REFUSED_CHOICES = ["nonsense", "a\0b", LONG, "9" * 50, "-1", "\u202e"]


@dataclass(frozen=True)
class Filled:
    """A form with an address, the role that may post it, and data that is taken."""

    form: type[forms.Form]
    role: str
    address: str
    data: dict[str, Any]
    prefix: str = ""
    without: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, forms.Field]:
        return {name: field for name, field in self.form.base_fields.items() if name not in self.without}

    def posted(self, **changed: Any) -> dict[str, Any]:
        dashed = f"{self.prefix}-" if self.prefix else ""
        return {f"{dashed}{name}": value for name, value in (self.data | changed).items()}


def filled(world: World) -> list[Filled]:
    led = [world.led.number, world.led.words]
    free = [world.free.number, world.free.words]
    yesterday = (world.now - timedelta(days=1)).date().isoformat()
    soon = (world.now + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    until = (world.now + timedelta(days=200)).date().isoformat()
    adopt = {"accept": "on", "version": "1.0", "group": "new", "new_group": "New Group", "plan": "One page.",
             "step_1": "One", "step_2": "Two", "step_3": "Three"}  # fmt: skip
    wish = {"group": world.group.pk, "purpose": "Newcomers", "starts_at": soon, "hours": "1.0"}
    meeting = {"title": "Call", "agenda": "All", "starts_at": soon, "minutes": "60", "place": "Here", "is_open": "yes",
               "languages": "en"}  # fmt: skip
    at_meeting = [world.group.slug, world.meeting.pk]
    proposal = {"title": "Page", "text": "All", "closes_at": f"{until}T10:00"}
    at_proposal = [world.group.slug, world.objection.proposal_id]
    at_objection = [world.group.slug, world.objection.pk]
    settings = {"language": "en", "time_zone": "UTC"}
    place = {"url": "https://meta.wikimedia.org/wiki/B", "title": "Talk", "language": "en"}
    asked = [world.question.pk]
    bid, objection = world.contest.bid.pk, world.contest.objection.pk
    obstacle, quiet, offer = world.contest.obstacle.pk, world.contest.quiet.pk, world.contest.offer.pk
    declined, answered = {"reason": "No."}, {"answer": "Yes."}
    hold = {
        "reason": "It waits.",
        "waits_for": "March",
        "review_on": (world.now + timedelta(days=30)).date().isoformat(),
    }
    hint = {"text": "A team", "url": "https://meta.wikimedia.org/wiki/T"}
    go_on = {"text": "We met.", "link": "https://meta.wikimedia.org/wiki/N"}
    plan = {name: adopt[name] for name in ("accept", "plan", "step_1", "step_2", "step_3")}
    decision = {"decision": "dismiss", "note": "They asked."}
    said = {"text": "A hub.", "link": "https://meta.wikimedia.org/wiki/H"}
    grant = {"username": "Otto", "role": "reviewer", "until": until}
    return [
        Filled(AdoptForm, "participant", reverse("initiatives:adopt", args=free), adopt, without=("evidence",)),
        Filled(InterestForm, "participant", reverse("initiatives:interest", args=free), {"ways": "would_join"}),
        Filled(PlaceForm, "participant", reverse("initiatives:add_place", args=free), place),
        Filled(UpdateForm, "member", reverse("initiatives:update", args=led), {"text": "On."}),
        Filled(StepDownForm, "coordinator", reverse("initiatives:step_down", args=led), {}),
        Filled(RenewForm, "coordinator", reverse("initiatives:renew", args=led), {"summary": "A year."}),
        Filled(HoldForm, "coordinator", reverse("initiatives:hold", args=led), hold),
        Filled(ResumeForm, "coordinator", reverse("initiatives:resume", args=led), {"text": "On."}),
        Filled(ConcludeForm, "coordinator", reverse("initiatives:conclude", args=led), {"summary": "Done."}),
        Filled(OfferForm, "coordinator", reverse("initiatives:offer", args=led), {"group": world.unconfirmed.pk}),
        Filled(ObjectForm, "participant", reverse("initiatives:object", args=led), {"reason": "Nobody asked."}),
        Filled(HintForm, "participant", reverse("initiatives:add_hint", args=free), hint),
        Filled(DeclineForm, "coordinator", reverse("initiatives:decline_bid", args=[bid]), declined, "decline"),
        Filled(GoOnForm, "coordinator", reverse("initiatives:go_on_alone", args=[quiet]), go_on, "go_on"),
        Filled(PlanForm, "heir", reverse("initiatives:accept_lead", args=[offer]), plan, "accept"),
        Filled(DecideObjectionForm, "reviewer", reverse("initiatives:decide_objection", args=[objection]), decision),
        Filled(AnswerObstacleForm, "reviewer", reverse("initiatives:answer_obstacle", args=[obstacle]), answered),
        Filled(FormGroupForm, "participant", reverse("groups:new"), {"name": "Another", "kind": "volunteers"}),
        Filled(ChangeGroupForm, "coordinator", reverse("groups:change", args=[world.group.slug]), {}),
        Filled(JoinForm, "participant", reverse("groups:join", args=[world.group.slug]), {}),
        Filled(InviteForm, "coordinator", reverse("groups:invite", args=[world.group.slug]), {"names": "Otto"}),
        Filled(MeetingForm, "coordinator", reverse("groups:plan_meeting", args=[world.group.slug]), meeting),
        Filled(CancelMeetingForm, "member", reverse("groups:cancel_meeting", args=at_meeting), {"reason": "Ill."}),
        Filled(NotesForm, "member", reverse("groups:notes", args=at_meeting),
               {"text": "We met.", "attendance": "3", "languages": "en"}),
        Filled(ProposalForm, "member", reverse("groups:propose", args=[world.group.slug]), proposal),
        Filled(VersionForm, "member", reverse("groups:version", args=at_proposal), {"text": "Two pages."}),
        Filled(PositionForm, "participant", reverse("groups:position", args=at_proposal), {"stance": "support"}),
        Filled(AnswerObjectionForm, "coordinator", reverse("groups:answer_objection", args=at_objection),
               {"answer": "We ask."}),
        Filled(InsistForm, "member", reverse("groups:insist", args=at_objection), {"reason": "Who?"}),
        Filled(questions.AskForm, "participant", reverse("questions:ask", args=led), {"title": "When?"}),
        Filled(questions.AnswerForm, "member", reverse("questions:answer", args=asked), {"answer": "We do."}),
        Filled(questions.SplitForm, "member", reverse("questions:split", args=asked), {"parts": "Who?\nWhen?"}),
        *entries(world, yesterday),
        *doubts(world),
        Filled(PasteForm, "member", reverse("engagement:paste", args=[*led, "announce"]), {"pasted": "Pump"}),
        Filled(LineForm, "member", reverse("engagement:paste", args=[*led, "announce"]),
               {"title": "Pump", "url": "https://meta.wikimedia.org/wiki/A", "languages": "en",
                "happened_on": yesterday}, "line-0", without=("told", "starts_at", "closed_on")),
        Filled(NeighboursForm, "member", reverse("engagement:neighbours", args=[*led, "neighbours"]), {}),
        Filled(AbsenceForm, "participant", reverse("deadlines:absence"), {"first_on": until, "last_on": until}),
        Filled(EarlyForm, "member", reverse("engagement:early", args=[*led, "calls"]), {"reason": "One is enough."}),
        Filled(
            DecisionForm, "reviewer", reverse("engagement:decide", args=[world.submission.pk]), {"decision": "accept"}
        ),
        Filled(AnswerForm, "member", reverse("engagement:answer", args=[*led, "announce"]), {"answer": "It is there."}),
        Filled(ReplyForm, "reviewer", reverse("engagement:replies"),
               {"title": "A link", "answer": "more", "text": "Please add a link."}),
        Filled(RequestForm, "coordinator", reverse("resources:resource", args=["video-meeting-room"]), wish,
               without=("details", "quantity")),
        Filled(RequestForm, "coordinator", reverse("resources:resource", args=["page-translation"]),
               wish | {"quantity": "2"}, without=("starts_at", "hours", "repeat", "until", "days")),
        Filled(ChangeForm, "coordinator", reverse("resources:change", args=[world.room.pk]),
               {"starts_at": wish["starts_at"], "hours": "1.0"}, without=("which",)),
        Filled(GiveForm, "steward", reverse("resources:give", args=[world.wish.pk]), {}),
        Filled(ReasonForm, "steward", reverse("resources:decline", args=[world.wish.pk]), {"answer": "Taken."}, "no"),
        Filled(ReasonForm, "steward", reverse("resources:end", args=[world.room.pk]), {"answer": "Repairs."}, "no"),
        Filled(HandForm, "steward", reverse("resources:do_by_hand", args=[job_of(world).pk]),
               {"address": "https://lists.wikimedia.org/x"}),
        *offers(world),
        Filled(SettingsForm, "participant", reverse("accounts:settings"), settings),
        Filled(DraftForm, "reviewer", reverse("guidelines:edit_draft"), draft_form_data(world.draft)),
        Filled(AnnounceForm, "reviewer", reverse("guidelines:announce_draft"), {"comments_url": place["url"]}),
        Filled(TranslationForm, "participant", reverse("translations:unit", args=["initiative", world.free.pk, "ar"]),
               {"text_0": "عنوان"}),
        Filled(news.SubmitForm, "participant", reverse("news:submit"), said),
        Filled(news.DeclineForm, "reviewer", reverse("news:decline", args=[world.item.pk]), {"reason": "It is old."}),
        Filled(news.CorrectForm, "reviewer", reverse("news:correct", args=[world.news.pk]),
               said | {"why": "One.", "seen": "0"}),
        *rounds(world, until=(world.now + timedelta(days=40)).date().isoformat()),
        Filled(GrantForm, "administrator", reverse("people:grant"), grant),
        Filled(AskForm, "participant", reverse("people:ask", args=["facilitator"]), {"why": "Yes.", "regions": "ssa"},
               without=("affiliate",)),
        Filled(people.ReasonForm, "administrator", reverse("people:end_role", args=[world.term.pk]), {"reason": "So."}),
    ]  # fmt: skip


def doubts(world: World) -> list[Filled]:
    answer = reverse("engagement:answer_doubt", args=[Doubt.objects.get(state="open").pk])
    judge = reverse("engagement:judge_doubt", args=[Doubt.objects.get(state="answered").pk])
    confirm = reverse("engagement:confirm", args=[Entry.objects.get(state="awaiting").pk])
    return [
        Filled(
            DoubtForm, "participant", reverse("engagement:doubt", args=[world.entry.pk]), {"reason": "It is empty."}
        ),
        Filled(AnswerDoubtForm, "member", answer, {"answer": "It moved."}),
        Filled(JudgeForm, "reviewer", judge, {"decision": "dismiss", "note": "I looked."}),
        Filled(ConfirmForm, "participant", confirm, {}),
    ]


def offers(world: World) -> list[Filled]:
    said = {"name": "A list", "line": "Ours", "description": "A list.", "policy": "stewards_decide"}
    room, pool = said | {"max_hours": "3"}, [world.pool.slug]
    # One language and no affiliate are no choice, and whoever has an address need not say where they read.
    without = ("language", "affiliate", "reads_on_site")
    return [
        Filled(OfferResourceForm, "participant", reverse("resources:offer"),
               said | {"kind": "survey", "provider": "by_hand"},
               without=without),
        Filled(ChangeOfferForm, "steward", reverse("resources:change", args=["video-meeting-room"]), room,
               without=(*without, "lasts_days", "max_at_once", "max_quantity")),
        Filled(ChangeOfferForm, "steward", reverse("resources:change", args=["mailing-list"]), said,
               without=(*without, "silence_gives", "max_hours", "opens_hour", "closes_hour")),
        Filled(WithdrawForm, "steward", reverse("resources:withdraw", args=pool), {"reason": "We move."}),
        Filled(InviteStewardForm, "steward", reverse("resources:invite_steward", args=pool), {"name": "Otto"}),
        Filled(LinksForm, "steward", reverse("resources:add_links", args=pool),
               {"links": "https://meet.example.org/three"}),
        Filled(AcceptForm, "participant", world.invitation.get_absolute_url(), {"answer": "accept"}),
    ]  # fmt: skip


def rounds(world: World, until: str) -> list[Filled]:
    """The forms of a feedback round with one question."""
    ask = {"group": world.group.pk, "initiative": world.led.pk, "title": "Pages", "text": "We plan.", "language": "en",
           "closes_on": until}  # fmt: skip
    at, more = [world.round.pk], tuple(feedback.QUESTIONS[1:])
    closed, summarised = rounds_that_are_over(world)
    translation = {"title": "Ukurasa", "text": "Tunapanga.", "question_1": "Nini?", "version": "1"}
    answer, summary = {"language": "sw", "text": "Picha."}, {"language": "en", "text": "Heard."}
    return [
        Filled(feedback.RoundForm, "member", reverse("feedback:new"), ask),
        Filled(feedback.CancelForm, "coordinator", reverse("feedback:cancel", args=at), {"reason": "Too early."}),
        Filled(feedback.AnswerForm, "participant", reverse("feedback:answer", args=at), answer, without=more),
        *liaisons(world),
        Filled(feedback.SummaryForm, "coordinator", reverse("feedback:summarise", args=[closed]), summary),
        Filled(feedback.CorrectionForm, "participant", reverse("feedback:correct", args=[summarised]), {"text": "No."}),
        Filled(feedback.TranslationForm, "participant", reverse("feedback:translate", args=[*at, "sw"]), translation,
               without=more),
    ]  # fmt: skip


def liaisons(world: World) -> list[Filled]:
    """Somebody who is asked to carry a round, and somebody who carries it."""
    people, until = world.people, world.now + timedelta(days=90)
    for role in ("asker", "outsider"):
        if not people[role].role_terms.exists():
            grant_role(people[role], role="liaison", until=until, by=None, now=world.now, regions=["ssa"])
    round_ = open_round(
        round_of(world.free, world.group, by=people["coordinator"], now=world.now, title="Carry it"),
        by=people["coordinator"], now=world.now,
    )  # fmt: skip
    carry_round(round_, by=people["outsider"], now=world.now)
    report = {"rounds": round_.pk, "language": "sw", "text": "Picha.", "people": "3"}
    return [
        Filled(feedback.DeclineForm, "asker", reverse("feedback:decline", args=[round_.pk]), {}),
        Filled(feedback.ReportForm, "outsider", reverse("feedback:report"), report),
    ]


def rounds_that_are_over(world: World) -> list[int]:
    """A round whose summary is owed, and one whose summary is there; both were answered by the participant."""
    found = []
    for number in range(2):
        round_ = open_round(
            round_of(world.led, world.group, by=world.people["coordinator"], now=world.now, title=f"Over {number}"),
            by=world.people["coordinator"], now=world.now,
        )  # fmt: skip
        give_answer(round_, language="sw", replies=[""], text="Picha.", is_named=False, wants_news=False,
                    by=world.people["participant"], now=world.now)  # fmt: skip
        close_round(round_, now=world.now)
        found.append(round_)
    publish_summary(found[1], text="Heard.", language="en", by=world.people["coordinator"], now=world.now)
    return [round_.pk for round_ in found]


def entries(world: World, yesterday: str) -> list[Filled]:
    """The form of an entry for every step of the checklist, each with the fields of its measure."""
    typed = {"title": "Village pump", "url": "https://meta.wikimedia.org/wiki/A", "languages": "en"}
    found = []
    for step in Step.objects.filter(version=world.adoption.guidelines_id):
        form = EntryForm(step=step, to_tell=["Otto"])
        if "told" in form.fields:  # Nobody is to be told in this world, so the form says that first.
            continue
        times = {"happened_on": yesterday} if "happened_on" in form.fields else {"starts_at": f"{yesterday}T10:00"}
        without = tuple(set(EntryForm.base_fields) - set(form.fields))
        where = reverse("engagement:step", args=[world.led.number, world.led.words, step.code])
        found.append(Filled(EntryForm, "member", where, typed | times, without=without))
    return found


def refused_values(field: forms.Field) -> list[str]:
    """What a field of this kind must refuse."""
    kinds: list[tuple[type[forms.Field], list[str]]] = [
        (Link, REFUSED_LINKS),
        (Line, REFUSED_TEXT),
        (Text, REFUSED_TEXT),
        (Day, REFUSED_DAYS),
        (Moment, REFUSED_MOMENTS),
        (forms.IntegerField, REFUSED_NUMBERS),
        (forms.BooleanField, []),
        (forms.ChoiceField, REFUSED_CHOICES),
        (forms.ModelChoiceField, REFUSED_CHOICES),
        (forms.CharField, [LONG, "a\0b"]),
    ]
    return next(values for kind, values in kinds if isinstance(field, kind))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with kept_world(django_db_blocker) as world:
        step = world.submission.steps.get(step__code="announce")
        ask_for_more(world.submission, steps=[step.pk], note="Where?", by=world.people["reviewer"], now=world.now)
        until = world.now + timedelta(days=90)
        grant_role(world.people["reviewer"], role="editor", until=until, by=None, now=world.now)
        yield world


@pytest.fixture(scope="module")
def forms_here(world: World) -> list[Filled]:
    """Made once, with the rounds that some of them need."""
    return filled(world)


@contextlib.contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def browser_of(world: World, role: str, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if role != "visitor":
        client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


def short(value: Any) -> str:
    return f"{value!r:.40}"


def complaints(found: Filled, fields: dict[str, forms.Field], client: Client) -> list[str]:
    """What is wrong with the answers to bad values: of all fields at once, and one by one where an answer is wrong."""
    wrong = []
    for typed in together({name: refused_values(field) for name, field in fields.items()}):
        if complaint(found, typed, client):
            alone = (complaint(found, {name: value}, client) for name, value in typed.items())
            wrong += [what for what in alone if what]
    texts = [name for name, field in fields.items() if isinstance(field, Line | Text)]
    for typed in together({name: TAKEN_TEXT[n % 6 :] + TAKEN_TEXT[: n % 6] for n, name in enumerate(texts)}):
        with undone():
            response = client.post(found.address, found.posted(**typed))
        page = response.content.decode()
        lost = [name for name, value in typed.items() if response.status_code == 200 and escape(value) not in page]
        if response.status_code not in {200, 302} or lost:
            wrong.append(f"{found.address}: {response.status_code}, lost: {lost}")
    return wrong


def together(values: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """What to type in all fields at once, until each of them had all of its values."""
    for row in zip_longest(*values.values()):
        yield {name: value for name, value in zip(values, row, strict=True) if value is not None}


def complaint(found: Filled, typed: dict[str, str], client: Client) -> str:
    """What is wrong with the answer to these bad values; nothing if each is refused with a sentence and kept."""
    with undone():
        response = client.post(found.address, found.posted(**typed))
    said = f"{found.address} {', '.join(f'{name}={short(value)}' for name, value in typed.items())}: "
    if response.status_code != 200:
        return f"{said}status {response.status_code}"
    page = response.content.decode()
    if "data-error-summary" not in page:
        return f"{said}no sentence"
    if len(typed) > 1 and (taken := typed.keys() - errors_in(response, found)):
        return f"{said}no sentence about {taken}"
    for name, value in typed.items():
        field = found.fields[name]
        if isinstance(field, forms.CharField) and not field.widget.is_hidden and escape(value) not in page:
            return f"{said}what was typed is lost"
    return ""


def errors_in(response: Any, found: Filled) -> set[str]:
    """The fields about which the form of an answer says something."""
    shown = (value for context in response.context for level in context.dicts for value in level.values())
    bound = (value for value in shown if isinstance(value, found.form) and value.is_bound)
    return {name for form in bound for name in form.errors}


def every_form() -> Iterator[type[forms.Form]]:
    """The forms that people fill in: the site's own, without those that are only there to be built upon."""
    waiting = list(forms.Form.__subclasses__())
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if (
            found.__module__.startswith("apps.")
            and not found.__module__.startswith("apps.core")
            and found not in {FilterForm, WaitsForm, people.FilterForm, people.CoversForm}
            and found not in {FilterForm, WaitsForm, CoverageForm, TermsForm, CatalogueForm}
            and found not in {FilterForm, WaitsForm, feedback.QuestionsForm, people.FilterForm, people.CoversForm}
        ):
            yield found


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(every_form(), key=lambda form: form.__name__))
def test_every_field_refuses_what_it_cannot_hold_with_a_sentence_and_keeps_it(world, forms_here, form):
    to_try = [found for found in forms_here if found.form == form]
    assert to_try, f"{form.__name__} has no line in filled()"
    wrong, tried = [], set()
    for found in to_try:
        new = {name: field for name, field in found.fields.items() if (name, found.prefix) not in tried}
        tried |= {(name, found.prefix) for name in new}
        wrong += complaints(found, new, browser_of(world, found.role))
    assert not wrong, "\n".join(wrong)


def test_what_is_filled_in_here_is_taken_so_refusals_have_no_other_reason(world, forms_here):
    refused = set()
    for found in forms_here:
        with undone():
            response = browser_of(world, found.role).post(found.address, found.posted())
        if response.status_code != 302:
            refused.add(found.form)
    # It is too early for most of these in this world; what is pasted shows first what the site understood.
    assert refused == {RenewForm, HoldForm, ResumeForm, ConcludeForm, NotesForm, InsistForm, PasteForm}


def test_an_empty_form_is_answered_with_sentences(world, forms_here):
    for found in forms_here:
        with undone():
            response = browser_of(world, found.role).post(found.address, {})
        required = [field for field in found.fields.values() if field.required]
        assert response.status_code in ({200} if required else {200, 302}), found.address
        assert not required or "data-error-summary" in response.content.decode(), found.address


@pytest.mark.slow
def test_several_values_for_one_field_and_files_for_texts_break_nothing(world, forms_here):
    for found in forms_here:
        client = browser_of(world, found.role)
        with undone():
            twice = client.post(found.address, {name: ["a", value] for name, value in found.posted().items()})
        assert twice.status_code in {200, 302}, found.address
        files = {name: open(__file__, "rb") for name in found.posted()}  # noqa: SIM115
        with undone():
            assert client.post(found.address, files).status_code in {200, 302}, found.address
        for file in files.values():
            file.close()


def test_all_texts_of_a_refused_form_come_back_together(world, forms_here):
    """One wrong field costs none of the others."""
    for found in forms_here:
        texts = {
            name: f"{name} <b>&</b> «{number}»"
            for number, (name, field) in enumerate(found.fields.items())
            if isinstance(field, Line | Text)
        }
        if not texts:
            continue
        too_long = dict(list(texts.items())[-1:])
        typed = texts | {name: text + LONG for name, text in too_long.items()}
        page = browser_of(world, found.role).post(found.address, found.posted(**typed)).content.decode()
        for name, text in typed.items():
            assert escape(text) in page, f"{found.address}: {name} is lost"


def test_a_decision_that_cannot_be_read_keeps_the_note(world):
    where = reverse("engagement:decide", args=[world.submission.pk])
    page = browser_of(world, "reviewer").post(where, {"decision": "nonsense", "note": "Read <this>"})
    assert page.status_code == 200
    assert "Read &lt;this&gt;" in page.content.decode()


# --- Parameters of addresses -----------------------------------------------------------------

BAD_PARAMETERS = [
    "%00", "9e99", "-1", "0", "9" * 50, "1" * 5000, "%ff", "%ed%a0%80", "%E2%80%AE", "9999-99-99", "9999-12-31",
    "0001-01-01", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-11-30T10:00Z", "<script>",
    "%3Cscript%3Ealert(1)", "javascript:alert(1)", "//evil.example", "ar", "xx", "%25s", "",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "role", "parameters"),
    [
        ("/", "visitor", ["in", "language"]),
        ("/initiatives/", "visitor", ["q", "state", "recommendation", "interest"]),
        ("/groups/", "visitor", ["page", "seeking"]),
        ("/waiting/", "visitor", ["page"]),
        ("/engagement/", "visitor", ["recommendation", "initiative", "group", "region", "language", "year"]),
        ("/engagement/coverage.json", "visitor", ["group", "year"]),
        ("/record/", "visitor", ["page"]),
        ("/news/", "visitor", ["page"]),
        ("/news/submit/", "participant", ["again"]),
        ("/me/", "coordinator", ["page"]),
        ("/notices/", "coordinator", ["page"]),
        ("/review/", "reviewer", ["page"]),
        ("/resources/", "coordinator", ["kind", "group", "region", "language", "free"]),
        ("/resources/offer/", "participant", ["kind", "wish"]),
        ("/resources/video-meeting-room/", "visitor", ["week", "month"]),
        (
            "/resources/video-meeting-room/",
            "coordinator",
            ["start", "week", "group", "meeting", "hours", "purpose", "quantity"],
        ),
        ("/accounts/sign-in/", "visitor", ["next"]),
        ("/accounts/sign-in/", "participant", ["next"]),
    ],
)
def test_no_parameter_of_an_address_breaks_a_page(world, address, role, parameters):
    """Each of them gets each value, beside others that are bad in other ways."""
    client = browser_of(world, role)
    as_it_is = client.get(address).status_code
    for start in range(len(BAD_PARAMETERS)):
        values = BAD_PARAMETERS[start:] + BAD_PARAMETERS[:start]
        query = "&".join(f"{parameter}={value}" for parameter, value in zip(parameters, values, strict=False))
        response = client.get(f"{address}?{query}")
        assert response.status_code == as_it_is, query[:200]
        assert b"<script>alert" not in response.content, query[:200]


@pytest.mark.parametrize(
    "address",
    [
        "/initiatives/99999999999999999999/",
        "/initiatives/99999999999999999999-x/",
        "/initiatives/99999999999999999999-x/adopt/",
        "/initiatives/99999999999999999999-x/checklist/",
        "/recommendations/99999999999999999999/",
        "/feeds/initiatives/99999999999999999999.ics",
        "/feeds/calendar/%00.ics",
        "/feeds/calendar/" + "x" * 3000 + ".ics",
        "/resources/requests/99999999999999999999/",
        "/notices/99999999999999999999/",
        "/groups/%00/",
        "/groups/%E2%80%AE/",
        "/groups/%ff/",
        "/groups/" + "x" * 3000 + "/",
        "/groups/%00/join/",
        "/guidelines/%00/",
        "/guidelines/9.9/",
        "/resources/nothing/",
        "/%00",
        "/%ff",
        "/initiatives/13-%00/",
        "/.env",
        "/wp-login.php",
    ],
)
def test_an_address_of_nothing_is_a_page_that_says_so(world, address):
    response = browser_of(world, "participant").get(address)
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.parametrize("pk", [0, 99999999999999999999])
@pytest.mark.parametrize(
    "name", ["engagement:decide", "engagement:withdraw", "resources:give", "resources:keep", "people:end_role"]
)
def test_posting_about_a_thing_that_is_not_there_is_not_found(world, name, pk):
    role = "administrator" if name == "people:end_role" else "reviewer"
    assert browser_of(world, role).post(reverse(name, args=[pk])).status_code == 404


@pytest.mark.parametrize("value", ["xx", "", "a\0b", LONG, "\u202e", "ar-x-" + "y" * 600])
@pytest.mark.parametrize(
    "next_address", ["/waiting/", "https://evil.example/", "javascript:alert(1)", "/\\evil", "a\0b"]
)
def test_a_language_that_is_not_there_changes_nothing_and_leads_to_no_other_site(client, db, value, next_address):
    response = client.post(reverse("set_language"), {"language": value, "next": next_address})
    assert response.status_code == 302
    assert not urlsplit(response["Location"]).netloc
    assert not urlsplit(response["Location"]).scheme
    assert site.LANGUAGE_COOKIE_NAME not in response.cookies


# --- Bodies that cannot be read --------------------------------------------------------------


def test_a_body_that_is_too_big_is_answered_with_a_sentence(world):
    body = {"text": "x" * (site.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    for role, where in (
        ("member", reverse("initiatives:update", args=[world.led.number, world.led.words])),
        ("visitor", reverse("groups:new")),
        ("visitor", reverse("home:town_square")),
    ):
        for checks in (False, True):
            response = browser_of(world, role, enforce_csrf_checks=checks).post(where, body)
            assert response.status_code in {400, 200} if where == "/" else response.status_code == 400, where
            assert where == "/" or "That was too much, or not readable" in response.content.decode()


def test_too_many_fields_are_answered_with_a_sentence(world):
    body = {f"field{number}": "x" for number in range(site.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    response = browser_of(world, "participant").post(reverse("groups:new"), body)
    assert response.status_code == 400
    assert "That was too much, or not readable" in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary in sight"),
        ("multipart/form-data; boundary=" + "x" * 300, b""),
        ("application/x-www-form-urlencoded; charset=utf-16", b"name=x"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=x"),
        ("application/x-www-form-urlencoded", b"name=%ff%fe%00&%00=%00&=&&&name"),
        ("application/json", b'{"name": ["x"'),
        ("", b"name=x"),
        ("nonsense", b"\xff\xfe\x00"),
    ],
)
def test_a_body_that_cannot_be_read_is_no_500(world, kind, body):
    for role in ("participant", "visitor"):
        response = browser_of(world, role).generic("POST", reverse("groups:new"), body, content_type=kind)
        assert response.status_code in {200, 302, 400}, f"{kind} {body!r} by {role}"
        assert response.status_code == 302 or "<h1>" in response.content.decode()


# --- Forged, expired, signed out -------------------------------------------------------------

TYPED = 'Was getan wurde: "x" <b>&</b>\nund اثنان'


def csrf_field(page: str) -> str:
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[-1]


@pytest.fixture
def update_page(world) -> str:
    return reverse("initiatives:update", args=[world.led.number, world.led.words])


@pytest.mark.parametrize("token", [None, "", "x" * 64, "a\0b", LONG])
@pytest.mark.parametrize(
    ("headers", "sends_again"),
    [
        ({"Origin": "http://testserver"}, True),
        ({"Referer": "http://testserver/initiatives/"}, True),
        ({"Referer": "http://testserver.evil.example/"}, False),
        ({"Referer": "https://evil.example/http://testserver/"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_without_a_valid_token_shows_what_was_typed(world, update_page, token, headers, sends_again):
    client = browser_of(world, "member", enforce_csrf_checks=True)
    typed = {"text": TYPED} | ({} if token is None else {"csrfmiddlewaretoken": token})
    response = client.post(update_page, typed, headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert "Nothing was done" in page
    assert escape(TYPED).replace("\n", "<br>") in page
    assert ("Send it again" in page) is sends_again
    assert not world.adoption.updates.filter(text=TYPED).exists()


def test_send_it_again_does_what_the_expired_form_wanted(world, update_page):
    client = browser_of(world, "member", enforce_csrf_checks=True)
    page = client.post(update_page, {"text": TYPED}, headers={"Origin": "http://testserver"}).content.decode()
    action = re.findall(r'<form method="post" action="([^"]+)">', page)
    assert update_page in action
    hidden = re.search(r'<input type="hidden" name="text" value="([^"]*)">', page)
    again = {"text": unescape(hidden[1]), "csrfmiddlewaretoken": csrf_field(page)}
    assert client.post(update_page, again).status_code == 302
    assert world.adoption.updates.filter(text=TYPED).exists()


def test_what_was_typed_stands_under_the_words_of_the_form(world, update_page):
    client = browser_of(world, "member", enforce_csrf_checks=True)
    typed = {"text": TYPED, "next_step": "Ask", "unknown": "x"}
    page = client.post(update_page, typed).content.decode()
    assert "<dt>What happened?</dt>" in page
    assert "<dt><code>unknown</code></dt>" in page
    decline = reverse("resources:decline", args=[world.wish.pk])
    page = browser_of(world, "participant").post(decline, {"no-answer": TYPED}).content.decode()
    assert "<dt>Why</dt>" in page


@pytest.mark.parametrize("bad", ["http://[::1", "http://[testserver", "//["])
def test_an_origin_that_is_no_address_is_not_ours(world, update_page, bad):
    client = browser_of(world, "member", enforce_csrf_checks=True)
    for header in ("Origin", "Referer"):
        response = client.post(update_page, {"text": TYPED}, headers={header: bad})
        assert response.status_code == 403
        assert "Send it again" not in response.content.decode()


def test_after_signing_in_who_may_not_act_still_finds_what_they_typed(world, update_page):
    client = browser_of(world, "visitor")
    client.post(update_page, {"text": TYPED})
    client.force_login(world.people["participant"], backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(update_page)
    assert response.status_code == 403
    assert escape(TYPED).replace("\n", "<br>") in response.content.decode()


def test_a_text_too_large_to_wait_is_shown_before_signing_in(world, update_page):
    client = browser_of(world, "visitor")
    response = client.post(update_page, {"text": TYPED + "x" * 200_000})
    page = response.content.decode()
    assert response.status_code == 413
    assert escape(TYPED).replace("\n", "<br>") in page
    assert "/accounts/sign-in/?next=" in page
    assert not client.session.items()


def test_after_an_expired_session_and_signing_in_the_form_shows_the_text_again(world, update_page):
    client = browser_of(world, "visitor")
    response = client.post(update_page, {"text": TYPED, "link": "not a link"})
    assert parse_qs(urlsplit(response["Location"]).query) == {"next": [update_page]}
    client.force_login(world.people["member"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(update_page).content.decode()
    assert escape(TYPED) in page
    assert "not a link" in page
    assert escape(TYPED) not in client.get(update_page).content.decode()  # Once: a draft is no second copy.


@pytest.mark.parametrize(
    ("role", "name", "typed"),
    [
        ("reviewer", "engagement:decide", {"decision": "waive", "note": TYPED}),
        ("steward", "resources:give", {"answer": TYPED}),
        ("steward", "resources:decline", {"no-answer": TYPED}),
    ],
)
def test_what_was_typed_beside_a_button_is_sent_again_after_signing_in(world, role, name, typed):
    where = reverse(name, args=[(world.submission if role == "reviewer" else world.wish).pk])
    client = browser_of(world, "visitor")
    assert client.post(where, typed)["Location"].startswith("/accounts/sign-in/")
    client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(where)
    page = response.content.decode()
    assert response.status_code == 200
    assert escape(TYPED).replace("\n", "<br>") in page
    assert "Send it again" in page
    assert client.post(where, typed).status_code == 302
    assert client.get(where).status_code == 405


def test_a_blocked_person_sees_what_they_typed(world, update_page):
    response = browser_of(world, "blocked").post(update_page, {"text": TYPED})
    assert response.status_code == 403
    assert escape(TYPED).replace("\n", "<br>") in response.content.decode()
