"""The sweep with 10,000 due of 1,000,000 open deadlines, beside the same work in plain SQL.

The floor is one statement a batch, as large as ours: it claims the rows that no other sweeper holds, inserts the same
letters and puts the same rows to sleep; for silence it also admits the same members and writes the same record. It
knows no rules, no languages and no mornings, which is what the difference pays for. A notice of a reminder has no
words until somebody reads or is sent it, in the rows of both; that work shows in `mail-reminders`.

Half of the reminders are to the one reviewer who was asked, half to the coordinators of a group.
"""

import gc
import itertools
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import django

django.setup()

from django.db import connection, transaction
from django.utils import timezone

from apps.deadlines.models import Deadline
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import BATCH, sweep
from apps.engagement.models import Submission
from apps.groups.models import Membership
from apps.notifications.models import Letter, Notice
from apps.record.models import Act
from bench import world
from bench.figures import in_turn, show_rates

DUE = 10_000
SILENT = 1_000
ROUNDS = 5
FAR = 10_000_000
SMALL = connection.settings_dict["NAME"]
LARGE = f"{SMALL}_large"


class Ground:
    """The rows that are due, and how to make them due again after each round."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.left: dict[int, tuple[int, ...]] = {}
        made = world.fill(now, entries=0)
        Notice.objects.all().delete()
        reviews = self._reviews(made)
        joins = self._joins(made)
        rows = Deadline.objects.bulk_create([*reviews, *joins], batch_size=2_000)
        self.due = [row.pk for row in rows]
        self.joins = [row.pk for row in rows if row.rule == "groups.answer_join"]
        self.first_act = Act.objects.order_by("-pk").values_list("pk", flat=True)[0]
        Deadline.objects.exclude(pk__in=self.due).update(wake_at=now + timedelta(days=30))

    def _reviews(self, made: world.World) -> list[Deadline]:
        opened_at = world.working_days_before(self.now, 5)
        submissions = Submission.objects.bulk_create(
            Submission(
                adoption=lead.adoption,
                group=lead.group,
                kind=Submission.Kind.BUNDLE,
                step_count=2,
                handed_in_at=opened_at,
                handed_in_by=lead.adoption.adopted_by,
            )
            for n, lead in enumerate(made.leads[n % len(made.leads)] for n in range(DUE // 2))
        )
        review = RULES["engagement.review"]
        asked = itertools.cycle(made.reviewers)
        return [
            self._first_rung(world.open_row(review, row, opened_at, asked=person))
            for row, person in zip(submissions, asked, strict=False)
        ]

    def _joins(self, made: world.World) -> list[Deadline]:
        asked_at = self.now - timedelta(days=7, hours=1)
        strangers = made.people[10_000 : 10_000 + DUE // 2]
        memberships = Membership.objects.bulk_create(
            Membership(
                group=made.groups[n % len(made.groups)], user=person, state=Membership.State.ASKED, began_at=asked_at
            )
            for n, person in enumerate(strangers)
        )
        join = RULES["groups.answer_join"]
        return [self._first_rung(world.open_row(join, row, asked_at)) for row in memberships]

    def _first_rung(self, deadline: Deadline) -> Deadline:
        deadline.rung, deadline.wake_at = 0, self.now - timedelta(minutes=1)
        return deadline

    def grow(self, total: int) -> None:
        """As many open deadlines as wanted, all but the due ones asleep."""
        missing = total - Deadline.objects.filter(state=Deadline.State.OPEN).count()
        model = Deadline.objects.get(pk=self.joins[0])
        last = max(FAR, *Deadline.objects.order_by("-subject_id").values_list("subject_id", flat=True)[:1])
        world.copy_rows(
            Deadline,
            f"CROSS JOIN generate_series(1, {missing}) AS n WHERE r.id = {model.pk}",
            subject_id=f"{last} + n",
            owner="'group:' || (n % 300 + 1)",
            wake_at="r.wake_at + interval '1 day' + n * interval '1 second'",
            due_at="r.due_at + n * interval '1 second'",
        )
        world.vacuum()

    @transaction.atomic
    def reset(self, *, silent: int) -> None:
        """Everything is due again, the first of the requests to join for the last time."""
        ask = {"state": Deadline.State.OPEN, "closed_at": None, "outcome": "", "attempts": 0, "last_error": ""}
        due = Deadline.objects.filter(pk__in=self.due)
        due.update(rung=0, wake_at=self.now - timedelta(minutes=1), **ask)
        quiet = Deadline.objects.filter(pk__in=self.joins[:silent])
        quiet.update(rung=len(RULES["groups.answer_join"].ladder) - 1)
        Membership.objects.filter(pk__in=Deadline.objects.filter(pk__in=self.joins).values("subject_id")).update(
            state=Membership.State.ASKED, joined_at=None
        )
        Notice.objects.all().delete()
        Act.objects.filter(pk__gt=self.first_act).delete()


def main() -> None:
    world.prepare()
    ground = world.timed("people, groups and what is due", lambda: Ground(timezone.now()))
    world.timed("100,000 deadlines", lambda: ground.grow(100_000))
    world.timed("1,000,000 deadlines, in a copy", lambda: grow_copy(ground))
    gc.freeze()  # Rows of the world in memory, which no worker has, are not looked through for garbage.
    found = in_turn(
        ROUNDS,
        ours=lambda: rate(ground, LARGE, ours),
        floor=lambda: rate(ground, LARGE, floor),
        small=lambda: rate(ground, SMALL, ours),
        small_floor=lambda: rate(ground, SMALL, floor),
    )
    note = f"{DUE:,} due of 1,000,000; {DUE / found.median('ours'):.1f} s beside {DUE / found.median('floor'):.1f} s"
    show_rates("sweep-1m", found, note)
    show_rates("sweep-100k", found, f"{DUE:,} due of 100,000", ours="small", floor="small_floor")
    show_rates("sweep-flat", found, "1,000,000 beside 100,000 open instead of the floor; 1 is flat", floor="small")
    silent = in_turn(
        ROUNDS,
        ours=lambda: rate(ground, LARGE, ours, silent=SILENT),
        floor=lambda: rate(ground, LARGE, floor, silent=SILENT),
    )
    show_rates("sweep-1m-silence", silent, f"as sweep-1m, {SILENT:,} of the due are silent: a member, an act, a letter")


def grow_copy(ground: Ground) -> None:
    """A second database, so that both sizes can be measured in turn."""
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {LARGE}")
        cursor.execute(f"CREATE DATABASE {LARGE} TEMPLATE {SMALL}")
    use(LARGE)
    ground.grow(1_000_000)


def use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def ours(ground: Ground) -> None:
    sweep(now=ground.now)


def floor(ground: Ground) -> None:
    plain_sweep(ground.now)


def rate(ground: Ground, database: str, act: Callable[[Ground], None], *, silent: int = 0) -> float:
    """Deadlines a second; whoever sweeps has to leave the same rows behind."""
    use(database)
    ground.reset(silent=silent)
    world.vacuum(Deadline, Notice, Letter, Membership)
    began = time.perf_counter()
    act(ground)
    seconds = time.perf_counter() - began
    left = what_is_left(ground)
    if left != ground.left.setdefault(silent, left):
        raise RuntimeError(f"Not the same work: {left} and {ground.left[silent]}")
    return DUE / seconds


def what_is_left(ground: Ground) -> tuple[int, ...]:
    """Notices, letters, reminded rows, lapsed rows, members, acts."""
    due = Deadline.objects.filter(pk__in=ground.due)
    return (
        Notice.objects.count(),
        Letter.objects.count(),
        due.filter(state=Deadline.State.OPEN, rung=1).count(),
        due.filter(state=Deadline.State.LAPSED).count(),
        Membership.objects.filter(state=Membership.State.ACTIVE).count(),
        Act.objects.filter(pk__gt=ground.first_act).count(),
    )


def plain_sweep(now: datetime) -> None:
    with connection.cursor() as cursor:
        for statement in (REMIND, ADMIT):
            while True:
                cursor.execute(statement, {"now": now, "batch": BATCH})
                if not cursor.rowcount:
                    break


DUE_ROWS = """
    due AS (
        SELECT d.* FROM deadlines_deadline AS d
        WHERE d.state = 'open' AND d.wake_at <= %(now)s AND {which}
        ORDER BY d.wake_at, d.id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )"""
NOTICE = """
        INSERT INTO notifications_notice (kind, key, words, times, link, deadline_id, written_at, leaves_at)
        SELECT '{kind}', '{kind}:' || due.id || ':' || due.rung, {words}, '{{}}'::jsonb,
            {link}, due.id, %(now)s, %(now)s
        FROM {about}
        ON CONFLICT DO NOTHING RETURNING id, deadline_id"""
LETTER = """
        INSERT INTO notifications_letter (notice_id, recipient_id, language, written_at, mail, is_bulk, wake_at,
            attempts, last_error)
        SELECT n.id, u.id, u.language, %(now)s,
            CASE WHEN u.mail = 'at_once' AND u.email <> '' THEN 'queued' ELSE 'none' END, false,
            CASE WHEN u.mail = 'at_once' AND u.email <> '' THEN %(now)s END, 0, ''
        FROM notices AS n JOIN {recipients}
        WHERE u.blocked_at IS NULL
        ON CONFLICT DO NOTHING"""

# Reminders: whoever was asked, or else every coordinator of the group that owes the answer. Words come later.
REMIND = (
    "WITH"
    + DUE_ROWS.format(which="d.rung = 0")
    + ", notices AS ("
    + NOTICE.format(kind="deadlines.reminder", words="'{}'::jsonb", link="''", about="due")
    + "), letters AS ("
    + LETTER.format(
        recipients="""due ON due.id = n.deadline_id
            LEFT JOIN groups_membership AS j ON due.rule = 'groups.answer_join' AND j.id = due.subject_id
            LEFT JOIN groups_membership AS c
                ON due.asked_id IS NULL AND c.group_id = j.group_id AND c.state = 'active' AND c.is_coordinator
            JOIN accounts_user AS u ON u.id = coalesce(due.asked_id, c.user_id)""",
    )
    + """)
    UPDATE deadlines_deadline AS d
    SET rung = d.rung + 1, wake_at = %(now)s + interval '7 days', attempts = 0, last_error = ''
    FROM due WHERE d.id = due.id"""
)

# Silence on a request to join: a member, an act with its mentions, a letter.
ADMIT = (
    "WITH"
    + DUE_ROWS.format(which="d.rule = 'groups.answer_join' AND d.rung = 1")
    + """, admitted AS (
        UPDATE groups_membership AS m SET state = 'active', joined_at = %(now)s FROM due WHERE m.id = due.subject_id
        RETURNING m.group_id
    ), acts AS (
        INSERT INTO record_act (verb, at, by_id)
        SELECT 'groups.joined_by_silence', %(now)s, NULL FROM admitted RETURNING id
    ), mentions AS (
        INSERT INTO record_mention (act_id, name, model, object_id)
        SELECT a.id, 'group', 'groups.group', m.group_id
        FROM (SELECT id, row_number() OVER () AS n FROM acts) AS a
        JOIN (SELECT group_id, row_number() OVER () AS n FROM admitted) AS m USING (n)
    ), notices AS ("""
    + NOTICE.format(
        kind="groups.admitted",
        words="""jsonb_build_object('en', jsonb_build_array(
                format('You are a member of %%s', g.name),
                format(E'Nobody answered your request to join %%s.\\n\\nSo you are a member of it, by silence.\\n\\n'
                    'You get this because you asked.', g.name),
                'Open the group'))""",
        link="'/groups/' || g.id || '/'",
        about="due JOIN groups_membership AS m ON m.id = due.subject_id JOIN groups_group AS g ON g.id = m.group_id",
    )
    + "), letters AS ("
    + LETTER.format(
        recipients="""due ON due.id = n.deadline_id
            JOIN groups_membership AS m ON m.id = due.subject_id
            JOIN accounts_user AS u ON u.id = m.user_id""",
    )
    + """)
    UPDATE deadlines_deadline AS d SET state = 'lapsed', closed_at = %(now)s, outcome = 'silence'
    FROM due WHERE d.id = due.id"""
)


if __name__ == "__main__":
    main()
