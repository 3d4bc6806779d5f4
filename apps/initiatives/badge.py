"""The state of an initiative, computed when it is read (product.md, State of an initiative; first match wins)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.dates import day
from apps.initiatives.models import Adoption, Ending

NOTICE_DAYS = 14
REMINDER_DAYS = (46, 57)
QUIET_DAYS = 60
LAPSE_DAYS = 90
EARLY_STEPS_DAYS = 90
TERM_DAYS = 365
TERM_REMINDER_DAYS = (335, 358)


BID_DAYS = 14
OBJECTION_DAYS = 14
# A silent group leaves on its own day 90, and not before it has led together with another one for so long.
TOGETHER_DAYS = 14
HOLD_DAYS = 180
HOLD_WINDOW_DAYS = 365
HOLD_FORGOTTEN_DAYS = 14
CONCLUSION_DAYS = 14
# Whoever led an initiative before this site existed can say so in these days after its launch.
INCUMBENT_DAYS = 60


class State(TextChoices):
    DONE = "done", gettext_lazy("Done")
    ON_HOLD = "on_hold", gettext_lazy("On hold")
    PROPOSED = "proposed", gettext_lazy("Proposed")
    HANDING_OVER = "handing_over", gettext_lazy("Handing over")
    QUIET = "quiet", gettext_lazy("Quiet")
    LED = "led", gettext_lazy("Led")
    RELEASED = "released", gettext_lazy("Released")
    OPEN = "open", gettext_lazy("Open")


@dataclass(frozen=True)
class Badge:
    """A state with the reason it was computed from; `changes_at` is when time alone would change it.

    `is_asked_for`: what changes is that a group which has asked for a part in the lead has it. `say` makes the
    sentence when it is shown: a list of all initiatives shows few of them.
    """

    state: State
    say: Callable[[], str]
    changes_at: datetime | None = None
    is_asked_for: bool = False

    @property
    def sentence(self) -> str:
        return self.say()


def running_state(adoption: Adoption, now: datetime) -> State:
    """The state of an initiative whose adoption runs, from the adoption row alone."""
    if adoption.hold_review_at is not None:
        return State.ON_HOLD
    if now < adoption.notice_ends_at:
        return State.PROPOSED
    if adoption.handing_over_at is not None:
        return State.HANDING_OVER
    if now >= quiet_at(adoption):
        return State.QUIET
    return State.LED


def quiet_at(adoption: Adoption) -> datetime:
    """When the badge turns quiet if nothing more happens.

    That is day 60, or day 90 after the adoption without the first four must-steps, or when a hold was forgotten.
    """
    reasons = [adoption.last_act_at + timedelta(days=QUIET_DAYS)]
    if adoption.early_steps_met_at is None:
        reasons.append(early_steps_by(adoption))
    if adoption.forgotten_at is not None:
        reasons.append(adoption.forgotten_at)
    return min(reasons)


def early_steps_by(adoption: Adoption) -> datetime:
    """By when the first four must-steps are met: a group that takes the lead over has its own 90 days for them."""
    return (adoption.taken_over_at or adoption.adopted_at) + timedelta(days=EARLY_STEPS_DAYS)


def lapse_at(adoption: Adoption) -> datetime:
    """When the term lapses if nothing more happens and nobody has asked for a part in the lead.

    After a forgotten hold the days count from its end; a group that was to leave beside another one leaves later.
    """
    day_90 = max(adoption.last_act_at, adoption.forgotten_at or adoption.last_act_at) + timedelta(days=LAPSE_DAYS)
    return max(day_90, adoption.leaves_at or day_90)


def forgotten_at(review_at: datetime) -> datetime:
    """When a hold that is to be reviewed on a day counts as forgotten."""
    return review_at + timedelta(days=HOLD_FORGOTTEN_DAYS)


def ended_state(adoption: Adoption | None) -> State:
    ending = adoption.ending if adoption is not None else ""
    return {Ending.STEPPED_DOWN.value: State.RELEASED, Ending.CONCLUDED.value: State.DONE}.get(ending, State.OPEN)


def badge_of(running: Adoption | None, last_ended: Adoption | None, now: datetime) -> Badge:
    """The badge with its sentence; `running` or else `last_ended` is the newest adoption, if there was one."""
    if running is None:
        return Badge(ended_state(last_ended), lambda: ended_sentence(last_ended))
    state = running_state(running, now)
    if state is State.ON_HOLD:
        review_at = running.hold_review_at or now
        return Badge(state, lambda: on_hold_sentence(running, now), forgotten_at(review_at))
    if state is State.PROPOSED:
        return Badge(state, lambda: proposed_sentence(running), running.notice_ends_at)
    asked, silent_at = running.shared_at is not None, running.shared_at or lapse_at(running)
    if state is State.HANDING_OVER:
        return Badge(state, lambda: handing_over_sentence(running), silent_at, asked)
    if state is State.QUIET:
        return Badge(state, lambda: quiet_sentence(running, now), silent_at, asked)
    return Badge(state, lambda: led_sentence(running), quiet_at(running))


def led_sentence(adoption: Adoption) -> str:
    words = (
        _("Led since %(day)s; who leads now took over on %(then)s.")
        if adoption.taken_over_at
        else _("Led since %(day)s.")
    )
    since = words % {"day": day(adoption.adopted_at), "then": day(adoption.taken_over_at or adoption.adopted_at)}
    if adoption.concludes_at is None:
        return since
    return f"{since} {_('Its lead says it is done; it concludes on %(day)s.') % {'day': day(adoption.concludes_at)}}"


def on_hold_sentence(adoption: Adoption, now: datetime) -> str:
    review_at = adoption.hold_review_at or now
    words = _("On hold; the lead looks at it again on %(day)s.")
    if review_at <= now:
        words = _("On hold; the lead wanted to look at it again on %(day)s. It turns quiet on %(quiet)s.")
    return words % {"day": day(review_at), "quiet": day(forgotten_at(review_at))}


def proposed_sentence(adoption: Adoption) -> str:
    words = _("Adopted on %(day)s. The notice runs until %(until)s; the group leads already.")
    return words % {"day": day(adoption.adopted_at), "until": day(adoption.notice_ends_at)}


def handing_over_sentence(adoption: Adoption) -> str:
    since = adoption.handing_over_at or adoption.adopted_at
    return _("The lead seeks a successor since %(day)s: whoever adopts it leads at once.") % {"day": day(since)}


def quiet_sentence(adoption: Adoption, now: datetime) -> str:
    silent_days = (now - adoption.last_act_at).days
    if silent_days >= QUIET_DAYS:
        words = ngettext("No counted act for %(days)d day.", "No counted act for %(days)d days.", silent_days)
        return words % {"days": silent_days}
    if adoption.forgotten_at is not None:
        return _("It was put on hold, and nobody looked at it again by %(day)s.") % {"day": day(adoption.forgotten_at)}
    return _("The first four must-steps of the checklist were not met in 90 days.")


def ended_sentence(adoption: Adoption | None) -> str:
    if adoption is None or adoption.ended_at is None:
        return _("Nobody leads this here yet.")
    words = {
        Ending.STEPPED_DOWN: _("Nobody leads this here since %(day)s; the last lead stepped down."),
        Ending.LAPSED: _("Nobody leads this here since %(day)s; the last term lapsed."),
        Ending.EXPIRED: _("Nobody leads this here since %(day)s; the last term ended."),
        Ending.HANDED_OVER: _("Nobody leads this here since %(day)s; the last lead handed it over."),
        Ending.OBJECTED: _("Nobody leads this here since %(day)s; a reviewer ended the adoption after an objection."),
        Ending.CONCLUDED: _("Concluded on %(day)s. Anybody can reopen it by adopting it again."),
    }
    return words[Ending(adoption.ending)] % {"day": day(adoption.ended_at)}
