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
STEWARD_NAMED = Verb("resources.steward_named", _("%(by)s became a steward of “%(resource)s”"))
MADE = Verb("resources.made", _("“%(resource)s” is ready for %(group)s"))
MADE_BY_HAND = Verb("resources.made_by_hand", _("A steward made “%(resource)s” for %(group)s by hand"))
STUCK = Verb(
    "resources.stuck", _("The machine of “%(resource)s” did not do what %(group)s needs, and its stewards are asked")
)
NOT_MADE = Verb("resources.not_made", _("Nobody made “%(resource)s” for %(group)s, and the wish went on"))

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
NOBODY_ASKED = _("nobody has been able to ask it yet")
STEWARDS_ASKED_FOR_HANDS = LetterKind(
    "resources.stewards_asked_for_hands",
    title=_("What a machine does not do for a resource that I offer"),
    subject=_("By %(due_at)s: %(resource)s for %(group)s needs a hand"),
    happened=_(
        "The machine of “%(resource)s” was asked for %(group)s (%(act)s) and has not done it: %(error)s It is asked "
        "again by itself."
    ),
    asked=_("Any one of the stewards sees to it by %(due_at)s: mend the machine and try again, or do it by hand."),
    silence=_("If nobody does by %(silence_at)s: %(silence)s."),
    link_words=_("See to it"),
    why=_("You get this because you are a steward of this resource."),
    urgent=True,
)
NOT_MADE_YET = LetterKind(
    "resources.not_made_yet",
    title=_("What my groups were given is late"),
    subject=_("%(resource)s is not ready yet"),
    happened=_(
        "“%(resource)s” for your group %(group)s (%(purpose)s) is not ready: the machine that makes it does not do it. "
        "It is asked again by itself, and its stewards were asked to make it by hand by %(due_at)s. You need not do "
        "anything; you are told as soon as it is ready."
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
    subject=_("%(resource)s could not be made, so we asked elsewhere"),
    happened=_(
        "“%(resource)s” for your group %(group)s (%(purpose)s) was never ready: the machine did not make it, and "
        "no steward did by hand. We are sorry. %(what_now)s"
    ),
    link_words=_("Open the request"),
    why=_("You get this because you coordinate the group."),
    urgent=True,
)
