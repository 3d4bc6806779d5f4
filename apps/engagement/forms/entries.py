"""One form for an entry; each step of the checklist shows the fields that its measure reads."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Day, LanguagesForm, Line, Link, Moment, RegionsChoice, Text, languages_initial, offer
from apps.engagement.measures import takes_notes
from apps.engagement.models import Entry
from apps.guidelines.models import Step

Measure = Step.Measure

FIELDS_OF_EVERY_STEP = (
    "title", "url", "note", "happened_on", "languages", "more_languages", "regions", "community", "people",
)  # fmt: skip
MORE_FIELDS = {
    Measure.TOLD: ("told",),
    Measure.CALLS: ("starts_at",),
    Measure.OPEN_DAYS: ("closed_on",),
    Measure.SUMMARY: ("closed_on",),
}


class EntryForm(LanguagesForm):
    field_order = (
        "title", "url", "note", "told", "happened_on", "starts_at", "closed_on",
        "languages", "more_languages", "regions", "community", "people",
    )  # fmt: skip

    title = Line(
        most=200,
        label=_("What was it?"),
        help_text=_("“Village pump, Hausa Wikipedia”, for example."),
        error_messages={"required": _("Say in one line what it was.")},
    )
    url = Link(
        label=_("Link"),
        help_text=_("Where everybody can see it."),
        error_messages={"required": _("An entry needs a link as evidence.")},
    )
    note = Text(
        most=1000,
        required=False,
        label=_("Or a note, if there is no link"),
        help_text=_(
            "What happened, where, and who could see it. Public. It counts once somebody who was there, and is not in "
            "the group, says so on the page of the entry."
        ),
    )
    told = forms.ChoiceField(label=_("Who was told?"), error_messages={"required": _("Choose who was told.")})
    happened_on = Day(label=_("On which day?"), error_messages={"required": _("Say on which day.")})
    starts_at = Moment(label=_("When did it begin?"), error_messages={"required": _("Say when it began.")})
    closed_on = Day(required=False, label=_("Closed on"))
    regions = RegionsChoice(required=False, label=_("Which regions did it reach?"))
    community = Line(
        most=120,
        required=False,
        label=_("An under-represented community that it reached"),
        help_text=_("If there is one: a small language community, for example."),
    )
    people = forms.IntegerField(required=False, min_value=0, max_value=1_000_000, label=_("How many people, about?"))

    def __init__(self, *args: Any, step: Step, to_tell: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        wanted = {*FIELDS_OF_EVERY_STEP, *MORE_FIELDS.get(Measure(step.measure), ())}
        if step.measure == Measure.CALLS:
            wanted.remove("happened_on")
        if takes_notes(step):
            self.fields["url"].required = False
        else:
            wanted.remove("note")
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        if "told" in self.fields:
            offer(self, "told", ((name, name) for name in to_tell))
        if step.measure == Measure.OPEN_DAYS:
            self.fields["happened_on"].label = _("Opened on")
            self.fields["closed_on"].help_text = _(
                "Leave it empty while it is open, and log it again when it has closed."
            )
        if step.measure == Measure.SUMMARY:
            self.fields["happened_on"].label = _("Published on")
            self.fields["closed_on"].label = _("Open for corrections until")

    def _refuse_without_evidence(self, typed: dict[str, Any]) -> None:
        has_evidence = typed.get("url") or typed.get("note")
        if "note" in self.fields and not has_evidence and not self.errors.keys() & {"url", "note"}:
            sentence = _("An entry needs a link as evidence, or a note that somebody who was there can confirm.")
            self.add_error("url", sentence)

    def clean_happened_on(self) -> date:
        day: date = self.cleaned_data["happened_on"]
        if day > timezone.localdate() + timedelta(days=1):
            raise forms.ValidationError(_("This day has not come yet. Log it when it has happened."))
        return day

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        if not typed["languages"] and not self.errors.keys() & {"languages", "more_languages"}:
            self.add_error("languages", _("Choose at least one language."))
        self._refuse_without_evidence(typed)
        opened, closed = typed.get("happened_on"), typed.get("closed_on")
        if closed and opened and closed < opened:
            self.add_error("closed_on", _("It cannot close before it opened."))
        if closed and self.step.measure == Measure.OPEN_DAYS and closed > timezone.localdate() + timedelta(days=1):
            self.add_error("closed_on", _("This day has not come yet. Log it when it has happened."))
        if typed.get("starts_at"):
            typed["happened_on"] = timezone.localdate(typed["starts_at"])
            if typed["happened_on"] > timezone.localdate() + timedelta(days=1):
                self.add_error("starts_at", _("This day has not come yet. Log it when it has happened."))
        return typed


def entry_initial(entry: Entry) -> dict[str, Any]:
    """What the form of an entry shows when it is corrected."""
    return entry.said | languages_initial(entry.languages)


class NeighboursForm(forms.Form):
    names = Text(
        most=2000,
        required=False,
        label=_("Former leads and neighbouring groups"),
        help_text=_(
            "One a line. Groups that led the initiative before are there already, and stay. Leave it empty if there "
            "are none: then there is nobody to tell."
        ),
    )

    def clean_names(self) -> list[str]:
        names = list(dict.fromkeys(name.strip() for name in self.cleaned_data["names"].splitlines() if name.strip()))
        if len(names) > 30 or any(len(name) > 120 for name in names):
            raise forms.ValidationError(_("Name at most 30, each in at most 120 characters."))
        return names
