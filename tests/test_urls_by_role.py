"""Who may open and post what: every address of the site × every role, in one table.

The names come from the resolver, so that a new address without a line here fails. A column a role:
V visitor, P participant, M member, C coordinator, S steward, R reviewer, A administrator, B blocked.

What stands in a cell: the status; `in` is a redirect to the sign-in page, `go` one to anywhere else.
Each request is undone, so that every cell begins with the same world; what is posted is right, so that a `go`
in the column of a POST has done the act.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from apps.engagement.actions import accept_steps, save_reply
from apps.engagement.models import Decision, Doubt, Entry, Reply
from apps.notifications.tokens import unsubscribe_token
from apps.people.actions import grant_role
from tests.conftest import no_page_is_written
from tests.world import ROLES, World, ask_about_people, draft_form_data, job_of, kept_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]

EVERYBODY = "200 200 200 200 200 200 200 200"
SIGNED_IN = " in 200 200 200 200 200 200 200"
NOBODY___ = "404 404 404 404 404 404 404 404"
GOES_ON__ = " go  go  go  go  go  go  go  go"
POST_ONLY = " in 405 405 405 405 405 405 405"
ONLY_POST = "405 405 405 405 405 405 405 405"
# Blocked people read; whatever they post ends on the page that tells them why.
READ_ONLY = "200 200 200 200 200 200 200 403"
SIGNED_RO = " in 200 200 200 200 200 200 403"
NO_POST__ = "405 405 405 405 405 405 405 403"
DONE_BY_P = " in  go  go  go  go  go  go 403"
MEMBERS_SEE = " in 403 200 200 403 403 403 403"
MEMBERS__ = " in 403  go  go 403 403 403 403"
COORDINAT = " in 403 403  go 403 403 403 403"
COORD_SEE = " in 403 403 200 403 403 403 403"
THE_ASKED = " in  go 404 404 404 404 404 403"
STEWARDS_ = " in 403 403 403  go 403 403 403"
STEW_SEES = " in 403 403 403 200 403 403 403"
REVIEWERS = " in 403 403 403 403  go 403 403"
DRAFTERS_ = " in 403 403 403 403  go  go 403"
DRAFT_SEE = " in 403 403 403 403 200 200 403"
ADMIN_SEE = " in 403 403 403 403 403 200 403"
OWNER____ = " in  go 403 403 403 403 403 403"
ADMINS___ = " in 403 403 403 403 403  go 403"


@dataclass(frozen=True)
class Line:
    """An address, what GET and POST answer to each role, and what is posted."""

    name: str
    #       V   P   M   C   S   R   A   B
    get: str
    post: str
    args: str = ""
    data: dict[str, object] = field(default_factory=dict)


def lines(world: World) -> list[Line]:
    """The table. `args` names what stands in the address; see `address`."""
    day = (world.now - timedelta(days=1)).date().isoformat()
    start = (world.now + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    soon = (world.now + timedelta(days=30)).date().isoformat()
    until = (world.now + timedelta(days=200)).date().isoformat()
    entry = {"title": "Village pump", "url": "https://meta.wikimedia.org/wiki/A", "happened_on": day, "languages": "en"}
    wish = {"group": world.group.pk, "purpose": "Newcomers", "starts_at": start, "hours": "1.0"}
    meeting = {"title": "Call", "agenda": "All", "starts_at": start, "minutes": "60", "place": "Here", "is_open": "yes",
               "languages": "en"}  # fmt: skip
    proposal = {"title": "Page", "text": "All", "closes_at": f"{until}T10:00"}
    settings = {"language": "en", "time_zone": "UTC"}
    adopt = {"accept": "on", "version": "1.0", "group": "new", "new_group": "New Group", "plan": "One page.",
             "step_1": "One", "step_2": "Two", "step_3": "Three"}  # fmt: skip
    reply = {"title": "A link", "answer": "more", "text": "Please add a link."}
    ask = {"group": world.group.pk, "initiative": world.led.pk, "title": "Pages", "text": "We plan.", "language": "en",
           "closes_on": (world.now + timedelta(days=40)).date().isoformat()}  # fmt: skip
    offer = {"kind": "survey", "provider": "by_hand", "name": "A list", "line": "Ours", "description": "A list.",
             "policy": "stewards_decide"}  # fmt: skip
    return [
        # Pages that everybody reads.
        Line("home:town_square", EVERYBODY, READ_ONLY),
        Line("home:recommendation", EVERYBODY, READ_ONLY, "recommendation"),
        Line("home:initiative", EVERYBODY, READ_ONLY, "led"),
        Line("home:initiative", EVERYBODY, READ_ONLY, "free"),
        Line("home:initiative_by_number", GOES_ON__, " go  go  go  go  go  go  go 403", "number"),
        Line("home:group", EVERYBODY, READ_ONLY, "group"),
        Line("initiatives:index", EVERYBODY, READ_ONLY),
        Line("groups:index", EVERYBODY, READ_ONLY),
        Line("guidelines:index", GOES_ON__, " go  go  go  go  go  go  go 403"),
        Line("guidelines:version", EVERYBODY, READ_ONLY, "version"),
        Line("guidelines:changes", GOES_ON__, " go  go  go  go  go  go  go 403", "version"),
        Line("guidelines:draft", EVERYBODY, READ_ONLY),
        Line("deadlines:waiting", EVERYBODY, READ_ONLY),
        Line("deadlines:open_json", EVERYBODY, READ_ONLY),
        Line("deadlines:open_csv", EVERYBODY, READ_ONLY),
        Line("deadlines:answers_json", EVERYBODY, READ_ONLY),
        Line("deadlines:answers_csv", EVERYBODY, READ_ONLY),
        Line("deadlines:silence", EVERYBODY, READ_ONLY),
        Line("deadlines:wait", EVERYBODY, READ_ONLY, "wait"),
        Line("deadlines:me_too", POST_ONLY, DONE_BY_P, "wait", {"say": "yes"}),
        Line("engagement:coverage", EVERYBODY, READ_ONLY),
        Line("engagement:coverage_json", EVERYBODY, READ_ONLY),
        Line("engagement:coverage_csv", EVERYBODY, READ_ONLY),
        Line("engagement:entry", EVERYBODY, READ_ONLY, "entry"),
        Line("engagement:entry", EVERYBODY, READ_ONLY, "note"),
        # Who can answer is told so on the next page.
        Line("deadlines:ask_again", POST_ONLY, DONE_BY_P, "wait"),
        Line("record:index", EVERYBODY, READ_ONLY),
        Line("engagement:checklist", EVERYBODY, READ_ONLY, "led"),
        Line("engagement:checklist", NOBODY___, "404 404 404 404 404 404 404 403", "free"),
        Line("resources:index", EVERYBODY, READ_ONLY),
        Line("resources:use", EVERYBODY, READ_ONLY),
        Line("resources:use_json", EVERYBODY, READ_ONLY),
        Line("resources:use_csv", EVERYBODY, READ_ONLY),
        Line("resources:use_of_one", EVERYBODY, READ_ONLY, "room"),
        Line("resources:request", EVERYBODY, READ_ONLY, "wish"),
        Line("notifications:example", EVERYBODY, READ_ONLY),
        # Calendar programs fetch these signed out; the private one has its secret in the address.
        Line("home:calendar_of_initiative", EVERYBODY, NO_POST__, "number"),
        Line("home:calendar_of_person", EVERYBODY, NO_POST__, "calendar"),
        Line("home:calendar_of_person", NOBODY___, NO_POST__, "stopped"),
        # One's own.
        Line("home:me", SIGNED_IN, SIGNED_RO),
        Line("home:my_calendar", SIGNED_IN, SIGNED_RO),
        # Said on the next page: there is no address to renew or to stop.
        Line("accounts:make_calendar", POST_ONLY, DONE_BY_P),
        Line("accounts:renew_calendar", POST_ONLY, DONE_BY_P),
        Line("accounts:drop_calendar", POST_ONLY, DONE_BY_P),
        Line("notifications:index", SIGNED_IN, SIGNED_RO),
        Line("notifications:letter", " in 404 404 404 404 200 404 404", " in 404 404 404 404 200 404 403", "letter"),
        Line("notifications:read_all", POST_ONLY, DONE_BY_P),
        Line("notifications:choices", SIGNED_IN, DONE_BY_P, data={"mail": "daily", "groups.invitation": "site"}),
        Line("notifications:try_again", POST_ONLY, DONE_BY_P),
        Line("notifications:sent", SIGNED_IN, SIGNED_RO),
        Line("notifications:recall", " in 405 405 405 405 405 405 405", " in 404 404 404 404 404 404 403", "letter"),
        Line("notifications:unsubscribe", EVERYBODY, READ_ONLY, "token"),
        Line("deadlines:absence", SIGNED_IN, DONE_BY_P, data={"first_on": until, "last_on": until}),
        Line("deadlines:end_absence", POST_ONLY, DONE_BY_P),
        Line("accounts:settings", SIGNED_IN, DONE_BY_P, data=settings),
        Line("accounts:export", SIGNED_IN, SIGNED_IN),
        # Signing in and out; staff sign-in is not set up here and has tests of its own.
        Line("accounts:sign_in", "200  go  go  go  go  go  go  go", NO_POST__),
        Line("accounts:sign_out", ONLY_POST, GOES_ON__),
        Line("accounts:demo", EVERYBODY, "404 404 404 404 404 404 404 403", data={"person": "0"}),
        Line("accounts:staff", NOBODY___, "404 404 404 404 404 404 404 403"),
        Line("accounts:staff_callback", NOBODY___, NO_POST__),
        Line("accounts:staff_link", NOBODY___, "404 404 404 404 404 404 404 403"),
        Line("mediawiki_login", " in  in  in  in  in  in  in  in", " go  go  go  go  go  go  go 403"),
        Line("mediawiki_callback", "400 400 400 400 400 400 400 400", NO_POST__),
        Line("set_language", GOES_ON__, GOES_ON__, data={"language": "ar"}),
        Line("metrics", EVERYBODY, EVERYBODY),
        Line("healthz", "503 503 503 503 503 503 503 503", "503 503 503 503 503 503 503 503"),
        # What any signed-in person does.
        Line("initiatives:adopt", SIGNED_IN, DONE_BY_P, "free", adopt),
        Line("initiatives:interest", SIGNED_IN, DONE_BY_P, "free", {"ways": "would_join"}),
        Line("initiatives:end_interest", POST_ONLY, DONE_BY_P, "free"),
        Line("initiatives:add_place", SIGNED_IN, DONE_BY_P, "free",
             {"url": "https://meta.wikimedia.org/wiki/B", "title": "Talk", "language": "en"}),
        Line("translations:index", EVERYBODY, READ_ONLY),
        Line("translations:unit", SIGNED_IN, DONE_BY_P, "translation", {"text_0": "عنوان"}),
        Line("groups:new", SIGNED_IN, DONE_BY_P, data={"name": "Another Group", "kind": "volunteers"}),
        # A member cannot ask again: the form says so.
        Line("groups:join", SIGNED_IN, " in  go 200 200  go  go  go 403", "group"),
        # Said on the next page: there is no invitation, or one is no member.
        Line("groups:answer_invitation", POST_ONLY, DONE_BY_P, "group", {"answer": "accept"}),
        Line("groups:leave", POST_ONLY, DONE_BY_P, "group"),
        # Members and coordinators of the leading group.
        Line("initiatives:update", " in 403 200 200 403 403 403 403", MEMBERS__, "led", {"text": "We went on."}),
        Line("engagement:step", " in 403 200 200 403 403 403 403", MEMBERS__, "step", entry),
        Line("engagement:paste", " in 403 200 200 403 403 403 403", MEMBERS__, "paste",
             {f"line-0-{name}": value for name, value in entry.items()}),
        Line("engagement:neighbours", " in 403 200 200 403 403 403 403", MEMBERS__, "neighbours", {"names": "Otto"}),
        Line("engagement:early", " in 403 200 200 403 403 403 403", MEMBERS__, "calls", {"reason": "One was enough."}),
        Line("engagement:hand_in", POST_ONLY, MEMBERS__, "led"),
        Line("engagement:withdraw", POST_ONLY, MEMBERS__, "entry"),
        Line("engagement:correct", " in 403 200 200 403 403 403 403", MEMBERS__, "entry", entry),
        Line("engagement:confirm", POST_ONLY, " in  go 403 403  go  go  go 403", "note", {"say": "yes"}),
        # Members correct it instead.
        Line("engagement:doubt", " in 200 403 403 200 200 200 200", " in  go 403 403  go  go  go 403", "entry",
             {"reason": "It is empty."}),
        # Said on the next page: it is somebody else's.
        Line("engagement:take_back_doubt", POST_ONLY, DONE_BY_P, "doubt"),
        Line("engagement:answer_doubt", " in 403 200 200 403 403 403 403", MEMBERS__, "doubt", {"answer": "It moved."}),
        Line("engagement:judge_doubt", " in 403 403 403 403 200 403 403", REVIEWERS, "answered_doubt",
             {"decision": "dismiss", "note": "I looked."}),
        # Renewing comes too early here: the form says so.
        Line("initiatives:renew", " in 403 403 200 403 403 403 403", " in 403 403 200 403 403 403 403", "led",
             {"summary": "A year."}),
        Line("initiatives:step_down", COORD_SEE, COORDINAT, "led"),
        Line("initiatives:options", COORD_SEE, COORD_SEE, "led"),
        # Said in the form or on the next page: the notice still runs, it is not on hold, its musts are not settled,
        # it does not conclude.
        Line("initiatives:hold", COORD_SEE, COORD_SEE, "led",
             {"reason": "The board decides.", "waits_for": "The decision", "review_on": soon}),
        # It is not on hold: said on the next page.
        Line("initiatives:hold_longer", " in 403 403  go 403 403 403 403", COORDINAT, "led",
             {"reason": "The board decides.", "waits_for": "The decision", "review_on": soon}),
        Line("initiatives:resume", COORD_SEE, COORD_SEE, "led", {"text": "We go on."}),
        Line("initiatives:conclude", COORD_SEE, COORD_SEE, "led", {"summary": "It is done."}),
        Line("initiatives:go_on", " in 403 403 405 403 403 403 403", COORDINAT, "led"),
        Line("initiatives:offer", COORD_SEE, COORDINAT, "led", {"group": world.unconfirmed.pk}),
        Line("initiatives:seek", " in 403 403 405 403 403 403 403", COORDINAT, "led", {"seek": "yes"}),
        # Bids, objections, what is in the way.
        Line("initiatives:bid", EVERYBODY, READ_ONLY, "bid"),
        Line("initiatives:disputes", EVERYBODY, READ_ONLY, "led"),
        Line("initiatives:answer_bid", POST_ONLY, COORDINAT, "bid", {"answer": "share"}),
        Line("initiatives:decline_bid", POST_ONLY, COORDINAT, "bid", {"decline-reason": "Our plans differ."}),
        Line("initiatives:go_on_alone", POST_ONLY, COORDINAT, "quiet",
             {"go_on-text": "We met.", "go_on-link": "https://meta.wikimedia.org/wiki/N"}),
        # It was offered to a group of none of these.
        Line("initiatives:accept_lead", POST_ONLY, " in 403 403 403 403 403 403 403", "offer",
             {f"accept-{name}": value for name, value in adopt.items()}),
        Line("initiatives:object", SIGNED_IN, " in  go 200 200  go  go  go 403", "led", {"reason": "Nobody asked."}),
        Line("initiatives:objection", EVERYBODY, READ_ONLY, "contested"),
        Line("initiatives:decide_objection", POST_ONLY, REVIEWERS, "contested",
             {"decision": "dismiss", "note": "They asked."}),
        Line("initiatives:withdraw_objection", POST_ONLY, THE_ASKED, "contested"),
        Line("initiatives:obstacle", EVERYBODY, READ_ONLY, "obstacle"),
        Line("initiatives:answer_obstacle", POST_ONLY, REVIEWERS, "obstacle", {"answer": "Use the old one."}),
        Line("initiatives:clear_obstacle", POST_ONLY, MEMBERS__, "obstacle"),
        Line("initiatives:say_whether_mine", POST_ONLY, THE_ASKED, "obstacle_asked", {"answer": "yes"}),
        Line("initiatives:start_group", POST_ONLY, " in  go 403 403 403 403 403 403", "free"),
        Line("initiatives:add_hint", SIGNED_IN, DONE_BY_P, "free",
             {"text": "A team", "url": "https://meta.wikimedia.org/wiki/T"}),
        Line("initiatives:take_back_hint", POST_ONLY, THE_ASKED, "hint"),
        # Said on the next page: it is there already.
        Line("engagement:move", " in 403 403 200 403 403 403 403", COORDINAT, "led", {"version": "1.0"}),
        Line("groups:change", " in 403 403 200 403 403 403 403", COORDINAT, "group", {"purpose": "More"}),
        Line("groups:invite", " in 403 403 200 403 403 403 403", COORDINAT, "group", {"names": "Otto"}),
        Line("groups:answer", POST_ONLY, COORDINAT, "asked", {"answer": "admit"}),
        # Said on the next page to coordinators: they coordinate already.
        Line("groups:succession", POST_ONLY, MEMBERS__, "group", {"answer": "offer"}),
        Line("groups:coordinate", POST_ONLY, COORDINAT, "member"),
        # Who coordinates no group is told to form one.
        Line("resources:resource", EVERYBODY, " in 200 200  go 200 200 200 403", "room", wish),
        # Only the group goes in, whoever else is signed in is told so. The room is no list.
        Line("resources:enter", " in 403  go  go 403 403 403 403", NO_POST__, "booked"),
        Line("resources:be_on_list", POST_ONLY, " in 403 403 403 403 403 403 403", "booked", {"be": "on"}),
        Line("resources:give_back", POST_ONLY, COORDINAT, "wish"),
        Line("resources:keep", POST_ONLY, COORDINAT, "pad"),
        # Meetings. The notes come too early: the form says so.
        Line("resources:change", COORD_SEE, COORDINAT, "booked", {"starts_at": start, "hours": "1.0"}),
        Line("resources:extend", POST_ONLY, COORDINAT, "booked", {"half_hours": "1"}),
        Line("resources:give_back_series", POST_ONLY, COORDINAT, "booked"),
        Line("resources:note_use", POST_ONLY, " in 403 403  go  go 403 403 403", "booked", {"came": "no"}),
        Line("resources:room_for_meeting", POST_ONLY, COORDINAT, "meeting_file"),
        Line("resources:of_kind", GOES_ON__, NO_POST__, "kind"),
        Line("groups:meetings", EVERYBODY, READ_ONLY, "group"),
        Line("groups:meeting", EVERYBODY, READ_ONLY, "meeting"),
        Line("home:calendar_of_meeting", EVERYBODY, NO_POST__, "meeting_file"),
        Line("groups:coming", POST_ONLY, DONE_BY_P, "meeting", {"coming": "yes"}),
        Line("groups:plan_meeting", " in 403 403 200 403 403 403 403", COORDINAT, "group", meeting),
        Line("groups:change_meeting", MEMBERS_SEE, MEMBERS__, "meeting", meeting),
        Line("groups:cancel_meeting", MEMBERS_SEE, MEMBERS__, "meeting", {"reason": "Nobody can."}),
        Line("groups:notes", MEMBERS_SEE, MEMBERS_SEE, "meeting", {"text": "We met."}),
        # Proposals. Nobody answers their own objection, nor insists before an answer: the form says so. A reviewer is
        # told on the next page that there is no answer yet.
        Line("groups:proposals", EVERYBODY, READ_ONLY, "group"),
        Line("groups:proposal", EVERYBODY, READ_ONLY, "proposal"),
        Line("groups:propose", MEMBERS_SEE, MEMBERS__, "group", proposal),
        Line("groups:version", MEMBERS_SEE, MEMBERS__, "proposal", {"text": "We write two pages."}),
        Line("groups:position", SIGNED_IN, DONE_BY_P, "proposal", {"stance": "support"}),
        Line("groups:withdraw", POST_ONLY, MEMBERS__, "proposal"),
        Line("groups:answer_objection", MEMBERS_SEE, " in 403 200  go 403 403 403 403", "objection",
             {"answer": "We ask."}),
        Line("groups:settle_objection", POST_ONLY, " in 403  go 403 403  go 403 403", "objection"),
        Line("groups:insist", " in 403 200 403 403 403 403 403", " in 403 200 403 403 403 403 403", "objection",
             {"reason": "Who?"}),
        # Questions. Who asks the same twice is told so: the form of the participant stays.
        Line("questions:index", EVERYBODY, READ_ONLY, "led"),
        Line("questions:page", EVERYBODY, READ_ONLY, "question"),
        Line("questions:ask", SIGNED_IN, " in 200  go  go  go  go  go 403", "led", {"title": "Who pays for it?"}),
        Line("questions:me_too", POST_ONLY, DONE_BY_P, "question", {"say": "yes"}),
        Line("questions:answer", MEMBERS_SEE, MEMBERS__, "question", {"answer": "We do."}),
        Line("questions:split", " in 403 200 200 403 200 403 403", " in 403  go  go 403  go 403 403", "question",
             {"parts": "Who?\nWhen?"}),
        # Strategy News: a reviewer is an editor here. What waits was submitted by the participant.
        Line("news:index", EVERYBODY, READ_ONLY),
        Line("news:submit", SIGNED_IN, DONE_BY_P, data={"text": "A hub.", "link": "https://meta.wikimedia.org/wiki/H"}),
        Line("news:page", EVERYBODY, READ_ONLY, "item"),
        Line("news:page", EVERYBODY, READ_ONLY, "news"),
        Line("news:publish", POST_ONLY, REVIEWERS, "item"),
        Line("news:decline", POST_ONLY, REVIEWERS, "item", {"reason": "It is old."}),
        Line("news:withdraw", POST_ONLY, OWNER____, "item"),
        Line("news:correct", " in 403 403 403 403 200 403 403", REVIEWERS, "news",
             {"text": "A hub.", "link": "https://meta.wikimedia.org/wiki/H", "why": "One.", "seen": "0"}),
        # Feedback rounds: anybody reads, translates and answers; members draft, coordinators open.
        Line("feedback:index", EVERYBODY, READ_ONLY),
        Line("feedback:round", EVERYBODY, READ_ONLY, "round"),
        Line("feedback:round", "404 404 200 200 404 404 404 404", "404 404 200 200 404 404 404 403", "unopened"),
        Line("feedback:new", " in 403 200 200 403 403 403 403", MEMBERS__, data=ask),
        Line("feedback:change", " in 404 200 200 404 404 404 404", " in 404  go  go 404 404 404 403", "unopened", ask),
        Line("feedback:discard", " in 405 405 405 405 405 405 405", " in 404  go  go 404 404 404 403", "unopened"),
        Line("feedback:open", POST_ONLY, " in 404 403  go 404 404 404 403", "unopened"),
        Line("feedback:cancel", " in 403 403 200 403 403 403 403", COORDINAT, "round", {"reason": "Too early."}),
        Line("feedback:answer", SIGNED_IN, DONE_BY_P, "round", {"language": "sw", "text": "Picha."}),
        # Said on the next page: there is no answer to take back.
        Line("feedback:take_back", POST_ONLY, DONE_BY_P, "round"),
        Line("feedback:translate", SIGNED_IN, DONE_BY_P, "translate",
             {"title": "Ukurasa", "text": "Tunapanga.", "question_1": "Nini?", "version": "1"}),
        # Nobody here is a liaison: said on the next page, or at once.
        Line("feedback:carry", POST_ONLY, DONE_BY_P, "round"),
        Line("feedback:decline", " in 403 403 403 403 403 403 403", " in 403 403 403 403 403 403 403", "round"),
        Line("feedback:report", " in 403 403 403 403 403 403 403", " in 403 403 403 403 403 403 403"),
        # Before it has closed there is nothing to summarise: the form says so.
        Line("feedback:summarise", " in 403 403 200 403 403 403 403", " in 403 403 200 403 403 403 403", "round",
             {"language": "en", "text": "Heard."}),
        Line("feedback:correct", " in 403 403 403 403 403 403 403", " in 403 403 403 403 403 403 403", "round"),
        # Anybody offers; its stewards do the rest, and whoever is invited answers. It is no news that it is on offer,
        # nor that a wish is not on the board: said on the next page.
        Line("resources:offer", SIGNED_IN, DONE_BY_P, data=offer),
        Line("resources:change", STEW_SEES, STEWARDS_, "list", offer),
        Line("resources:withdraw", " in 403 403 403 200 403 200 403", " in 403 403 403  go 403  go 403", "list",
             {"reason": "We move."}),
        Line("resources:offer_again", POST_ONLY, " in 403 403 403  go 403  go 403", "list"),
        Line("resources:stewards", STEW_SEES, STEW_SEES, "list"),
        Line("resources:invite_steward", POST_ONLY, STEWARDS_, "list", {"name": "Otto"}),
        Line("resources:leave_stewards", POST_ONLY, STEWARDS_, "list"),
        # Its stewards are led to their own page, where it stands.
        Line("resources:invitation", " in 200 404 404  go 404 404 404", " in  go 404 404  go 404 404 403", "invitation",
             {"answer": "accept"}),
        Line("resources:take_back_invitation", POST_ONLY, STEWARDS_, "invitation"),
        Line("resources:add_links", POST_ONLY, STEWARDS_, "pool", {"links": "https://meet.example.org/three"}),
        Line("resources:retire_link", POST_ONLY, STEWARDS_, "link"),
        Line("resources:still_wanted", POST_ONLY, COORDINAT, "wish"),
        # Stewards, reviewers, administrators.
        Line("resources:give", POST_ONLY, STEWARDS_, "wish", {"address": "https://lists.wikimedia.org/x"}),
        Line("resources:decline", POST_ONLY, STEWARDS_, "wish", {"no-answer": "There is one already."}),
        Line("resources:end", POST_ONLY, STEWARDS_, "booked", {"no-answer": "Repairs."}),
        Line("resources:try_again", POST_ONLY, STEWARDS_, "job"),
        Line("resources:do_by_hand", " in 403 403 403 200 403 403 403", STEWARDS_, "job",
             {"address": "https://lists.wikimedia.org/y"}),
        Line("engagement:review", " in 403 403 403 403 200 403 403", " in 403 403 403 403 200 403 403"),
        Line("engagement:decide", POST_ONLY, REVIEWERS, "submission", {"decision": "accept"}),
        # Said on the next page: there is a draft already, or its notice has not begun.
        Line("guidelines:start_draft", POST_ONLY, DRAFTERS_),
        Line("guidelines:edit_draft", DRAFT_SEE, DRAFTERS_, data=draft_form_data(world.draft)),
        Line("guidelines:announce_draft", DRAFT_SEE, DRAFTERS_,
             data={"comments_url": "https://meta.wikimedia.org/wiki/C"}),
        Line("guidelines:take_draft_back", POST_ONLY, DRAFTERS_),
        Line("guidelines:publish_draft", POST_ONLY, DRAFTERS_),
        Line("guidelines:drop_draft", POST_ONLY, DRAFTERS_),
        Line("engagement:take_back", POST_ONLY, " in 403 403 403 403  go 403 403", "decision"),
        # No reviewer asks for more on this step: the form says so.
        Line("engagement:answer", " in 403 200 200 403 403 403 403", " in 403 200 200 403 403 403 403", "step",
             {"answer": "It is there now."}),
        Line("engagement:replies", " in 403 403 403 403 200 403 403", REVIEWERS, data=reply),
        Line("engagement:reply", " in 404 404 404 404 200 404 404", " in 404 404 404 404  go 404 403", "reply", reply),
        Line("engagement:remove_reply", POST_ONLY, " in 404 404 404 404  go 404 403", "reply"),
        Line("groups:confirm", POST_ONLY, ADMINS___, "unconfirmed"),
        Line("people:index", EVERYBODY, READ_ONLY),
        Line("people:grant", ADMIN_SEE, ADMINS___, data={"username": "Otto", "role": "reviewer", "until": until}),
        Line("people:end_role", POST_ONLY, ADMINS___, "term", {"reason": "Moved on"}),
        # A participant has asked; nobody answers for themselves.
        Line("people:role", EVERYBODY, READ_ONLY, "role"),
        Line("people:ask", SIGNED_IN, " in  go  go  go  go  go  go 403", "translator",
             {"why": "I can.", "languages": "ar"}),
        Line("people:confirm_role", POST_ONLY, ADMINS___, "role"),
        Line("people:decline_role", POST_ONLY, ADMINS___, "role", {"reason": "Not now"}),
        Line("people:take_back_role", POST_ONLY, OWNER____, "role"),
        Line("people:renew_role", POST_ONLY, OWNER____, "role"),
        Line("people:give_role_back", POST_ONLY, OWNER____, "role"),
        Line("groups:facilitators", EVERYBODY, READ_ONLY, "group"),
        Line("groups:accept_facilitator", POST_ONLY, COORDINAT, "facilitator"),
        Line("groups:end_facilitation", POST_ONLY, COORDINAT, "facilitation"),
        Line("people:affiliate", EVERYBODY, READ_ONLY, "affiliate"),
        Line("people:say_contact", POST_ONLY, DONE_BY_P, "affiliate"),
        Line("people:confirm_contact", POST_ONLY, ADMINS___, "contact"),
        Line("people:refuse_contact", POST_ONLY, ADMINS___, "contact", {"reason": "Not theirs"}),
        Line("people:take_back_contact", POST_ONLY, OWNER____, "contact"),
        Line("operations:index", ADMIN_SEE, ADMIN_SEE),
        Line("operations:retry_all", POST_ONLY, ADMINS___),
        Line("operations:retry_one", POST_ONLY, ADMINS___, "failure"),
    ]  # fmt: skip


def arguments(world: World) -> dict[str, tuple[object, ...]]:
    """What the addresses of the table are made of, by the name that a line gives it."""
    contested = world.contest
    led = (world.led.number, world.led.words)
    return {
        "": (),
        "number": (world.led.number,),
        "recommendation": (1,),
        "led": led,
        "free": (world.free.number, world.free.words),
        "step": (*led, "conversations"),
        "paste": (*led, "announce"),
        "neighbours": (*led, "neighbours"),
        "calls": (*led, "calls"),
        "group": (world.group.slug,),
        "unconfirmed": (world.unconfirmed.slug,),
        "meeting": (world.group.slug, world.meeting.pk),
        "meeting_file": (world.meeting.pk,),
        "proposal": (world.group.slug, world.objection.proposal_id),
        "objection": (world.group.slug, world.objection.pk),
        "question": (world.question.pk,),
        "asked": (world.group.slug, world.asked.pk),
        "member": (world.group.slug, world.member.pk),
        "version": ("1.0",),
        "translation": ("initiative", world.free.pk, "ar"),
        "room": ("video-meeting-room",),
        "list": ("mailing-list",),
        "pool": (world.pool.slug,),
        "link": (world.pool.links.first().pk,),
        "invitation": (world.invitation.pk,),
        "kind": ("room",),
        "wish": (world.wish.pk,),
        "booked": (world.room.pk,),
        "pad": (world.pad.pk,),
        "job": (job_of(world).pk,),
        "entry": (world.entry.pk,),
        "note": (Entry.objects.get(state="awaiting").pk,),
        "doubt": (Doubt.objects.get(state="open").pk,),
        "answered_doubt": (Doubt.objects.get(state="answered").pk,),
        "submission": (world.submission.pk,),
        "decision": (decision_of(world).pk,),
        "reply": (reply_of(world).pk,),
        "round": (world.round.pk,),
        "unopened": (world.round_draft.pk,),
        "translate": (world.round.pk, "sw"),
        "wait": (world.submission_wait.pk,),
        "item": (world.item.pk,),
        "news": (world.news.pk,),
        "letter": (world.letter.pk,),
        "term": (world.term.pk,),
        "role": (world.role.pk,),
        "facilitator": (world.group.slug, world.role.pk),
        "facilitation": (world.group.slug, world.facilitation.pk),
        "translator": ("translator",),
        "contact": (world.contact.pk,),
        "affiliate": (world.contact.affiliate_id,),
        "calendar": (world.calendar_key,),
        "stopped": ("stopped",),
        "failure": ("letters", world.letter.pk),
        "bid": (contested.bid.pk,),
        "quiet": (contested.quiet.pk,),
        "offer": (contested.offer.pk,),
        "contested": (contested.objection.pk,),
        "obstacle": (contested.obstacle.pk,),
        "obstacle_asked": (contested.asked.pk,),
        "hint": (contested.hint.pk,),
        "token": (unsubscribe_token(world.people["participant"]),),
    }


def decision_of(world: World) -> Decision:
    """What the reviewer has decided a moment ago."""
    step = world.submission.steps.first()
    first = Decision.objects.filter(submission=world.submission).first()
    return first or accept_steps(world.submission, steps=[step.pk], by=world.people["reviewer"], now=timezone.now())


def reply_of(world: World) -> Reply:
    first = Reply.objects.first()
    return first or save_reply(
        title="Mine", answer="more", text="Please.", by=world.people["reviewer"], now=timezone.now()
    )


@pytest.fixture(autouse=True)
def sign_ins(settings: Any) -> None:
    settings.DEMO = True
    settings.WIKIMEDIA_CLIENT_ID, settings.WIKIMEDIA_CLIENT_SECRET = "site", "secret"
    settings.STAFF_SIGN_IN = False


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with kept_world(django_db_blocker) as world:
        ask_about_people(world, world.now)
        until = world.now + timedelta(days=90)
        grant_role(world.people["reviewer"], role="editor", until=until, by=None, now=world.now)
        yield world


@contextlib.contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(client: Client, method: str, line: Line, where: str) -> str:
    response = getattr(client, method)(where, line.data if method == "post" else {})
    assert response.status_code == 405 or response.content or response.status_code in {301, 302}, where
    if response.status_code in {301, 302}:
        return "in" if response["Location"].startswith(resolve_url("accounts:sign_in")) else "go"
    return str(response.status_code)


def browser_of(world: World, role: str) -> Client:
    client = Client()
    if role != "visitor":
        client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_this_role_as_the_table_says(world, role):
    column = ROLES.index(role)
    session = browser_of(world, role).cookies
    arguments_of, wrong = arguments(world), []
    for line, method in product(lines(world), ["get", "post"]):
        expected = getattr(line, method).split()[column]
        client = Client()
        client.cookies = session.copy()
        # What a form that was refused says is read in test_bad_input.py.
        with undone(), no_page_is_written() if method == "post" else contextlib.nullcontext():
            found = outcome(client, method, line, reverse(line.name, args=arguments_of[line.args]))
        if found != expected:
            wrong.append(f"{method.upper()} {line.name} {line.args} by {role}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_every_address_of_the_site_has_a_line_in_the_table(world):
    in_the_table = {line.name for line in lines(world)}
    assert set(names(get_resolver())) == in_the_table


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            yield prefix + pattern.name
        else:
            yield from names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)


def test_every_line_has_a_cell_for_every_role(world):
    for line in lines(world):
        assert len(line.get.split()) == len(line.post.split()) == len(ROLES), line.name
