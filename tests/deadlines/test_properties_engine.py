"""Whatever the order of acts, sweeps, absences and jumps of the clock: each rung once, and none of what is met.

A rule of its own drives the engine; beside it runs a model of a few lines that says which rungs should have
happened. The worker's clock may run behind the site's, consequences fail and are mended, people come and go.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Case, Value, When
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines import actions, queries
from apps.deadlines.models import Absence, Deadline
from apps.deadlines.rules import RULES, Kind, Rule, Rung, days
from apps.deadlines.states import STATES, States, all_of
from apps.deadlines.sweep import sweep
from apps.engagement.actions import hand_in_measured
from apps.groups.models import Group
from apps.notifications.models import Letter
from tests.conftest import NOW, meet_early_steps

pytestmark = pytest.mark.slow

LADDER = {0: ("remind", 2), 1: ("remind", 5), 2: ("tell_all", 7), 3: ("silence", 10)}
DUE, LAST = 2, max(LADDER)
PEOPLE, SUBJECTS = 3, 3
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

A_PERSON, A_SUBJECT = st.integers(0, PEOPLE - 1), st.integers(0, SUBJECTS - 1)
# A moment, a while, and long stops; often to the second at which a rung is due.
A_WHILE = st.sampled_from([MINUTE, 2 * MINUTE, DAY - MINUTE, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 10 * DAY, 40 * DAY])


@dataclass
class Expected:
    """What the model knows of one wait."""

    pk: int
    opened_at: datetime
    rung: int = 0
    tries: int = 0
    wake_at: datetime = field(init=False)
    is_open: bool = True

    def __post_init__(self):
        self.restart(self.opened_at)

    def restart(self, now):
        self.opened_at, self.rung, self.tries = now, 0, 0
        self.wake_at = self.at(0)

    def at(self, rung):
        return self.opened_at + LADDER[rung][1] * DAY

    def key(self, rung):
        kind = "deadlines.all_told" if LADDER[rung][0] == "tell_all" else "deadlines.reminder"
        return f"{kind}:{self.pk}:{rung}:{self.at(DUE).timestamp():.0f}"


class Engine(RuleBasedStateMachine):
    """Acts of people and of the clock; after each of them the engine has to agree with the model."""

    waits_for: Rule

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOW
        self.people = [User.objects.create(username=f"P{n}", wikimedia_id=f"P{n}") for n in range(PEOPLE)]
        self.subjects = [
            Group.objects.create(slug=f"s{n}", name=f"S{n}", formed_at=NOW, seeks_members=False)
            for n in range(SUBJECTS)
        ]
        self.can_answer = {person.pk for person in self.people[:2]}
        self.fails = set()
        self.waits = {}
        self.told = {}
        self.settled = Counter()
        self.absences = {person.pk: [] for person in self.people}
        self.waits_for.machine = self

    def teardown(self):
        connection.check_constraints()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    # What people do

    @initialize(whom=st.lists(st.none() | st.integers(0, 1), min_size=SUBJECTS, max_size=SUBJECTS))
    def begin(self, whom):
        """Three waits from the start, of some person or of nobody alone."""
        for which, asked in enumerate(whom):
            self.open(which, asked)

    @rule(which=A_SUBJECT, whom=st.none() | A_PERSON)
    def open(self, which, whom):
        subject = self.subjects[which]
        if subject.pk in self.waits:
            return
        asked = self.people[whom] if whom is not None and self.people[whom].pk not in self.away(self.now) else None
        Group.objects.filter(pk=subject.pk).update(seeks_members=True)
        deadline = actions.open_deadline(self.waits_for, subject, now=self.now, asked=asked)
        self.waits[subject.pk] = Expected(deadline.pk, self.now)

    @rule(which=A_SUBJECT, how=st.sampled_from(["meet", "cancel"]))
    def end(self, which, how):
        """Somebody answers, or the wait loses its point; where nothing waits, nothing happens."""
        subject = self.subjects[which]
        if how == "meet":
            actions.meet_deadline(self.waits_for, subject, now=self.now, outcome="answered")
        else:
            actions.cancel_deadline(self.waits_for, subject, now=self.now)
        Group.objects.filter(pk=subject.pk).update(seeks_members=False)
        self.waits.pop(subject.pk, None)

    @rule(which=A_SUBJECT)
    def restart(self, which):
        subject = self.subjects[which]
        actions.restart_deadline(self.waits_for, subject, now=self.now)
        if subject.pk in self.waits:
            self.waits[subject.pk].restart(self.now)

    @rule(who=A_PERSON)
    def change_role(self, who):
        self.can_answer ^= {self.people[who].pk}

    @rule(who=A_PERSON, begins_in=st.sampled_from([timedelta(0), DAY, 4 * DAY]), lasts=A_WHILE)
    def go_away(self, who, begins_in, lasts):
        person, begins_at = self.people[who], self.now + begins_in
        declared = person.absences.exclude(state="over").exists()
        others = self.can_answer - self.away(self.now) - {person.pk}
        theirs = list(self.open_rows().filter(asked=person))
        try:
            actions.declare_absence(begins_at=begins_at, ends_at=begins_at + lasts, by=person, now=self.now)
        except Refused:
            assert declared
        else:
            assert not declared
            self.absences[person.pk].append([begins_at, begins_at + lasts])
            if begins_at == self.now:
                self.check_passed_on(theirs, others)

    def check_passed_on(self, theirs, others):
        """To somebody who can answer and is here; if there is nobody, the date stands with whoever was asked."""
        for before in theirs:
            after = Deadline.objects.get(pk=before.pk)
            if others:
                assert after.asked_id in others
                assert after.asked_first_id == (before.asked_first_id or before.asked_id)
            else:
                assert (after.asked_id, after.asked_first_id) == (before.asked_id, before.asked_first_id)

    def check_given_back(self, passed_on):
        """Whoever is here again is asked again."""
        here = {person.pk for person in self.people if not person.absences.filter(state="away").exists()}
        for before in passed_on:
            after = Deadline.objects.get(pk=before.pk)
            if after.state == "open" and before.asked_first_id in here:
                assert after.asked_id == before.asked_first_id

    @rule(who=A_PERSON)
    def come_back(self, who):
        """Early, or before it began: then they were never away."""
        person = self.people[who]
        declared = person.absences.exclude(state="over").exists()
        passed_on = list(self.open_rows().filter(asked_first=person))
        try:
            actions.come_back(by=person, now=self.now)
        except Refused:
            assert not declared
        else:
            assert declared
            begins_at, ends_at = self.absences[person.pk].pop()
            if begins_at <= self.now:
                self.absences[person.pk].append([begins_at, min(self.now, ends_at)])
            self.check_given_back(passed_on)

    # What goes wrong

    @rule(which=A_SUBJECT)
    def break_or_mend(self, which):
        self.fails ^= {self.subjects[which].pk}

    # What the clock does

    @rule(step=A_WHILE)
    def nobody_sweeps(self, step):
        self.now += step

    @rule(step=A_WHILE)
    def time_passes(self, step):
        self.now += step
        self.sweep_at(self.now)

    @rule(behind=st.sampled_from([timedelta(0), MINUTE, DAY, 30 * DAY]))
    def sweep(self, behind):
        """By a worker whose clock is right, or behind."""
        self.sweep_at(self.now - behind)

    def sweep_at(self, at):
        """What is due is done, and a second sweeper that comes after finds nothing to do."""
        told_before = {wait.pk: self.asked(wait) for wait in self.waits.values()}
        passed_on = list(self.open_rows().exclude(asked_first=None))
        for pk, wait in list(self.waits.items()):
            self.expect(pk, wait, at)
        sweep(now=at)
        assert not Deadline.objects.filter(state="open", wake_at__lte=at).exists(), "Nothing due is left undone."
        assert sweep(now=at) == 0
        self.check_given_back(passed_on)
        self.compare_letters(told_before)

    # The model

    def open_rows(self):
        return Deadline.objects.filter(rule=self.waits_for.name, state="open")

    def away(self, at):
        return {pk for pk, spans in self.absences.items() if any(begins <= at < ends for begins, ends in spans)}

    def asked(self, wait):
        return Deadline.objects.get(pk=wait.pk).asked_id

    def expect(self, subject, wait, at):
        while wait.wake_at <= at:
            if wait.rung < LAST:
                self.told[wait.key(wait.rung)] = (wait.pk, LADDER[wait.rung][0], at)
                wait.rung, wait.tries = wait.rung + 1, 0
                wait.wake_at = wait.at(wait.rung)
            elif subject in self.fails:
                wait.tries += 1
                wait.wake_at = at + 2 ** min(wait.tries, 10) * MINUTE
            else:
                self.settled[subject] += 1
                del self.waits[subject]
                return

    def compare_letters(self, asked_before):
        """Each rung that came told those whom it concerns, each once; no other letter was written."""
        found = {}
        for key, person in Letter.objects.filter(
            notice__kind__in=["deadlines.reminder", "deadlines.all_told"]
        ).values_list("notice__key", "recipient"):
            assert key in self.told, "A letter that should not be."
            assert person not in found.setdefault(key, set()), "A second letter of one rung."
            found[key].add(person)
        for key in [key for key, what in self.told.items() if isinstance(what, tuple)]:
            pk, kind, at = self.told[key]
            everybody = self.can_answer - self.away(at)
            asked = {asked_before.get(pk), Deadline.objects.get(pk=pk).asked_id} & everybody
            allowed = [everybody, *({person} for person in asked if kind == "remind")]
            assert found.get(key, set()) in allowed
            if kind == "remind" and len(asked) == 1 and asked_before.get(pk) in asked:
                assert found[key] == asked, "Who was asked and can answer is reminded alone."
            self.told[key] = frozenset(found.get(key, set()))
        assert {key: set(people) for key, people in self.told.items() if people} == found, "No letter came later."

    # What always holds

    @invariant()
    def nothing_waits_for_nothing(self):
        assert queries.broken_promises() == []

    @invariant()
    def rows_are_as_the_model_says(self):
        rows = self.open_rows()
        assert {row.subject_id: (row.pk, row.rung, row.wake_at, row.attempts) for row in rows} == {
            subject: (wait.pk, wait.rung, wait.wake_at, wait.tries) for subject, wait in self.waits.items()
        }

    @invariant()
    def each_silence_had_one_consequence(self):
        """The consequence writes one sign each time; a failed one has left none."""
        signs = {group.pk: len(group.purpose) for group in Group.objects.filter(pk__in=[s.pk for s in self.subjects])}
        assert signs == {subject.pk: self.settled[subject.pk] for subject in self.subjects}
        lapsed = Counter(
            Deadline.objects.filter(rule=self.waits_for.name, state="lapsed").values_list("subject_id", flat=True)
        )
        assert lapsed == +self.settled

    @invariant()
    def who_is_away_is_away(self):
        assert set(queries.people_away(self.now)) == self.away(self.now)

    @invariant()
    def what_was_passed_on_comes_back(self):
        """Nobody who is here has to wait for what was theirs."""
        here = {person.pk for person in self.people if not person.absences.filter(state="away").exists()}
        assert not Deadline.objects.filter(state="open", asked_first__in=here).exists()


@pytest.fixture
def engine(db, monkeypatch):
    """The machine with its rule, known to the engine for the length of the test."""

    def settle(subject, *, now):
        group = Group.objects.get(pk=subject.pk)
        Group.objects.filter(pk=group.pk).update(purpose=group.purpose + "x", seeks_members=False)
        if group.pk in wait.machine.fails:
            raise RuntimeError("This one is broken")

    known = dict(RULES)
    wait = Rule(
        "properties.answer",
        title="Answers",
        subject="groups.Group",
        owed_by=lambda group: "role:reviewer",
        owner_name=lambda group: "anybody",
        answerers=lambda groups, now: {
            group.pk: [person for person in wait.machine.people if person.pk in wait.machine.can_answer]
            for group in groups
        },
        what=lambda group: f"An answer to {group}",
        link=lambda group: "/",
        silence_means="it is settled",
        outcomes={"answered": "answered"},
        ladder=[Rung(Kind(kind), days(day)) for kind, day in LADDER.values()],
    )
    wait.when_silent(settle)
    state = Case(When(seeks_members=True, then=Value("waits")), default=Value("rests"))
    in_play = {Absence: STATES[Absence], Group: States(Group, state, {"waits": all_of(wait)}, {"rests"})}
    monkeypatch.setattr("apps.deadlines.queries.STATES", in_play)
    yield type("Engine", (Engine,), {"waits_for": wait})
    RULES.clear()
    RULES.update(known)


@pytest.mark.timeout(300)
def test_each_rung_happens_once_whatever_the_order_of_acts(engine):
    run_state_machine_as_test(engine, settings=settings(stateful_step_count=40))


# --- What it found ---------------------------------------------------------------------------


def test_an_absence_that_was_taken_back_keeps_nobody_away(volunteer):
    actions.declare_absence(begins_at=NOW + DAY, ends_at=NOW + 9 * DAY, by=volunteer, now=NOW)
    actions.come_back(by=volunteer, now=NOW)
    assert volunteer.pk not in set(queries.people_away(NOW + 2 * DAY))


def test_an_absence_that_is_over_when_the_clock_goes_on_passes_nothing_on(
    adoption, group, coordinator, reviewer, other_reviewer
):
    meet_early_steps(adoption, by=coordinator, group=group)
    submission = hand_in_measured(adoption, group=group, by=coordinator, now=NOW)
    actions.declare_absence(begins_at=NOW + DAY, ends_at=NOW + 2 * DAY, by=reviewer, now=NOW)
    sweep(now=NOW + 3 * DAY)
    assert Deadline.objects.get(rule="engagement.review", subject_id=submission.pk).asked == reviewer
    assert not Letter.objects.filter(notice__kind="deadlines.passed_to_you").exists()


@pytest.mark.parametrize("early", [True, False])
def test_what_was_passed_on_comes_back_with_whoever_was_asked_first(
    adoption, group, coordinator, reviewer, other_reviewer, early
):
    meet_early_steps(adoption, by=coordinator, group=group)
    hand_in_measured(adoption, group=group, by=coordinator, now=NOW)
    review = Deadline.objects.filter(rule="engagement.review")
    actions.declare_absence(begins_at=NOW, ends_at=NOW + 3 * DAY, by=reviewer, now=NOW)
    assert (review.get().asked, review.get().asked_first) == (other_reviewer, reviewer)
    if early:
        actions.come_back(by=reviewer, now=NOW + DAY)
    else:
        sweep(now=NOW + 3 * DAY)
    assert (review.get().asked, review.get().asked_first) == (reviewer, None)
