from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

ADOPTED = Verb("initiatives.adopted", _("%(group)s adopted %(initiative)s"), counts=True)
UPDATED = Verb("initiatives.updated", _("%(group)s posted an update on %(initiative)s"), counts=True)
RENEWED = Verb("initiatives.renewed", _("%(group)s renewed its term on %(initiative)s"), counts=True)
STEPPED_DOWN = Verb("initiatives.stepped_down", _("%(group)s stepped down from %(initiative)s, with thanks"))
LAPSED = Verb(
    "initiatives.lapsed", _("The term of %(group)s on %(initiative)s lapsed after 90 quiet days, with thanks")
)
EXPIRED = Verb("initiatives.expired", _("The term of %(group)s on %(initiative)s ended and was not renewed"))
INTERESTED = Verb("initiatives.interested", _("Somebody is interested in %(initiative)s"))
PLACE_ADDED = Verb("initiatives.place_added", _("%(by)s added a place where %(initiative)s is discussed"))

topic("initiatives", _("Initiatives"))
SECOND_INTEREST = LetterKind(
    "initiatives.second_interest",
    title=_("Somebody else is interested in the same initiative"),
    subject=_("You are not alone: %(initiative)s"),
    happened=_("You are interested in “%(initiative)s”, and so is somebody else. Nobody leads it yet."),
    asked=_("Any of you can adopt it at once, with a group that begins with one person."),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
LOOKS_FOR_PEOPLE = _("It looks for people: you can ask to join.")
ANYBODY_CAN_ASK = _("You can ask to join.")
ADOPTED_LETTER = LetterKind(
    "initiatives.adopted",
    title=_("A group adopts an initiative that interests me"),
    subject=_("%(group)s leads “%(initiative)s” now"),
    happened=_("The working group %(group)s adopted “%(initiative)s” and leads it from today. %(how_to_join)s"),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
TERM_ENDED = LetterKind(
    "initiatives.term_ended",
    title=_("The term of one of my groups ended"),
    subject=_("Thank you: your term on “%(initiative)s” has ended"),
    happened=_(
        "The term of %(group)s on “%(initiative)s” has ended: %(how)s. What you did stays in its history. Thank you."
    ),
    asked=_("You can adopt it again at any time."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of the group."),
)
FREE_AGAIN = LetterKind(
    "initiatives.free_again",
    title=_("An initiative that interests me has no lead any more"),
    subject=_("“%(initiative)s” has no lead any more"),
    happened=_("Nobody leads “%(initiative)s” since today: %(how)s."),
    asked=_("You can adopt it at once; nobody has to be asked."),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
