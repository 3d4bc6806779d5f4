from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

# Their words link the initiative alone, whose page shows the questions: its timeline need not fetch them.
ASKED = Verb("questions.asked", _("%(by)s asked a question on %(initiative)s"))
ANSWERED = Verb("questions.answered", _("%(group)s answered a question on %(initiative)s"), counts=True)
ANSWERED_BY_REVIEWER = Verb("questions.answered_by_reviewer", _("A reviewer answered a question on %(initiative)s"))
UNANSWERED = Verb("questions.unanswered", _("Nobody answered a question on %(initiative)s"))
SPLIT = Verb("questions.split", _("%(by)s split a question on %(initiative)s"))

topic("questions", _("Questions"))
ASKED_LETTER = LetterKind(
    "questions.asked",
    title=_("Questions that I can answer"),
    subject=_("By %(due_at)s: a question on “%(initiative)s”"),
    happened=_("Somebody asks a question on “%(initiative)s”, in public."),
    asked=_("Answer it by %(due_at)s."),
    silence=_("If nobody answers, it reads “not answered”, and stays open to a late answer."),
    link_words=_("Read the question"),
    why=_("You get this because you coordinate a group that leads the initiative, or review where nobody leads."),
)
PASSED_ON_LETTER = LetterKind(
    "questions.passed_on",
    title=_("Open questions that came to me with a change of lead"),
    subject=_("Questions on “%(initiative)s” wait for you now"),
    happened=_("The lead of “%(initiative)s” has changed. Its open questions are now yours: %(count)s."),
    asked=_("Answer them by their dates, which stand as they were."),
    silence=_("What nobody answers reads “not answered”, and stays open to a late answer."),
    link_words=_("Read the questions"),
    why=_("You get this because you coordinate a group that leads the initiative, or review where nobody leads."),
)
ANSWERED_LETTER = LetterKind(
    "questions.answered",
    title=_("Answers to my questions"),
    subject=_("Your question on “%(initiative)s” is answered"),
    happened=_("There is an answer to your question on “%(initiative)s”."),
    link_words=_("Read the answer"),
    why=_("You get this because you asked, or said “me too”."),
)
UNANSWERED_LETTER = LetterKind(
    "questions.unanswered",
    title=_("My questions that nobody answered"),
    subject=_("Nobody answered your question on “%(initiative)s”"),
    happened=_(
        "Nobody answered your question on “%(initiative)s” in 14 days. It reads “not answered” in public, and stays "
        "open to a late answer."
    ),
    link_words=_("Open the question"),
    why=_("You get this because you asked."),
)
SPLIT_LETTER = LetterKind(
    "questions.split",
    title=_("My questions that were split"),
    subject=_("Your question on “%(initiative)s” was split"),
    happened=_(
        "Your question on “%(initiative)s” was split into several, so that each can be answered. The date stands, and "
        "you are told of each answer."
    ),
    link_words=_("Read the parts"),
    why=_("You get this because you asked."),
)
