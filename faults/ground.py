"""The deadlines that fall due, and what has to be true of them at the end."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from django.core.management import call_command

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.queries import broken_promises
from apps.groups.deadlines import ANSWER_JOIN
from apps.groups.models import Group, Membership
from apps.notifications.models import Letter
from apps.notifications.timing import morning
from apps.notifications.tokens import letter_id_in
from apps.record.models import Mention

COORDINATORS = 100
# The reminder of every fifth.
REMINDED = 5
BATCH = 2_000


def prepare() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def where_it_is_morning(now: datetime) -> str:
    """A zone in which letters leave now, and for some time to come."""
    soon = now + timedelta(minutes=30)
    zones = sorted(name for name in available_timezones() if name.startswith("Etc/GMT"))
    return next(name for name in zones if morning(name, now) == now and morning(name, soon) == soon)


def fill(count: int, *, now: datetime, within: timedelta) -> None:
    """So many requests to join, each to a group of its own, whose 14 days are over one after the other from now on.

    Of every fifth one the reminder is due, too, since the clock stood still. Each silence admits somebody and
    tells them; each reminder is to one coordinator: six letters for five deadlines.
    """
    zone = where_it_is_morning(now)
    coordinators = _people("Coordinator", COORDINATORS, zone)
    askers = _people("Asker", count, zone)
    groups = Group.objects.bulk_create(
        (Group(slug=f"group-{n}", name=f"Group {n}", formed_at=now) for n in range(count)), batch_size=BATCH
    )
    long_ago = now - timedelta(days=100)
    active = {"state": Membership.State.ACTIVE, "is_coordinator": True, "began_at": long_ago, "joined_at": long_ago}
    Membership.objects.bulk_create(
        (Membership(group=group, user=coordinators[n % COORDINATORS], **active) for n, group in enumerate(groups)),
        batch_size=BATCH,
    )
    asked = Membership.objects.bulk_create(
        (
            Membership(
                group=group,
                user=asker,
                state=Membership.State.ASKED,
                began_at=now - timedelta(days=14) + within * (n / count),
            )
            for n, (group, asker) in enumerate(zip(groups, askers, strict=True))
        ),
        batch_size=BATCH,
    )
    Deadline.objects.bulk_create(
        (_at_rung(min(n % REMINDED, 1), membership) for n, membership in enumerate(asked)), batch_size=BATCH
    )


def _at_rung(rung: int, membership: Membership) -> Deadline:
    opened_at = membership.began_at
    return Deadline(
        rule=ANSWER_JOIN.name,
        subject_id=membership.pk,
        owner=ANSWER_JOIN.owed_by(membership),
        opened_at=opened_at,
        due_at=ANSWER_JOIN.due_at(opened_at, None),
        rung=rung,
        wake_at=ANSWER_JOIN.rung_times(opened_at, None)[rung][2],
    )


def _people(name: str, count: int, zone: str) -> list[User]:
    return User.objects.bulk_create(
        (
            User(username=f"{name} {n}", wikimedia_id=f"{name}-{n}", email=f"{name}{n}@example.org", time_zone=zone)
            for n in range(count)
        ),
        batch_size=BATCH,
    )


def has_begun() -> bool:
    return Deadline.objects.filter(state=Deadline.State.LAPSED).exists()


def is_done() -> bool:
    """Nothing is open, and no letter waits to leave."""
    waiting = Letter.objects.filter(mail__in=Letter.WAITS_TO_LEAVE)
    return not (Deadline.objects.filter(state=Deadline.State.OPEN).exists() or waiting.exists())


@dataclass(frozen=True)
class Outcome:
    """What the database and the mail server say at the end."""

    deadlines: int
    done: int
    twice: int
    letters_due: int
    written: int
    sent: int
    arrived: int
    repeated: int
    taken_without_a_word: int
    # Reminders of what had lapsed before the mail server took them: they stay on the site, since nobody is written to
    # about what they can no longer act on.
    overtaken: int
    lost: int
    broken: list[str]

    @property
    def is_kept(self) -> bool:
        """Every promise: all done, nothing twice, no letter lost, nothing waits for nothing."""
        return self.done == self.deadlines and not self.twice and not self.lost and not self.broken


def outcome(count: int, notes: Path) -> Outcome:
    admissions = Mention.objects.filter(name="group", act__verb="groups.joined_by_silence")
    per_group = Counter(admissions.values_list("object_id", flat=True))
    members = Membership.objects.filter(state=Membership.State.ACTIVE, is_coordinator=False)
    lapsed = Deadline.objects.filter(state=Deadline.State.LAPSED, subject_id__in=members.values("pk"))
    taken = [line.split() for line in notes.read_text().splitlines()]
    arrived = Counter(message_id for message_id, _mood in taken)
    letters_due = count + len(range(0, count, REMINDED))
    settled = Deadline.objects.filter(state=Deadline.State.LAPSED)
    dropped = Letter.objects.filter(mail=Letter.Mail.NONE, notice__deadline_id__in=settled.values("pk"))
    # The mail server may have taken one without a word before it was overtaken.
    overtaken = len(set(dropped.values_list("pk", flat=True)) - {letter_id_in(message_id) for message_id in arrived})
    return Outcome(
        deadlines=count,
        done=lapsed.count(),
        twice=sum(times - 1 for times in per_group.values()),
        letters_due=letters_due,
        written=Letter.objects.count(),
        sent=Letter.objects.filter(mail=Letter.Mail.SENT).count(),
        arrived=len(arrived),
        repeated=sum(arrived.values()) - len(arrived),
        taken_without_a_word=sum(mood == "mute" for _id, mood in taken),
        overtaken=overtaken,
        lost=letters_due - overtaken - len(arrived),
        broken=broken_promises(),
    )
