"""A round from its draft to its closing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.feedback import queries, words
from apps.feedback.actions.carrying import ask_for_open_rounds, ask_liaisons, release_liaisons, widen_carries
from apps.feedback.actions.changes import held, hold_open_rounds, tell_of_change, write_act
from apps.feedback.actions.translations import ask_translators
from apps.feedback.deadlines import CLOSE, OPEN_DRAFT, SUMMARISE
from apps.feedback.models import OPEN_AT_LEAST, Carry, Round
from apps.feedback.queries import people_to_tell
from apps.groups.models import Group
from apps.groups.policy import coordinates
from apps.groups.queries import coordinators_of
from apps.initiatives.models import Initiative
from apps.notifications.actions import write_letters
from apps.record.actions import write

State = Round.State
WORDS = ("title", "text", "questions")


@transaction.atomic
def draft_round(
    *, group: Group, initiative: Initiative, closes_at: datetime, by: User, now: datetime, **asked: Any
) -> Round:
    """Draft a round, for any coordinator of the group to open; only members see it.

    `asked` holds title, text, questions, language, languages and regions, as the form gives them. Refuses a closing
    date less than 21 days ahead, and the same draft twice.
    """
    Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    refuse_early_closing(closes_at, now=now)
    unfinished = group.rounds.filter(initiative=initiative, state__in=[State.DRAFT, State.OPEN])
    if unfinished.filter(title=asked["title"], text=asked["text"]).exists():
        raise Refused(_("Your group has this round already: it stands on the page of feedback rounds."), field="title")
    round_ = Round.objects.create(
        group=group, initiative=initiative, closes_at=closes_at, drafted_at=now, drafted_by=by, **asked
    )
    deadline = open_deadline(OPEN_DRAFT, round_, now=now)
    write(words.DRAFTED, by=by, now=now, group=group, round=round_)
    if not coordinates(by, group):
        write_letters(
            words.DRAFT_READY,
            to=coordinators_of(group),
            key=str(round_.pk),
            link=round_.get_absolute_url(),
            now=now,
            by=by,
            deadline=deadline,
            group=group,
            round=round_,
            due_at=deadline.due_at,
        )
    return round_


def refuse_early_closing(closes_at: datetime, *, now: datetime) -> None:
    if closes_at < now + OPEN_AT_LEAST:
        raise Refused(
            _("A round is open for at least 21 days, so that translations can come. Choose a later day."),
            field="closes_on",
        )


@transaction.atomic
def open_round(round_: Round, *, by: User, now: datetime) -> Round:
    """Open a draft: everybody can answer until it closes by the clock. It counts as an act of the lead.

    Refuses when its closing date has come too near meanwhile.
    """
    round_ = held(round_, State.DRAFT)
    refuse_early_closing(round_.closes_at, now=now)
    round_.state, round_.opened_at, round_.opened_by = State.OPEN, now, by
    round_.save(update_fields=["state", "opened_at", "opened_by"])
    meet_deadline(OPEN_DRAFT, round_, now=now, by=by, outcome="opened")
    open_deadline(CLOSE, round_, now=now, ends_at=round_.closes_at)
    write_act(round_, words.OPENED, by_lead=words.OPENED_BY_LEAD, by=by, now=now)
    ask_translators(round_, by=by, now=now)
    ask_liaisons(round_, by=by, now=now)
    tell_of_change(round_, now=now)
    return round_


@transaction.atomic
def change_round(round_: Round, *, by: User, now: datetime, **asked: Any) -> Round:
    """Change what is asked. Of an open round the words and whom one would like to hear.

    Other words make its translations outdated; what is wanted more is asked of translators and liaisons. Refuses to
    change language, closing date or the number of questions once people may have answered, and to want no more what
    somebody has translated or a liaison was asked for.
    """
    round_ = held(round_, State.DRAFT, State.OPEN)
    if round_.state == State.OPEN:
        return _change_open(round_, by=by, now=now, **asked)
    refuse_early_closing(asked["closes_at"], now=now)
    for name, value in asked.items():
        setattr(round_, name, value)
    round_.save(update_fields=list(asked))
    return round_


def _change_open(round_: Round, *, by: User, now: datetime, **asked: Any) -> Round:
    words_changed = {name: asked[name] for name in WORDS if asked[name] != getattr(round_, name)}
    wants_more = _want(round_, asked)
    if not words_changed and not wants_more:
        raise Refused(_("Nothing is changed: it reads like this already."))
    if len(asked["questions"]) != len(round_.questions):
        raise Refused(
            _("Answers belong to the questions: change their words, not how many there are."), field="questions"
        )
    for name, value in words_changed.items():
        setattr(round_, name, value)
    round_.version += bool(words_changed)
    round_.save(update_fields=[*WORDS, "version", "languages", "regions"])
    write(words.CHANGED, by=by, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    if wants_more:
        ask_translators(round_, by=by, now=now)
        widen_carries(round_, by=by, now=now)
        ask_liaisons(round_, by=by, now=now)
    return round_


def _want(round_: Round, asked: dict[str, Any]) -> bool:
    """Take over the languages and regions that are wanted from now on; whether any is another one."""
    is_changed = False
    for name in ("languages", "regions"):
        before, wanted = getattr(round_, name), asked.get(name, getattr(round_, name))
        at_work = queries.at_work(round_, name)
        kept = [code for code in before if code in wanted or code in at_work]
        if kept != [code for code in before if code in wanted]:
            raise Refused(
                _("Somebody has translated it, or a liaison was asked, for: %(what)s. So it stays wanted.")
                % {"what": queries.wanted_names(name, [code for code in kept if code not in wanted])},
                field=name,
            )
        setattr(round_, name, [*kept, *(code for code in wanted if code not in before)])
        is_changed |= getattr(round_, name) != before
    return is_changed


@transaction.atomic
def discard_draft(round_: Round, *, by: User, now: datetime) -> None:
    """Put a draft away; nobody outside the group has seen it."""
    round_ = held(round_, State.DRAFT)
    meet_deadline(OPEN_DRAFT, round_, now=now, by=by, outcome="put away")
    _discard(round_, by=by, now=now)


@OPEN_DRAFT.when_silent
@transaction.atomic
def discard_forgotten_draft(round_: Round, *, now: datetime) -> None:
    """Nobody opened it for 30 days."""
    _discard(held(round_, State.DRAFT), by=None, now=now)


def _discard(round_: Round, *, by: User | None, now: datetime) -> None:
    round_.state, round_.closed_at = State.DISCARDED, now
    round_.save(update_fields=["state", "closed_at"])
    write(words.DISCARDED, by=by, now=now, group=round_.group, round=round_)


@transaction.atomic
def cancel_round(round_: Round, *, reason: str, by: User, now: datetime) -> None:
    """End an open round before its time, with a reason that everybody reads; no summary is owed then.

    Whoever carried it has a place free, and is asked for others that are open.
    """
    others = [other for other in hold_open_rounds(round_.pk) if other.pk != round_.pk]
    round_ = held(round_, State.OPEN)
    cancel_deadline(CLOSE, round_, now=now, by=by)
    round_.state, round_.closed_at, round_.cancelled_by, round_.reason = State.CANCELLED, now, by, reason
    round_.save(update_fields=["state", "closed_at", "cancelled_by", "reason"])
    write(words.CANCELLED, by=by, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    write_letters(
        words.CANCELLED_LETTER,
        to=people_to_tell(round_),
        key=str(round_.pk),
        link=round_.get_absolute_url(),
        now=now,
        by=by,
        group=round_.group,
        round=round_,
    )
    freed = release_liaisons(round_, Carry.State.ASKED, Carry.State.ACCEPTED, by=by, now=now)
    ask_for_open_rounds(freed, others, now=now)
    tell_of_change(round_, now=now)


@CLOSE.when_silent
@transaction.atomic
def close_round(round_: Round, *, now: datetime) -> None:
    """The closing day is over: the group owes a summary, of silence too."""
    round_ = held(round_, State.OPEN)
    round_.state, round_.closed_at = State.CLOSED, now
    round_.save(update_fields=["state", "closed_at"])
    write(words.CLOSED, by=None, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    release_liaisons(round_, Carry.State.ASKED, by=None, now=now)
    deadline = open_deadline(SUMMARISE, round_, now=now)
    write_letters(
        words.SUMMARY_OWED,
        to=coordinators_of(round_.group),
        key=str(round_.pk),
        link=round_.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=round_.group,
        round=round_,
        due_at=deadline.due_at,
    )
    tell_of_change(round_, now=now)
