"""What waits around an initiative, a group or a person."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.queries import Wait, deadlines_about, open_waits, waits, waits_about
from apps.deadlines.rules import RULES
from apps.groups.models import Group, Membership
from apps.groups.queries import open_succession, requests_to_join
from apps.home.queries.who_waits import WHO_WAITS
from apps.initiatives.models import Initiative
from apps.initiatives.queries import term_can_be_renewed


def oldest_waits(count: int = 3) -> tuple[list[Wait], int]:
    """The longest waits of the movement, and how many there are in all."""
    oldest = list(open_waits().annotate(total=models.Window(models.Count("*")))[:count])
    return waits(oldest), oldest[0].total if oldest else 0


# What the page of an initiative shows in full: each kind takes a query, and each wait a ladder.
KINDS_IN_FULL, WAITS_IN_FULL = 3, 10


def waits_of_initiative(initiative: Initiative, leading: list[Group]) -> list[Wait]:
    """What is waiting around an initiative, and what its leading groups asked for, whether or not anybody leads."""
    return waits(_about_initiative(initiative, leading))


def waits_shown(initiative: Initiative, leading: list[Group]) -> tuple[list[Wait], list[Deadline]]:
    """The same for its page: in full the next dates, of a few kinds; then the others, to be listed by kind and date.

    A hold comes first: the page says why.
    """
    rest = sorted(_about_initiative(initiative, leading), key=lambda found: found.rule != "initiatives.review_hold")
    kinds = list(dict.fromkeys(RULES[deadline.rule].fetched for deadline in rest))[:KINDS_IN_FULL]
    in_full = [deadline for deadline in rest if RULES[deadline.rule].fetched in kinds][:WAITS_IN_FULL]
    return waits(in_full), [deadline for deadline in rest if deadline not in in_full]


def _about_initiative(initiative: Initiative, leading: list[Group]) -> models.QuerySet[Deadline]:
    return _open_about({name: waiting.for_initiative(initiative, leading) for name, waiting in WHO_WAITS.items()})


def waits_of_group(group: Group) -> list[Wait]:
    """What others owe a group, as everybody may see it."""
    return waits(_open_about({name: waiting.for_group(group) for name, waiting in WHO_WAITS.items()}))


def waits_for(person: User, groups: Iterable[Group]) -> list[Wait]:
    """What waits for others, for me and my groups: what we asked for, and what I said “me too” to."""
    mine, groups = Deadline.objects.filter(state=Deadline.State.OPEN, me_toos__person=person), list(groups)
    about = {name: waiting.for_person(person, groups) for name, waiting in WHO_WAITS.items()}
    return waits(_open_about(about, mine))


def succession_wait(group: Group) -> list[Wait]:
    """The wait for a sign of life of a group's coordinators, if members ask for one."""
    succession = open_succession(group)
    return waits_about(succession) if succession else []


def _open_about(subjects: dict[str, models.Q | None], *more: models.QuerySet[Deadline]) -> models.QuerySet[Deadline]:
    """The open deadlines of some rules about some subjects, and more of them; the next date first.

    Each rule is a part of its own, so that the database looks its subjects up instead of reading every open row.
    """
    parts = [
        Deadline.objects.filter(
            state=Deadline.State.OPEN,
            rule=name,
            subject_id__in=RULES[name].model._default_manager.filter(which).order_by().values("pk"),
        )
        for name, which in subjects.items()
        if which is not None
    ]
    return parts[0].union(*parts[1:], *more).order_by("due_at", "pk")


def renewable_leads(owed: Iterable[Wait], now: datetime) -> set[int]:
    """Which of the owed renewals can be given already."""
    renewals = [wait.subject for wait in owed if wait.rule.name == "initiatives.renew_term"]
    return {lead.pk for lead in renewals if term_can_be_renewed(lead.adoption, now)}


def requests_with_waits(group: Group) -> list[tuple[Membership, Wait | None]]:
    """Who asks to join, each with the dates of the answer, on the last of which silence admits them."""
    asked, rule = list(requests_to_join(group)), RULES["groups.answer_join"]
    open_ = {row.subject_id: row for row in deadlines_about(rule, [membership.pk for membership in asked])}
    return [
        (membership, Wait(open_[membership.pk], rule, membership) if membership.pk in open_ else None)
        for membership in asked
    ]
