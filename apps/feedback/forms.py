from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core import languages
from apps.core.forms import Day, LanguagesForm, Line, RegionsChoice, Text, choose_among, languages_initial, offer
from apps.feedback.models import MOST_QUESTIONS, Answer, Round
from apps.feedback.queries import TextShown, carried_by, groups_to_draft_for
from apps.groups.models import Group
from apps.initiatives.models import Initiative

QUESTIONS = [f"question_{number}" for number in range(1, MOST_QUESTIONS + 1)]


class AnyLanguage(Line):
    """One language, by code or by its own name; becomes its code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Language"))
        kwargs.setdefault("help_text", _("By its own name or its code: Kiswahili, or sw."))
        kwargs.setdefault("error_messages", {"required": _("Say in which language it is.")})
        super().__init__(most=60, **kwargs)

    def clean(self, value: Any) -> str:
        name = super().clean(value)
        code = languages.code_of(name)
        if code is None:
            raise forms.ValidationError(
                _("This language is not known: %(name)s. Write its code, such as “ca”, or its own name.")
                % {"name": name}
            )
        return code

    def prepare_value(self, value: Any) -> Any:
        """A code is shown as the name of its language."""
        return languages.all_languages()[value].autonym if value in languages.all_languages() else value


class RoundForm(LanguagesForm):
    field_order = (
        "group", "initiative", "title", "language", "text", "questions", "languages", "more_languages", "regions",
        "closes_on",
    )  # fmt: skip

    group = forms.ModelChoiceField(
        Group.objects.none(), empty_label=None, label=_("Which group asks?"),
        error_messages={"required": _("Choose one of your groups.")},
    )  # fmt: skip
    initiative = forms.ModelChoiceField(
        Initiative.objects.all(),
        label=_("About which initiative?"),
        help_text=_("One that the group leads, or any one that it supports."),
        error_messages={"required": _("Choose the initiative.")},
    )
    title = Line(most=120, label=_("Title"), error_messages={"required": _("Give it a title.")})
    language = AnyLanguage(label=_("Written in which language?"))
    text = Text(
        most=3000,
        rows=8,
        label=_("What is it about, in a nutshell?"),
        help_text=_("What you plan, and what is still open. Short sentences translate best. At most 3000 characters."),
        error_messages={"required": _("Say what it is about.")},
    )
    questions = Text(
        most=1500,
        rows=4,
        required=False,
        label=_("Questions, one a line"),
        help_text=_("At most 5, each in at most 300 characters. Everybody can also answer in their own words."),
    )
    regions = RegionsChoice(required=False, label=_("From which regions would you like to hear?"))
    closes_on = Day(
        years=2,
        label=_("Open until the end of which day?"),
        help_text=_("At least 21 days ahead, counted in UTC. The checklist of the guidelines counts 30 days."),
        error_messages={"required": _("Say until when it is open.")},
    )

    def __init__(self, *args: Any, person: User, round_: Round | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"].label = _("In which languages would you like to ask?")
        choose_among(self, "group", groups_to_draft_for(person))
        if round_ is not None:
            del self.fields["group"], self.fields["initiative"]
        if round_ is not None and round_.state == Round.State.OPEN:
            for name in ("language", "closes_on"):
                del self.fields[name]

    def clean_questions(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["questions"].splitlines()]
        questions = [line for line in lines if line]
        if len(questions) > MOST_QUESTIONS or any(len(line) > 300 for line in questions):
            raise forms.ValidationError(_("Ask at most 5 questions, each in at most 300 characters."))
        return questions

    @property
    def asked(self) -> dict[str, Any]:
        """What the actions take: the closing day as its last second."""
        typed = dict(self.cleaned_data)
        closes_on = typed.pop("closes_on", None)
        return typed | {"closes_at": end_of(closes_on)} if closes_on else typed


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)


def round_initial(round_: Round) -> dict[str, Any]:
    return {
        "title": round_.title,
        "language": round_.language,
        "text": round_.text,
        "questions": "\n".join(round_.questions),
        **languages_initial(round_.languages),
        "regions": round_.regions,
        "closes_on": round_.closes_at.astimezone(UTC).date(),
    }


class QuestionsForm(forms.Form):
    """A form with one field for each question of a round; its label is the question."""

    question_1 = Text(most=2000, rows=3, required=False, label=_("First question"))
    question_2 = Text(most=2000, rows=3, required=False, label=_("Second question"))
    question_3 = Text(most=2000, rows=3, required=False, label=_("Third question"))
    question_4 = Text(most=2000, rows=3, required=False, label=_("Fourth question"))
    question_5 = Text(most=2000, rows=3, required=False, label=_("Fifth question"))

    def __init__(self, *args: Any, questions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in zip(QUESTIONS, questions, strict=False):
            self.fields[name].label = question
        for name in QUESTIONS[len(questions) :]:
            del self.fields[name]

    @property
    def lines(self) -> list[str]:
        """What was written for each question, in their order."""
        return [self.cleaned_data[name] for name in QUESTIONS if name in self.fields]


class AnswerForm(QuestionsForm):
    field_order = ("language", *QUESTIONS, "text", "is_named", "wants_news")

    language = AnyLanguage(
        label=_("In which language do you answer?"),
        help_text=_("Any one, by its own name or its code: Kiswahili, or sw."),
    )
    text = Text(most=4000, rows=5, required=False, label=_("In your own words"))
    is_named = forms.BooleanField(
        required=False, label=_("Show my name"), help_text=_("Without it your answer reads “a participant”.")
    )
    wants_news = forms.BooleanField(required=False, initial=True, label=_("Tell me when the summary is there"))

    @property
    def said(self) -> dict[str, Any]:
        typed = {name: value for name, value in self.cleaned_data.items() if name not in QUESTIONS}
        return typed | {"replies": self.lines}


def answer_initial(answer: Answer | None, language: str) -> dict[str, Any]:
    if answer is None:
        return {"language": language, "wants_news": True}
    return {
        "language": answer.language,
        "text": answer.text,
        "is_named": answer.is_named,
        "wants_news": answer.wants_news,
        **dict(zip(QUESTIONS, answer.replies, strict=False)),
    }


class TranslationForm(QuestionsForm):
    field_order = ("title", "text", *QUESTIONS, "version")

    title = Line(most=120, label=_("Title"), error_messages={"required": _("Translate the title.")})
    text = Text(most=4500, rows=8, label=_("Text"), error_messages={"required": _("Translate the text.")})
    version = forms.IntegerField(min_value=1, max_value=30_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, questions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, questions=questions, **kwargs)
        for name in QUESTIONS[: len(questions)]:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _("Translate this question.")

    @property
    def translated(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {"title": typed["title"], "text": typed["text"], "questions": self.lines}


def translation_initial(before: TextShown | None, version: int) -> dict[str, Any]:
    if before is None:
        return {"version": version}
    questions = dict(zip(QUESTIONS, before.questions, strict=False))
    return {"title": before.title, "text": before.text, "version": version, **questions}


class CancelForm(forms.Form):
    reason = Text(
        most=600,
        label=_("Why?"),
        help_text=_("Everybody reads it, those first who have answered already."),
        error_messages={"required": _("Say why: people have given their time.")},
    )


class SummaryForm(forms.Form):
    language = AnyLanguage()
    text = Text(
        most=8000,
        rows=12,
        label=_("The summary"),
        help_text=_("What you heard, what you do with it, and what not. If nobody answered, say so, and what is next."),
        error_messages={"required": _("Write the summary.")},
    )


class CorrectionForm(forms.Form):
    text = Text(
        most=1000,
        label=_("What should it say differently?"),
        error_messages={"required": _("Say what is missing or wrong.")},
    )


class DeclineForm(forms.Form):
    note = Line(
        most=300,
        required=False,
        label=_("A word to the group"),
        help_text=_("You need not say why. Everybody reads it, without your name."),
    )


class ReportForm(forms.Form):
    rounds = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label=_("On which of the rounds that you carry?"),
        error_messages={"required": _("Choose at least one.")},
    )
    language = AnyLanguage(label=_("In which language do you report?"))
    text = Text(
        most=6000,
        rows=10,
        label=_("What did you hear?"),
        error_messages={"required": _("Say what you heard, also if it is little.")},
    )
    people = forms.IntegerField(
        min_value=0,
        max_value=1_000_000,
        label=_("From how many people, about?"),
        error_messages={"required": _("Say how many people you heard, also if it is nobody.")},
    )
    is_relayed = forms.BooleanField(
        required=False,
        label=_("I relay what people said, without names or links"),
        help_text=_("Labelled so. Links and user names are then refused, so that nobody is found by them."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "rounds", ((carry.round_id, carry.round.title) for carry in carried_by(person)))
