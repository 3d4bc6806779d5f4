from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

FORMED = Verb("groups.formed", _("%(by)s formed the group %(group)s"))
ASKED = Verb("groups.asked", _("%(by)s asked to join %(group)s"))
JOINED = Verb("groups.joined", _("A new member joined %(group)s"))
JOINED_BY_SILENCE = Verb("groups.joined_by_silence", _("Nobody answered for 14 days: a new member joined %(group)s"))
DECLINED = Verb("groups.declined", _("%(group)s declined a request to join"))
LEFT = Verb("groups.left", _("%(by)s left %(group)s"))
INVITED = Verb("groups.invited", _("%(by)s invited somebody to %(group)s"))
COORDINATES = Verb("groups.coordinates", _("%(group)s has a new coordinator"))
CHANGED = Verb("groups.changed", _("%(by)s changed the description of %(group)s"))
CONFIRMED = Verb("groups.confirmed", _("%(by)s confirmed that %(group)s acts for its organisation"))
FACILITATOR_ACCEPTED = Verb("groups.facilitator_accepted", _("%(by)s accepted a facilitator for %(group)s"))
FACILITATION_ENDED = Verb("groups.facilitation_ended", _("A facilitator of %(group)s stopped"))

topic("groups", _("Groups"))
ASKS_TO_JOIN = LetterKind(
    "groups.asks_to_join",
    title=_("Requests to join groups that I coordinate"),
    subject=_("By %(due_at)s: %(person)s asks to join %(group)s"),
    happened=_("%(person)s asks to join %(group)s."),
    asked=_("Answer by %(due_at)s, with one click."),
    silence=_("If nobody answers, %(person)s becomes a member on that day."),
    link_words=_("Answer"),
    why=_("You get this because you coordinate the group."),
)
ADMITTED = LetterKind(
    "groups.admitted",
    title=_("I became a member"),
    subject=_("You are a member of %(group)s"),
    happened=_("You are now a member of %(group)s. Members log what was done and answer for the group."),
    link_words=_("Open the group"),
    why=_("You get this because you asked to join."),
)
NOT_ADMITTED = LetterKind(
    "groups.not_admitted",
    title=_("A group said no"),
    subject=_("%(group)s said no for now"),
    happened=_("%(group)s declined your request to join. You can form a group of your own, or ask another one."),
    link_words=_("All groups"),
    why=_("You get this because you asked to join."),
)
INVITATION = LetterKind(
    "groups.invitation",
    title=_("Invitations to groups"),
    subject=_("By %(due_at)s: will you join %(group)s?"),
    happened=_("%(person)s invites you to the working group %(group)s."),
    asked=_("Accept or decline by %(due_at)s."),
    silence=_("If you do not answer, the invitation lapses. Nobody is told, and your name is not shown."),
    link_words=_("Answer the invitation"),
    why=_("You get this because somebody named you."),
)
YOU_FACILITATE = LetterKind(
    "groups.you_facilitate",
    title=_("Groups that accept me as a facilitator"),
    subject=_("%(group)s accepts you as a facilitator"),
    happened=_(
        "%(group)s accepts you as a facilitator: you can ask for resources and book rooms in its name, as long as you "
        "hold the role. You and the group can end it at any time."
    ),
    link_words=_("Open the group"),
    why=_("You get this because you are a facilitator."),
)
FACILITATION_OVER = LetterKind(
    "groups.facilitation_over",
    title=_("A facilitator and a group part"),
    subject=_("%(person)s no longer facilitates %(group)s"),
    happened=_("%(person)s no longer asks for resources in the name of %(group)s. What was booked stays."),
    link_words=_("Open the group"),
    why=_("You get this because you coordinate the group, or facilitated it."),
)
