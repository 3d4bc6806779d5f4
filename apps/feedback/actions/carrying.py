"""Liaisons carry rounds to communities: asked once the text is there, two rounds at a time, and report back."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.feedback import queries, words
from apps.feedback.actions.changes import held, hold_open_rounds, tell_of_change
from apps.feedback.deadlines import CARRY, REPORT
from apps.feedback.models import CARRY_AT_MOST, REPORTS_LAST, Carry, Report, Round
from apps.feedback.queries import wanted_words
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.people.actions import when_role_begins
from apps.people.models import RoleTerm
from apps.record.actions import write
from apps.record.verbs import Verb

State = Carry.State
# Links and user names, by what every wiki and forum writes them with.
NAMES_AND_LINKS = re.compile(r"(https?:|www\.|\[\[|\buser( talk)?:|(?<!\w)@\w)\S*", re.IGNORECASE)


def ask_liaisons(round_: Round, *, by: User | None, now: datetime) -> None:
    """Ask every liaison who fits, has a place free and can read the text as it is there now; each once.

    `by` is whose act makes it possible: who opened the round, translated it or asks in more languages; None where a
    place is free again or somebody became a liaison.
    """
    for term in queries.liaisons_to_ask(round_, now):
        carry = Carry.objects.create(
            round=round_, liaison=term.user, state=State.ASKED, asked_at=now, **_covered(term, round_)
        )
        deadline = open_deadline(CARRY, carry, now=now)
        _write(words.ASKED_LIAISON, round_, by=None, now=now)
        write_letters(
            words.ASKED_TO_CARRY,
            to=[term.user],
            key=str(carry.pk),
            link=round_.get_absolute_url(),
            now=now,
            by=by,
            deadline=deadline,
            group=round_.group,
            round=round_,
            wanted=lambda carry=carry: wanted_words(carry.languages, carry.regions),
            due_at=deadline.due_at,
            days=REPORTS_LAST.days,
        )


def ask_for_open_rounds(people: Iterable[int], rounds: Iterable[Round], *, now: datetime) -> None:
    """These liaisons, by id, have a place free by now: the open ones of these rounds that they cover ask.

    The caller holds the rounds, so that none of them closes meanwhile with an answer open.
    """
    terms = queries.terms_of_liaisons(people, now)
    for round_ in rounds:
        wanted = {"languages": set(round_.languages), "regions": set(round_.regions)}
        if round_.state == Round.State.OPEN and any(term.covers_any(**wanted) for term in terms):
            ask_liaisons(round_, by=None, now=now)


@when_role_begins
def ask_new_liaison(term: RoleTerm, *, now: datetime) -> None:
    """Whoever becomes a liaison is asked for what is open already."""
    if term.role == RoleTerm.Role.LIAISON:
        ask_for_open_rounds([term.user_id], hold_open_rounds(), now=now)


def _covered(term: RoleTerm, round_: Round) -> dict[str, list[str]]:
    return {
        "languages": [code for code in round_.languages if code in term.languages],
        "regions": [code for code in round_.regions if code in term.regions],
    }


def widen_carries(round_: Round, *, by: User, now: datetime) -> None:
    """More is wanted: whoever was asked already, or carries it, and covers that too is told; their dates stand."""
    for carry, term in queries.carries_to_widen(round_, now):
        covered = _covered(term, round_)
        more = {kind: [code for code in codes if code not in getattr(carry, kind)] for kind, codes in covered.items()}
        if not any(more.values()):
            continue
        carry.languages, carry.regions = carry.languages + more["languages"], carry.regions + more["regions"]
        carry.save(update_fields=["languages", "regions"])
        write_letters(
            words.MORE_TO_CARRY,
            to=[carry.liaison],
            key=f"{carry.pk}:{now:%Y%m%d%H%M%S}",
            link=round_.get_absolute_url(),
            now=now,
            by=by,
            group=round_.group,
            round=round_,
            wanted=lambda more=more: wanted_words(more["languages"], more["regions"]),
        )


def _write(verb: Verb, round_: Round, *, by: User | None, now: datetime) -> None:
    write(verb, by=by, now=now, group=round_.group, round=round_, initiative=round_.initiative)


@transaction.atomic
def carry_round(round_: Round, *, by: User, now: datetime) -> Carry:
    """Carry a round: asked to, or of one's own accord, also after declining or staying silent.

    Refuses a third round at a time, and everybody who is no liaison for what is wanted.
    """
    round_ = held(round_, Round.State.OPEN)
    # Before the person is held: whoever grants the role holds them first, and the open rounds then.
    term = queries.term_that_fits(by, round_, now)
    if term is None:
        raise Refused(_("Liaisons for the languages and regions that are wanted carry it. Ask to become one."))
    by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    carry = queries.carry_of(by, round_)
    if carry is not None and carry.state in {State.ACCEPTED, State.REPORTED}:
        raise Refused(_("You carry this round already."))
    if carry is None:
        carry = Carry(round=round_, liaison=by, asked_at=now, **_covered(term, round_))
    elif carry.state == State.ASKED:
        meet_deadline(CARRY, carry, now=now, by=by, outcome="accepted")
    carry.place = _free_place(by)
    carry.state, carry.answered_at, carry.note = State.ACCEPTED, now, ""
    carry.save()
    open_deadline(REPORT, carry, now=now, ends_at=round_.closes_at + REPORTS_LAST)
    _write(words.CARRIED, round_, by=by, now=now)
    return carry


def _free_place(liaison: User) -> int:
    taken = set(queries.carried_by(liaison).values_list("place", flat=True))
    free = [place for place in range(1, CARRY_AT_MOST + 1) if place not in taken]
    if not free:
        raise Refused(_("You carry two rounds already. Report on one of them, then carry this one."))
    return free[0]


@transaction.atomic
def decline_to_carry(round_: Round, *, note: str, by: User, now: datetime) -> None:
    """Decline, with or without words; no name is shown."""
    carry = _held(round_.carries.filter(liaison=by).first(), State.ASKED)
    meet_deadline(CARRY, carry, now=now, by=by, outcome="declined")
    carry.state, carry.answered_at, carry.note = State.DECLINED, now, note
    carry.save(update_fields=["state", "answered_at", "note"])
    _write(words.DECLINED, carry.round, by=by, now=now)


@CARRY.when_silent
@transaction.atomic
def let_carry_lapse(carry: Carry, *, now: datetime) -> None:
    """14 days without an answer: visibly so, without a name."""
    carry = _held(carry, State.ASKED)
    carry.state = State.LAPSED
    carry.save(update_fields=["state"])
    _write(words.LAPSED, carry.round, by=None, now=now)


@REPORT.when_silent
@transaction.atomic
def leave_without_report(carry: Carry, *, now: datetime) -> None:
    """7 days after the closing: no report came, visibly so, and the liaison's place is free for other rounds."""
    rounds = hold_open_rounds(carry.round_id)
    carry = _held(carry, State.ACCEPTED)
    carry.state, carry.place = State.UNREPORTED, None
    carry.save(update_fields=["state", "place"])
    _write(words.UNREPORTED, carry.round, by=None, now=now)
    ask_for_open_rounds([carry.liaison_id], rounds, now=now)


def _held(carry: Carry | None, expected: Carry.State) -> Carry:
    if carry is None:
        raise Refused(_("You were not asked to carry this round."))
    carry = (
        Carry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("round__group", "round__initiative")
        .get(pk=carry.pk)
    )
    if carry.state != expected:
        raise Refused(_("This was answered already: %(state)s.") % {"state": carry.get_state_display()})
    return carry


@transaction.atomic
def write_report(
    *, rounds: Iterable[int], text: str, language: str, people: int, is_relayed: bool, by: User, now: datetime
) -> Report:
    """Report on one or several of the rounds that one carries, in one text. Then other open rounds can ask.

    Relayed answers are labelled so, and refused while they hold links or user names.
    """
    if is_relayed:
        refuse_names_and_links(text)
    chosen = set(rounds)
    open_rounds = hold_open_rounds(*chosen)
    carries = list(queries.carried_by(by).filter(round__in=chosen))
    if not chosen or len(carries) != len(chosen):
        raise Refused(_("Choose rounds that you carry and have not reported on."), field="rounds")
    report = Report.objects.create(
        text=text, language=language, people=people, is_relayed=is_relayed, reported_at=now, reported_by=by
    )
    for carry in carries:
        _report(carry, report, by=by, now=now)
    ask_for_open_rounds([by.pk], open_rounds, now=now)
    return report


def refuse_names_and_links(text: str) -> None:
    found = NAMES_AND_LINKS.search(text)
    if found:
        raise Refused(
            _("Relayed answers carry no links and no user names, so that nobody is found by them. Leave out: %(found)s")
            % {"found": found.group()},
            field="text",
        )


def _report(carry: Carry, report: Report, *, by: User, now: datetime) -> None:
    meet_deadline(REPORT, carry, now=now, by=by, outcome="reported")
    carry.state, carry.place, carry.report = State.REPORTED, None, report
    carry.save(update_fields=["state", "place", "report"])
    _write(words.REPORTED, carry.round, by=by, now=now)
    write_letters(
        words.REPORT_THERE,
        to=coordinators_of(carry.round.group),
        key=str(carry.pk),
        link=f"{carry.round.get_absolute_url()}#reports",
        now=now,
        by=by,
        round=carry.round,
    )
    tell_of_change(carry.round, now=now)


def release_liaisons(round_: Round, *states: Carry.State, by: User | None, now: datetime) -> list[int]:
    """The round is over: who was asked, or carries it, owes nothing for it any more, and is told.

    Returns whose place is free again, by their ids.
    """
    rules = {State.ASKED: CARRY, State.ACCEPTED: REPORT}
    carries = list(round_.carries.select_for_update(of=("self",), no_key=True).filter(state__in=states))
    freed = [carry.liaison_id for carry in carries if carry.state == State.ACCEPTED]
    for carry in carries:
        cancel_deadline(rules[State(carry.state)], carry, by=by, now=now)
        carry.state, carry.place = State.CANCELLED, None
        carry.save(update_fields=["state", "place"])
    write_letters(
        words.NOT_NEEDED,
        to=User.objects.filter(carries__in=carries),
        key=str(round_.pk),
        link=round_.get_absolute_url(),
        now=now,
        by=by,
        group=round_.group,
        round=round_,
    )
    return freed
