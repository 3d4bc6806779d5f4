"""Every page that lists things asks the database as often for one row as for many.

The numbers are literal: whoever adds a query changes a number here, and says so in the same change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.engagement.actions import hand_in_measured
from apps.feedback import actions as feedback
from apps.groups.actions import answer_invitation, ask_to_join, form_group
from apps.groups.models import Membership
from apps.initiatives.actions import add_place, post_update, say_interest, step_down
from apps.initiatives.models import Initiative, Lead
from apps.people.actions import grant_role, say_contact
from apps.resources import actions as resources
from apps.resources.models import Resource
from tests.conftest import add_member, log, meet_early_steps
from tests.world import (
    World,
    ask,
    ask_about_people,
    ask_for,
    invite_one,
    lead,
    make_person,
    make_world,
    next_noon,
    object_to_proposal,
    offer_links,
    plan,
    propose,
    publish_news,
    round_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MOST_ON_THE_TOWN_SQUARE = 12
MOST_ON_AN_INITIATIVE = 18


@pytest.fixture
def world(catalogue: None) -> World:
    """One of everything that waits, so that growing brings more rows and no new kinds of them."""
    world = make_world(timezone.now())
    ask(world.led, by=world.people["participant"], now=world.now)
    at, noon = world.now - timedelta(days=3), next_noon(world.now, 9)
    for number in range(5):
        early = form_group(name=f"Early {number}", by=world.people["outsider"], now=at)
        ask_for("video-meeting-room", early, by=world.people["outsider"], now=at, starts_at=noon)
    late = ask_for("video-meeting-room", world.group, by=world.people["coordinator"], now=at, starts_at=noon)
    assert late.state == "waiting"
    take_part(world, 0, at)
    offer_links(world, at)
    over = round_of(world.led, world.group, by=world.people["coordinator"], now=at, title="Over")
    feedback.open_round(over, by=world.people["coordinator"], now=at)
    feedback.cancel_round(over, reason="Over.", by=world.people["coordinator"], now=at)
    more = round_of(world.led, world.group, by=world.people["coordinator"], now=at, title="A liaison is asked")
    feedback.open_round(more, by=world.people["coordinator"], now=at)
    world.news = publish_news(world, now=at)
    return world


def grow(world: World) -> None:
    """More of everything: groups that lead, log, hand in and ask; people who wait; acts, letters, updates, places."""
    at = world.now - timedelta(days=2)
    for number, initiative in enumerate(Initiative.objects.filter(number__in=[2, 5, 8, 11])):
        more_of_a_group(world, initiative, number, at)
    old = lead(Initiative.objects.get(number=30), form_group(name="Old", by=make_person("Olga"), now=at),
               by=make_person("Olaf"), now=at)  # fmt: skip
    step_down(Lead.objects.get(adoption=old), notes="Go on.", by=world.people["outsider"], now=at)
    more_at_the_led_initiative(world, at)
    for number in range(4):
        person = make_person(f"Person{number}", languages=["ar", "en"], region="mena")
        grant_role(person, role="reviewer", until=world.now + timedelta(days=90), by=None, now=at)
        grant_role(person, role="liaison", until=world.now + timedelta(days=90), languages=["ar"], regions=["mena"],
                   by=None, now=at)  # fmt: skip
        if world.contact:
            say_contact(world.contact.affiliate, by=person, now=at)
        ask_to_join(world.group, message="", by=person, now=at)
        for about in (world.led, world.free):
            say_interest(about, ways=["would_lead", "would_join"], languages=["ar", "sw"], region="ssa",
                         is_named=bool(number % 2), wants_news=True, by=person, now=at)  # fmt: skip
            add_place(about, url=f"https://meta.wikimedia.org/wiki/{number}", title=f"Talk {number}", language="sw",
                      by=person, now=at)  # fmt: skip
        for slug in ("mailing-list", "page-translation", "liaison-hours", "notes-pad"):
            ask_for(slug, world.group, by=world.people["coordinator"], now=at, purpose=f"Wish {number}")
        plan(world.group, by=world.people["coordinator"], now=at, starts_at=next_noon(world.now, 3), title=f"{number}")
        propose(world.group, by=world.people["coordinator"], now=at, title=f"Proposal {number}")
        ask(world.led, by=world.people["participant"], now=at, title=f"Question {number}")
        object_to_proposal(world.objection.proposal, by=make_person(f"Objector{number}"), now=at)
        if number < 2:
            ask_for("video-meeting-room", world.group, by=world.people["coordinator"], now=at,
                    starts_at=next_noon(world.now, 5 + number))  # fmt: skip
    for number in range(1, 5):
        publish_news(world, now=at, number=number)
    more_feedback(world, at)
    more_offers(world, at)
    for number in range(4):
        theirs = form_group(name=f"Inviting {number}", by=world.people["outsider"], now=at, seeks_members=True)
        invite_one(theirs, world.people["coordinator"], by=world.people["outsider"], now=at)


def more_offers(world: World, at) -> None:
    """More on offer, for whoever it may be; more links, stewards, invitations and uses of the pool."""
    pool, steward = world.pool, world.people["steward"]
    resources.add_links(pool, links=[f"https://meet.example.org/{number}" for number in range(4)], by=steward, now=at)
    for number in range(4):
        someone = make_person(f"Offers{number}")
        said = resources.Terms(name=f"Offer {number}", line="One", policy="stewards_decide", max_hours=2,
                               for_regions=["ssa"], for_languages=["en"], languages=["sw"], affiliate=None)  # fmt: skip
        resources.offer_resource(said, kind="interpretation", by=someone, now=at)
        resources.name_steward(pool, person=someone, now=at)
        resources.invite_steward(pool, person=make_person(f"Invited{number}"), by=steward, now=at)
        mine = form_group(name=f"Uses {number}", by=someone, now=at)
        wish = ask_for(pool.slug, mine, by=someone, now=at, starts_at=next_noon(world.now, 2 + number))
        resources.give_resource(wish, address="", answer="", by=steward, now=at)
        ask_for(pool.slug, mine, by=someone, now=at, starts_at=next_noon(world.now, 9 + number))


def take_part(world: World, number: int, at) -> None:
    """A person translates, answers, carries and reports."""
    person = make_person(f"Voice{number}")
    grant_role(person, role="liaison", until=at + timedelta(days=90), by=None, now=at, languages=["sw"])
    text = {"title": "Kichwa", "text": "Maandishi", "questions": ["Nini?"]}
    into = ["sw", "ha", "yo", "ig"][number]
    feedback.write_translation(world.round, into=into, version=1, **text, by=person, now=at)
    feedback.give_answer(world.round, language="sw", replies=["Picha"], text="", is_named=True, wants_news=True,
                         by=person, now=at)  # fmt: skip
    feedback.carry_round(world.round, by=person, now=at)
    feedback.write_report(rounds=[world.round.pk], text="Picha", language="sw", people=3, is_relayed=True,
                          by=person, now=at)  # fmt: skip


def more_feedback(world: World, at) -> None:
    """More who take part in the round there is, and more rounds: drafts, open ones, closed ones."""
    by = world.people["coordinator"]
    for number in range(3):
        take_part(world, number + 1, at)
        round_of(world.free, world.group, by=by, now=at, title=f"Draft {number}")
        for title in ("Open", "Over"):
            more = round_of(world.led, world.group, by=by, now=at, title=f"{title} {number}")
            feedback.open_round(more, by=by, now=at)
        feedback.cancel_round(more, reason="Over.", by=by, now=at)


def more_of_a_group(world: World, initiative: Initiative, number: int, at) -> None:
    coordinator = make_person(f"Lead{number}", languages=["fr"], region="wce")
    group = form_group(name=f"Group {number}", purpose="Help", by=coordinator, now=at, seeks_members=True)
    adoption = lead(initiative, group, by=coordinator, now=at)
    meet_early_steps(adoption, by=coordinator, group=group, now=at)
    post_update(adoption, group=group, text=f"Update {number}", link="", by=coordinator, now=at)
    hand_in_measured(adoption, group=group, by=coordinator, now=at)
    invitation = invite_one(group, world.people["coordinator"], by=coordinator, now=at)
    answer_invitation(invitation, accept=True, now=at)
    Membership.objects.filter(pk=invitation.pk).update(is_coordinator=True)
    ask_for("mailing-list", group, by=coordinator, now=at)


def more_at_the_led_initiative(world: World, at) -> None:
    coordinator = world.people["coordinator"]
    for number in range(4):
        add_member(world.group, make_person(f"Member{number}"), now=at)
        post_update(world.adoption, group=world.group, text=f"More {number}", link="", by=coordinator, now=at)
        for code in ("conversations", "announce", "languages"):
            log(world.adoption, code, by=coordinator, group=world.group, now=at, n=f"more{number}",
                languages=["sw", "ar"], regions=["ssa", "mena"])  # fmt: skip


def browser_of(world: World, role: str) -> Client:
    client = Client()
    if role != "visitor":
        client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


def queries_of(client: Client, address: str) -> tuple[int, str]:
    client.get(address)  # What is looked up once for a process, such as content types, is looked up now.
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    assert response.status_code == 200, address
    # Without Redis the cache is a table.
    found = [query["sql"] for query in asked.captured_queries if 'FROM "cache"' not in query["sql"]]
    return len(found), "\n".join(sql[:200] for sql in found)


@dataclass(frozen=True)
class Counted:
    name: str
    role: str
    queries: int
    address: Callable[[World], str]
    # Fewer where the last lines of a timeline mention fewer kinds of things than the first ones did; one more where
    # a kind of wait comes in that was not there before, or fewer where the ten waits that an initiative shows in full
    # are of fewer kinds. Three rows of a kind would be two more.
    many: int = 0

    def __str__(self) -> str:
        return f"{self.name}-{self.role}"


def page(name: str, *args: object) -> Callable[[World], str]:
    return lambda world: reverse(name, args=args)


def led(world: World) -> str:
    return world.led.get_absolute_url()


def free(world: World) -> str:
    return world.free.get_absolute_url()


def asked(world: World) -> World:
    """With somebody who asks for a role and says that they are a contact, which only these pages read."""
    if world.role is None:
        ask_about_people(world, world.now - timedelta(days=3))
    return world


def checklist(world: World) -> str:
    return reverse("engagement:checklist", args=[world.led.number, world.led.words])


def step(world: World) -> str:
    return reverse("engagement:step", args=[world.led.number, world.led.words, "announce"])


# Signed in there are always three more: the session, the person, and what they owe.
PAGES = [
    Counted("town square", "visitor", 9, page("home:town_square"), many=7),
    Counted("town square", "coordinator", 12, page("home:town_square"), many=10),
    Counted("initiative, led", "visitor", 14, led, many=12),
    Counted("initiative, led", "participant", 18, led, many=16),
    Counted("initiative, led", "coordinator", 18, led, many=16),
    Counted("initiative, led", "reviewer", 18, led, many=16),
    Counted("initiative, open", "visitor", 9, free),
    Counted("initiative, open", "participant", 12, free),
    Counted("initiative, open", "coordinator", 12, free),
    Counted("initiatives", "visitor", 6, page("initiatives:index")),
    Counted("initiatives", "coordinator", 9, page("initiatives:index")),
    Counted("recommendation", "visitor", 7, page("home:recommendation", 3)),
    Counted("groups", "visitor", 2, page("groups:index")),
    Counted("groups", "coordinator", 5, page("groups:index")),
    Counted("group", "visitor", 14, lambda world: world.group.get_absolute_url()),
    Counted("group", "coordinator", 21, lambda world: world.group.get_absolute_url()),
    Counted("meetings", "visitor", 3, lambda world: reverse("groups:meetings", args=[world.group.slug])),
    Counted("meeting", "coordinator", 10, lambda world: world.meeting.get_absolute_url()),
    Counted("proposals", "visitor", 3, lambda world: reverse("groups:proposals", args=[world.group.slug])),
    Counted("proposal", "visitor", 5, lambda world: world.objection.proposal.get_absolute_url()),
    Counted("proposal", "coordinator", 10, lambda world: world.objection.proposal.get_absolute_url()),
    Counted("disputes", "visitor", 3, lambda world: reverse("initiatives:disputes", args=[*world.words.values()])),
    Counted("questions", "visitor", 4, lambda world: reverse("questions:index", args=[*world.words.values()])),
    Counted("question", "visitor", 5, lambda world: world.question.get_absolute_url()),
    Counted("question", "coordinator", 10, lambda world: world.question.get_absolute_url()),
    Counted("checklist", "visitor", 7, checklist),
    Counted("checklist", "coordinator", 13, checklist),
    Counted("step", "coordinator", 13, step),
    # One more once something is wanted: whether it still is.
    Counted("me", "coordinator", 20, page("home:me"), many=21),
    Counted("me", "reviewer", 15, page("home:me")),
    Counted("me", "steward", 14, page("home:me")),
    Counted("coverage", "visitor", 2, page("engagement:coverage")),
    Counted("entry", "visitor", 6, lambda world: world.entry.get_absolute_url()),
    Counted("entry", "coordinator", 13, lambda world: world.entry.get_absolute_url()),
    Counted(
        "my calendar",
        "visitor",
        15,
        lambda world: reverse("home:calendar_of_person", args=[world.calendar_key]),
        many=16,
    ),
    Counted("calendar of an initiative", "visitor", 11, page("home:calendar_of_initiative", 13)),
    Counted("review", "reviewer", 19, page("engagement:review")),
    Counted("waiting", "visitor", 16, page("deadlines:waiting"), many=19),
    Counted("waiting", "coordinator", 19, page("deadlines:waiting"), many=22),
    Counted("open waits", "visitor", 15, page("deadlines:open_json"), many=20),
    Counted("wait", "visitor", 9, lambda world: world.submission_wait.get_absolute_url()),
    Counted("wait", "participant", 13, lambda world: world.submission_wait.get_absolute_url()),
    Counted("record", "visitor", 10, page("record:index"), many=6),
    Counted("notices", "coordinator", 6, page("notifications:index")),
    Counted("choices", "coordinator", 3, page("notifications:choices")),
    Counted("sent", "coordinator", 4, page("notifications:sent")),
    Counted("example letters", "visitor", 1, page("notifications:example")),
    Counted("people", "visitor", 5, page("people:index")),
    Counted("people", "administrator", 9, page("people:index")),
    Counted("grant", "administrator", 6, page("people:grant")),
    Counted("ask for a role", "participant", 7, page("people:ask", "facilitator")),
    Counted("role", "administrator", 8, lambda world: asked(world).role.get_absolute_url()),
    Counted("affiliate", "administrator", 11, lambda world: asked(world).contact.get_absolute_url()),
    Counted("resources", "visitor", 6, page("resources:index")),
    Counted("resources", "coordinator", 10, page("resources:index")),
    Counted("resources for a group", "coordinator", 11, lambda world: f"/resources/?group={world.group.pk}&free=on"),
    Counted("use of all offers", "visitor", 3, page("resources:use"), many=4),
    Counted("use of an offer", "visitor", 4, page("resources:use_of_one", "mailing-list")),
    Counted("use as data", "visitor", 3, page("resources:use_json")),
    Counted("stewards of a pool", "steward", 12, page("resources:stewards", "ready-rooms")),
    Counted("invitation", "participant", 6, lambda world: world.invitation.get_absolute_url()),
    Counted("room", "visitor", 3, page("resources:resource", "video-meeting-room")),
    Counted("room", "coordinator", 11, page("resources:resource", "video-meeting-room")),
    Counted(
        "room, a month",
        "visitor",
        3,
        lambda world: f"{reverse('resources:resource', args=['video-meeting-room'])}?month={world.now:%Y-%m}",
    ),
    Counted("mailing list", "steward", 10, page("resources:resource", "mailing-list")),
    Counted("wish", "coordinator", 12, lambda world: world.wish.get_absolute_url()),
    Counted("operations", "administrator", 14, page("operations:index")),
    Counted("guidelines", "visitor", 4, page("guidelines:version", "1.0")),
    Counted("translations", "visitor", 6, page("translations:index")),
    Counted("translation", "participant", 6, page("translations:unit", "initiative", 1, "ar")),
    Counted("draft", "visitor", 2, page("guidelines:draft")),
    Counted("draft", "reviewer", 7, page("guidelines:draft")),
    Counted("news", "visitor", 3, page("news:index")),
    Counted("news in Arabic", "visitor", 4, lambda world: f"{reverse('news:index')}?language=ar"),
    Counted("news item", "reviewer", 7, lambda world: world.news.get_absolute_url()),
    Counted("feedback", "visitor", 6, page("feedback:index")),
    Counted("feedback", "coordinator", 11, page("feedback:index")),
    Counted("round", "visitor", 10, lambda world: world.round.get_absolute_url()),
    Counted("round", "coordinator", 17, lambda world: world.round.get_absolute_url()),
]


@pytest.mark.timeout(300)
def test_the_number_of_queries_does_not_grow_with_the_rows(world):
    """All pages with few rows, then all with many: one world, since to make it takes longer than to read it."""
    readers = {counted.role: browser_of(world, counted.role) for counted in PAGES}
    few = [count(readers, counted, world) for counted in PAGES]
    grow(world)
    many = [count(readers, counted, world) for counted in PAGES]
    wrong = [
        f"{counted}: {before}, {after}, not {counted.queries}, {counted.many or counted.queries}\n{asked}"
        for counted, (before, _asked), (after, asked) in zip(PAGES, few, many, strict=True)
        if (before, after) != (counted.queries, counted.many or counted.queries)
    ]
    assert not wrong, "\n".join(wrong)


def count(readers: dict[str, Client], counted: Counted, world: World) -> tuple[int, str]:
    """How many queries the page takes when nothing of it is kept from before."""
    cache.clear()
    return queries_of(readers[counted.role], counted.address(world))


def test_town_square_and_initiative_keep_within_what_was_promised():
    for counted in PAGES:
        if counted.name == "town square":
            assert counted.queries <= MOST_ON_THE_TOWN_SQUARE, counted
        if counted.name.startswith("initiative,"):
            assert counted.queries <= MOST_ON_AN_INITIATIVE, counted


def test_every_list_of_the_resources_catalogue_is_read(world):
    """The world and what it grows into has wishes in every state that lists show."""
    grow(world)
    states = set(Resource.objects.values_list("requests__state", flat=True)) - {None}
    assert states >= {"asked", "in_use", "waiting", "wanted"}
