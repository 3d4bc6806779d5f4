from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

ASKED = Verb("resources.asked", _("%(group)s asked for “%(resource)s”"))
GIVEN = Verb("resources.given", _("%(group)s was given “%(resource)s”"))
DECLINED = Verb("resources.declined", _("The stewards of “%(resource)s” declined a request of %(group)s"))
RETURNED = Verb("resources.returned", _("%(group)s gave “%(resource)s” back"))
ENDED = Verb("resources.ended", _("A steward ended the use of “%(resource)s” by %(group)s"))
RETURNED_BY_SILENCE = Verb("resources.returned_by_silence", _("The use of “%(resource)s” by %(group)s ended"))
PASSED_ON = Verb(
    "resources.passed_on", _("The stewards stayed silent: the wish of %(group)s went on to “%(resource)s”")
)
WANTED = Verb("resources.wanted", _("Nobody offers “%(resource)s” yet: %(group)s wants it"))
CHANGED = Verb("resources.changed", _("%(group)s changed the time of its booking of “%(resource)s”"))
TOOK_PLACE = Verb("resources.took_place", _("A booking of “%(resource)s” by %(group)s took place"))
NOBODY_CAME = Verb("resources.nobody_came", _("Nobody came to a booking of “%(resource)s” by %(group)s"))
STEWARD_NAMED = Verb("resources.steward_named", _("%(by)s became a steward of “%(resource)s”"))

topic("resources", _("Resources"))
STEWARDS_ASKED = LetterKind(
    "resources.stewards_asked",
    title=_("Requests for resources that I offer"),
    subject=_("By %(due_at)s: %(group)s asks for %(resource)s"),
    happened=_("%(group)s asks for “%(resource)s”: %(purpose)s"),
    asked=_("Any one of the stewards answers by %(due_at)s."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s."),
    link_words=_("Answer"),
    why=_("You get this because you are a steward of this resource."),
)
ANSWERED = LetterKind(
    "resources.answered",
    title=_("Answers to what my groups asked for"),
    subject=_("%(resource)s: %(state)s"),
    happened=_("Your group %(group)s asked for “%(resource)s” (%(purpose)s). The answer: %(state)s. %(answer)s"),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
    urgent=True,
)
ANSWERED_TO_FACILITATOR = LetterKind(
    "resources.answered_to_facilitator",
    title=_("Answers to what I asked for as a facilitator"),
    subject=_("%(resource)s: %(state)s"),
    happened=_("You asked for “%(resource)s” for %(group)s (%(purpose)s). The answer: %(state)s. %(answer)s"),
    link_words=_("Open the request"),
    why=_("You get this because you asked as a facilitator of the group."),
    urgent=True,
)
USE_ENDED = LetterKind(
    "resources.use_ended",
    title=_("The use of a resource ended"),
    subject=_("%(resource)s: the use has ended"),
    happened=_(
        "The use of “%(resource)s” by %(group)s has ended, so that the next group can have it. You can ask again "
        "at any time."
    ),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
MOVED_ON = LetterKind(
    "resources.moved_on",
    title=_("Nobody answered, and the wish went on"),
    subject=_("%(resource)s: nobody answered, so we asked elsewhere"),
    happened=_("Nobody answered your wish (%(purpose)s) in time. %(what_now)s"),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
)
BOOKING_CHANGED = LetterKind(
    "resources.booking_changed",
    title=_("A booking of my groups has another time"),
    subject=_("Now on %(starts_at)s: %(resource)s"),
    happened=_("Your group %(group)s changed its booking of “%(resource)s” (%(purpose)s). It begins on %(starts_at)s."),
    link_words=_("Open the booking"),
    why=_("You get this because you coordinate the group."),
)
NOBODY_CAME_LETTER = LetterKind(
    "resources.nobody_came",
    title=_("Nobody came to a booking of my groups"),
    subject=_("%(resource)s: nobody came on %(starts_at)s"),
    happened=_(
        "It was said that nobody came to the booking of “%(resource)s” by %(group)s on %(starts_at)s (%(purpose)s). It "
        "counts twice against the limit of 30 days. If it did take place, ask a steward to correct it within 7 days."
    ),
    link_words=_("Open the booking"),
    why=_("You get this because you coordinate the group."),
)
