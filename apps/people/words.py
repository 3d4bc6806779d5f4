from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

GRANTED = Verb("people.granted", _("%(by)s granted a role: %(term)s"))
GRANTED_BY_OPERATOR = Verb("people.granted_by_operator", _("An operator granted a role: %(term)s"))
ENDED = Verb("people.ended", _("%(by)s ended a role: %(term)s"))

topic("people", _("Roles"))
ROLE_GRANTED = LetterKind(
    "people.role_granted",
    title=_("Roles that I am given"),
    subject=_("You are %(role)s until %(until)s"),
    happened=_("You were made %(role)s until %(until)s. Thank you for taking this on."),
    link_words=_("See what waits for you"),
    why=_("You get this because the role is yours."),
)
