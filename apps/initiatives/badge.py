"""The state of an initiative, computed when it is read (product.md, State of an initiative; first match wins).

The states of the product that no page can reach yet (done, on hold, handing over) come with the acts that
lead to them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.dates import day
from apps.initiatives.models import Adoption

NOTICE_DAYS = 14
REMINDER_DAYS = (46, 57)
QUIET_DAYS = 60
LAPSE_DAYS = 90
EARLY_STEPS_DAYS = 90
TERM_DAYS = 365
TERM_REMINDER_DAYS = (335, 358)


class State(TextChoices):
    PROPOSED = "proposed", gettext_lazy("Proposed")
    QUIET = "quiet", gettext_lazy("Quiet")
    LED = "led", gettext_lazy("Led")
    RELEASED = "released", gettext_lazy("Released")
    OPEN = "open", gettext_lazy("Open")


@dataclass(frozen=True)
class Badge:
    """A state with the reason it was computed from; `changes_at` is when time alone would change it.

    `say` makes the sentence when it is shown: a list of all initiatives shows few of them.
    """

    state: State
    say: Callable[[], str]
    changes_at: datetime | None = None

    @property
    def sentence(self) -> str:
        return self.say()


def running_state(adoption: Adoption, now: datetime) -> State:
    """The state of an initiative whose adoption runs, from the adoption row alone."""
    if now < adoption.notice_ends_at:
        return State.PROPOSED
    if now >= quiet_at(adoption):
        return State.QUIET
    return State.LED


def quiet_at(adoption: Adoption) -> datetime:
    """When the badge turns quiet if nothing more happens: day 60, or day 90 without the first four must-steps."""
    silent = adoption.last_act_at + timedelta(days=QUIET_DAYS)
    if adoption.early_steps_met_at is None:
        return min(silent, adoption.adopted_at + timedelta(days=EARLY_STEPS_DAYS))
    return silent


def ended_state(adoption: Adoption | None) -> State:
    if adoption is not None and adoption.ending == Adoption.Ending.STEPPED_DOWN:
        return State.RELEASED
    return State.OPEN


def badge_of(running: Adoption | None, last_ended: Adoption | None, now: datetime) -> Badge:
    """The badge with its sentence; `running` or else `last_ended` is the newest adoption, if there was one."""
    if running is None:
        return Badge(ended_state(last_ended), lambda: ended_sentence(last_ended))
    state = running_state(running, now)
    if state is State.PROPOSED:
        return Badge(state, lambda: proposed_sentence(running), running.notice_ends_at)
    if state is State.QUIET:
        return Badge(state, lambda: quiet_sentence(running, now), running.last_act_at + timedelta(days=LAPSE_DAYS))
    return Badge(state, lambda: _("Led since %(day)s.") % {"day": day(running.adopted_at)}, quiet_at(running))


def proposed_sentence(adoption: Adoption) -> str:
    words = _("Adopted on %(day)s. The notice runs until %(until)s; the group leads already.")
    return words % {"day": day(adoption.adopted_at), "until": day(adoption.notice_ends_at)}


def quiet_sentence(adoption: Adoption, now: datetime) -> str:
    silent_days = (now - adoption.last_act_at).days
    if silent_days >= QUIET_DAYS:
        words = ngettext("No counted act for %(days)d day.", "No counted act for %(days)d days.", silent_days)
        return words % {"days": silent_days}
    return _("The first four must-steps of the checklist were not met in 90 days.")


def ended_sentence(adoption: Adoption | None) -> str:
    if adoption is None or adoption.ended_at is None:
        return _("Nobody leads this here yet.")
    words = {
        Adoption.Ending.STEPPED_DOWN: _("Nobody leads this here since %(day)s; the last lead stepped down."),
        Adoption.Ending.LAPSED: _("Nobody leads this here since %(day)s; the last term lapsed."),
        Adoption.Ending.EXPIRED: _("Nobody leads this here since %(day)s; the last term ended."),
    }
    return words[Adoption.Ending(adoption.ending)] % {"day": day(adoption.ended_at)}
