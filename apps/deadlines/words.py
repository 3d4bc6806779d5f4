from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

ASKED_AGAIN = Verb("deadlines.asked_again", _("%(by)s asked again for an answer: %(deadline)s"))

topic("deadlines", _("What I owe"))
REMINDER = LetterKind(
    "deadlines.reminder",
    title=_("Reminders of what I owe"),
    subject=_("By %(due_at)s: %(what)s"),
    happened=_("Open since %(opened_at)s: %(what)s."),
    asked=_("It is due on %(due_at)s."),
    silence=_("If nothing comes by %(silence_at)s: %(silence)s."),
    link_words=_("Answer it"),
    why=_("You get this because you can answer it."),
)

ALL_TOLD = LetterKind(
    "deadlines.all_told",
    title=_("What is due and anybody of us can answer"),
    subject=_("Due since %(due_at)s, anybody of you can answer: %(what)s"),
    happened=_("Due since %(due_at)s, and nobody has answered: %(what)s."),
    asked=_("Any one of you can give it now."),
    silence=_("If nobody answers by %(silence_at)s: %(silence)s."),
    link_words=_("Answer it"),
    why=_("You get this because you are one of those who can answer it."),
    urgent=True,
)

PASSED_TO_YOU = LetterKind(
    "deadlines.passed_to_you",
    title=_("What passes to me while others are away"),
    subject=_("By %(due_at)s, now with you: %(what)s"),
    happened=_("Whoever was asked first cannot answer now, so this has passed to you: %(what)s."),
    asked=_("It is due on %(due_at)s. If it is still open when they can answer again, it goes back to them."),
    silence=_("If nothing comes by %(silence_at)s: %(silence)s."),
    link_words=_("Answer it"),
    why=_("You get this because you can answer it."),
)

WELCOME_BACK = LetterKind(
    "deadlines.welcome_back",
    title=_("What is still open when I come back"),
    subject=_("Welcome back: what is still open (%(count)s)"),
    happened=_("Your absence is over. What you owe and is still open: %(count)s."),
    asked=_("The nearest date is %(due_at)s."),
    link_words=_("See what waits for you"),
    why=_("You get this because you declared an absence."),
)

ASKED_AGAIN_LETTER = LetterKind(
    "deadlines.asked_again",
    title=_("Somebody asks again for what I owe"),
    subject=_("Asked again, by %(due_at)s: %(what)s"),
    happened=_("Somebody asked again, in public, for what is open since %(opened_at)s: %(what)s."),
    asked=_("It is due on %(due_at)s. Any one of you can answer it."),
    silence=_("If nothing comes by %(silence_at)s: %(silence)s."),
    link_words=_("Answer it"),
    why=_("You get this because you can answer it."),
)

ANSWERED = LetterKind(
    "deadlines.answered",
    title=_("The end of what I wait for, too"),
    subject=_("No longer waiting: %(what)s"),
    happened=_("What you said you wait for, too, has come to an end: %(what)s. The outcome: %(outcome)s."),
    link_words=_("See how it went"),
    why=_("You get this because you said “me too” on the waiting board."),
)
