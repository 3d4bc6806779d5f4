from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Line, Link, RegionsChoice, Text
from apps.initiatives.models import Initiative
from apps.news.models import Item
from apps.news.text import MOST_LETTERS
from apps.translations.kinds import SOURCE


def _text() -> Line:
    return Line(
        most=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 5}),
        label=_("The news, in English"),
        help_text=_(
            "At most three short sentences and 400 characters, no link. A dot counts where a new sentence begins "
            "behind it, not in “e.g.”. Others translate it once it is published."
        ),
        error_messages={"required": _("Write the news.")},
    )


def _link() -> Link:
    return Link(
        most=500,
        label=_("Link"),
        help_text=_("One, where everything else stands. It begins with https://."),
        error_messages={"required": _("Say where one reads more.")},
    )


class SubmitForm(forms.Form):
    text = _text()
    link = _link()
    initiative = forms.ModelChoiceField(
        queryset=Initiative.objects.all(), required=False, empty_label="—", label=_("About an initiative")
    )
    regions = RegionsChoice(required=False, label=_("Which regions does it matter to?"), help_text=_("None means all."))

    @staticmethod
    def again(item: Item | None) -> dict[str, Any]:
        """What an item that was not published said, to submit it once more."""
        if item is None:
            return {}
        return {
            "text": item.texts[SOURCE],
            "link": item.link,
            "initiative": item.initiative_id,
            "regions": item.regions,
        }


class DeclineForm(forms.Form):
    reason = Text(most=600, rows=3, label=_("Why"), error_messages={"required": _("Say why. The person reads it.")})


class CorrectForm(forms.Form):
    text = _text()
    link = _link()
    why = Line(
        most=300,
        label=_("Why"),
        help_text=_("Public, on the page of the item."),
        error_messages={"required": _("Say why, in public.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1_000_000)

    def now_seen(self, seen: int) -> None:
        """Whoever has read that somebody else corrected it meanwhile, and sends again, has seen the other text."""
        typed: Any = self.data
        self.data = typed.dict() | {"seen": str(seen)}
