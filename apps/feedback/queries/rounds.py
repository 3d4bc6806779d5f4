"""Reads of rounds: what is asked, in which language, who answered, what is still missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.languages import Language, language
from apps.feedback.models import Answer, Correction, Report, Round, Translation
from apps.groups.models import Group, Membership
from apps.groups.queries import why_to_stay
from apps.initiatives.models import Initiative, Interest

State = Round.State
OVER = [State.CLOSED, State.SUMMARISED, State.UNSUMMARISED, State.CANCELLED]


@dataclass(frozen=True)
class TextShown:
    """What a round asks, in one language: its source, or a translation with who wrote it."""

    language: Language
    title: str
    text: str
    questions: list[str]
    translation: Translation | None
    is_outdated: bool


@dataclass(frozen=True)
class RoundShown:
    """A round as pages show it, in the reader's language if it is there."""

    round: Round
    shown: TextShown
    texts: list[TextShown]
    missing: list[Language]

    @property
    def codes(self) -> set[str]:
        """Every language in which it is asked, or in which the group would like to ask."""
        return {text.language.code for text in self.texts} | set(self.round.languages)

    @property
    def outdated(self) -> list[Language]:
        return [text.language for text in self.texts if text.is_outdated]


def languages_of(person: User | AnonymousUser) -> list[str]:
    """The languages that a reader can be shown: those of their settings first, then the one of the page."""
    own = [person.language, *person.fallbacks, *person.languages] if isinstance(person, User) else []
    return list(dict.fromkeys([*own, get_language() or "en"]))


def texts_of(round_: Round, translations: Iterable[Translation]) -> list[TextShown]:
    """Everything there is to read: the source first."""
    source = TextShown(language(round_.language), round_.title, round_.text, round_.questions, None, is_outdated=False)

    def translated(row: Translation) -> TextShown:
        is_outdated = row.version < round_.version
        return TextShown(language(row.language), row.title, row.text, row.questions, row, is_outdated=is_outdated)

    return [source, *(translated(row) for row in translations)]


def shown(round_: Round, codes: Sequence[str]) -> RoundShown:
    """A round in the first of some languages in which its text is there, else in its own."""
    texts = texts_of(round_, sorted(round_.translations.all(), key=lambda row: row.language))
    by_code = {text.language.code: text for text in texts}
    chosen = next((by_code[code] for code in codes if code in by_code), texts[0])
    missing = [language(code) for code in round_.languages if code not in by_code]
    return RoundShown(round_, chosen, texts, missing)


def all_rounds() -> QuerySet[Round]:
    """Rounds with what pages show of them, in three queries."""
    return (
        Round.objects.select_related("group", "initiative__recommendation")
        .prefetch_related("translations__written_by")
        .annotate(answer_count=Count("answers", distinct=True))
    )


def open_rounds(initiative: Initiative | None = None) -> QuerySet[Round]:
    """What is asked now, of one initiative or of all."""
    return _about(initiative).filter(state=State.OPEN).order_by("closes_at", "pk")


def rounds_that_are_over(initiative: Initiative | None = None) -> QuerySet[Round]:
    return _about(initiative).filter(state__in=OVER).order_by("-closed_at", "-pk")


def _about(initiative: Initiative | None) -> QuerySet[Round]:
    return all_rounds().filter(initiative=initiative) if initiative else all_rounds()


def drafts_of_members(person: User | AnonymousUser) -> QuerySet[Round]:
    """The drafts of the groups in which somebody is a member."""
    mine = Membership.objects.filter(user=person.pk, state=Membership.State.ACTIVE)
    return all_rounds().filter(state=State.DRAFT, group__in=mine.values("group")).order_by("drafted_at")


def answer_of(person: User | AnonymousUser, round_: Round) -> Answer | None:
    return round_.answers.filter(person=person.pk).first() if person.pk else None


def people_to_tell(round_: Round) -> QuerySet[User]:
    """Who answered and asked to be told how it goes on."""
    told = round_.answers.filter(wants_news=True)
    return User.objects.filter(pk__in=told.values("person"), blocked_at=None)


def missing_languages(round_: Round) -> list[str]:
    """Wanted languages in which nobody can read it yet."""
    there = {round_.language, *round_.translations.values_list("language", flat=True)}
    return [code for code in round_.languages if code not in there]


def translators_into(code: str, round_: Round) -> list[User]:
    """Who said that they would translate this initiative into a language, and want news of it."""
    said = Interest.objects.filter(initiative=round_.initiative_id, would_translate=True, wants_news=True)
    return [interest.user for interest in said.select_related("user") if code in interest.languages]


@dataclass(frozen=True)
class CorrectionShown:
    text: str
    noted_at: datetime
    # Only where the answer is named, too.
    name: str


def corrections_shown(round_: Round) -> list[CorrectionShown]:
    named = set(round_.answers.filter(is_named=True).values_list("person", flat=True))
    return [
        CorrectionShown(row.text, row.noted_at, row.noted_by.username if row.noted_by_id in named else "")
        for row in round_.corrections.select_related("noted_by")
    ]


def translation_into(code: str, round_: Round) -> Translation | None:
    return round_.translations.filter(language=code).first()


@dataclass(frozen=True)
class AnswerShown:
    """An answer as everybody reads it: with its questions, and a name only where that was wished."""

    answer: Answer
    name: str
    language: Language
    replies: list[tuple[str, str]]


def answers_shown(round_: Round, questions: Sequence[str]) -> list[AnswerShown]:
    """Every answer beside the questions in the reader's language, the oldest first; one query."""
    return [
        AnswerShown(
            answer,
            answer.person.username if answer.is_named else "",
            language(answer.language),
            [(question, reply) for question, reply in zip(questions, answer.replies, strict=False) if reply],
        )
        for answer in round_.answers.select_related("person")
    ]


def groups_to_draft_for(person: User) -> QuerySet[Group]:
    mine = Membership.objects.filter(user=person, state=Membership.State.ACTIVE)
    return Group.objects.filter(pk__in=mine.values("group")).order_by("name")


@why_to_stay
def _the_group_asks_for_feedback(group: Group) -> str:
    round_ = group.rounds.filter(state__in=[State.OPEN, State.CLOSED]).first()
    if round_ is None:
        return ""
    words = _("You are the last member, and your group asks for feedback: “%(round)s”. End that first, then leave.")
    return words % {"round": round_}


@personal_data("feedback")
def _written_by(person: User) -> dict[str, Any]:
    about = ("group__name", "initiative__number", "title", "state", "closes_at", "closed_at")
    text = ("text", "questions", "language", "languages", "regions")
    of_round = ("round__title", "language")
    return {
        "drafted": list(Round.objects.filter(drafted_by=person).values(*about, *text, "drafted_at")),
        "opened": list(Round.objects.filter(opened_by=person).values(*about, "opened_at")),
        "cancelled": list(Round.objects.filter(cancelled_by=person).values(*about, "reason")),
        "summarised": list(
            Round.objects.filter(summarised_by=person).values(*about, "summary", "summary_language", "summarised_at")
        ),
        "summaries_corrected": list(
            Correction.objects.filter(noted_by=person).values("round__title", "text", "noted_at")
        ),
        "carried": list(
            person.carries.values(
                *of_round[:1], "state", "languages", "regions", "place", "note", "asked_at", "answered_at"
            )
        ),
        "reports": list(
            Report.objects.filter(reported_by=person).values("text", "language", "people", "is_relayed", "reported_at")
        ),
        "translated": list(
            Translation.objects.filter(written_by=person).values(*of_round, "title", "text", "questions", "written_at")
        ),
        "corrected": list(Translation.objects.filter(corrected_by=person).values(*of_round, "corrected_at")),
        "answers": list(
            person.feedback_answers.values(
                *of_round, "replies", "text", "is_named", "wants_news", "answered_at", "corrected_at"
            )
        ),
    }
