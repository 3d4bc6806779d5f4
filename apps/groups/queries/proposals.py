"""Proposals of groups, and what people say of them."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.deadlines.queries import Wait, open_deadlines, waits
from apps.groups.models import (
    Group,
    Membership,
    Position,
    Proposal,
    Version,
)
from apps.groups.queries.members import why_to_stay

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
