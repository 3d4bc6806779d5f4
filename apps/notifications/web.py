"""What pages say about an act that writes to many: how many, before it; where to recall it, after it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.dates import day_and_time
from apps.notifications.queries import people_told_by
from apps.notifications.timing import MANY


def how_many_are_told(people: int) -> str:
    """A sentence for the form of such an act; "" if nobody is told."""
    if not people:
        return ""
    told = ngettext("%(count)d person gets a letter about it.", "%(count)d people get a letter about it.", people)
    recall = _("You can recall the letters for ten minutes, the act itself stands.") if people > MANY else ""
    return f"{told % {'count': people}} {recall}".strip()


def offer_recall(request: HttpRequest, *, by: User, now: datetime) -> None:
    """Say on the next page whom the act of this very moment will tell and when, with the way to recall it."""
    told = people_told_by(by, now)
    if told is None:
        return
    people, leaves_at = told
    words = ngettext("%(count)d person will be told on %(time)s.", "%(count)d people will be told on %(time)s.", people)
    messages.info(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            words % {"count": people, "time": day_and_time(leaves_at)},
            reverse("notifications:sent"),
            _("Recall the letters"),
        ),
    )
