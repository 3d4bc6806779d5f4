"""All that the page of one entry shows."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.deadlines.queries import Wait, waits_about
from apps.engagement.models import Doubt, EarlierText, Entry
from apps.engagement.queries.checklist import EntryShown, in_words
from apps.record.queries import Line, acts_about, lines

State = Entry.State


@dataclass(frozen=True)
class Witnesses:
    """Who confirms the text that stands there now: by name who agreed, the others by number."""

    named: list[User]
    unnamed: int

    @property
    def total(self) -> int:
        return len(self.named) + self.unnamed


@dataclass(frozen=True)
class EntryPage:
    """An entry with its witnesses, its doubts, its earlier texts and its acts."""

    shown: EntryShown
    wait: Wait | None
    witnesses: Witnesses
    running: Doubt | None
    running_wait: Wait | None
    past_doubts: list[Doubt]
    earlier: list[tuple[EarlierText, EntryShown]]
    timeline: list[Line]

    @property
    def answer(self) -> str:
        """Whether it counts, and why, in a sentence."""
        entry = self.shown.entry
        if entry.state == State.COUNTS:
            return (
                _("It counts: everybody can open its link.")
                if entry.url
                else _("It counts: somebody outside the group was there and says so.")
            )
        if entry.state == State.DOUBTED:
            return (
                _("It counts. Somebody doubted it, and the group has answered.")
                if self.running and self.running.answered_at
                else _("It counts, but somebody doubts it and the group owes an answer.")
            )
        if entry.state == State.STRUCK:
            return (
                _("It does not count: a reviewer upheld a doubt.")
                if any(doubt.state == Doubt.State.UPHELD for doubt in self.past_doubts)
                else _("It does not count: a doubt was not answered in time.")
            )
        if entry.withdrawn_at:
            return _("It was withdrawn on %(day)s and does not count.") % {"day": day(entry.withdrawn_at)}
        return _("It does not count yet: nobody outside the group who was there has said so.")


def entry_page(entry: Entry) -> EntryPage:
    """In a number of queries that does not grow with the history."""
    doubts = list(entry.doubts.select_related("group"))
    running = next((doubt for doubt in doubts if doubt.is_running), None)
    [shown] = in_words([entry])
    return EntryPage(
        shown=shown,
        wait=next(iter(waits_about(entry)), None) if entry.state == State.AWAITING else None,
        witnesses=_witnesses(entry),
        running=running,
        running_wait=next(iter(waits_about(running)), None) if running else None,
        past_doubts=[doubt for doubt in doubts if doubt is not running],
        earlier=[(text, _as_it_was(entry, text)) for text in entry.earlier_texts.all()],
        timeline=lines(acts_about(entry), known=[entry, entry.group, entry.step, entry.adoption.initiative]),
    )


def _witnesses(entry: Entry) -> Witnesses:
    said = list(entry.confirmations.filter(text_number=entry.text_number).select_related("confirmed_by"))
    named = [confirmation.confirmed_by for confirmation in said if confirmation.is_named]
    return Witnesses(named, len(said) - len(named))


def _as_it_was(entry: Entry, text: EarlierText) -> EntryShown:
    said = [field for field in Entry._meta.concrete_fields if field.name in text.what]
    [shown] = in_words([Entry(pk=entry.pk, **{field.name: field.to_python(text.what[field.name]) for field in said})])
    return shown


def has_confirmed(person: User, entry: Entry) -> bool:
    return entry.confirmations.filter(confirmed_by=person, text_number=entry.text_number).exists()
