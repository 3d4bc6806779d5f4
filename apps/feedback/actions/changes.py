"""Holding a round, counting it as an act of the lead, and telling those above that it changed."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.feedback.models import Round
from apps.initiatives.actions import count_act, hold_term_led_by
from apps.record.actions import write
from apps.record.verbs import Verb

# What features above do with a round; feedback knows none of them.
WhenRoundChanges = Callable[..., None]
WHEN_ROUND_CHANGES: list[WhenRoundChanges] = []


def when_round_changes(follow: WhenRoundChanges) -> WhenRoundChanges:
    """Register an action, `follow(round_, *, now)`, that takes part in the transaction which changed a round.

    It is called when a round opens, closes or is cancelled, and when a translation, a report or the summary is
    there. It can be called again for what it knows already.
    """
    WHEN_ROUND_CHANGES.append(follow)
    return follow


def tell_of_change(round_: Round, *, now: datetime) -> None:
    for follow in WHEN_ROUND_CHANGES:
        follow(round_, now=now)


def held(round_: Round, *expected: Round.State) -> Round:
    """The round as it is now, held until the transaction ends; refused when it is in none of these states."""
    round_ = (
        Round.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group", "initiative")
        .get(pk=round_.pk)
    )
    if round_.state not in expected:
        words = _("This is not possible any more. The round is: %(state)s.")
        raise Refused(words % {"state": round_.get_state_display()})
    return round_


def hold_open_rounds(*also: int) -> list[Round]:
    """Every open round, and these, as they are now, held until the transaction ends.

    Whoever holds several holds them in one order, before all that belongs to them: two acts never wait for each other.
    """
    rounds = Round.objects.select_for_update(of=("self",), no_key=True).select_related("group", "initiative")
    return list(rounds.filter(Q(state=Round.State.OPEN) | Q(pk__in=also)).order_by("pk"))


def write_act(round_: Round, verb: Verb, *, by_lead: Verb, by: User, now: datetime) -> None:
    """Write what a group did, and count it where the group leads the initiative."""
    term = hold_term_led_by(round_.group, initiative=round_.initiative)
    done = by_lead if term else verb
    write(done, by=by, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    if term:
        count_act(term, round_.group, verb=done, now=now)
