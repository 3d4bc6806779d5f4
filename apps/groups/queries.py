import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.deadlines.queries import Wait, open_deadlines, waits
from apps.groups.models import (
    Coming,
    Facilitation,
    Group,
    Meeting,
    Membership,
    Notes,
    Position,
    Proposal,
    Succession,
    Version,
)
from apps.people.models import RoleTerm
from apps.people.queries import holders_of, terms_of_role

CONFLICT_LASTS = timedelta(days=365)

# A sentence that says why a group cannot be left without members, or "".
WhyToStay = Callable[[Group], str]
WHY_TO_STAY: list[WhyToStay] = []


def why_to_stay(find: WhyToStay) -> WhyToStay:
    """Register what a group still has to end before its last member leaves; groups knows no feature above."""
    WHY_TO_STAY.append(find)
    return find


def reason_to_stay(group: Group) -> str:
    """The first reason why somebody has to stay in a group; "" if it can be left empty."""
    return next((reason for find in WHY_TO_STAY if (reason := find(group))), "")


@why_to_stay
def _somebody_asks_to_join(group: Group) -> str:
    if not requests_to_join(group).exists():
        return ""
    return _("You are the last member, and somebody asks to join. Answer them first, then leave.")


@why_to_stay
def _a_meeting_is_planned(group: Group) -> str:
    if not group.meetings.filter(state=Meeting.State.PLANNED).exists():
        return ""
    return _("You are the last member, and a meeting of your group is planned. Cancel it first, then leave.")


# What a group leads now: pairs of the number and the title of an initiative.
Led = list[tuple[int, str]]
LED: list[Callable[[Group], Led]] = []


def what_a_group_leads(find: Callable[[Group], Led]) -> Callable[[Group], Led]:
    """Register the answer to what a group leads; groups lies below initiatives."""
    LED.append(find)
    return find


def initiatives_led_by(group: Group) -> Led:
    return [led for find in LED for led in find(group)]


def unconfirmed(group: str = "") -> Combinable:
    """Whether a group names an organisation and nobody has confirmed that it acts for it.

    An administrator confirms it, or, for the Foundation, a coordinator with a linked staff sign-in. `group` is the
    path to the group from the rows that are read: "group__".
    """
    staff = Membership.objects.filter(
        group=OuterRef(f"{group}pk"), is_coordinator=True, user__staff_identity__isnull=False
    )
    confirmed = (
        Q(**{f"{group}kind": Group.Kind.VOLUNTEERS})
        | Q(**{f"{group}confirmed_at__isnull": False})
        | Q(Exists(staff), **{f"{group}kind": Group.Kind.FOUNDATION})
    )
    return ExpressionWrapper(~confirmed, output_field=BooleanField())


def all_groups() -> QuerySet[Group]:
    active = Count("memberships", filter=Q(memberships__state=Membership.State.ACTIVE))
    return Group.objects.annotate(member_count=active, is_unconfirmed=unconfirmed()).order_by("name")


def groups_seeking_members() -> QuerySet[Group]:
    return all_groups().filter(seeks_members=True)


def groups_of(person: User) -> QuerySet[Membership]:
    return person.memberships.filter(state=Membership.State.ACTIVE).select_related("group").order_by("group__name")


def coordinated_groups(person: User) -> QuerySet[Group]:
    active = Membership.objects.filter(user=person, state=Membership.State.ACTIVE, is_coordinator=True)
    return Group.objects.filter(pk__in=active.values("group")).order_by("name")


def facilitated_groups(person: User, now: datetime) -> QuerySet[Group]:
    """The groups that accept this person as a facilitator, while they hold the role."""
    accepted = Facilitation.objects.filter(user=person, ended_at=None)
    accepted = accepted.filter(user__in=holders_of(RoleTerm.Role.FACILITATOR, now))
    return Group.objects.filter(pk__in=accepted.values("group")).order_by("name")


def groups_to_ask_for(person: User, now: datetime) -> QuerySet[Group]:
    """The groups in whose name a person asks for resources: as a coordinator, or as an accepted facilitator."""
    coordinated, facilitated = coordinated_groups(person), facilitated_groups(person, now)
    asks = Q(pk__in=coordinated.order_by().values("pk")) | Q(pk__in=facilitated.order_by().values("pk"))
    return Group.objects.filter(asks).order_by("name")


def facilitators_accepted_by(group: Group) -> QuerySet[Facilitation]:
    accepted = group.facilitations.filter(ended_at=None, user__blocked_at=None)
    return accepted.select_related("user").order_by("accepted_at", "pk")


def facilitators_to_accept(group: Group, now: datetime) -> list[RoleTerm]:
    """The facilitators whom a group could accept, those who cover its region first; each has its `user`."""
    taken = set(group.facilitations.filter(ended_at=None).values_list("user", flat=True))
    free = [term for term in terms_of_role(RoleTerm.Role.FACILITATOR, now) if term.user_id not in taken]
    return sorted(free, key=lambda term: group.region not in term.regions)


def members_of(group: Group) -> QuerySet[Membership]:
    return (
        group.memberships.filter(state=Membership.State.ACTIVE)
        .select_related("user")
        .order_by("-is_coordinator", "joined_at")
    )


def requests_to_join(group: Group) -> QuerySet[Membership]:
    return group.memberships.filter(state=Membership.State.ASKED).select_related("user").order_by("began_at")


def open_succession(group: Group) -> Succession | None:
    """Whether members wait for a sign of life of the coordinators."""
    return group.successions.filter(state=Succession.State.OPEN).first()


def willing_members(group: Group) -> QuerySet[Membership]:
    """Who would coordinate, whoever has been active longest first."""
    willing = group.memberships.filter(state=Membership.State.ACTIVE, is_coordinator=False, user__blocked_at=None)
    return willing.exclude(willing_at=None).select_related("user").order_by("joined_at", "pk")


def coordinators_of(group: Group) -> QuerySet[User]:
    active = group.memberships.filter(state=Membership.State.ACTIVE, is_coordinator=True)
    return User.objects.filter(pk__in=active.values("user"), blocked_at=None)


def coordinators_of_each(group_ids: Iterable[int]) -> dict[int, list[User]]:
    """The coordinators of many groups, by the group's id; one query."""
    coordinating = Membership.objects.filter(
        group__in=set(group_ids), state=Membership.State.ACTIVE, is_coordinator=True, user__blocked_at=None
    )
    found: dict[int, list[User]] = defaultdict(list)
    for membership in coordinating.select_related("user").order_by("pk"):
        found[membership.group_id].append(membership.user)
    return found


def active_members_of(group: Group) -> QuerySet[User]:
    active = group.memberships.filter(state=Membership.State.ACTIVE)
    return User.objects.filter(pk__in=active.values("user"), blocked_at=None)


def running_membership(person: User | AnonymousUser, group: Group) -> Membership | None:
    """The person's membership, request or invitation in this group, whichever runs."""
    if not person.pk:
        return None
    running = [Membership.State.ASKED, Membership.State.INVITED, Membership.State.ACTIVE]
    return group.memberships.filter(user=person.pk, state__in=running).first()


def is_invited(person: User, group: Group) -> bool:
    return group.memberships.filter(user=person, state=Membership.State.INVITED).exists()


def invitations_of(person: User) -> QuerySet[Membership]:
    return person.memberships.filter(state=Membership.State.INVITED).select_related("group").order_by("began_at")


def groups_in_conflict(person: User, now: datetime) -> QuerySet[Membership]:
    """Memberships that keep a person from reviewing: of now, or ended in the last 12 months (product.md)."""
    return person.memberships.filter(
        Q(state=Membership.State.ACTIVE) | Q(state=Membership.State.LEFT, ended_at__gt=now - CONFLICT_LASTS)
    )


def people_in_conflict(group_ids: Iterable[int], now: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(group__in=group_ids).filter(
        Q(state=Membership.State.ACTIVE) | Q(state=Membership.State.LEFT, ended_at__gt=now - CONFLICT_LASTS)
    )


# --- Meetings --------------------------------------------------------------------------------

MEETINGS_OF_A_GROUP = 12
SHOWN_IN_CALENDARS = timedelta(days=30)


@dataclass(frozen=True)
class MeetingsShown:
    """The meetings of a group: what comes, the next one first, and what was, the latest first."""

    coming: list[Meeting]
    past: list[Meeting]


def meetings_of(group: Group) -> QuerySet[Meeting]:
    """The latest first."""
    attendance = Notes.objects.filter(meeting=OuterRef("pk")).order_by("-published_at", "-pk").values("attendance")
    return group.meetings.annotate(attendance=Subquery(attendance[:1])).order_by("-starts_at", "-pk")


def meetings_shown(group: Group, now: datetime) -> MeetingsShown:
    """What the page of a group says about its meetings; one query."""
    newest = list(meetings_of(group)[:MEETINGS_OF_A_GROUP])
    for meeting in newest:
        meeting.group = group
    coming = [m for m in newest if m.ends_at > now and m.state == Meeting.State.PLANNED]
    return MeetingsShown(coming[::-1], [m for m in newest if m not in coming])


def people_coming(meeting: Meeting, *, without: User | None = None) -> QuerySet[User]:
    coming = meeting.coming.exclude(person=without) if without else meeting.coming.all()
    return User.objects.filter(pk__in=coming.values("person"), blocked_at=None)


def wants_to_come(person: User | AnonymousUser, meeting: Meeting) -> bool:
    return bool(person.pk) and meeting.coming.filter(person=person.pk).exists()


def newest_notes(meeting: Meeting) -> Notes:
    return meeting.notes.select_related("published_by")[0]


def meetings_for(person: User, groups: Iterable[Group], now: datetime) -> QuerySet[Meeting]:
    """What stands in a person's calendar: the meetings of their groups, and those they want to come to."""
    wanted = Q(group__in=list(groups)) | Q(is_open=True, pk__in=person.coming.values("meeting"))
    return _in_calendars(now).filter(wanted)


def open_meetings_about(number: int, groups: Iterable[Group], now: datetime) -> QuerySet[Meeting]:
    """The open meetings about an initiative, and those of its leading groups that are about none in particular."""
    about = Q(initiative_number=number) | Q(initiative_number=None, group__in=list(groups))
    return _in_calendars(now).filter(about, is_open=True)


def _in_calendars(now: datetime) -> QuerySet[Meeting]:
    lately = Meeting.objects.filter(ends_at__gt=now - SHOWN_IN_CALENDARS).exclude(state=Meeting.State.CANCELLED)
    return lately.select_related("group").order_by("starts_at")


# --- Proposals -------------------------------------------------------------------------------

PROPOSALS_ON_A_GROUP = 4


@why_to_stay
def _a_proposal_is_open(group: Group) -> str:
    if not group.proposals.filter(state__in=Proposal.UNDECIDED).exists():
        return ""
    return _("You are the last member, and a proposal of your group is open. Withdraw it first, then leave.")


def newest_version(proposal: Proposal) -> Version:
    return proposal.versions.order_by("-number")[0]


def was_member_before(person: User | AnonymousUser, proposal: Proposal) -> bool:
    """Whether a member's position counts: who joined after the opening is shown apart."""
    active = proposal.group.memberships.filter(user=person.pk, state=Membership.State.ACTIVE)
    return bool(person.pk) and active.filter(joined_at__lte=proposal.opened_at).exists()


def people_with_a_position(proposal: Proposal, *, without: User | None = None) -> QuerySet[User]:
    positions = proposal.positions.exclude(person=without) if without else proposal.positions.all()
    return User.objects.filter(pk__in=positions.values("person"), blocked_at=None)


def proposals_of(group: Group) -> QuerySet[Proposal]:
    """The newest first, each with how many objections are open."""
    open_ = Q(positions__state__in=[Position.State.OBJECTS, Position.State.ANSWERED])
    counted = group.proposals.annotate(open_objections=Count("positions", filter=open_))
    return counted.select_related("group").order_by("-opened_at", "-pk")


def newest_proposals(group: Group) -> list[Proposal]:
    """What the page of a group says about its proposals; one query."""
    return list(proposals_of(group)[:PROPOSALS_ON_A_GROUP])


def position_of(person: User, proposal: Proposal) -> Position | None:
    return proposal.positions.filter(person=person).first()


def count_of_others(people: QuerySet[User], person: User) -> int:
    """How many of these people there are besides one."""
    return people.exclude(pk=person.pk).count()


@dataclass(frozen=True)
class PositionShown:
    """A position, with the dates of an objection that was answered."""

    position: Position
    wait: Wait | None


@dataclass(frozen=True)
class Positions:
    """The positions on a proposal: those that count, and the others."""

    counting: list[PositionShown]
    others: list[PositionShown]

    def of(self, person: User | AnonymousUser) -> Position | None:
        everybody = [shown.position for shown in (*self.counting, *self.others)]
        return next((position for position in everybody if position.person_id == person.pk), None)

    @property
    def open_objections(self) -> int:
        open_ = {Position.State.OBJECTS, Position.State.ANSWERED}
        return sum(shown.position.state in open_ for shown in self.counting)


def positions_on(proposal: Proposal) -> Positions:
    """Two or three queries, however many there are."""
    found = list(proposal.positions.select_related("person"))
    for position in found:
        position.proposal = proposal
    answered = [position.pk for position in found if position.state == Position.State.ANSWERED]
    open_ = waits(open_deadlines().filter(rule="groups.settle_objection", subject_id__in=answered)) if answered else []
    by_position = {wait.deadline.subject_id: wait for wait in open_}
    shown = [PositionShown(position, by_position.get(position.pk)) for position in found]
    return Positions([row for row in shown if row.position.counts], [row for row in shown if not row.position.counts])


class Change(NamedTuple):
    """A piece of text that both versions have ("same"), or the "old" or the "new" one alone."""

    kind: str
    text: str


def changes_between(old: str, new: str) -> list[Change]:
    """What a new version of a text changed, word by word."""
    before, after = re.findall(r"\S+\s*|\s+", old), re.findall(r"\S+\s*|\s+", new)
    changes = []
    for kind, from_, to, new_from, new_to in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(before[from_:to])))
            continue
        changes += [Change("old", "".join(before[from_:to]))] if to > from_ else []
        changes += [Change("new", "".join(after[new_from:new_to]))] if new_to > new_from else []
    return changes


@personal_data("proposals")
def _proposals_of(person: User) -> dict[str, Any]:
    opened, versions = Proposal.objects.filter(opened_by=person), Version.objects.filter(published_by=person)
    what = ("proposal__title", "version", "stance", "reason", "counts", "state", "said_at", "answer", "answered_at")
    answered, settled = Position.objects.filter(answered_by=person), Position.objects.filter(settled_by=person)
    return {
        "opened": list(opened.values("group__name", "title", "state", "opened_at", "closes_at", "decided_at")),
        "versions": list(versions.values("proposal__title", "number", "text", "why", "published_at")),
        "positions": list(person.positions.values(*what, "settled_at")),
        "answers": list(answered.values("proposal__title", "answer", "answered_at")),
        "settled": list(settled.values("proposal__title", "settled_at")),
    }


@personal_data("meetings")
def _meetings_of(person: User) -> dict[str, Any]:
    planned, cancelled = Meeting.objects.filter(planned_by=person), Meeting.objects.filter(cancelled_by=person)
    notes = Notes.objects.filter(published_by=person)
    times = ("starts_at", "ends_at", "planned_at", "changed_at")
    what = ("group__name", "title", "agenda", "place", "languages", "state", *times)
    return {
        "planned": list(planned.values(*what)),
        "cancelled": list(cancelled.values("group__name", "title", "reason", "cancelled_at")),
        "notes": list(notes.values("meeting__title", "text", "link", "attendance", "languages", "published_at")),
        "coming": list(Coming.objects.filter(person=person).values("meeting__title", "at")),
    }


@role_words
def _memberships_in_words(people: list[User]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    active = Membership.objects.filter(user__in=people, state=Membership.State.ACTIVE).select_related("group")
    for membership in active.order_by("-is_coordinator", "group__name"):
        sentence = _("coordinates %(group)s") if membership.is_coordinator else _("member of %(group)s")
        words.setdefault(membership.user_id, []).append(sentence % {"group": membership.group})
    return words


@personal_data("groups")
def _memberships_of(person: User) -> dict[str, Any]:
    fields = ("group__name", "state", "is_coordinator", "message", "began_at", "joined_at", "willing_at", "ended_at")
    return {
        "memberships": list(person.memberships.values(*fields)),
        "facilitates": list(person.facilitations.values("group__name", "accepted_at", "ended_at")),
        "accepted_facilitators": list(
            Facilitation.objects.filter(accepted_by=person).values("group__name", "user__username", "accepted_at")
        ),
        "confirmed": list(Group.objects.filter(confirmed_by=person).values("name", "kind", "confirmed_at")),
    }
