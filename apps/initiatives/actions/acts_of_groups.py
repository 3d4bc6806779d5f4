"""Acts of groups that count for what they lead: notes of a meeting, decisions on a proposal."""

from datetime import datetime
from typing import Any

from apps.groups.actions import when_decided, when_notes_are_published
from apps.groups.models import Group, Meeting, Proposal
from apps.groups.words import DECIDED, NOTES_PUBLISHED
from apps.initiatives import queries
from apps.initiatives.actions.leads import count_act
from apps.record.actions import mention
from apps.record.models import Act
from apps.record.verbs import Verb


@when_notes_are_published
def count_notes(meeting: Meeting, *, record: Act, now: datetime, **_notes: Any) -> None:
    _count_for(meeting.group, meeting.initiative_number, record=record, verb=NOTES_PUBLISHED, now=now)


@when_decided
def count_decision(proposal: Proposal, *, record: Act, now: datetime) -> None:
    _count_for(proposal.group, proposal.initiative_number, record=record, verb=DECIDED, now=now)


def _count_for(group: Group, number: int | None, *, record: Act, verb: Verb, now: datetime) -> None:
    """Count an act of a group on the initiative it was about, or else on whatever the group leads."""
    for lead in queries.running_leads_of([group]):
        initiative = lead.adoption.initiative
        if number in {None, initiative.number}:
            count_act(lead.adoption, group, verb=verb, now=now)
            mention(record, **{f"initiative_{initiative.number}": initiative})
