from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import THE_CLOCK, OwnerKind
from apps.deadlines.rules import Rule, days, nobody, remind, silence, tell_all
from apps.deadlines.states import all_of, declare
from apps.guidelines.models import Draft, Version
from apps.guidelines.queries import drafters

NOTICE_DAYS = 14
NOTICE_LAPSES_DAYS = 28
IN_FORCE_DAYS = 30
DRAFTERS = "role:drafter"


def drafters_name() -> str:
    return _("the administrators and reviewers, any one of them")


def drafters_for_each(drafts: list[Any], now: datetime) -> dict[int, list[User]]:
    everybody = list(drafters(now).order_by("pk"))
    return {draft.pk: everybody for draft in drafts}


def notice_ends_at(draft: Draft) -> datetime:
    if draft.announced_at is None:
        raise ValueError("A draft that is not announced has no notice.")
    return draft.announced_at + timedelta(days=NOTICE_DAYS)


DRAFTER = OwnerKind(
    DRAFTERS,
    title=gettext_lazy("Those who draft the guidelines"),
    keys=lambda person, now: drafters(now).filter(pk=person.pk).values(key=Value(DRAFTERS)),
    names=lambda keys: {DRAFTERS: drafters_name()},
    all_told=gettext_lazy("The notice ends; all who can publish are told"),
)

PUBLISH = Rule(
    "guidelines.publish",
    title=gettext_lazy("Announced guidelines"),
    subject="guidelines.Draft",
    owed_by=lambda draft: DRAFTERS,
    owner_name=lambda draft: drafters_name(),
    answerers=drafters_for_each,
    what=lambda draft: _("A decision on guidelines %(number)s after their notice") % {"number": draft.number},
    silence_means=gettext_lazy("it is a draft again, and the present guidelines go on"),
    outcomes={
        "published": gettext_lazy("published"),
        "taken back": gettext_lazy("taken back to work on it"),
        "dropped": gettext_lazy("dropped"),
    },
    ladder=[tell_all(days(NOTICE_DAYS)), remind(days(21)), silence(days(NOTICE_LAPSES_DAYS))],
)

# Whoever translates brings it forward; as nobody has translating as a role yet, the clock owes it.
COME_INTO_FORCE = Rule(
    "guidelines.come_into_force",
    title=gettext_lazy("Published guidelines that come into force"),
    subject="guidelines.Version",
    owed_by=lambda version: THE_CLOCK,
    owner_name=lambda version: _("the clock"),
    answerers=nobody,
    what=lambda version: _("Guidelines %(number)s come into force") % {"number": version.number},
    silence_means=gettext_lazy("they are in force"),
    outcomes={"translated": gettext_lazy("translated into all languages of this site")},
    ladder=[silence(days(IN_FORCE_DAYS))],
    public=False,
)

declare(
    Draft,
    waiting={Draft.State.ANNOUNCED: all_of(PUBLISH)},
    resting={Draft.State.DRAFTED, Draft.State.PUBLISHED, Draft.State.DROPPED},
)
declare(
    Version,
    state=Case(When(in_force_at=None, then=Value("published")), default=Value("in force")),
    waiting={"published": all_of(COME_INTO_FORCE)},
    resting={"in force"},
)
