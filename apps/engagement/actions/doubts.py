"""Doubting an entry; what its group, a reviewer or silence makes of the doubt."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, hand_on, meet_deadline, open_deadline
from apps.deadlines.models import Deadline
from apps.deadlines.queries import deadlines_about
from apps.deadlines.rules import Rule
from apps.engagement import queries, words
from apps.engagement.actions.standing import hold_entry, settle
from apps.engagement.deadlines import ANSWER_DOUBT, JUDGE_DOUBT
from apps.engagement.models import Doubt, Entry
from apps.groups.models import Group
from apps.initiatives.actions import count_act, when_lead_changes, when_term_ends
from apps.initiatives.models import Adoption, Initiative
from apps.initiatives.queries.telling import members_who_lead
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.record.verbs import Verb

State = Doubt.State
RULES: dict[str, Rule] = {State.OPEN: ANSWER_DOUBT, State.ANSWERED: JUDGE_DOUBT}


@transaction.atomic
def doubt_entry(entry: Entry, *, reason: str, by: User, now: datetime) -> Doubt:
    """Doubt an entry that counts. One doubt runs at a time, and a person doubts the same text once."""
    entry = hold_entry(entry)
    if not entry.counts:
        raise Refused(_("This entry does not count now, so there is nothing to doubt."))
    if entry.doubts.filter(state__in=Doubt.RUNNING).exists():
        raise Refused(_("Somebody doubts this entry already. Read what they wrote and what the group answers."))
    mine = entry.doubts.filter(doubted_by=by, text_number=entry.text_number)
    if mine.exclude(state=State.TAKEN_BACK).exists():
        raise Refused(_("You doubted this entry before, and it was settled. Somebody else may still doubt it."))
    doubt = Doubt.objects.create(
        entry=entry,
        group=queries.group_that_answers(entry),
        text_number=entry.text_number,
        reason=reason,
        doubted_at=now,
        doubted_by=by,
    )
    deadline = open_deadline(ANSWER_DOUBT, doubt, now=now)
    write(words.DOUBTED, by=by, now=now, entry=entry, group=entry.group)
    settle(entry, now=now)
    _ask_who_leads(doubt, entry, deadline, by=by, now=now)
    return doubt


def _ask_who_leads(doubt: Doubt, entry: Entry, deadline: Deadline, *, by: User | None, now: datetime) -> None:
    """Any member of a group that leads may answer; another group that owes the answer is told anew."""
    write_letters(
        words.DOUBT_TO_ANSWER,
        to=members_who_lead(entry.adoption),
        key=f"{doubt.pk}:{doubt.group_id}",
        link=doubt.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        entry=entry.title,
        initiative=lambda: entry.adoption.initiative.title,
        due_at=deadline.due_at,
        silence_at=deadline.due_at,
        silence=ANSWER_DOUBT.silence_means,
    )


@when_lead_changes
@transaction.atomic
def pass_doubts_to_whoever_leads(initiative: Initiative, *, now: datetime) -> None:
    """The lead has changed: an open doubt is answered by who leads now, and its date stands.

    Who has answered already stays the one who did.
    """
    open_ = Doubt.objects.filter(
        state=State.OPEN, entry__adoption__initiative=initiative, entry__adoption__ended_at=None
    )
    related = open_.select_related("entry__group", "entry__adoption__initiative", "group")
    for doubt in related.select_for_update(of=("self",), no_key=True):
        group = queries.group_that_answers(doubt.entry)
        if group != doubt.group:
            doubt.group = group
            doubt.save(update_fields=["group"])
            hand_on(ANSWER_DOUBT, doubt)
            deadline = deadlines_about(ANSWER_DOUBT, [doubt.pk]).get()
            _ask_who_leads(doubt, doubt.entry, deadline, by=None, now=now)


@transaction.atomic
def take_back_doubt(doubt: Doubt, *, by: User, now: datetime) -> None:
    """Whoever doubted does not any more; the entry counts as if nobody had."""
    entry, doubt = _held(doubt)
    if doubt.doubted_by_id != by.pk:
        raise Refused(_("Only whoever doubted can take the doubt back."))
    _refuse_ended(doubt)
    cancel_deadline(RULES[doubt.state], doubt, now=now, by=by)
    write(words.DOUBT_TAKEN_BACK, by=by, now=now, entry=entry, group=entry.group)
    _end(doubt, entry, State.TAKEN_BACK, now=now)


@transaction.atomic
def answer_doubt(doubt: Doubt, *, answer: str, group: Group, by: User, now: datetime) -> Doubt:
    """The group's answer; the doubt now falls in ten working days, unless a reviewer judges it."""
    entry, doubt = _held(doubt)
    _refuse_ended(doubt)
    if doubt.state == State.ANSWERED:
        raise Refused(_("Your group answered this doubt already. The answer is on the page of the entry."))
    note_answer(doubt, entry, answer=answer, group=group, by=by, now=now)
    settle(entry, now=now)
    return doubt


def note_answer(doubt: Doubt, entry: Entry, *, answer: str, group: Group, by: User, now: datetime) -> None:
    """Write the answer to an open doubt of a held entry; none in words if the entry was corrected instead."""
    doubt.state, doubt.answer, doubt.group = State.ANSWERED, answer, group
    doubt.answered_at, doubt.answered_by = now, by
    doubt.save()
    meet_deadline(ANSWER_DOUBT, doubt, now=now, by=by, outcome="answered" if answer else "corrected")
    asked = queries.judge_to_ask(doubt, now=now)
    deadline = open_deadline(JUDGE_DOUBT, doubt, now=now, asked=asked)
    write(words.DOUBT_ANSWERED, by=by, now=now, entry=entry, group=group, initiative=entry.adoption.initiative)
    count_act(entry.adoption, group, verb=words.DOUBT_ANSWERED, now=now)
    tell(doubt, entry, to=[doubt.doubted_by], now=now)
    if asked:
        write_letters(
            words.DOUBT_TO_JUDGE,
            to=[asked],
            key=str(doubt.pk),
            link=doubt.get_absolute_url(),
            now=now,
            by=by,
            deadline=deadline,
            entry=entry.title,
            group=doubt.group,
            silence_at=deadline.due_at,
            silence=JUDGE_DOUBT.silence_means,
        )


@transaction.atomic
def uphold_doubt(doubt: Doubt, *, note: str, by: User, now: datetime) -> Doubt:
    """A reviewer finds the doubt right: the entry does not count."""
    return _judge(doubt, State.UPHELD, words.DOUBT_UPHELD, note=note, by=by, now=now)


@transaction.atomic
def dismiss_doubt(doubt: Doubt, *, note: str, by: User, now: datetime) -> Doubt:
    """A reviewer finds the answer good: the entry counts."""
    return _judge(doubt, State.DISMISSED, words.DOUBT_DISMISSED, note=note, by=by, now=now)


def _judge(doubt: Doubt, state: State, verb: Verb, *, note: str, by: User, now: datetime) -> Doubt:
    entry, doubt = _held(doubt)
    _refuse_ended(doubt)
    if doubt.state == State.OPEN:
        raise Refused(_("The group has not answered yet. A reviewer judges once it has."))
    if doubt.doubted_by_id == by.pk:
        raise Refused(_("You doubted this entry yourself, so another reviewer judges it."))
    if not note:
        raise Refused(_("Say why: the group and whoever doubted read it."), field="note")
    doubt.note, doubt.judged_at, doubt.judged_by = note, now, by
    meet_deadline(JUDGE_DOUBT, doubt, now=now, by=by, outcome=state)
    write(verb, by=by, now=now, entry=entry, group=entry.group)
    _end(doubt, entry, state, now=now)
    _tell_everybody(doubt, entry, now=now)
    return doubt


@ANSWER_DOUBT.when_silent
@transaction.atomic
def strike_unanswered(doubt: Doubt, *, now: datetime) -> None:
    """Ten working days without an answer: the entry does not count."""
    entry, doubt = _held(doubt)
    write(words.DOUBT_UNANSWERED, by=None, now=now, entry=entry, group=entry.group)
    _end(doubt, entry, State.UNANSWERED, now=now)
    _tell_everybody(doubt, entry, now=now)


@JUDGE_DOUBT.when_silent
@transaction.atomic
def let_doubt_fall(doubt: Doubt, *, now: datetime) -> None:
    """Answered, and no reviewer said otherwise in ten working days: the entry counts."""
    entry, doubt = _held(doubt)
    write(words.DOUBT_FELL, by=None, now=now, entry=entry, group=entry.group)
    _end(doubt, entry, State.FALLEN, now=now)
    _tell_everybody(doubt, entry, now=now)


def end_doubt_of(entry: Entry, *, now: datetime) -> None:
    """The entry is withdrawn: there is nothing left to doubt, and whoever did is told."""
    for doubt in entry.doubts.filter(state__in=Doubt.RUNNING).select_related("doubted_by", "group"):
        _make_pointless(doubt, now=now)
        tell(doubt, entry, to=[doubt.doubted_by], now=now)


@when_term_ends
def end_doubts(adoption: Adoption, *, now: datetime) -> None:
    """Nothing of an ended term is measured any more: nobody owes an answer, and what counted goes on to count."""
    for doubt in Doubt.objects.filter(entry__adoption=adoption, state__in=Doubt.RUNNING):
        _make_pointless(doubt, now=now)
    Entry.objects.filter(adoption=adoption, state=Entry.State.DOUBTED).update(state=Entry.State.COUNTS)


def _make_pointless(doubt: Doubt, *, now: datetime) -> None:
    cancel_deadline(RULES[doubt.state], doubt, now=now)
    doubt.state, doubt.ended_at = State.POINTLESS, now
    doubt.save()


def _held(doubt: Doubt) -> tuple[Entry, Doubt]:
    """The adoption, the entry, then the doubt, held in this order everywhere."""
    entry = hold_entry(doubt.entry)
    held = Doubt.objects.select_for_update(of=("self",), no_key=True).select_related("group", "doubted_by")
    return entry, held.get(pk=doubt.pk)


def _refuse_ended(doubt: Doubt) -> None:
    if not doubt.is_running:
        raise Refused(
            _("This doubt has ended: %(state)s. What you wrote is still here.") % {"state": doubt.get_state_display()}
        )


def _end(doubt: Doubt, entry: Entry, state: State, *, now: datetime) -> None:
    doubt.state, doubt.ended_at = state, now
    doubt.save()
    settle(entry, now=now)


def _tell_everybody(doubt: Doubt, entry: Entry, *, now: datetime) -> None:
    tell(doubt, entry, to=[doubt.doubted_by, *members_who_lead(entry.adoption)], now=now)


def tell(doubt: Doubt, entry: Entry, *, to: list[User], now: datetime) -> None:
    """What became of a doubt, without a word of what anybody wrote."""
    write_letters(
        words.DOUBT_NEWS,
        to=to,
        key=f"{doubt.pk}:{doubt.state}",
        link=doubt.get_absolute_url(),
        now=now,
        entry=entry.title,
        group=entry.group,
        outcome=lambda: doubt.get_state_display(),
        counts=lambda: words.counts_words(counts=entry.counts),
    )
