"""Drafting, announcing and publishing the guidelines; coming into force."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.languages import in_each_language
from apps.core.refused import Refused
from apps.deadlines.actions import meet_deadline, open_deadline
from apps.guidelines import queries, words
from apps.guidelines.deadlines import COME_INTO_FORCE, NOTICE_DAYS, PUBLISH, notice_ends_at
from apps.guidelines.kinds import GUIDELINES
from apps.guidelines.models import Draft, Step, Version
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.translations.actions import carry_over, take_in, tell_of_new_text
from apps.translations.kinds import with_language
from apps.translations.queries import is_translated_everywhere

State = Draft.State
# What features above do when a version comes into force; guidelines knows none of them.
WhenInForce = Callable[..., None]
WHEN_IN_FORCE: list[WhenInForce] = []


# --- The draft ------------------------------------------------------------------------------------


@transaction.atomic
def start_draft(*, by: User, now: datetime) -> Draft:
    """Begin the next version as a copy of the newest one; a draft is not public yet, so it leaves no record.

    Refuses a second draft beside the first.
    """
    base = queries.newest_version()
    try:
        with transaction.atomic():
            return Draft.objects.create(
                base=base,
                number=_next_number(base.number),
                title=base.titles["en"],
                body=base.bodies["en"],
                steps=queries.steps_of(base),
                started_at=now,
                started_by=by,
            )
    except IntegrityError as error:
        raise Refused(_("There is a draft already. Work on that one: two would drift apart.")) from error


def _next_number(number: str) -> str:
    """1.1 after 1.0; whoever drafts may choose another one."""
    head, dot, last = number.rpartition(".")
    return f"{head}{dot}{int(last) + 1}" if last.isdigit() else number


@transaction.atomic
def save_draft(
    draft: Draft,
    *,
    seen: int,
    number: str,
    title: str,
    body: str,
    steps: list[dict[str, Any]],
    by: User,
    now: datetime,
) -> Draft:
    """Save the draft as it was written; `seen` is the revision that the writer had before them.

    Refuses an announced one (what people comment on stands still), a number that is taken, and to write over what
    somebody else saved meanwhile.
    """
    draft = _locked(draft, State.DRAFTED)
    if draft.revision != seen:
        raise Refused(
            _(
                "Somebody else saved this draft while you wrote. Your text is still here: open the draft in a second "
                "window, bring both together, then save again, and yours is kept."
            )
        )
    _refuse_number(number)
    draft.number, draft.title, draft.body, draft.steps = number, title, body, steps
    draft.revision, draft.saved_at, draft.saved_by = draft.revision + 1, now, by
    draft.save(update_fields=["number", "title", "body", "steps", "revision", "saved_at", "saved_by"])
    return draft


def _refuse_number(number: str) -> None:
    if not re.fullmatch(r"\d+(\.\d+)*", number):
        raise Refused(_("A number is made of digits and points, such as 1.1."), field="number")
    if Version.objects.filter(number=number).exists():
        raise Refused(_("A version with this number is published already. Choose the next one."), field="number")


@transaction.atomic
def announce_draft(draft: Draft, *, comments_url: str, by: User, now: datetime) -> Draft:
    """Give public notice: the draft stands still, in public, with what it changes and a link for comments.

    Those who draft are told, and those whose group leads under the guidelines.

    The notice lasts 14 days: long enough for a meeting of most groups and two rounds of a weekly newsletter. After it
    any drafter publishes or takes it back; 14 more days of silence make it a draft again, so that no text binds
    anybody because nobody looked. Refuses a draft that changes nothing.
    """
    draft = _locked(draft, State.DRAFTED)
    _refuse_number(draft.number)
    if queries.comparison_of(draft).is_empty:
        raise Refused(_("The draft changes nothing yet. Write first, then announce it."))
    draft.state, draft.comments_url = State.ANNOUNCED, comments_url
    draft.announced_at, draft.announced_by = now, by
    draft.save(update_fields=["state", "comments_url", "announced_at", "announced_by"])
    deadline = open_deadline(PUBLISH, draft, now=now)
    write(words.ANNOUNCED, by=by, now=now, draft=draft)
    write_letters(
        words.DRAFT_ANNOUNCED,
        to=queries.drafters(now).exclude(pk=by.pk),
        key=f"{draft.pk}:{draft.revision}:{now:%Y%m%d%H%M%S}",
        link=draft.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        number=draft.number,
        due_at=deadline.due_at,
        silence_at=PUBLISH.rung_times(now, None)[-1][2],
        silence=lambda: PUBLISH.silence_words(draft),
    )
    write_letters(
        words.NOTICE_BEGINS,
        to=queries.who_lives_by_guidelines(without=queries.drafters(now)).exclude(pk=by.pk),
        key=f"{draft.pk}:{draft.revision}:{now:%Y%m%d%H%M%S}",
        link=draft.get_absolute_url(),
        now=now,
        by=by,
        number=draft.number,
        notice_ends_at=notice_ends_at(draft),
    )
    return draft


@transaction.atomic
def take_draft_back(draft: Draft, *, by: User, now: datetime) -> Draft:
    """Take an announced draft back to work on it; a changed text gets a notice of its own."""
    draft = _locked(draft, State.ANNOUNCED)
    meet_deadline(PUBLISH, draft, now=now, by=by, outcome="taken back")
    write(words.TAKEN_BACK, by=by, now=now, draft=draft)
    return _back_to_work(draft)


@PUBLISH.when_silent
@transaction.atomic
def let_notice_lapse(draft: Draft, *, now: datetime) -> None:
    """Nobody published it for 28 days: it is a draft again."""
    draft = _locked(draft, State.ANNOUNCED)
    write(words.NOTICE_LAPSED, by=None, now=now, draft=draft)
    write_letters(
        words.NOTICE_LAPSED_LETTER,
        to=queries.drafters(now),
        key=f"{draft.pk}:{now:%Y%m%d%H%M%S}",
        link=draft.get_absolute_url(),
        now=now,
        number=draft.number,
    )
    _back_to_work(draft)


def _back_to_work(draft: Draft) -> Draft:
    draft.state = State.DRAFTED
    draft.save(update_fields=["state"])
    return draft


@transaction.atomic
def drop_draft(draft: Draft, *, by: User, now: datetime) -> None:
    """Give a draft up; an announced one is dropped in public."""
    draft = _locked(draft, *Draft.OPEN)
    if draft.state == State.ANNOUNCED:
        meet_deadline(PUBLISH, draft, now=now, by=by, outcome="dropped")
        write(words.DROPPED, by=by, now=now, draft=draft)
    _close(draft, State.DROPPED, by=by, now=now)


@transaction.atomic
def publish_draft(draft: Draft, *, by: User, now: datetime) -> Version:
    """Publish an announced draft after its notice of 14 days; from then on its text never changes."""
    draft = _locked(draft, State.ANNOUNCED)
    if now < notice_ends_at(draft):
        raise Refused(
            _("The notice lasts %(days)d days: it can be published from %(date)s.")
            % {"days": NOTICE_DAYS, "date": day(notice_ends_at(draft))}
        )
    _refuse_number(draft.number)
    text = {"number": draft.number, "title": draft.title, "body": draft.body, "steps": draft.steps}
    version = _publish(text, published_on=now.date(), by=by, now=now)
    meet_deadline(PUBLISH, draft, now=now, by=by, outcome="published")
    draft.version = version
    _close(draft, State.PUBLISHED, by=by, now=now)
    return version


def _close(draft: Draft, state: Draft.State, *, by: User, now: datetime) -> None:
    draft.state, draft.closed_at, draft.closed_by = state, now, by
    draft.save(update_fields=["state", "version", "closed_at", "closed_by"])


def _locked(draft: Draft, *expected: Draft.State) -> Draft:
    """The draft as it is now, held until the transaction ends; refused when somebody was faster."""
    draft = Draft.objects.select_for_update(of=("self",), no_key=True).select_related("base").get(pk=draft.pk)
    if draft.state not in expected:
        raise Refused(_("This is not possible now. The draft: %(state)s.") % {"state": draft.get_state_display()})
    return draft


# --- Versions -------------------------------------------------------------------------------------


@transaction.atomic
def publish_version(text: dict[str, Any]) -> Version:
    """Publish a version with its checklist, as read from a file of `data/`.

    The first one is in force at once. Refuses a number that is published already: a version never changes.
    """
    if Version.objects.filter(number=text["number"]).exists():
        raise Refused(_("This version is published already, and a published version never changes."))
    published_on = date.fromisoformat(text["published_on"])
    return _publish(text, published_on=published_on, by=None, now=datetime.combine(published_on, time(), UTC))


def _publish(text: dict[str, Any], *, published_on: date, by: User | None, now: datetime) -> Version:
    before = Version.objects.order_by("-published_on", "-pk").first()
    version = Version.objects.create(
        number=text["number"],
        published_on=published_on,
        titles=in_each_language(text, "title"),
        bodies=in_each_language(text, "body"),
    )
    Step.objects.bulk_create(
        Step(
            version=version,
            position=position,
            code=step["code"],
            level=step["level"],
            if_any=step["if_any"],
            titles=in_each_language(step, "title"),
            expectations=in_each_language(step, "expectation"),
            measure=step["measure"],
            needs=step["needs"],
        )
        for position, step in enumerate(text["steps"], start=1)
    )
    write(words.PUBLISHED, by=by, now=now, version=version)
    take_in(GUIDELINES, [version])
    if before:
        carry_over(GUIDELINES, before, version)
    if before is None or is_translated_everywhere(GUIDELINES, version):
        _put_in_force(version, now=now)
        return version
    open_deadline(COME_INTO_FORCE, version, now=now)
    tell_of_new_text(GUIDELINES, version, by=by, now=now)
    return version


def take_in_translations() -> None:
    """Let the translation room know of versions that were published, with their translations, before there was one."""
    take_in(GUIDELINES, Version.objects.prefetch_related("steps"), only_new=True)


@GUIDELINES.when_translated
def note_translation(version: Version, *, language: str, texts: dict[str, str], now: datetime | None = None) -> None:
    """Write what was translated where the pages read it; translated into all languages, the version is in force."""
    version.titles = with_language(version.titles, language, texts["title"])
    version.bodies = with_language(version.bodies, language, texts["body"])
    version.save(update_fields=["titles", "bodies"])
    for step in version.steps.all():
        step.titles = with_language(step.titles, language, texts[f"title:{step.code}"])
        step.expectations = with_language(step.expectations, language, texts[f"expectation:{step.code}"])
        step.save(update_fields=["titles", "expectations"])
    waits = now is not None and queries.wait_of(COME_INTO_FORCE.name, version) is not None
    if now and waits and is_translated_everywhere(GUIDELINES, version):
        meet_deadline(COME_INTO_FORCE, version, now=now, outcome="translated")
        _put_in_force(version, now=now)
        write(words.IN_FORCE, by=None, now=now, version=version)


def when_in_force(tell: WhenInForce) -> WhenInForce:
    """Register an action, `tell(version, *, now)`, that takes part when a version comes into force."""
    WHEN_IN_FORCE.append(tell)
    return tell


@COME_INTO_FORCE.when_silent
@transaction.atomic
def come_into_force(version: Version, *, now: datetime) -> None:
    """30 days after publication a version is in force, translated or not."""
    version = Version.objects.select_for_update(no_key=True).get(pk=version.pk)
    _put_in_force(version, now=now)
    write(words.IN_FORCE, by=None, now=now, version=version)


def _put_in_force(version: Version, *, now: datetime) -> None:
    version.in_force_at = now
    version.save(update_fields=["in_force_at"])
    for tell in WHEN_IN_FORCE:
        tell(version, now=now)
