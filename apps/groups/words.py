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

# --- Meetings --------------------------------------------------------------------------------

MEETING_PLANNED = Verb("groups.meeting_planned", _("%(group)s planned a meeting: %(meeting)s"))
MEETING_CHANGED = Verb("groups.meeting_changed", _("%(group)s changed a meeting: %(meeting)s"))
MEETING_CANCELLED = Verb("groups.meeting_cancelled", _("%(group)s cancelled a meeting: %(meeting)s"))
NOTES_PUBLISHED = Verb(
    "groups.notes_published", _("%(group)s published the notes of a meeting: %(meeting)s"), counts=True
)
NOTES_CORRECTED = Verb("groups.notes_corrected", _("%(group)s corrected the notes of a meeting: %(meeting)s"))
NO_NOTES = Verb("groups.no_notes", _("Nobody published notes within 7 days of a meeting of %(group)s: %(meeting)s"))

MEETING_MOVED_LETTER = LetterKind(
    "groups.meeting_moved",
    title=_("A meeting that I want to come to has changed"),
    subject=_("Now on %(starts_at)s: the meeting of %(group)s"),
    happened=_("A meeting of %(group)s has a new time or place. It begins on %(starts_at)s."),
    asked=_("If you cannot come then, you need not do anything."),
    link_words=_("Open the meeting"),
    why=_("You get this because you said that you want to come."),
    urgent=True,
)
MEETING_CANCELLED_LETTER = LetterKind(
    "groups.meeting_cancelled",
    title=_("A meeting that I want to come to is cancelled"),
    subject=_("Cancelled: the meeting of %(group)s on %(starts_at)s"),
    happened=_("The meeting of %(group)s on %(starts_at)s is cancelled. The reason stands on its page."),
    link_words=_("Open the meeting"),
    why=_("You get this because you said that you want to come."),
    urgent=True,
)
NOTES_LETTER = LetterKind(
    "groups.notes_published",
    title=_("Notes of a meeting that I wanted to come to"),
    subject=_("The notes of a meeting of %(group)s are there"),
    happened=_("%(group)s published the notes of its meeting on %(starts_at)s."),
    link_words=_("Read the notes"),
    why=_("You get this because you said that you want to come."),
)
