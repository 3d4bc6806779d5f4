"""Who waits for what: of every kind of wait the people, groups and initiatives that are owed the answer.

A new rule comes into `WHO_WAITS`, or into `NOBODY_WAITS` with a reason; a test holds that.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from apps.groups.models import Position
from apps.initiatives.models import Bid, Lead
from apps.resources.models import Job

# A path from the subject of a wait to whoever waits, or how to find the subjects that some wait for.
Way = str | Callable[[Any], Q]


@dataclass(frozen=True)
class WhoWaits:
    """Who is owed the answer to one kind of wait.

    people      persons, on their own page
    groups      groups, on their page and on the pages of their members
    members     groups, on the pages of their members alone: one person is asked, which is between them
    initiative  the initiative that it is about, on its page
    lead        groups, on the pages of the initiatives that they lead
    """

    people: tuple[Way, ...] = ()
    groups: tuple[Way, ...] = ()
    members: tuple[Way, ...] = ()
    initiative: str = ""
    lead: tuple[Way, ...] = ()

    def for_person(self, person: Any, groups: Iterable[Any]) -> Q | None:
        return any_of([*found(self.people, person), *found([*self.groups, *self.members], groups)])

    def for_group(self, group: Any) -> Q | None:
        return any_of(found(self.groups, [group]))

    def for_initiative(self, initiative: Any, leading: Iterable[Any]) -> Q | None:
        about = [Q(**{self.initiative: initiative})] if self.initiative else []
        return any_of([*about, *found(self.lead, leading)])


def found(ways: Iterable[Way], owed: Any) -> Iterator[Q]:
    """The subjects that a person or, given as a list, some groups wait for."""
    among = "" if not isinstance(owed, list) else "__in"
    for way in ways:
        yield Q(**{f"{way}{among}": owed}) if isinstance(way, str) else way(owed)


def any_of(conditions: Iterable[Q]) -> Q | None:
    """None where nobody is owed anything."""
    return reduce(or_, conditions, Q()) or None


def bids_of(groups: list[Any]) -> Q:
    """Whoever asks to lead waits, and whoever offers the lead; the group that is offered it owes the answer."""
    asks = Q(group__in=groups) & ~Q(kind=Bid.Kind.HANDOVER)
    return asks | Q(offered_by__group__in=groups)


def led_by_them(adoption: str) -> Callable[[list[Any]], Q]:
    """Whoever leads an adoption now waits for what is owed to it, also if a group before them asked."""

    def led(groups: list[Any]) -> Q:
        return Q(**{f"{adoption}__in": Lead.objects.filter(group__in=groups, ended_at=None).values("adoption")})

    return led


def objections_around(groups: list[Any]) -> Q:
    """A group that would lead itself waits, and so do those that lead."""
    return Q(group__in=groups) | Q(adoption__in=Lead.objects.filter(group__in=groups, ended_at=None).values("adoption"))


def jobs_for(groups: list[Any]) -> Q:
    """A group waits for what is made for it or brought up to date, and not for its end."""
    return Q(request__group__in=groups, act__in=[Job.Act.MAKE, Job.Act.KEEP_IN_STEP])


def objected(person: Any) -> Q:
    """Of a proposal: whoever took another position than to object waits for the end of it alone."""
    return Q(positions__person=person, positions__stance=Position.Stance.OBJECT)


WHO_WAITS: dict[str, WhoWaits] = {
    "engagement.review": WhoWaits(groups=(led_by_them("adoption"),), initiative="adoption__initiative"),
    "engagement.answer_doubt": WhoWaits(people=("doubted_by",), initiative="entry__adoption__initiative"),
    "engagement.judge_doubt": WhoWaits(
        people=("doubted_by",), groups=(led_by_them("entry__adoption"),), initiative="entry__adoption__initiative"
    ),
    "feedback.summarise": WhoWaits(people=("answers__person",), initiative="initiative"),
    "feedback.carry": WhoWaits(groups=("round__group",), initiative="round__initiative"),
    "feedback.report": WhoWaits(groups=("round__group",), initiative="round__initiative"),
    "groups.answer_join": WhoWaits(people=("user",)),
    "groups.answer_invitation": WhoWaits(members=("group",)),
    "groups.publish_notes": WhoWaits(people=("coming__person",)),
    "groups.close_proposal": WhoWaits(people=("positions__person",)),
    "groups.answer_objections": WhoWaits(people=(objected,)),
    "groups.settle_objection": WhoWaits(members=("proposal__group",)),
    "groups.answer_succession": WhoWaits(members=("group",)),
    "initiatives.answer_bid": WhoWaits(groups=(bids_of,), initiative="adoption__initiative"),
    "initiatives.decide_objection": WhoWaits(
        people=("made_by",), groups=(objections_around,), initiative="adoption__initiative"
    ),
    "initiatives.review_hold": WhoWaits(initiative="adoption__initiative"),
    "initiatives.conclude": WhoWaits(initiative="initiative"),
    "initiatives.accept_obstacle": WhoWaits(members=(led_by_them("adoption"),)),
    "initiatives.answer_obstacle": WhoWaits(groups=(led_by_them("adoption"),), initiative="adoption__initiative"),
    "news.answer": WhoWaits(people=("submitted_by",)),
    "people.confirm_role": WhoWaits(people=("user",)),
    "people.confirm_contact": WhoWaits(people=("user",)),
    "questions.answer": WhoWaits(people=("asked_by",), initiative="initiative"),
    "resources.answer": WhoWaits(groups=("group",), lead=("group",)),
    "resources.wait_for_seat": WhoWaits(groups=("group",), lead=("group",)),
    "resources.make": WhoWaits(groups=(jobs_for,)),
    "resources.make_by_hand": WhoWaits(groups=(jobs_for,)),
    "resources.answer_stewardship": WhoWaits(people=("invited_by",)),
}

# Each with the reason why it stands on nobody's page as something that others owe.
NOBODY_WAITS: dict[str, str] = {
    "deadlines.absence_begins": "a date of one person",
    "deadlines.absence_ends": "a date of one person",
    "engagement.confirm_note": "a group looks for a witness itself",
    "feedback.open_draft": "a group's own draft, which nobody else knows of",
    "feedback.close": "a date: whoever would answer can do so until then",
    "groups.meeting_ends": "a date: notes are owed afterwards",
    "guidelines.publish": "the whole movement waits: it stands on the waiting board",
    "guidelines.come_into_force": "a date of the whole movement",
    "initiatives.keep_alive": "a group keeps its own term alive",
    "initiatives.renew_term": "a group renews its own term",
    "initiatives.leave_later": "a group keeps its own term alive",
    "people.term_ends": "a person renews their own role",
    "resources.still_in_use": "a group keeps what it has",
    "resources.end_of_booking": "a date: the place is free afterwards",
    "resources.still_wanted": "a group keeps its own wish",
}
