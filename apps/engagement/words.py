from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.text import listed
from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

LOGGED = Verb("engagement.logged", _("%(group)s logged “%(step)s” for %(initiative)s"), counts=True)
WITHDRAWN = Verb("engagement.withdrawn", _("%(group)s withdrew an entry for %(initiative)s"))
NAMED = Verb("engagement.named", _("%(group)s named those whom it tells about %(initiative)s"))
HANDED_IN = Verb("engagement.handed_in", _("%(group)s handed in steps of %(initiative)s for review"))
ACCEPTED = Verb("engagement.accepted", _("A reviewer accepted “%(step)s” of %(group)s"))
MORE_ASKED = Verb("engagement.more_asked", _("A reviewer asked %(group)s for more on “%(step)s”"))
WAIVED = Verb("engagement.waived", _("A reviewer waived “%(step)s” for %(group)s"))
REFUSED = Verb("engagement.refused", _("A reviewer refused “%(step)s” of %(group)s"))
CONFIRMED_BY_SILENCE = Verb(
    "engagement.confirmed_by_silence", _("Nobody reviewed it in time: “%(step)s” of %(group)s is confirmed by silence")
)
NOT_REVIEWED = Verb(
    "engagement.not_reviewed", _("Nobody reviewed it in time: “%(step)s” of %(group)s reads “not reviewed”")
)

MOVED = Verb("engagement.moved", _("%(group)s moved %(initiative)s to guidelines %(version)s"))

topic("engagement", _("Engagement and its reviews"))
REVIEW_ASKED = LetterKind(
    "engagement.review_asked",
    title=_("Steps that I am asked to review"),
    subject=_("By %(due_at)s: review %(what)s"),
    happened=_(
        "%(group)s handed in %(what)s for “%(initiative)s”. You have no part in it and are asked first; any other "
        "reviewer may answer too."
    ),
    asked=_("Accept, ask for more or waive by %(due_at)s."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s. The group works on meanwhile."),
    link_words=_("Open the review queue"),
    why=_("You get this because you are a reviewer."),
)
DECIDED = LetterKind(
    "engagement.decided",
    title=_("What a reviewer decided for my groups"),
    subject=_("“%(step)s”: %(decision)s"),
    happened=_("A reviewer answered on “%(step)s” of “%(initiative)s”: %(decision)s. %(note)s"),
    link_words=_("Open the checklist"),
    why=_("You get this because you are a member of the group."),
)
SETTLED_BY_SILENCE = LetterKind(
    "engagement.settled_by_silence",
    title=_("Reviews of my groups that silence settled"),
    subject=_("Settled by silence: %(outcome)s"),
    happened=_(
        "Nobody reviewed for 20 working days what your group handed in for “%(initiative)s”, so it is settled: "
        "%(outcome)s. You have nothing to wait for."
    ),
    link_words=_("Open the checklist"),
    why=_("You get this because you are a member of the group."),
)


MOVED_LETTER = LetterKind(
    "engagement.moved",
    title=_("An adoption of my groups moves to newer guidelines"),
    subject=_("“%(initiative)s” is under guidelines %(number)s now"),
    happened=_(
        "A coordinator moved your adoption of “%(initiative)s” to guidelines %(number)s. Steps that are still there "
        "keep their entries and decisions; new ones are open."
    ),
    link_words=_("Open the checklist"),
    why=_("You get this because you are a member of the group."),
)
CAN_MOVE = LetterKind(
    "engagement.can_move",
    title=_("Newer guidelines that my adoptions can move to"),
    subject=_("Guidelines %(number)s are in force; yours for “%(initiative)s” stay %(before)s"),
    happened=_(
        "Guidelines %(number)s are in force. Your adoption of “%(initiative)s” keeps guidelines %(before)s as long as "
        "you like."
    ),
    asked=_("If you want to move on, read what changes in the checklist, then move with one click."),
    link_words=_("See what changes"),
    why=_("You get this because you coordinate a group that leads it."),
)


def settled_words(*, confirmed: int, not_reviewed: int) -> str:
    """ "3 steps confirmed by silence, 1 step not reviewed": the outcomes that there are."""
    outcomes = {
        ngettext("%(count)d step confirmed by silence", "%(count)d steps confirmed by silence", confirmed): confirmed,
        ngettext("%(count)d step not reviewed", "%(count)d steps not reviewed", not_reviewed): not_reviewed,
    }
    return listed(words % {"count": count} for words, count in outcomes.items() if count)
