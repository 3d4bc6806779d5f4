"""Reading the record: acts with their words, in a number of queries that does not grow with the rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.record.models import Act, Mention
from apps.record.verbs import VERBS


@dataclass(frozen=True)
class Line:
    """An act in the reader's words."""

    at: datetime
    words: SafeString
    counts: bool
    verb: str


def newest_acts() -> models.QuerySet[Act]:
    return Act.objects.order_by("-at", "-id").select_related("by").prefetch_related("mentions")


def acts_about(thing: models.Model) -> models.QuerySet[Act]:
    """The acts that mention a thing, the newest first."""
    mentions = Mention.objects.filter(model=thing._meta.label_lower, object_id=thing.pk)
    return newest_acts().filter(pk__in=mentions.values("act"))


def lines(acts: Iterable[Act], *, known: Iterable[models.Model] = ()) -> list[Line]:
    """The acts in words of the active language, with links to what they mention.

    What the caller has at hand already is `known`, and not fetched again.
    """
    acts = list(acts)
    things = {(thing._meta.label_lower, thing.pk): thing for thing in known}
    things |= _things_mentioned(acts, without=set(things))
    return [_line(act, things) for act in acts]


def _things_mentioned(acts: list[Act], *, without: set[tuple[str, int]]) -> dict[tuple[str, int], models.Model]:
    """One query for each model; a model whose words need other rows names them in NAMED_BY."""
    wanted = defaultdict(set)
    for act in acts:
        for mention in _told_mentions(act):
            if (mention.model, mention.object_id) not in without:
                wanted[mention.model].add(mention.object_id)
    found: dict[tuple[str, int], models.Model] = {}
    for label, ids in wanted.items():
        model = apps.get_model(label)
        with_names = model._default_manager.select_related(*getattr(model, "NAMED_BY", ()))
        found |= {(label, pk): thing for pk, thing in with_names.in_bulk(ids).items()}
    return found


def _told_mentions(act: Act) -> list[Mention]:
    """The mentions that the verb's words use; others are there to be found by."""
    names = VERBS[act.verb].names if act.verb in VERBS else set()
    return [mention for mention in act.mentions.all() if mention.name in names]


def _line(act: Act, things: dict[tuple[str, int], models.Model]) -> Line:
    verb = VERBS.get(act.verb)
    if verb is None:
        return Line(act.at, escape(act.verb), False, act.verb)
    names: dict[str, SafeString] = defaultdict(lambda: format_html("<i>{}</i>", _("something removed")))
    for mention in _told_mentions(act):
        thing = things.get((mention.model, mention.object_id))
        if thing is not None:
            names[mention.name] = _linked(thing)
    names["by"] = format_html("<bdi>{}</bdi>", act.by) if act.by else escape(_("the clock"))
    return Line(act.at, mark_safe(escape(verb.words) % names), verb.counts, act.verb)  # noqa: S308 - all parts escaped


def _linked(thing: models.Model) -> SafeString:
    if hasattr(thing, "get_absolute_url"):
        return format_html('<a href="{}"><bdi>{}</bdi></a>', thing.get_absolute_url(), thing)
    return format_html("<bdi>{}</bdi>", thing)
