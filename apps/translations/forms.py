from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.forms import Line, Text
from apps.translations.kinds import Typed
from apps.translations.queries import Paragraph, Unit


class TranslationForm(forms.Form):
    """A field for each paragraph of a thing; those that are left as they are are not saved."""

    def __init__(self, data: Any = None, *, unit: Unit) -> None:
        self.unit = unit
        super().__init__(data)
        for place, paragraph in enumerate(unit.paragraphs):
            self.fields[f"text_{place}"] = _field(place, paragraph, unit)
            self.fields[f"was_{place}"] = Line(
                most=100, required=False, initial=paragraph.version, widget=forms.HiddenInput
            )
            if paragraph.state == "outdated":
                self.fields[f"right_{place}"] = forms.BooleanField(
                    required=False, label=gettext_lazy("It is still right as it is")
                )

    @property
    def rows(self) -> list[tuple[Paragraph, BoundField, BoundField, BoundField | None]]:
        """Each paragraph with its fields."""
        return [
            (
                paragraph,
                self[f"text_{place}"],
                self[f"was_{place}"],
                self[f"right_{place}"] if f"right_{place}" in self.fields else None,
            )
            for place, paragraph in enumerate(self.unit.paragraphs)
        ]

    @property
    def typed(self) -> list[Typed]:
        return [
            Typed(
                paragraph.part,
                self.cleaned_data.get(f"was_{place}") or paragraph.version,
                self.cleaned_data.get(f"text_{place}", ""),
                self.cleaned_data.get(f"right_{place}", False),
            )
            for place, paragraph in enumerate(self.unit.paragraphs)
        ]

    def after_clashes(self, unit: Unit, clashes: dict[int, str]) -> "TranslationForm":
        """What was typed, beside the texts of now: whoever saves again has seen what others wrote."""
        typed: Any = self.data
        now = {f"was_{place}": paragraph.version for place, paragraph in enumerate(unit.paragraphs)}
        form = TranslationForm(typed.dict() | now, unit=unit)
        for place, sentence in clashes.items():
            name = f"text_{place}"
            if name in form.fields:
                form.add_error(name, sentence)
            else:
                form.add_error(None, f"{sentence} “{typed.get(name, '')}”")
        return form


def _field(place: int, paragraph: Paragraph, unit: Unit) -> forms.CharField:
    """A paragraph in one line stays in one line."""
    rows = 2 + len(paragraph.source) // 60 + paragraph.source.count("\n")
    attributes = {"rows": rows, "lang": unit.language.code, "dir": unit.language.dir}
    options: dict[str, Any] = {
        "most": max(500, 4 * len(paragraph.source)),
        "required": False,
        "initial": paragraph.text,
        "label": _("%(part)s, paragraph %(number)d") % {"part": paragraph.label, "number": paragraph.position + 1},
        "widget": forms.Textarea(attrs=attributes),
    }
    return Text(**options) if "\n" in paragraph.source else Line(**options)
