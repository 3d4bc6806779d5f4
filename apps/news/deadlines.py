from datetime import datetime
from typing import Any

from django.db.models import Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import OwnerKind
from apps.deadlines.rules import Rule, reads, remind, silence, tell_all, working_days
from apps.deadlines.states import all_of, declare
from apps.news.models import Item
from apps.news.queries import editors

# Not “role:editor”, who answers requests for that role: administrators do that too, but publish nothing.
EDITORS = "role:news_editor"


def editors_name() -> str:
    return _("the editors of Strategy News, any one of them")


EDITOR = OwnerKind(
    EDITORS,
    title=gettext_lazy("Strategy News"),
    keys=lambda person, now: editors(now).filter(pk=person.pk).values(key=Value(EDITORS)),
    names=lambda keys: {EDITORS: editors_name()},
    all_told=gettext_lazy("Due; all editors are told"),
)


@reads("submitted_by_id")
def who_answers(items: list[Any], now: datetime) -> dict[int, list[User]]:
    """The editors; nobody answers for what they submitted themselves. One query."""
    everybody = list(editors(now).order_by("pk"))
    return {item.pk: [person for person in everybody if person.pk != item.submitted_by_id] for item in items}


# Neither the words nor the subject of what nobody has published are told here: the board is public.
ANSWER = Rule(
    "news.answer",
    title=gettext_lazy("Items for Strategy News"),
    subject="news.Item",
    owed_by=lambda item: EDITORS,
    owner_name=lambda item: editors_name(),
    answerers=who_answers,
    what=lambda item: _("An answer to an item for Strategy News"),
    silence_means=gettext_lazy("it lapses, since silence publishes nothing, and can be submitted again"),
    outcomes={"published": gettext_lazy("published"), "declined": gettext_lazy("declined")},
    region=lambda item: item.regions[0] if len(item.regions) == 1 else "",
    ladder=[remind(working_days(3)), tell_all(working_days(5)), silence(working_days(10))],
)

declare(
    Item,
    waiting={Item.State.WAITING: all_of(ANSWER)},
    resting={Item.State.PUBLISHED, Item.State.DECLINED, Item.State.LAPSED, Item.State.WITHDRAWN},
)
