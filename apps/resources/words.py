from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

ASKED = Verb("resources.asked", _("%(group)s asked for “%(resource)s”"))
GIVEN = Verb("resources.given", _("%(group)s was given “%(resource)s”"))
DECLINED = Verb("resources.declined", _("The stewards of “%(resource)s” declined a request of %(group)s"))
RETURNED = Verb("resources.returned", _("%(group)s gave “%(resource)s” back"))
ENDED = Verb("resources.ended", _("A steward ended the use of “%(resource)s” by %(group)s"))
RETURNED_BY_SILENCE = Verb("resources.returned_by_silence", _("The use of “%(resource)s” by %(group)s ended"))
PASSED_ON = Verb("resources.passed_on", _("A wish of %(group)s went on to “%(resource)s”"))
WANTED = Verb("resources.wanted", _("Nobody offers “%(resource)s” yet: %(group)s wants it"))
STILL_WANTED = Verb("resources.still_wanted", _("%(group)s still wants “%(resource)s”"))
UNMET = Verb("resources.unmet", _("Nobody offered “%(resource)s” in time: the wish of %(group)s is off the board"))
TAKEN_ON = Verb("resources.taken_on", _("Somebody offers what %(group)s wanted: “%(resource)s”"))
OFFERED = Verb("resources.offered", _("%(by)s offered “%(resource)s”"))
CHANGED = Verb("resources.changed", _("%(by)s changed what “%(resource)s” offers"))
WITHDRAWN = Verb("resources.withdrawn", _("%(by)s withdrew “%(resource)s”"))
OFFERED_AGAIN = Verb("resources.offered_again", _("%(by)s offers “%(resource)s” again"))
STEWARD_INVITED = Verb("resources.steward_invited", _("%(by)s invited somebody to become a steward of “%(resource)s”"))
STEWARD_LEFT = Verb("resources.steward_left", _("%(by)s is no steward of “%(resource)s” any more"))
LINKS_ADDED = Verb("resources.links_added", _("%(by)s added ready links to “%(resource)s”"))
LINK_RETIRED = Verb("resources.link_retired", _("%(by)s retired a ready link of “%(resource)s”"))
CHANGED_BOOKING = Verb("resources.booking_changed", _("%(group)s changed the time of its booking of “%(resource)s”"))
TOOK_PLACE = Verb("resources.took_place", _("A booking of “%(resource)s” by %(group)s took place"))
NOBODY_CAME = Verb("resources.nobody_came", _("Nobody came to a booking of “%(resource)s” by %(group)s"))
STEWARD_NAMED = Verb("resources.steward_named", _("%(by)s became a steward of “%(resource)s”"))
MADE = Verb("resources.made", _("“%(resource)s” is ready for %(group)s"))
MADE_BY_HAND = Verb("resources.made_by_hand", _("A steward made “%(resource)s” for %(group)s by hand"))
STUCK = Verb(
    "resources.stuck", _("The machine of “%(resource)s” did not do what %(group)s needs, and its stewards are asked")
)
NOT_MADE = Verb("resources.not_made", _("Nobody made “%(resource)s” for %(group)s, and the wish went on"))
YES_THAT_WAITS = Verb(
    "resources.yes_that_waits", _("The stewards of “%(resource)s” said yes to %(group)s, as soon as a place comes free")
)

topic("resources", _("Resources"))
STEWARDS_ASKED = LetterKind(
    "resources.stewards_asked",
    title=_("Requests for resources that I offer"),
    subject=_("By %(due_at)s: %(group)s asks for %(resource)s"),
    happened=_("%(group)s asks for “%(resource)s”: “%(purpose)s”."),
    asked=_("Any one of the stewards answers by %(due_at)s."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s."),
    link_words=_("Answer"),
    why=_("You get this because you are a steward of this resource."),
)
STEWARDS_ASKED_FOR_A_TIME = STEWARDS_ASKED.case(
    happened=_("%(group)s asks for “%(resource)s” from %(starts_at)s to %(ends_at)s: “%(purpose)s”.")
)
STEWARDS_ASKED_FOR_A_SERIES = STEWARDS_ASKED.case(
    happened=_("%(group)s asks for “%(resource)s” from %(starts_at)s to %(ends_at)s, and %(more)s: “%(purpose)s”."),
    asked=_("Each date has an answer of its own. Any one of the stewards gives them by %(due_at)s."),
)

# --- Answers: one kind, in the words of what became of the wish -----------------------------------

BOOKED = LetterKind(
    "resources.answered",
    title=_("Answers to what my groups asked for"),
    subject=_("Yours on %(starts_at)s: %(resource)s"),
    happened=_(
        "“%(resource)s” is yours for %(purpose)s (%(group)s). It begins on %(starts_at)s and ends on %(ends_at)s."
    ),
    quote=_("The stewards wrote: “%(quote)s”"),
    asked=_("Nothing is asked of you. If you do not need it, give it back, so that others can have it."),
    silence=_("It ends by itself."),
    link_words=_("Open the booking"),
    why=_("You get this because you coordinate the group, or asked for it as its facilitator."),
    urgent=True,
)
GIVEN_UNTIL = BOOKED.case(
    subject=_("Yours until %(ends_at)s: %(resource)s"),
    happened=_("“%(resource)s” is yours for %(purpose)s (%(group)s), until %(ends_at)s."),
    asked=_("Nothing is asked of you now. Before it ends, say on its page whether you still use it."),
    silence=_("If none of you says so, it is given back on that day."),
    link_words=_("Open it"),
)
GIVEN_FOR_GOOD = BOOKED.case(
    subject=_("Yours: %(resource)s"),
    happened=_("“%(resource)s” was given to your group %(group)s for %(purpose)s."),
    asked="",
    silence="",
    link_words=_("Open it"),
)
DECLINED_LETTER = BOOKED.case(
    subject=_("Declined: %(resource)s"),
    happened=_("The stewards of “%(resource)s” declined what %(group)s asked for (%(purpose)s)."),
    asked=_("Nothing is asked of you. You can ask for something else at any time."),
    silence="",
    link_words=_("Open the request"),
)
DECLINED_A_TIME = DECLINED_LETTER.case(
    subject=_("Declined for %(starts_at)s: %(resource)s"),
    happened=_("The stewards of “%(resource)s” declined what %(group)s asked for on %(starts_at)s (%(purpose)s)."),
)
ENDED_LETTER = BOOKED.case(
    subject=_("Ended by a steward: %(resource)s"),
    happened=_(
        "A steward ended the use of “%(resource)s” by your group %(group)s (%(purpose)s). You cannot use it any more."
    ),
    asked="",
    silence="",
    link_words=_("Open the request"),
)
ENDED_BOOKING = ENDED_LETTER.case(
    subject=_("Not yours any more on %(starts_at)s: %(resource)s"),
    happened=_(
        "A steward ended the booking of “%(resource)s” by your group %(group)s that begins on %(starts_at)s "
        "(%(purpose)s). You cannot use it any more."
    ),
)
NO_PLACE = BOOKED.case(
    subject=_("No place came free: %(resource)s"),
    happened=_(
        "No place of “%(resource)s” came free for %(purpose)s (%(group)s) in 90 days, so the wish is off the waiting "
        "list."
    ),
    quote="",
    asked=_("Nothing is asked of you. If you still need it, ask again."),
    silence="",
    link_words=_("Ask again"),
)
NO_PLACE_THEN = NO_PLACE.case(
    subject=_("No place came free on %(starts_at)s: %(resource)s"),
    happened=_(
        "No place of “%(resource)s” came free for %(purpose)s (%(group)s) on %(starts_at)s, so the wish is off the "
        "waiting list."
    ),
    asked=_("Nothing is asked of you. You can ask for another time."),
    link_words=_("Ask for another time"),
)

# --- What became of it later ----------------------------------------------------------------------

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
