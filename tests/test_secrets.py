"""Every address, link and secret of a resource carries a mark; who may not have it finds the mark nowhere.

All that can be opened is opened by a visitor, by somebody who has left the group, by a blocked member and by a steward:
pages, feeds, data files, what an open page asks for, where `enter` leads, their own download, calendar and letters. The
coordinator does find what is the group's, so that a mark that stands nowhere cannot pass for a kept secret.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.core.sealed import seal
from apps.groups.actions import leave_group
from apps.groups.models import Meeting
from apps.notifications.delivery import deliver
from apps.notifications.models import Letter
from apps.resources.actions import give_back, give_resource, provision
from apps.resources.actions.making import end_what_is_left
from apps.resources.models import OnTheList, ResourceRequest
from apps.resources.providers.protocol import Server
from tests.conftest import add_member
from tests.resources.offers import ask, offer, pool
from tests.test_urls_by_role import arguments, lines, undone
from tests.world import World, ask_about_people, ask_for, calendar_key_of, kept_world, make_person, next_noon, plan

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("plain_header")]
HOUR = timedelta(hours=1)


def mark_of(name: str) -> str:
    return f"mark-{name}-7f3a"


OF_THE_GROUP = {mark_of(name) for name in ("jitsi", "ready", "hand", "list", "pad", "text", "place", "said")}
# A ready link whose time has not come; what machines alone know; the address of somebody on a list.
OF_NOBODY = {mark_of(name) for name in ("later", "reference", "job", "server", "mail")}
KNOW_MORE = {"home", "resources", "notifications"}


@dataclass
class Kept:
    """The world with a mark in everything that is kept from somebody."""

    world: World
    left: User
    uses: list[ResourceRequest]
    meetings: list[Meeting]
    # The room of an open meeting, with a ready link.
    later: ResourceRequest


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any) -> Iterator[Kept]:
    with kept_world(django_db_blocker) as world:
        ask_about_people(world, world.now)
        yield marked(world)


def marked(world: World) -> Kept:
    now, group, people = world.now, world.group, world.people
    coordinator, steward = people["coordinator"], people["steward"]
    left = make_person("Lena")
    add_member(group, left, coordinates=True, now=now)
    add_member(group, people["blocked"], coordinates=True, now=now)
    wish = ask_for("mailing-list", group, by=left, now=now, purpose="Our list")
    links = pool(steward, name="Ready", links=[f"https://a.org/{mark_of('ready')}"], now=now)
    ready = ask(links, group, by=left, now=now)
    open_call, hall = (plan(group, by=left, now=now, starts_at=next_noon(now, day)) for day in (7, 8))
    members = plan(group, by=left, now=now, starts_at=next_noon(now, 9), title="Members")
    rooms = pool(
        steward, name="Rooms", kind="room", max_hours=2, lasts_days=None, links=[f"https://a.org/{mark_of('later')}"],
        now=now,
    )  # fmt: skip
    by_hand = offer(steward, name="Hall", kind="room", max_hours=2, now=now)
    later, hand = (
        ask(room, group, by=left, now=now, meeting=meeting, starts_at=meeting.starts_at, ends_at=meeting.ends_at)
        for room, meeting in ((rooms, open_call), (by_hand, hall))
    )
    old = ask_for("notes-pad", group, by=left, now=now, purpose="Old notes")
    leave_group(group, by=left, now=now)
    # From here on whoever left is told nothing.
    give_resource(wish, address=mark_of("list") + "@a.org", answer=mark_of("said"), by=steward, now=now)
    give_resource(hand, address=f"Ring {mark_of('hand')}", answer="", by=steward, now=now)
    give_back(old, by=coordinator, now=now)
    mark_rows(world, members, old)
    return Kept(world, left, [wish, ready, hand, later, old, world.room, world.pad], [open_call, hall, members], later)


def mark_rows(world: World, members: Meeting, old: ResourceRequest) -> None:
    """What no action of ours writes by itself: it comes from a machine."""
    rows = ResourceRequest.objects
    rows.filter(pk=old.pk).update(kept_text=mark_of("text"))
    rows.filter(pk=world.room.pk).update(key=mark_of("jitsi"), address=f"https://a.org/{mark_of('jitsi')}")
    reference = seal(json.dumps({"group": mark_of("reference")}))
    rows.filter(pk=world.pad.pk).update(address=f"https://a.org/{mark_of('pad')}", reference=reference)
    place = seal(json.dumps({"address": "", "reference": seal(json.dumps({"group": mark_of("job")}))}))
    end_what_is_left(old, resource=old.resource, key="key", server=old.resource.server, place=place, now=world.now)
    Meeting.objects.filter(pk=members.pk).update(is_open=False, place=f"https://a.org/{mark_of('place')}")
    User.objects.filter(pk=world.people["member"].pk).update(email=f"{mark_of('mail')}@a.org")
    OnTheList.objects.create(request=world.wish, membership=world.member, since_at=world.now)


@pytest.fixture(autouse=True)
def servers(settings: Any) -> None:
    settings.DEMO = True
    settings.WIKIMEDIA_CLIENT_ID, settings.WIKIMEDIA_CLIENT_SECRET = "site", "secret"
    pads = Server("etherpad", "etherpad", "http://127.0.0.1:9", secret=mark_of("server"), is_internal=True)
    jitsi = replace(settings.RESOURCE_SERVERS["jitsi"], url="https://a.org")
    settings.RESOURCE_SERVERS = settings.RESOURCE_SERVERS | {"etherpad": pads, "jitsi": jitsi}


def everything(kept: Kept, person: User | None) -> Iterator[str]:
    """Every address of the site that anybody opens, but for the calendar of somebody else.

    Who is signed in opens what knows of them or of resources: the other pages are those of the visitor.
    """
    known = arguments(kept.world)
    opened = [line for line in lines(kept.world) if "200" in line.get and line.args != "calendar"]
    if person:
        opened = [line for line in opened if line.name.partition(":")[0] in KNOW_MORE]
    yield from dict.fromkeys(reverse(line.name, args=known[line.args]) for line in opened)


def theirs(kept: Kept, person: User | None) -> Iterator[str]:
    """The addresses of what is marked, and one's own."""
    yield reverse("accounts:export")
    for use in kept.uses:
        page = use.get_absolute_url()
        yield from (page, f"{page}?seen=none", f"{page}enter/")
    for resource in {use.resource for use in kept.uses}:
        yield from (resource.get_absolute_url(), f"{resource.get_absolute_url()}stewards/")
    for meeting in kept.meetings:
        yield from (meeting.get_absolute_url(), f"{meeting.get_absolute_url()}change/")
        yield f"/feeds/meetings/{meeting.pk}.ics"
    if person:
        key = person.calendar_key or calendar_key_of(person)
        yield reverse("home:calendar_of_person", args=[key])
        yield from (letter.get_absolute_url() for letter in Letter.objects.filter(recipient=person))


def found(kept: Kept, person: User | None, addresses: Iterable[str]) -> dict[str, set[str]]:
    """The marks that a person reads, by the address; also those in the headers, such as where `enter` leads."""
    session, seen = Client(), {}
    if person:
        session.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for address in addresses:
        client = Client(headers={"HX-Request": "true", "HX-Target": "place"} if "?seen=" in address else {})
        client.cookies = session.cookies.copy()
        with undone():
            response = client.get(address)
        assert response.status_code != 500, address
        text = f"{response.headers}{response.content.decode()}".replace("\r\n ", "")
        if marks := {mark for mark in OF_THE_GROUP | OF_NOBODY if mark in text}:
            seen[address] = marks
    return seen


@pytest.mark.timeout(300)
@pytest.mark.parametrize("reader", ["visitor", "left", "blocked", "steward"])
def test_who_may_not_have_it_reads_no_address_and_no_secret(kept, reader, caplog):
    person = kept.left if reader == "left" else kept.world.people.get(reader)
    with caplog.at_level(logging.DEBUG):
        seen = found(kept, person, [*everything(kept, person), *theirs(kept, person)])
    # What stewards say, they may read again.
    kept_from = OF_THE_GROUP | OF_NOBODY if reader != "steward" else (OF_THE_GROUP | OF_NOBODY) - {mark_of("said")}
    seen = {address: marks & kept_from for address, marks in seen.items() if marks & kept_from}
    assert seen == {}
    assert "mark-" not in caplog.text


def test_the_group_reads_what_is_its_own_and_nothing_more(kept):
    coordinator = kept.world.people["coordinator"]
    assert set().union(*found(kept, coordinator, theirs(kept, coordinator)).values()) == OF_THE_GROUP


def test_letters_and_the_log_hold_no_address(kept, caplog):
    now = timezone.now()
    with undone(), caplog.at_level(logging.DEBUG):
        provision(now=now, clock=timezone.now)
        assert deliver(now=now, clock=timezone.now)
    told = "".join(str(letter.message()) for letter in mail.outbox if letter.to != [f"{mark_of('mail')}@a.org"])
    assert mark_of("said") in told
    assert not [mark for mark in OF_THE_GROUP | OF_NOBODY if mark in told.replace(mark_of("said"), "")]
    assert "etherpad" in caplog.text
    assert "mark-" not in caplog.text


def test_what_waits_for_a_sign_in_is_sealed(db):
    visitor = Client()
    visitor.post(reverse("resources:offer"), {"links": f"https://a.org/{mark_of('typed')}"})
    [session] = Session.objects.all()
    assert session.get_decoded(), "It waits there."
    assert mark_of("typed") not in json.dumps(session.get_decoded())


def test_guests_are_led_to_a_ready_link_once_the_open_meeting_begins(kept):
    with undone():
        now = timezone.now()
        ResourceRequest.objects.filter(pk=kept.later.pk).update(starts_at=now - HOUR, ends_at=now + HOUR)
        assert mark_of("later") in Client().get(f"{kept.later.get_absolute_url()}enter/").url
