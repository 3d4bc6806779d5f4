"""One of everything: people in every role, and a group that leads, logs, asks and uses, seen from today.

Pages ask the clock themselves, so this world is built around the real now, unlike the fixtures of conftest.py.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from apps.accounts.actions import make_calendar_key
from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.engagement.actions import hand_in_measured
from apps.engagement.models import Entry, Submission
from apps.groups.actions import ask_to_join, form_group, invite
from apps.groups.models import Group, Membership
from apps.guidelines.queries import current_version
from apps.initiatives.actions import adopt_initiative, post_update, say_interest
from apps.initiatives.models import Adoption, Initiative
from apps.notifications.models import Letter
from apps.people.actions import grant_role
from apps.people.models import RoleTerm
from apps.resources.actions import name_steward, request_resource
from apps.resources.models import Resource, ResourceRequest
from tests.conftest import add_member, meet_early_steps

LED, FREE = 13, 21
ROLES = ("visitor", "participant", "member", "coordinator", "steward", "reviewer", "administrator", "blocked")
NAMES = {
    "participant": "Pia",
    "member": "Mina",
    "coordinator": "Bola",
    "steward": "Tala",
    "reviewer": "Rhea",
    "administrator": "Amal",
    "blocked": "Blok",
    "asker": "Asa",
    "outsider": "Otto",
}


@dataclass
class World:
    now: datetime
    people: dict[str, User]
    led: Initiative
    free: Initiative
    group: Group
    unconfirmed: Group
    adoption: Adoption
    entry: Entry
    submission: Submission
    asked: Membership
    member: Membership
    term: RoleTerm
    letter: Letter
    wish: ResourceRequest
    room: ResourceRequest
    pad: ResourceRequest
    calendar_key: str

    @property
    def submission_wait(self) -> Deadline:
        return Deadline.objects.get(rule="engagement.review", subject_id=self.submission.pk)

    @property
    def words(self) -> dict[str, object]:
        """What the addresses of the led initiative take."""
        return {"number": self.led.number, "words": self.led.words}

    @property
    def free_words(self) -> dict[str, object]:
        return {"number": self.free.number, "words": self.free.words}


def make_person(name: str, **fields: object) -> User:
    fields.setdefault("email", f"{name.lower()}@example.org")
    return User.objects.create(username=name, wikimedia_id=f"id-{name}"[:40], **fields)


def next_noon(now: datetime, days: int) -> datetime:
    return datetime.combine((now + timedelta(days=days)).date(), datetime.min.time(), UTC) + timedelta(hours=12)


def make_world(now: datetime | None = None) -> World:
    now = now or timezone.now()
    began = now - timedelta(days=3)
    people = {role: make_person(name) for role, name in NAMES.items()}
    people["blocked"].blocked_at = began
    people["blocked"].save()
    term = grant_role(people["reviewer"], role="reviewer", until=now + timedelta(days=300), by=None, now=began)
    grant_role(people["administrator"], role="administrator", until=now + timedelta(days=300), by=None, now=began)
    led, free = Initiative.objects.get(number=LED), Initiative.objects.get(number=FREE)
    coordinator = people["coordinator"]
    group = form_group(name="First Steps", purpose="Help newcomers", by=coordinator, now=began, seeks_members=True)
    unconfirmed = form_group(name="Staff Group", kind="foundation", by=people["outsider"], now=began)
    member = add_member(group, people["member"], now=began)
    adoption = lead(led, group, by=coordinator, now=began)
    meet_early_steps(adoption, by=coordinator, group=group, now=began)
    post_update(adoption, group=group, text="We began.", link="", by=coordinator, now=began + timedelta(hours=1))
    submission = hand_in_measured(adoption, group=group, by=coordinator, now=began)
    say_interest(
        free, ways=["would_join"], languages=["ar"], region="mena", is_named=True, wants_news=True,
        by=people["participant"], now=began,
    )  # fmt: skip
    invite_one(unconfirmed, coordinator, by=people["outsider"], now=began)
    asked = ask_to_join(group, message="I translate.", by=people["asker"], now=began)
    for slug in ("video-meeting-room", "mailing-list", "page-translation"):
        name_steward(Resource.objects.get(slug=slug), person=people["steward"], now=began)
    return World(
        now=now,
        people=people,
        led=led,
        free=free,
        group=group,
        unconfirmed=unconfirmed,
        adoption=adoption,
        entry=Entry.objects.order_by("pk").first(),
        submission=submission,
        asked=asked,
        member=member,
        term=term,
        letter=Letter.objects.get(notice__kind="engagement.review_asked", recipient=people["reviewer"]),
        wish=ask_for("mailing-list", group, by=coordinator, now=began),
        room=ask_for("video-meeting-room", group, by=coordinator, now=began, starts_at=next_noon(now, 4)),
        pad=ask_for("notes-pad", group, by=coordinator, now=began),
        calendar_key=calendar_key_of(coordinator),
    )


def lead(initiative: Initiative, group: Group, *, by: User, now: datetime) -> Adoption:
    return adopt_initiative(
        initiative,
        guidelines=current_version(),
        plan="Newcomers on five wikis find one shared help page.",
        first_steps=["List what exists", "Ask the neighbours", "Write the first page"],
        group=group,
        by=by,
        now=now,
    )


def ask_for(
    slug: str, group: Group, *, by: User, now: datetime, starts_at: datetime | None = None, purpose: str = "Newcomers"
) -> ResourceRequest:
    resource = Resource.objects.get(slug=slug)
    ends_at = starts_at + timedelta(hours=1) if starts_at else None
    return request_resource(
        resource, group=group, purpose=purpose, starts_at=starts_at, ends_at=ends_at, by=by, now=now
    )


def calendar_key_of(person: User) -> str:
    make_calendar_key(person)
    person.refresh_from_db()
    return person.calendar_key or ""


def invite_one(group: Group, person: User, *, by: User, now: datetime) -> Membership:
    [membership] = invite(group, people=[person], by=by, now=now)
    return membership
