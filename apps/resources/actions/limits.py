"""Whom an offer is for, and how much of it a group may have: refusals that say what else there is."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.refused import Refused
from apps.core.text import listed, semicolon
from apps.groups.models import Group
from apps.resources import queries
from apps.resources.models import Resource

NAMED_AT_MOST = 3


def refuse_withdrawn(resource: Resource) -> None:
    """What was withdrawn is given no more; what runs goes on to its end."""
    if why := queries.why_withdrawn(resource):
        raise Refused(why)


def refuse_unsuited(resource: Resource, group: Group, *, now: datetime) -> None:
    """Refuse what was withdrawn, and a group whom the offer is not for; says whom it is for, and what else there is."""
    refuse_withdrawn(resource)
    if queries.suits(resource, group, queries.languages_of_group(group), now):
        return
    words = _("“%(resource)s” is for %(whom)s. %(else)s") % {
        "resource": resource.name,
        "whom": listed(queries.for_whom(resource), between=semicolon()),
        "else": _what_else(resource, group, now),
    }
    raise Refused(words, field="group")


def _what_else(resource: Resource, group: Group, now: datetime) -> str:
    others = queries.others_that_suit(resource, group, now)[:NAMED_AT_MOST]
    if others:
        return _("For your group there is: %(others)s.") % {"others": listed(other.name for other in others)}
    return _("Nothing else of that kind is offered to your group: ask for “something else”, and it is shown as wanted.")


def refuse_too_many(resource: Resource, quantity: int) -> None:
    """Refuse a wish for more than one can be for, and for more places than there are."""
    if not queries.has_places_for(resource, quantity):
        most = queries.most_of(resource)
        words = ngettext(
            "At most %(most)d can be asked for at once.", "At most %(most)d can be asked for at once.", most
        )
        raise Refused(words % {"most": most}, field="quantity")


def refuse_over_limit(resource: Resource, group: Group, *, quantity: int = 1, now: datetime) -> None:
    """Refuse more at once, or more in 30 days, than a group may have of what is not booked by time."""
    most, had = resource.max_at_once, queries.has_at_once(resource, group, now)
    if most is not None and 0 < had < most < had + quantity:
        words = _("Your group has or awaits %(had)d of this, and may have %(most)d at once. Ask for fewer.")
        raise Refused(words % {"had": had, "most": most}, field="quantity")
    if most is not None and had < most < quantity:
        words = _("Your group may have %(most)d of this at once. Ask for fewer.")
        raise Refused(words % {"most": most}, field="quantity")
    if most is not None and had + quantity > most:
        words = ngettext(
            "Your group has or awaits %(had)d of this, which is the limit, so that every group finds one. Give it "
            "back, or take the wish back, first.",
            "Your group has or awaits %(had)d of this, which is the limit, so that every group finds one. Give one "
            "back, or take a wish back, first.",
            had,
        )
        raise Refused(words % {"had": had}, field="group")
    most, had = resource.max_per_month, queries.asked_this_month(resource, group, now)
    if most is not None and had >= most:
        words = ngettext(
            "Your group asked for this %(had)d time in the last 30 days, which is the limit. Ask again later.",
            "Your group asked for this %(had)d times in the last 30 days, which is the limit. Ask again later.",
            had,
        )
        raise Refused(words % {"had": had}, field="group")
