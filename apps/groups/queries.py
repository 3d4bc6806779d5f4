from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.groups.models import Coming, Group, Meeting, Membership, Notes

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


def members_of(group: Group) -> QuerySet[Membership]:
    return (
        group.memberships.filter(state=Membership.State.ACTIVE)
        .select_related("user")
        .order_by("-is_coordinator", "joined_at")
    )


def requests_to_join(group: Group) -> QuerySet[Membership]:
    return group.memberships.filter(state=Membership.State.ASKED).select_related("user").order_by("began_at")


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
    fields = ("group__name", "state", "is_coordinator", "message", "began_at", "joined_at", "ended_at")
    return {
        "memberships": list(person.memberships.values(*fields)),
        "confirmed": list(Group.objects.filter(confirmed_by=person).values("name", "kind", "confirmed_at")),
    }
