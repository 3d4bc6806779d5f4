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
WILLING = Verb("groups.willing", _("A member of %(group)s offers to coordinate: its coordinators seem to be gone"))
STILL_HERE = Verb("groups.still_here", _("The coordinators of %(group)s are there"))
COORDINATES_BY_SILENCE = Verb(
    "groups.coordinates_by_silence", _("Nobody answered for 14 days: a member of %(group)s coordinates it")
)
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
ARE_YOU_THERE = LetterKind(
    "groups.are_you_there",
    title=_("Members ask whether the coordinators are there"),
    subject=_("By %(due_at)s: are you still there for %(group)s?"),
    happened=_(
        "A member of %(group)s, which you coordinate, thinks that its coordinators are gone and offers to help."
    ),
    asked=_("Say by %(due_at)s that you are there, or make a member coordinator, with one click."),
    silence=_("If nobody answers, the member who offers to, and has been active longest, becomes coordinator, too."),
    link_words=_("Answer"),
    why=_("You get this because you coordinate the group."),
)
YOU_COORDINATE = LetterKind(
    "groups.you_coordinate",
    title=_("I became coordinator of a group"),
    subject=_("You coordinate %(group)s now"),
    happened=_("No coordinator of %(group)s answered for 14 days, so you coordinate it from today. Thank you."),
    link_words=_("Open the group"),
    why=_("You get this because you offered to."),
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

MEETING_PLANNED_LETTER = LetterKind(
    "groups.meeting_planned",
    title=_("Meetings that my groups plan"),
    subject=_("%(group)s meets on %(starts_at)s"),
    happened=_("%(group)s plans a meeting. It begins on %(starts_at)s; its page says where, and about what."),
    asked=_("If you want to come, say so there: then you are told of a new time or place. Nothing else is owed."),
    link_words=_("Open the meeting"),
    why=_("You get this because you are a member of the group."),
)
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

# --- Proposals -------------------------------------------------------------------------------

PROPOSED = Verb("groups.proposed", _("%(group)s opened a proposal: %(proposal)s"))
VERSION_PUBLISHED = Verb("groups.version_published", _("%(group)s published a new version of a proposal: %(proposal)s"))
POSITION_TAKEN = Verb("groups.position_taken", _("%(by)s took a position on a proposal of %(group)s: %(proposal)s"))
OBJECTED = Verb("groups.objected", _("%(by)s objected to a proposal of %(group)s: %(proposal)s"))
OBJECTION_ANSWERED = Verb("groups.objection_answered", _("%(group)s answered an objection to a proposal: %(proposal)s"))
OBJECTION_SETTLED = Verb("groups.objection_settled", _("%(by)s settled an objection to a proposal: %(proposal)s"))
DECIDED = Verb("groups.decided", _("%(group)s decided by lazy consensus: %(proposal)s"), counts=True)
FELL = Verb("groups.fell", _("An objection stayed without an answer: a proposal of %(group)s fell: %(proposal)s"))
WITHDRAWN = Verb("groups.withdrawn", _("%(group)s withdrew a proposal: %(proposal)s"))

PROPOSED_LETTER = LetterKind(
    "groups.proposed",
    title=_("Proposals of my groups"),
    subject=_("By %(closes_at)s: a proposal of %(group)s"),
    happened=_("%(group)s has opened a proposal. You can support it, stand aside, or object with a reason."),
    asked=_("Say what you think by %(closes_at)s."),
    silence=_("Silence is consent: without an open objection it is adopted on that day."),
    link_words=_("Read the proposal"),
    why=_("You get this because you are a member of the group."),
)
NEW_VERSION_LETTER = LetterKind(
    "groups.new_version",
    title=_("New versions of proposals on which I took a position"),
    subject=_("By %(closes_at)s: a new version of a proposal of %(group)s"),
    happened=_("A proposal of %(group)s, on which you took a position, has a new version."),
    asked=_("Say by %(closes_at)s what you think of it now."),
    silence=_("If you do not, your position stays as it is, with the number of the version it was about."),
    link_words=_("Compare the versions"),
    why=_("You get this because you took a position."),
)
OBJECTION_LETTER = LetterKind(
    "groups.objection",
    title=_("Objections to proposals of groups that I coordinate"),
    subject=_("Somebody objects to a proposal of %(group)s"),
    happened=_("A member of %(group)s objects to a proposal. Its end date is %(closes_at)s."),
    asked=_("Answer the objection, or publish a new version."),
    silence=_("On the end date an open objection stops it; 14 days later it falls if nobody answered."),
    link_words=_("Read the objection"),
    why=_("You get this because you coordinate the group."),
)
OBJECTIONS_OWED_LETTER = LetterKind(
    "groups.objections_owed",
    title=_("Answers that my group owes to objections"),
    subject=_("By %(due_at)s: an answer to an objection is owed by %(group)s"),
    happened=_("The end date of a proposal of %(group)s has passed, and an objection is not answered."),
    asked=_("Answer it by %(due_at)s."),
    silence=_("If nobody answers, the proposal falls on that day."),
    link_words=_("Answer the objection"),
    why=_("You get this because you coordinate the group."),
)
OBJECTION_ANSWERED_LETTER = LetterKind(
    "groups.objection_answered",
    title=_("Answers to my objections"),
    subject=_("By %(due_at)s: is your objection answered?"),
    happened=_("%(group)s answered your objection to its proposal."),
    asked=_("Say by %(due_at)s whether it is answered, or stands."),
    silence=_("If you say nothing, it counts as answered on that day."),
    link_words=_("Read the answer"),
    why=_("You get this because you objected."),
)
PROPOSAL_ENDED_LETTER = LetterKind(
    "groups.proposal_ended",
    title=_("How proposals ended on which I took a position"),
    subject=_("A proposal of %(group)s: %(how)s"),
    happened=_("A proposal of %(group)s has ended: %(how)s."),
    link_words=_("Open the proposal"),
    why=_("You get this because you took a position, or coordinate the group."),
)
