"""Interest, hints and places: what anybody may leave on an initiative."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.groups.actions import form_group, invite
from apps.groups.models import INVITE_AT_ONCE, Group
from apps.initiatives import queries, words
from apps.initiatives.models import Hint, Initiative, Interest, Place
from apps.notifications.actions import write_letters
from apps.record.actions import write


@transaction.atomic
def say_interest(
    initiative: Initiative,
    *,
    ways: Iterable[str],
    languages: list[str],
    region: str,
    is_named: bool,
    wants_news: bool,
    by: User,
    now: datetime,
) -> Interest:
    """Say or change what one would do for an initiative; the second person makes all who agreed be told."""
    Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    chosen = set(ways)
    interest, is_new = Interest.objects.update_or_create(
        initiative=initiative,
        user=by,
        defaults={
            **{way: way in chosen for way in Interest.WAYS},
            "languages": languages,
            "region": region,
            "is_named": is_named,
            "wants_news": wants_news,
        },
        create_defaults={
            **{way: way in chosen for way in Interest.WAYS},
            "languages": languages,
            "region": region,
            "is_named": is_named,
            "wants_news": wants_news,
            "said_at": now,
        },
    )
    if is_new:
        write(words.INTERESTED, by=None, now=now, initiative=initiative, interest=interest)
        _tell_when_second(initiative, by=by, now=now)
    return interest


def _tell_when_second(initiative: Initiative, *, by: User, now: datetime) -> None:
    if initiative.interests.count() != 2 or queries.running_adoption(initiative):
        return
    write_letters(
        words.SECOND_INTEREST,
        to=queries.interested_who_want_news(initiative),
        key=str(initiative.pk),
        link=initiative.get_absolute_url(),
        now=now,
        by=by,
        initiative=lambda: initiative.title,
    )


def take_back_interest(initiative: Initiative, *, by: User) -> None:
    """Name and choices are gone; that somebody was interested once stays in the record, where it never had a name."""
    initiative.interests.filter(user=by).delete()


@transaction.atomic
def add_place(initiative: Initiative, *, url: str, title: str, language: str, by: User, now: datetime) -> Place:
    """Add a place where the initiative is discussed."""
    Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    if initiative.places.filter(url=url).exists():
        raise Refused(_("This place is listed already."), field="url")
    place = Place.objects.create(
        initiative=initiative, url=url, title=title, language=language, added_at=now, added_by=by
    )
    write(words.PLACE_ADDED, by=by, now=now, initiative=initiative)
    return place


@transaction.atomic
def leave_hint(initiative: Initiative, *, text: str, url: str, by: User, now: datetime) -> Hint:
    """Say in public who leads it, with a link that shows it. It changes no badge: only acts on this site do."""
    Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    if initiative.hints.filter(url=url).exists():
        raise Refused(_("This link stands here already."), field="url")
    hint = Hint.objects.create(initiative=initiative, text=text, url=url, left_at=now, left_by=by)
    write(words.HINTED, by=None, now=now, initiative=initiative, hint=hint)
    return hint


def take_back_hint(hint: Hint, *, by: User) -> None:
    hint.delete()


@transaction.atomic
def start_group_from_interest(initiative: Initiative, *, by: User, now: datetime) -> Group:
    """Form a group and invite everybody who would join or lead and agreed to be told; their names stay unknown.

    Refuses when nobody else is interested, when somebody leads, and the second click.
    """
    Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    if queries.running_adoption(initiative):
        raise Refused(_("A group leads it by now: ask to join that one."))
    willing = queries.willing_to_join(initiative, without=by)
    if not willing:
        raise Refused(_("Nobody else who agreed to be told would join yet. You can adopt it alone, and others join."))
    name = _("Initiative %(number)s: %(title)s") % {"number": initiative.number, "title": initiative.title}
    group = form_group(name=name[:80], by=by, now=now, seeks_members=True)
    invite(group, people=willing[:INVITE_AT_ONCE], by=by, now=now)
    return group
