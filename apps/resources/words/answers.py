"""Letters about requests and their answers."""

from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic

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
