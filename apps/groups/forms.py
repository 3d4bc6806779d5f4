from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.forms import LanguagesForm, Line, Link, Moment, RegionChoice, Text, languages_initial, offer
from apps.core.text import listed
from apps.groups.models import INVITE_AT_ONCE, Group, Meeting, Notes, Position, Version
from apps.people.models import Affiliate


class FormGroupForm(forms.Form):
    name = Line(
        most=80,
        label=_("Name"),
        help_text=_("In any language. Do not use the name of an affiliate unless you act for it."),
        error_messages={"required": _("Give the group a name.")},
    )
    purpose = Line(most=300, required=False, label=_("What for?"), help_text=_("One sentence that others can read."))
    kind = forms.ChoiceField(
        choices=Group.Kind.choices,
        initial=Group.Kind.VOLUNTEERS,
        widget=forms.RadioSelect,
        label=_("Kind"),
        help_text=_(
            "Affiliate and foundation groups read “unconfirmed” until an administrator confirms them, or, for the "
            "Foundation, until a coordinator has a linked staff sign-in."
        ),
    )
    affiliate = forms.ModelChoiceField(Affiliate.objects.all(), required=False, label=_("Affiliate"))
    region = RegionChoice(
        required=False,
        label=_("Region"),
        help_text=_("If the group is of one. Left empty, a group of an affiliate takes the region of its affiliate."),
    )
    seeks_members = forms.BooleanField(required=False, label=_("Looks for members"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        is_affiliate = typed.get("kind") == Group.Kind.AFFILIATE
        if is_affiliate and not typed.get("affiliate"):
            self.add_error("affiliate", _("Choose the affiliate that the group acts for."))
        if not is_affiliate:
            typed["affiliate"] = None
        return typed


class ChangeGroupForm(forms.Form):
    purpose = Line(most=300, required=False, label=_("What for?"), help_text=_("One sentence that others can read."))
    region = RegionChoice(required=False, label=_("Region"), help_text=_("If the group is of one."))
    seeks_members = forms.BooleanField(required=False, label=_("Looks for members"))


class JoinForm(forms.Form):
    message = Line(
        most=300,
        required=False,
        label=_("A word to the group"),
        help_text=_("What you would like to do. Only coordinators read it."),
    )


class InviteForm(forms.Form):
    names = Text(
        most=2000,
        rows=3,
        label=_("Wikimedia user names, one a line"),
        help_text=_("Each of them can accept or decline. Names are shown once they have accepted."),
        error_messages={"required": _("Name at least one person.")},
    )

    def clean_names(self) -> str:
        self.people = people_named(self.cleaned_data["names"])
        return self.cleaned_data["names"]


def people_named(text: str) -> list[User]:
    """The people of a list of user names, one a line; refuses too many, and names that nobody has here."""
    names = list(dict.fromkeys(name.strip() for name in text.splitlines() if name.strip()))
    if len(names) > INVITE_AT_ONCE:
        raise forms.ValidationError(_("Name at most 20 people."))
    people = list(User.objects.filter(username__in=names))
    unknown = [name for name in names if name not in {person.username for person in people}]
    if unknown:
        raise forms.ValidationError(
            _(
                "Nobody with this name has signed in here yet: %(names)s. Send them the address of this site, and "
                "leave the name out for now."
            )
            % {"names": listed(unknown)}
        )
    return people


# --- Meetings --------------------------------------------------------------------------------

LENGTHS = (30, 45, 60, 90, 120, 180, 240, 360, 480)


def minutes_words(minutes: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


class MeetingForm(LanguagesForm):
    """`led` is what the group leads, as pairs of number and title; `meeting` is the one to change.

    `starts_at` is another time for it that was chosen by the link to this page.

    The place may be left empty if a room is booked for it, or it has one.
    """

    title = Line(most=120, label=_("Title"), error_messages={"required": _("Give the meeting a title.")})
    agenda = Text(
        most=4000,
        label=_("Agenda"),
        help_text=_("What is talked about, so that people know whether to come."),
        error_messages={"required": _("Say what is talked about.")},
    )
    starts_at = Moment(years=2, label=_("Starts"), error_messages={"required": _("Say when it begins.")})
    minutes = forms.TypedChoiceField(coerce=int, label=_("How long"), choices=[])
    place = Line(
        most=1000,
        label=_("Where"),
        required=False,
        help_text=_("The link of the room, or in words. Of a meeting of members only, members alone see it."),
    )
    book_room = forms.BooleanField(
        required=False,
        label=_("Book a room for it"),
        help_text=_("Then leave the place empty. The room is given at once, and its address becomes the place."),
    )
    is_open = forms.TypedChoiceField(
        choices=[("yes", _("Everybody")), ("no", _("Members of the group"))],
        coerce=lambda chosen: chosen == "yes",
        widget=forms.RadioSelect,
        initial="yes",
        label=_("Who may come"),
    )
    initiative_number = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("About which initiative"), choices=[]
    )
    field_order = (
        "title",
        "agenda",
        "starts_at",
        "minutes",
        "place",
        "book_room",
        "is_open",
        "languages",
        "more_languages",
    )

    def __init__(
        self,
        *args: Any,
        led: list[tuple[int, str]],
        meeting: Meeting | None = None,
        has_room: bool = False,
        starts_at: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        if meeting:
            kwargs["initial"] = _as_it_is(meeting) | ({"starts_at": starts_at} if starts_at else {})
        super().__init__(*args, **kwargs)
        if starts_at:
            self.fields["starts_at"].widget.attrs["data-chosen"] = ""
        lengths = sorted({*LENGTHS, meeting.minutes} if meeting else LENGTHS)
        offer(self, "minutes", ((n, minutes_words(n)) for n in lengths))
        self.fields["minutes"].initial = 60
        self.fields["starts_at"].help_text = _("In your time zone, %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }
        self._offer(dict(led), meeting)
        self.has_room = has_room
        if meeting:
            del self.fields["book_room"]

    def _offer(self, led: dict[int, str], meeting: Meeting | None) -> None:
        """What the group leads, and what the meeting was about before; no question if there is nothing to choose."""
        if meeting and meeting.initiative_number:
            led.setdefault(meeting.initiative_number, "")
        offer_led(self, "initiative_number", led)

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        if not typed["languages"] and "more_languages" not in self.errors:
            self.add_error("languages", _("Say in which language it is held."))
        if not (typed.get("place") or typed.get("book_room") or self.has_room) and "place" not in self.errors:
            self.add_error("place", _("Say where people go, or book a room."))
        return typed


def offer_led(form: forms.Form, name: str, led: dict[int, str]) -> None:
    choices = [(number, f"{number} {title}".strip()) for number, title in led.items()]
    offer(form, name, [("", "—"), *choices])
    if not led:
        form.fields[name].widget = forms.HiddenInput()


def _as_it_is(meeting: Meeting) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "agenda": meeting.agenda,
        "starts_at": meeting.starts_at,
        "minutes": meeting.minutes,
        "place": meeting.place,
        "is_open": "yes" if meeting.is_open else "no",
        "initiative_number": meeting.initiative_number,
        **languages_initial(meeting.languages),
    }


class CancelMeetingForm(forms.Form):
    reason = Line(
        most=300,
        label=_("Why?"),
        help_text=_("Everybody reads it on the page of the meeting."),
        error_messages={"required": _("Say why, in one sentence.")},
    )


class NotesForm(LanguagesForm):
    text = Text(most=20_000, rows=12, required=False, label=_("Notes"), help_text=_("Here, or behind a link, or both."))
    link = Link(required=False, label=_("Link to the notes"))
    attendance = forms.IntegerField(
        min_value=1,
        max_value=10_000,
        label=_("How many people came"),
        help_text=_("A number, no names."),
        error_messages={"required": _("Say how many people came.")},
    )
    field_order = ("text", "link", "attendance", "languages", "more_languages")

    def __init__(self, *args: Any, meeting: Meeting, newest: Notes | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = languages_initial(newest.languages if newest else meeting.languages)
        if newest:
            kwargs["initial"] |= {"text": newest.text, "link": newest.link, "attendance": newest.attendance}
        super().__init__(*args, **kwargs)
        self.fields["languages"].label = _("Which languages were spoken")

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        if not typed.get("text") and not typed.get("link") and not self.errors:
            self.add_error("text", _("Write the notes, or give the link to them."))
        if not typed["languages"] and "more_languages" not in self.errors:
            self.add_error("languages", _("Say which languages were spoken."))
        return typed


# --- Proposals -------------------------------------------------------------------------------

LONGEST_PROPOSAL = 10_000


class ProposalForm(forms.Form):
    title = Line(most=120, label=_("Title"), error_messages={"required": _("Give the proposal a title.")})
    text = Text(
        most=LONGEST_PROPOSAL,
        rows=12,
        label=_("The text to be decided on"),
        help_text=_("As it shall stand once it is adopted."),
        error_messages={"required": _("Write the text to be decided on.")},
    )
    closes_at = Moment(
        years=2,
        label=_("End date"),
        error_messages={"required": _("Say until when it is open.")},
    )
    initiative_number = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("About which initiative"), choices=[]
    )

    def __init__(self, *args: Any, led: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].help_text = _(
            "At least 14 days ahead, in your time zone, %(zone)s. Without an open objection it is adopted then."
        ) % {"zone": timezone.get_current_timezone_name()}
        offer_led(self, "initiative_number", dict(led))


class VersionForm(forms.Form):
    text = Text(
        most=LONGEST_PROPOSAL,
        rows=12,
        label=_("The new text"),
        error_messages={"required": _("Write the text to be decided on.")},
    )
    why = Line(most=300, required=False, label=_("Why it changes"), help_text=_("One sentence."))

    def __init__(self, *args: Any, newest: Version, **kwargs: Any) -> None:
        kwargs["initial"] = {"text": newest.text}
        super().__init__(*args, **kwargs)


class PositionForm(forms.Form):
    stance = forms.ChoiceField(
        choices=Position.Stance.choices,
        widget=forms.RadioSelect,
        label=_("Your position"),
        error_messages={"required": _("Choose a position.")},
    )
    reason = Text(
        most=2000,
        required=False,
        label=_("Why"),
        help_text=_("Public, with your name. An objection needs a reason: say what would answer it."),
    )

    def __init__(self, *args: Any, said: Position | None, **kwargs: Any) -> None:
        kwargs["initial"] = {"stance": said.stance, "reason": said.reason} if said else {}
        super().__init__(*args, **kwargs)


class AnswerObjectionForm(forms.Form):
    answer = Text(
        most=2000,
        label=_("The answer of the group"),
        help_text=_("Public. Whoever objected has 14 days to say whether it is answered."),
        error_messages={"required": _("Write the answer.")},
    )


class InsistForm(forms.Form):
    reason = Text(
        most=2000,
        label=_("Why the answer does not do"),
        help_text=_("Public, with your name."),
        error_messages={"required": _("Say what is still open.")},
    )
