"""Pasting several entries: the text, and then one form a line with what was understood of it."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Text
from apps.core.languages import code_of, offered_languages
from apps.core.text import listed
from apps.engagement.forms.entries import EntryForm
from apps.engagement.forms.pasted import HEADINGS, Read, read_day, read_moment, region_codes
from apps.engagement.models import telling
from apps.guidelines.models import Step

FIELDS = (
    "title", "url", "note", "told", "happened_on", "starts_at", "closed_on", "languages", "regions", "community",
    "people",
)  # fmt: skip


class PasteForm(forms.Form):
    pasted = Text(
        most=50_000,
        rows=12,
        label=_("Your lines"),
        help_text=_(
            "From a spreadsheet, with or without a heading, from a table of a wiki, or one link a line. At most 50. "
            "You see what was understood before anything is logged."
        ),
        error_messages={"required": _("Paste at least one line.")},
    )


class LineForm(forms.Form):
    """One entry in plain writing; what is right is decided by the form of the step, EntryForm."""

    left_out = forms.BooleanField(required=False, label=_("Leave this line out"))
    title = forms.CharField(required=False, label=_("What was it?"))
    url = forms.CharField(required=False, label=_("Link"))
    note = forms.CharField(required=False, label=_("Or a note"))
    told = forms.CharField(required=False, label=_("Who was told?"))
    happened_on = forms.CharField(required=False, label=_("Day"))
    starts_at = forms.CharField(required=False, label=_("Began"))
    closed_on = forms.CharField(required=False, label=_("Closed on"))
    languages = forms.CharField(required=False, label=_("Languages"))
    regions = forms.CharField(required=False, label=_("Regions"))
    community = forms.CharField(required=False, label=_("Community"))
    people = forms.CharField(required=False, label=_("People, about"))
    rest = forms.CharField(required=False, max_length=50_000, widget=forms.HiddenInput, label=_("Not understood"))

    def __init__(self, *args: Any, step: Step, to_tell: list[str], guessed: list[str] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.step, self.to_tell, self.guessed = step, to_tell, guessed or []
        self.what: dict[str, Any] = {}
        self.is_logged = False
        wanted = EntryForm(step=step, to_tell=to_tell).fields
        for name in [name for name in FIELDS if name not in wanted]:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("left_out"):
            self.errors.clear()
            return typed
        entry = EntryForm(_as_entry(typed), step=self.step, to_tell=self.to_tell)
        for name, errors in entry.errors.items():
            place = "languages" if name == "more_languages" else name
            self.add_error(place if place in self.fields else None, list(errors))
        self.what = {} if entry.errors else entry.cleaned_data
        return typed

    @property
    def is_to_log(self) -> bool:
        return bool(self.what) and not self.errors and not self.is_logged

    @property
    def shown(self) -> list[forms.BoundField]:
        """What can be corrected, without the box."""
        return [field for field in self.visible_fields() if field.name != "left_out"]


def _as_entry(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as the form of one entry takes it."""
    codes = {name.strip(): code_of(name) for name in typed.get("languages", "").split(",") if name.strip()}
    offered = {lang.code for lang in offered_languages()}
    return typed | {
        "happened_on": read_day(typed.get("happened_on", "")) or typed.get("happened_on", ""),
        "starts_at": read_moment(typed.get("starts_at", "")) or typed.get("starts_at", ""),
        "closed_on": read_day(typed.get("closed_on", "")) or typed.get("closed_on", ""),
        "languages": [code for code in codes.values() if code in offered],
        "more_languages": ", ".join(name for name, code in codes.items() if code not in offered),
        "regions": region_codes(typed.get("regions", "")),
    }


# What people call a column besides the labels of the forms.
SHORT = {
    "title": _("Title"),
    "happened_on": _("Day"),
    "languages": _("Language"),
    "regions": _("Region"),
    "people": _("People"),
}


def headings_of(step: Step) -> dict[str, set[str]]:
    """The fields of a step's entries, each with what its column may be called, in English and the reader's language."""
    fields = EntryForm(step=step, to_tell=[]).fields
    names = {
        name: {*HEADINGS[name], str(LineForm.base_fields[name].label), str(SHORT.get(name, ""))} - {""}
        for name in FIELDS
    }
    if "happened_on" not in fields:
        # The day is then a part of when it began.
        names["starts_at"] |= names["happened_on"]
    return {name: names[name] | {str(fields[name].label)} for name in FIELDS if name in fields}


def forms_of_lines(lines: list[Read], **known: Any) -> list[LineForm]:
    """The forms of what was read, with what is wrong with them already."""
    return [
        LineForm(
            {f"line-{number}-{name}": value for name, value in {**line.fields, "rest": listed(line.rest)}.items()},
            prefix=f"line-{number}",
            guessed=line.guessed,
            **known,
        )
        for number, line in enumerate(lines)
    ]


def forms_posted(posted: QueryDict, *, most: int, **known: Any) -> list[LineForm]:
    """The forms that were posted, in their order; none before the lines were read."""
    numbers = range(most)
    return [
        LineForm(posted, prefix=f"line-{number}", **known) for number in numbers if f"line-{number}-title" in posted
    ]


def mark_logged(lines: list[LineForm], known: set[tuple[Any, ...]]) -> None:
    """Mark what is logged already, or stands there twice: it is named, and left out."""
    seen = set(known)
    for line in lines:
        if line.is_valid() and line.what:
            line.is_logged = telling(line.what) in seen
            seen.add(telling(line.what))
