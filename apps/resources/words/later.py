"""Letters about what became of a wish or a use later, about machines, offers and their stewards."""

from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind

USE_ENDED = LetterKind(
    "resources.use_ended",
    title=_("The use of a resource ended"),
    subject=_("%(resource)s: the use has ended"),
    happened=_(
        "The use of “%(resource)s” by your group %(group)s (%(purpose)s) has ended, so that the next group can have "
        "it. You can ask again at any time."
    ),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
MOVED_ON = LetterKind(
    "resources.moved_on",
    title=_("Nobody answered, and the wish went on"),
    subject=_("%(resource)s: nobody answered in time"),
    happened=_(
        "The stewards of “%(resource)s” did not answer the wish of your group %(group)s (%(purpose)s) in time. "
        "%(what_now)s"
    ),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
TRIED_AND_TRIED_AGAIN = _("It is asked again by itself.")
NOT_EVEN_ASKED = _("This site has not been able to ask it yet; it goes on trying by itself.")
STEWARDS_ASKED_FOR_HANDS = LetterKind(
    "resources.stewards_asked_for_hands",
    title=_("What a machine does not do for a resource that I offer"),
    subject=_("By %(due_at)s: %(resource)s for %(group)s needs a hand"),
    happened=_("The machine of “%(resource)s” has not made what %(group)s was given (%(purpose)s). %(tried)s"),
    quote=_("The machine said: “%(quote)s”"),
    asked=_("Any one of the stewards sees to it by %(due_at)s: mend the machine and try again, or do it by hand."),
    silence=_("If nobody does by %(silence_at)s: %(silence)s."),
    link_words=_("See to it"),
    why=_("You get this because you are a steward of this resource."),
    urgent=True,
)
HANDS_FOR_ITS_PEOPLE = STEWARDS_ASKED_FOR_HANDS.case(
    happened=_("The machine of “%(resource)s” does not know yet who of %(group)s takes part (%(purpose)s). %(tried)s")
)
HANDS_FOR_ITS_END = STEWARDS_ASKED_FOR_HANDS.case(
    subject=_("By %(due_at)s: %(resource)s of %(group)s has to be ended by hand"),
    happened=_(
        "%(group)s does not use “%(resource)s” any more (%(purpose)s), and its machine has not ended it: it may still "
        "stand there. %(tried)s"
    ),
)
STEWARDS_ASKED_TO_END = LetterKind(
    "resources.stewards_asked_to_end",
    title=_("What I made for a group is in use no longer"),
    subject=_("By %(due_at)s: %(group)s uses %(resource)s no longer"),
    happened=_("The use of “%(resource)s” by %(group)s (%(purpose)s) is over. No machine ends it: people gave it."),
    asked=_("Any one of the stewards ends it by %(due_at)s, so that nothing goes on or costs more, and says so."),
    silence=_("If nobody does by %(silence_at)s: %(silence)s."),
    link_words=_("See to it"),
    why=_("You get this because you are a steward of this resource."),
)
NOT_MADE_YET = LetterKind(
    "resources.not_made_yet",
    title=_("What my groups were given is late"),
    subject=_("%(resource)s is not ready yet"),
    happened=_(
        "“%(resource)s” for your group %(group)s (%(purpose)s) is not ready: the machine that makes it has not done it "
        "yet. It is asked again by itself, and its stewards were asked to make it by hand by %(due_at)s. You need not "
        "do anything; you are told as soon as it is ready."
    ),
    link_words=_("See how far it is"),
    why=_("You get this because you coordinate the group."),
    urgent=True,
)
MADE_AFTER_ALL = LetterKind(
    "resources.made_after_all",
    title=_("What was late is ready"),
    subject=_("%(resource)s is ready"),
    happened=_(
        "“%(resource)s” for your group %(group)s (%(purpose)s) is ready now. We are sorry that it took so long."
    ),
    link_words=_("Open it"),
    why=_("You get this because you coordinate the group."),
    urgent=True,
)
NEVER_MADE = LetterKind(
    "resources.never_made",
    title=_("What my groups were given was not made"),
    subject=_("%(resource)s was not made in time"),
    happened=_(
        "“%(resource)s” for your group %(group)s (%(purpose)s) was not ready before its time was over: neither the "
        "machine nor a steward made it. We are sorry."
    ),
    link_words=_("Ask for another time"),
    why=_("You get this because you coordinate the group."),
)
WENT_ON_UNMADE = LetterKind(
    "resources.went_on_unmade",
    title=_("What my groups were given was not made, and the wish went on"),
    subject=_("%(resource)s could not be made"),
    happened=_(
        "“%(resource)s” for your group %(group)s (%(purpose)s) was never ready: the machine did not make it, and "
        "no steward did by hand. We are sorry. %(what_now)s"
    ),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
    urgent=True,
)
WENT_ON = LetterKind(
    "resources.went_on",
    title=_("An offer that my group asked for is gone, and the wish went on"),
    subject=_("%(resource)s: nobody answers there any more"),
    happened=_(
        "The wish of your group %(group)s (%(purpose)s) has nobody to answer it at “%(resource)s” any more. "
        "%(what_now)s"
    ),
    quote=_("Whoever withdrew the offer wrote: “%(quote)s”"),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
WITHDRAWN_IN_USE = LetterKind(
    "resources.withdrawn_in_use",
    title=_("Something that my group uses is not offered any more"),
    subject=_("%(resource)s is not offered any more; yours goes on until %(until)s"),
    happened=_(
        "“%(resource)s” was withdrawn. What your group %(group)s has of it (%(purpose)s) is yours until %(until)s, and "
        "ends then."
    ),
    quote=_("Whoever withdrew it wrote: “%(quote)s”"),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
CAN_YOU_HELP = LetterKind(
    "resources.can_you_help",
    title=_("Wishes of groups that I could help with"),
    subject=_("%(group)s wants something that nobody offers: %(sort)s"),
    happened=_("%(group)s wants this, and nobody offers it yet: %(sort)s, for “%(purpose)s”."),
    asked=_("If you can offer it, or know somebody who can: say so on the page. One form is enough."),
    silence=_("It is wanted until %(until)s. Then it is taken off the board, unless the group still needs it."),
    link_words=_("See what is wanted"),
    why=_(
        "You get this once, because you steward something of that kind, are a contact of an affiliate there, or help "
        "groups of that region or language."
    ),
)
CAN_YOU_HELP_THEN = CAN_YOU_HELP.case(
    happened=_("%(group)s wants this on %(starts_at)s, and nobody offers it yet: %(sort)s, for “%(purpose)s”."),
    silence=_("It is wanted until %(until)s. Then it is taken off the board."),
)
TAKEN_ON_LETTER = LetterKind(
    "resources.taken_on",
    title=_("Somebody offers what my group wanted"),
    subject=_("Somebody offers what your group wanted: %(resource)s"),
    happened=_("“%(resource)s” is offered now, and the wish of %(group)s (%(purpose)s) is before its stewards."),
    asked=_("Nothing is asked of you: the stewards owe an answer by %(due_at)s."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s."),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
OFF_THE_BOARD = LetterKind(
    "resources.off_the_board",
    title=_("A wish of my group is not shown as wanted any more"),
    subject=_("%(resource)s: nobody offered it"),
    happened=_(
        "Nobody offered what %(group)s wanted (%(purpose)s), and nobody of you said that it is still needed. It is off "
        "the board now. You can ask again at any time."
    ),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
OFF_THE_BOARD_THEN = OFF_THE_BOARD.case(
    happened=_(
        "Nobody offered what %(group)s wanted on %(starts_at)s (%(purpose)s). It is off the board now. You can ask for "
        "another time."
    )
)
STEWARD_INVITATION = LetterKind(
    "resources.steward_invitation",
    title=_("Invitations to become a steward"),
    subject=_("By %(due_at)s: will you be a steward of %(resource)s?"),
    happened=_("%(person)s invites you to become a steward of “%(resource)s”: to answer groups that ask for it."),
    asked=_("Accept or decline by %(due_at)s."),
    silence=_("If you do not answer, the invitation lapses. Nobody is told, and your name is not shown."),
    link_words=_("Answer the invitation"),
    why=_("You get this because a steward named you."),
)
STEWARD_JOINED = LetterKind(
    "resources.steward_joined",
    title=_("Others become or stop being stewards beside me"),
    subject=_("%(person)s is a steward of %(resource)s now"),
    happened=_("%(person)s accepted and is a steward of “%(resource)s” beside you. Any one of you answers."),
    link_words=_("Open the page of its stewards"),
    why=_("You get this because you are a steward of this resource."),
)
LEFT_WITHOUT = LetterKind(
    "resources.left_without",
    title=_("I am the last steward of something"),
    subject=_("You are the only steward of %(resource)s now"),
    happened=_(
        "%(person)s is no steward of “%(resource)s” any more, so you are the only one. Invite somebody, so that it "
        "does not hang on you alone."
    ),
    link_words=_("Open the page of its stewards"),
    why=_("You get this because you are a steward of this resource."),
)
BOOKING_CHANGED = LetterKind(
    "resources.booking_changed",
    title=_("A booking of my groups has another time"),
    subject=_("Now on %(starts_at)s: %(resource)s"),
    happened=_(
        "Your group %(group)s changed the time of “%(resource)s” (%(purpose)s). It begins on %(starts_at)s and ends on "
        "%(ends_at)s."
    ),
    link_words=_("Open the booking"),
    why=_("You get this because you coordinate the group."),
)
SERIES_CHANGED = BOOKING_CHANGED.case(
    subject=_("Now from %(starts_at)s on: %(resource)s"),
    happened=_(
        "Your group %(group)s changed the times of a series of “%(resource)s” (%(purpose)s). %(how_many)s The first "
        "new time is %(starts_at)s."
    ),
    link_words=_("See all dates"),
)
BOOKING_EXTENDED = BOOKING_CHANGED.case(
    subject=_("%(resource)s goes on for longer"),
    happened=_("Your group %(group)s goes on in “%(resource)s” (%(purpose)s) until %(ends_at)s."),
)
NOBODY_CAME_LETTER = LetterKind(
    "resources.nobody_came",
    title=_("Nobody came to a booking of my groups"),
    subject=_("%(resource)s: nobody came on %(starts_at)s"),
    happened=_(
        "A coordinator of %(group)s said that nobody came to “%(resource)s” on %(starts_at)s (%(purpose)s). It counts "
        "twice against the limit of 30 days."
    ),
    asked=_("If it did take place, say so on its page by %(until)s."),
    silence=_("If none of you says so, it stays counted twice."),
    link_words=_("Open the booking"),
    why=_("You get this because you coordinate the group."),
)
NOBODY_SEEN = NOBODY_CAME_LETTER.case(
    happened=_(
        "The machine of “%(resource)s” saw nobody at what %(group)s had booked on %(starts_at)s (%(purpose)s). It "
        "counts twice against the limit of 30 days."
    )
)
NOBODY_CAME_SAY_STEWARDS = NOBODY_CAME_LETTER.case(
    happened=_(
        "A steward said that nobody came to “%(resource)s” on %(starts_at)s, which %(group)s had booked (%(purpose)s). "
        "It counts twice against the limit of 30 days."
    ),
    asked=_(
        "If it did take place, write to a steward: their names stand on the page of the resource, and any one of them "
        "can correct it by %(until)s."
    ),
    silence=_("If none of them does, it stays counted twice."),
)
CHANGED_AFTER_YES = LetterKind(
    "resources.changed_after_yes",
    title=_("What I gave as a steward has another time"),
    subject=_("%(group)s changed the time of %(resource)s"),
    happened=_(
        "%(group)s changed the time of “%(resource)s” (%(purpose)s), to which a steward said yes: it begins on "
        "%(moment)s now. If it is one of a series, its page shows the other dates."
    ),
    asked=_("Nothing, if that suits you. If it does not, end the use with a reason."),
    link_words=_("Open the request"),
    why=_("You get this because you are a steward of this resource."),
)
KEPT_AFTER_YES = LetterKind(
    "resources.kept_after_yes",
    title=_("What I gave as a steward is kept for another term"),
    subject=_("%(group)s still uses %(resource)s"),
    happened=_("%(group)s still uses “%(resource)s” (%(purpose)s) and keeps it until %(until)s."),
    asked=_("Nothing, if that suits you. If it does not, end the use with a reason."),
    link_words=_("Open the request"),
    why=_("You get this because you are a steward of this resource."),
)
OTHER_POLICY = LetterKind(
    "resources.other_policy",
    title=_("An offer that my group asked for is given in another way"),
    subject=_("%(resource)s is given in another way now"),
    happened=_("“%(resource)s” is given in another way now. The wish of %(group)s (%(purpose)s) stays: %(what_now)s"),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
YES_THAT_WAITS_LETTER = LetterKind(
    "resources.yes_that_waits",
    title=_("A yes to what my group asked for that waits for a place"),
    subject=_("%(resource)s: yes, as soon as a place comes free"),
    happened=_(
        "The stewards of “%(resource)s” said yes to %(group)s (%(purpose)s). There is no free place for it now, so it "
        "is on the waiting list, and it is given by itself as soon as a place comes free."
    ),
    quote=_("The stewards wrote: “%(quote)s”"),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
ROOM_LOST = LetterKind(
    "resources.room_lost",
    title=_("A meeting of my groups has lost its room"),
    subject=_("%(purpose)s has no room at its new time"),
    happened=_(
        "“%(resource)s” cannot go along with the meeting of %(group)s (%(purpose)s) to its new time, so the meeting "
        "has no room now. %(why)s"
    ),
    link_words=_("Open the meeting"),
    why=_("You get this because you coordinate the group."),
    urgent=True,
)
