"""Reads of the versions, of the draft, and what changes between two texts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.paragraphs import Passage, compared, marked
from apps.deadlines.models import Deadline
from apps.deadlines.queries import LadderRung, Wait
from apps.deadlines.rules import RULES
from apps.guidelines import words
from apps.guidelines.models import Draft, Step, Version
from apps.people.queries import administrators, reviewers
from apps.translations.queries import translators_of


def current_version() -> Version:
    """The version that new adoptions accept: the newest one in force."""
    return Version.objects.filter(in_force_at__isnull=False).order_by("-published_on", "-pk")[0]


def newest_version() -> Version:
    """The newest published one, in force or not yet."""
    return Version.objects.order_by("-published_on", "-pk")[0]


def open_draft() -> Draft | None:
    return Draft.objects.filter(state__in=Draft.OPEN).select_related("base").first()


def announced_draft() -> Draft | None:
    return Draft.objects.filter(state=Draft.State.ANNOUNCED).first()


def drafters(now: datetime) -> QuerySet[User]:
    """Who may draft: reviewers and administrators."""
    either = Q(pk__in=reviewers(now).values("pk")) | Q(pk__in=administrators(now).values("pk"))
    return User.objects.filter(either)


# Who else lives by the guidelines, as features above know it; guidelines knows none of them.
WHO_LIVES_BY_THEM: list[Callable[[], QuerySet[User]]] = []


def lives_by_guidelines(find: Callable[[], QuerySet[User]]) -> Callable[[], QuerySet[User]]:
    """Register who is told when new guidelines are announced, beside those who draft."""
    WHO_LIVES_BY_THEM.append(find)
    return find


def who_lives_by_guidelines(*, without: QuerySet[User]) -> QuerySet[User]:
    either = Q(pk__in=[])
    for find in WHO_LIVES_BY_THEM:
        either |= Q(pk__in=find().order_by().values("pk"))
    return User.objects.filter(either, blocked_at=None).exclude(pk__in=without.values("pk"))


def told_of_a_notice(*, by: User, now: datetime) -> int:
    """How many people get a letter when a draft is announced: who drafts, and who lives by the guidelines."""
    drafting = drafters(now)
    others = drafting.filter(blocked_at=None).exclude(pk=by.pk).count()
    return others + who_lives_by_guidelines(without=drafting).exclude(pk=by.pk).count()


def told_of_a_text() -> int:
    """How many people get a letter when a version is published: who translated one before."""
    return translators_of("guidelines").filter(blocked_at=None).count()


def wait_of(rule: str, subject: Draft | Version) -> Wait | None:
    """What is waited for on a draft or a version, if anything is."""
    deadline = Deadline.objects.filter(rule=rule, subject_id=subject.pk, state=Deadline.State.OPEN).first()
    return Wait(deadline, RULES[rule], subject) if deadline else None


def ladder_of(wait: Wait, began: str, now: datetime) -> list[LadderRung]:
    """The dates of a notice or of coming into force, with a beginning of its own: nobody was asked."""
    first, *others = wait.ladder(now)
    return [replace(first, words=began), *others]


# --- Comparison ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepChange:
    """A step of the checklist in a comparison: same, changed, added or dropped."""

    kind: str
    code: str
    title: SafeString
    lines: list[SafeString]


@dataclass(frozen=True)
class Comparison:
    title: SafeString
    passages: list[Passage]
    steps: list[StepChange]

    @property
    def changed_passages(self) -> int:
        return sum(passage.kind != "same" for passage in self.passages)

    @property
    def changed_steps(self) -> list[StepChange]:
        return [step for step in self.steps if step.kind != "same"]

    @property
    def is_title_changed(self) -> bool:
        return "<ins>" in self.title or "<del>" in self.title

    @property
    def is_empty(self) -> bool:
        return not self.changed_passages and not self.changed_steps and not self.is_title_changed


def steps_of(version: Version) -> list[dict[str, Any]]:
    return [step.as_text for step in Step.objects.filter(version=version).order_by("position")]


def comparison_of(draft: Draft) -> Comparison:
    """What a draft changes, against the version that it began as."""
    base = draft.base
    return Comparison(
        marked(base.titles["en"], draft.title),
        compared(base.bodies["en"], draft.body),
        step_changes(steps_of(base), draft.steps),
    )


def comparison_between(old: Version, new: Version) -> Comparison:
    return Comparison(
        marked(old.titles["en"], new.titles["en"]),
        compared(old.bodies["en"], new.bodies["en"]),
        step_changes(steps_of(old), steps_of(new)),
    )


def step_changes(old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> list[StepChange]:
    """Steps are the same by their code; those that were dropped come last."""
    before, after = {row["code"]: row for row in old}, list(new)
    kept = {row["code"] for row in after}
    changes = [_step_change(before.get(row["code"]), row) for row in after]
    dropped = [StepChange("dropped", code, marked(row["title"], ""), []) for code, row in before.items()
               if code not in kept]  # fmt: skip
    return changes + dropped


def _step_change(old: dict[str, Any] | None, new: dict[str, Any]) -> StepChange:
    if old is None:
        lines = [marked("", _level(new)), marked("", new["expectation"]), *(marked("", text) for text in _numbers(new))]
        return StepChange("added", new["code"], marked("", new["title"]), lines)
    lines = [marked(_level(old), _level(new)), marked(old["expectation"], new["expectation"])]
    lines += _numbers_compared(old, new)
    changed = [line for line in lines if "<ins>" in line or "<del>" in line]
    title = marked(old["title"], new["title"])
    is_same = not changed and old["title"] == new["title"]
    return StepChange("same" if is_same else "changed", new["code"], title, changed)


def _level(row: dict[str, Any]) -> str:
    level = str(Step.Level(row["level"]).label)
    return _("%(level)s, if there are any") % {"level": level} if row["if_any"] else level


def _numbers(row: dict[str, Any]) -> list[str]:
    return [str(words.NUMBERS[name]) % {"number": number} for name, number in row["needs"].items()]


def _numbers_compared(old: dict[str, Any], new: dict[str, Any]) -> list[SafeString]:
    """ "at least 5 → 6", from left to right in every language; another measure is all new."""
    if old["measure"] != new["measure"]:
        return [*(marked(text, "") for text in _numbers(old)), *(marked("", text) for text in _numbers(new))]
    changed = {name: number for name, number in new["needs"].items() if old["needs"].get(name) != number}
    return [
        marked("", str(words.NUMBERS[name]) % {"number": f"\u2066{old['needs'].get(name, '–')} → {number}\u2069"})
        for name, number in changed.items()
    ]


# --- What is held about a person -----------------------------------------------------------------


@personal_data("guidelines")
def _drafted_by(person: User) -> dict[str, Any]:
    def of(act: str, *fields: str) -> list[Any]:
        return list(Draft.objects.filter(**{f"{act}_by": person}).values("number", f"{act}_at", *fields))

    return {
        "started": of("started", "title", "body", "steps"),
        "saved": of("saved", "title", "body", "steps"),
        "announced": of("announced", "comments_url"),
        "closed": of("closed", "state"),
    }
