from django.utils.translation import gettext_lazy as _

from apps.core.text import Words
from apps.notifications.kinds import LetterKind, topic
from apps.people.models import RoleTerm
from apps.record.verbs import Verb

# What somebody with a role does.
DOES: dict[str, Words] = {
    RoleTerm.Role.LIAISON: _("carries questions to communities of a language or region, and their answers back"),
    RoleTerm.Role.FACILITATOR: _("takes a recommendation, region or language under their wing and helps its groups"),
    RoleTerm.Role.TRANSLATOR: _("translates what groups and Strategy News write"),
    RoleTerm.Role.EDITOR: _(
        "publishes what people submit to Strategy News, or declines it with a reason, and corrects it"
    ),
    RoleTerm.Role.MODERATOR: _("hides texts that break the Universal Code of Conduct, with a reason"),
    RoleTerm.Role.REVIEWER: _("answers on the steps that groups hand in"),
    RoleTerm.Role.ADMINISTRATOR: _("grants roles, confirms affiliates and their groups"),
}
BECOME: dict[str, Words] = {
    RoleTerm.Role.LIAISON: _("Become a liaison"),
    RoleTerm.Role.FACILITATOR: _("Become a facilitator"),
    RoleTerm.Role.TRANSLATOR: _("Become a translator"),
    RoleTerm.Role.EDITOR: _("Become an editor of Strategy News"),
    RoleTerm.Role.MODERATOR: _("Become a moderator"),
}

ASKED = Verb("people.asked", _("%(by)s asked for a role"))
CONFIRMED = Verb("people.confirmed", _("%(by)s confirmed a role: %(term)s"))
GRANTED_BY_SILENCE = Verb(
    "people.granted_by_silence", _("Nobody answered for 10 working days: a role is held, unconfirmed: %(term)s")
)
DECLINED = Verb("people.declined", _("A request for a role was declined"))
LAPSED = Verb("people.lapsed", _("Nobody answered for 10 working days: a request for a role lapsed"))
TAKEN_BACK = Verb("people.taken_back", _("%(by)s took a request for a role back"))
RENEWED = Verb("people.renewed", _("%(by)s renewed a role: %(term)s"))
GIVEN_BACK = Verb("people.given_back", _("%(by)s gave a role back: %(term)s"))
OVER = Verb("people.over", _("A role ended with its term: %(term)s"))
GRANTED = Verb("people.granted", _("%(by)s granted a role: %(term)s"))
GRANTED_BY_OPERATOR = Verb("people.granted_by_operator", _("An operator granted a role: %(term)s"))
ENDED = Verb("people.ended", _("%(by)s ended a role: %(term)s"))
WITHOUT_CONTACT = Verb(
    "people.without_contact", _("A role in the name of an affiliate ended, since its contact stopped: %(term)s")
)
CONTACT_SAID = Verb("people.contact_said", _("%(by)s said: I am a contact of %(affiliate)s"))
CONTACT_CONFIRMED = Verb("people.contact_confirmed", _("%(by)s confirmed a contact of %(affiliate)s"))
CONTACT_REFUSED = Verb("people.contact_refused", _("%(by)s took a name off %(affiliate)s"))
CONTACT_TAKEN_BACK = Verb("people.contact_taken_back", _("%(by)s is no contact of %(affiliate)s any more"))

topic("people", _("Roles and affiliates"))
ROLE_ASKED = LetterKind(
    "people.role_asked",
    title=_("Requests for roles that I can confirm"),
    subject=_("By %(due_at)s: a request for the role “%(role)s”"),
    happened=_("%(person)s asks for the role “%(role)s”."),
    asked=_("Confirm or decline by %(due_at)s; any one of you is enough."),
    silence=_("If nobody answers by then: %(silence)s."),
    link_words=_("Answer"),
    why=_("You get this because you hold this role, or are an administrator."),
)
ROLE_GRANTED = LetterKind(
    "people.role_granted",
    title=_("Roles that I am given"),
    subject=_("You are %(role)s until %(until)s"),
    happened=_("You were made %(role)s until %(until)s. Thank you for taking this on."),
    link_words=_("See what waits for you"),
    why=_("You get this because the role is yours."),
)
ROLE_UNCONFIRMED = LetterKind(
    "people.role_unconfirmed",
    title=_("Roles that I hold unconfirmed"),
    subject=_("You are %(role)s until %(until)s, unconfirmed"),
    happened=_(
        "Nobody answered your request in time, so you hold the role “%(role)s” until %(until)s. It is marked as "
        "unconfirmed until somebody confirms it. Thank you for taking this on."
    ),
    link_words=_("Open your role"),
    why=_("You get this because you asked for the role."),
)
ROLE_DECLINED = LetterKind(
    "people.role_declined",
    title=_("Requests for a role that were declined"),
    subject=_("Your request for the role “%(role)s” was declined"),
    happened=_("Your request for the role “%(role)s” was declined. The reason: %(reason)s"),
    link_words=_("Open the request"),
    why=_("You get this because you asked for the role."),
)
ROLE_LAPSED = LetterKind(
    "people.role_lapsed",
    title=_("Requests for a role that nobody answered"),
    subject=_("Nobody answered your request for the role “%(role)s”"),
    happened=_(
        "Nobody answered your request for the role “%(role)s” in time, and silence does not grant this one. You can "
        "ask again at any time."
    ),
    link_words=_("Open the request"),
    why=_("You get this because you asked for the role."),
)
ROLE_ENDED = LetterKind(
    "people.role_ended",
    title=_("Roles of mine that are ended"),
    subject=_("Your role “%(role)s” was ended"),
    happened=_("An administrator ended your role “%(role)s”. The reason: %(reason)s"),
    link_words=_("Open your role"),
    why=_("You get this because the role was yours."),
)
ROLE_OVER = LetterKind(
    "people.role_over",
    title=_("Roles of mine whose term is over"),
    subject=_("Your role “%(role)s” has ended, with thanks"),
    happened=_("The term of your role “%(role)s” is over. Thank you for what you did. You can ask for it again."),
    link_words=_("Open your role"),
    why=_("You get this because the role was yours."),
)
CONTACT_ASKED = LetterKind(
    "people.contact_asked",
    title=_("People who say that they are a contact of an affiliate"),
    subject=_("By %(due_at)s: is this a contact of %(affiliate)s?"),
    happened=_("%(person)s says: I am a contact of %(affiliate)s."),
    asked=_("Confirm it by %(due_at)s, or take the name off with a reason; any one of you is enough."),
    silence=_("If nobody answers by then: the name stays, marked as unconfirmed."),
    link_words=_("Answer"),
    why=_("You get this because you are a confirmed contact of this affiliate, or an administrator."),
)
CONTACT_ANSWERED = LetterKind(
    "people.contact_confirmed",
    title=_("I am a confirmed contact of an affiliate"),
    subject=_("You are a confirmed contact of %(affiliate)s"),
    happened=_("It was confirmed that you are a contact of %(affiliate)s. You can confirm others now."),
    link_words=_("Open the page of the affiliate"),
    why=_("You get this because you said that you are a contact."),
)
CONTACT_TAKEN_OFF = LetterKind(
    "people.contact_refused",
    title=_("My name is taken off an affiliate"),
    subject=_("Your name was taken off %(affiliate)s"),
    happened=_("You do not stand as a contact of %(affiliate)s any more. The reason: %(reason)s"),
    link_words=_("Open the page of the affiliate"),
    why=_("You get this because you said that you are a contact."),
)
