import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.forms import Line, Link, Text
from apps.guidelines import words
from apps.guidelines.models import NEEDS, Draft, Step

MOST_STEPS = 20


class AnnounceForm(forms.Form):
    comments_url = Link(
        label=gettext_lazy("Where people comment"),
        help_text=gettext_lazy("The address of a page that anybody can write on, such as a talk page on Meta-Wiki."),
    )


class DraftForm(forms.Form):
    """The whole draft on one page: number, title, text, and for each step some fields that end with its row."""

    number = Line(most=10, label=gettext_lazy("Number"))
    title = Line(most=120, label=gettext_lazy("Title"))
    body = Text(
        most=30_000,
        rows=24,
        label=gettext_lazy("Text, in English"),
        help_text=gettext_lazy("Markdown: ## before a heading, - before a point, **bold**, [words](https://address)."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)

    def __init__(self, data: Any = None, *, draft: Draft, **kwargs: Any) -> None:
        self.known = {row["code"]: row for row in draft.steps}
        steps = [*draft.steps, {}]
        initial = {"number": draft.number, "title": draft.title, "body": draft.body, "seen": draft.revision}
        for row, step in enumerate(steps):
            initial |= {f"{name}_{row}": value for name, value in _step_initial(row, step).items()}
        super().__init__(data, initial=initial, **kwargs)
        self.rows = range(min(MOST_STEPS, len(steps) if data is None else _rows_in(data)))
        for row in self.rows:
            self.fields |= {f"{name}_{row}": field for name, field in _step_fields().items()}

    def take_up(self, draft: Draft | None) -> None:
        """Whoever has read that somebody else saved meanwhile, and saves again, has seen the other text."""
        typed: Any = self.data
        self.data = typed.dict() | {"seen": str(draft.revision if draft else 0)}

    @property
    def steps(self) -> Iterator[tuple[str, list[BoundField], bool]]:
        """The fields of each step under the title that it has so far, and whether one of them has an error."""
        for row in self.rows:
            fields = [self[name] for name in self.fields if name.endswith(f"_{row}")]
            title = self[f"title_{row}"].value() or _("One more step")
            yield title, fields, any(field.errors for field in fields)

    @property
    def text_fields(self) -> list[BoundField]:
        return [self["number"], self["title"], self["body"]]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        found = [(typed.get(f"place_{row}") or row + 1, row) for row in self.rows if self._is_kept(typed, row)]
        steps = [self._step(typed, row) for _place, row in sorted(found)]
        if not any(step["level"] == Step.Level.MUST for step in steps):
            raise forms.ValidationError(_("A checklist has at least one step that is a must."))
        typed["steps"] = steps
        return typed

    def _is_kept(self, typed: dict[str, Any], row: int) -> bool:
        """A row that is not dropped, and not one of those left empty for another step."""
        if typed.get(f"drop_{row}"):
            return False
        if typed.get(f"title_{row}"):
            return True
        was_typed = typed.get(f"code_{row}") or typed.get(f"expectation_{row}")
        if was_typed and f"title_{row}" not in self.errors:
            self.add_error(f"title_{row}", _("A step has a title. To leave this one out, tick the box under it."))
        return False

    def _step(self, typed: dict[str, Any], row: int) -> dict[str, Any]:
        code, title = typed.get(f"code_{row}", ""), typed[f"title_{row}"]
        measure = typed.get(f"measure_{row}") or Step.Measure.LINKS.value
        return {
            "code": code if code in self.known else self._new_code(title, row),
            "level": typed.get(f"level_{row}") or Step.Level.MUST.value,
            "if_any": bool(typed.get(f"if_any_{row}")),
            "title": title,
            "expectation": typed.get(f"expectation_{row}", ""),
            "measure": measure,
            "needs": self._needs(typed, row, measure),
        }

    def _new_code(self, title: str, row: int) -> str:
        """A step keeps its code through all versions; a new one is made from its title."""
        code = slugify(title)[:24].strip("-") or "step"
        return f"{code}-{row}" if code in self.known else code

    def _needs(self, typed: dict[str, Any], row: int, measure: str) -> dict[str, int]:
        needs = {}
        for name, field in zip(NEEDS[measure], ("first", "second"), strict=False):
            value = typed.get(f"{field}_{row}")
            if value is None and f"{field}_{row}" not in self.errors:
                sentence = _("This measure needs a number: %(number)s.")
                self.add_error(f"{field}_{row}", sentence % {"number": str(words.NUMBERS[name]) % {"number": "…"}})
            needs[name] = value or 0
        return needs


def _step_initial(row: int, step: dict[str, Any]) -> dict[str, Any]:
    numbers = [step["needs"].get(name) for name in NEEDS[step["measure"]]] if step else []
    return {
        **step,
        "place": row + 1,
        "first": numbers[0] if numbers else None,
        "second": numbers[1] if len(numbers) > 1 else None,
    }


def _rows_in(data: Any) -> int:
    found = [int(match[1]) for name in data if (match := re.fullmatch(r"title_(\d{1,2})", name))]
    return max(found, default=-1) + 1


def _step_fields() -> dict[str, forms.Field]:
    number: dict[str, Any] = {"required": False, "min_value": 1, "max_value": 1000}
    return {
        "code": Line(most=30, required=False, widget=forms.HiddenInput),
        "title": Line(most=120, required=False, label=gettext_lazy("Title of the step")),
        "level": forms.ChoiceField(choices=Step.Level.choices, required=False, label=gettext_lazy("Level")),
        "if_any": forms.BooleanField(required=False, label=gettext_lazy("Only if there are any")),
        "expectation": Text(most=600, rows=3, required=False, label=gettext_lazy("What is expected")),
        "measure": forms.ChoiceField(
            choices=lambda: list(words.MEASURES.items()), required=False, label=gettext_lazy("What the site counts")
        ),
        "first": forms.IntegerField(**number, label=gettext_lazy("How many")),
        "second": forms.IntegerField(
            **number,
            label=gettext_lazy("Second number"),
            help_text=gettext_lazy(
                "For languages: not in Latin script. For calls: hours apart. For regions: communities. For a summary: "
                "first the days until it, then the days for corrections."
            ),
        ),
        "place": forms.IntegerField(**number, label=gettext_lazy("Place in the list")),
        "drop": forms.BooleanField(required=False, label=gettext_lazy("Leave this step out")),
    }
