"""What is offered, by whom and to whom: offering, changing, withdrawing, and the wishes that an offer takes on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.languages import in_each_language
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline
from apps.people.models import Affiliate
from apps.people.queries import shown_contacts
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.giving import (
    move_up,
)
from apps.resources.actions.links import write_links
from apps.resources.actions.making import follow_server
from apps.resources.actions.passing_on import (
    follow_policy,
    pass_on_open_wishes,
)
from apps.resources.actions.reach import make_reachable
from apps.resources.actions.taking_on import take_on_wishes
from apps.resources.actions.telling import (
    tell_coordinators,
)
from apps.resources.deadlines import ANSWER_STEWARDSHIP
from apps.resources.kinds import RESOURCE
from apps.resources.models import Resource, ResourceRequest, Stewardship
from apps.translations.actions import store, take_in
from apps.translations.kinds import SOURCE, target_languages, with_language

Kind, Policy, Provider = Resource.Kind, Resource.Policy, Resource.Provider
# What people offer stands behind what the catalogue's file brings.
AFTER_THE_CATALOGUE = 1000
# Pages of their own below /resources/.
PAGES_BESIDE_OFFERS = {"offer", "requests", "invitations", "links", "use", "series", "servers", "calendar", "meetings"}
ICONS: dict[str, str] = {
    Kind.ROOM: "live",
    Kind.PAD: "journal",
    Kind.MAILING_LIST: "message",
    Kind.FORUM_CATEGORY: "speechBubbles",
    Kind.TRANSLATION: "language",
    Kind.INTERPRETATION: "microphone",
    Kind.LIAISON_HOURS: "feedback",
    Kind.FACILITATOR: "userGroup",
    Kind.SURVEY: "chart",
    Kind.NEWS_SLOT: "newspaper",
    Kind.OTHER: "lightbulb",
}


@dataclass(frozen=True)
class Terms:
    """What an offer says: its texts in one language, how it is given, its limits, and whom it is for."""

    name: str
    line: str
    policy: str
    description: str = ""
    data_place: str = ""
    language: str = SOURCE
    capacity: int | None = None
    max_hours: int | None = None
    max_per_month: int | None = None
    max_quantity: int | None = None
    max_at_once: int | None = None
    lasts_days: int | None = None
    opens_hour: int | None = None
    closes_hour: int | None = None
    for_regions: list[str] = field(default_factory=list)
    for_languages: list[str] = field(default_factory=list)
    for_groups_older_than_days: int | None = None
    languages: list[str] = field(default_factory=list)
    silence_gives: bool = False
    affiliate: Affiliate | None = None


# What is stored as it is said.
AS_SAID = (
    "policy", "max_hours", "max_per_month", "max_at_once", "lasts_days", "opens_hour", "closes_hour", "for_regions",
    "for_languages", "for_groups_older_than_days", "languages", "silence_gives", "affiliate",
)  # fmt: skip


@transaction.atomic
def offer_resource(
    terms: Terms,
    *,
    kind: str,
    provider: str = Provider.BY_HAND,
    links: Sequence[str] = (),
    wish: ResourceRequest | None = None,
    reads_on_site: bool = False,
    by: User,
    now: datetime,
) -> Resource:
    """Offer something useful that is not money; whoever offers it becomes its first steward.

    Wishes that wait for such an offer are put before them at once: those of its kind, and the `wish` that led here.
    Refuses what contradicts itself, what only a server makes, somebody whom no letter and no notice would reach, an
    affiliate whose contact they are not, links for what is no pool, and a second click.
    """
    make_reachable(by, reads_on_site=reads_on_site)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if queries.offered_just_now(by, kind=kind, name=terms.name, now=now):
        raise Refused(_("You have offered this already, a moment ago."), field="name")
    if provider not in {Provider.BY_HAND, Provider.POOL}:
        raise Refused(_("What a server makes is set up by whoever runs this site. Offer links, or your time."))
    resource = Resource(
        slug=_free_slug(terms.name, kind),
        position=AFTER_THE_CATALOGUE,
        kind=kind,
        provider=provider,
        icon=ICONS[kind],
        written_in=terms.language,
        offered_at=now,
        offered_by=by,
    )
    _set_terms(resource, terms, by=by)
    resource.stewards.add(by)
    write(words.OFFERED, by=by, now=now, resource=resource)
    if links:
        write_links(resource, links, by=by, now=now)
    take_on_wishes(resource, wish=wish, now=now)
    return resource


@transaction.atomic
def change_offer(resource: Resource, terms: Terms, *, by: User, now: datetime) -> Resource:
    """Change what an offer says; what is in use stays as it was given, and new places go to the waiting list.

    Another policy takes open wishes along: to its stewards, or to the waiting list that moves up by itself.
    Refuses what contradicts itself, what was withdrawn, and fewer places than a group waits for.
    """
    resource = _held(resource)
    _refuse_withdrawn(resource)
    _refuse_fewer_than_are_waited_for(resource, terms)
    resource.changed_at, policy_before = now, resource.policy
    _set_terms(resource, terms, by=by)
    write(words.CHANGED, by=by, now=now, resource=resource)
    if resource.policy != policy_before:
        follow_policy(resource, now=now)
    move_up(resource, now=now)
    take_on_wishes(resource, now=now)
    return resource


def _set_terms(resource: Resource, terms: Terms, *, by: User) -> None:
    _refuse_contradictions(resource, terms)
    if terms.affiliate and terms.affiliate != _affiliate_before(resource):
        _refuse_strangers(terms.affiliate, by)
    for name in AS_SAID:
        setattr(resource, name, getattr(terms, name))
    resource.max_quantity = terms.max_quantity if (terms.max_quantity or 1) > 1 else None
    resource.capacity = _links_on_offer(resource) if resource.is_pool else terms.capacity
    texts = {"names": terms.name, "lines": terms.line, "descriptions": terms.description}
    for name, text in texts.items():
        setattr(resource, name, _said(resource, getattr(resource, name, None), text, terms.language))
    resource.data_places = (
        _said(resource, resource.data_places, terms.data_place, terms.language) if terms.data_place else {}
    )
    had_english = bool(resource.pk) and resource.written_in == SOURCE
    if terms.language == SOURCE:
        resource.written_in = SOURCE
    resource.save()
    _tell_translators(resource, had_english=had_english)


def _tell_translators(resource: Resource, *, had_english: bool) -> None:
    """The room takes in what is new in English; of what stood there, it sees by itself what is outdated now."""
    if had_english:
        for code in target_languages():
            store(RESOURCE, resource, code)
    elif resource.written_in == SOURCE:
        take_in(RESOURCE, [resource])


def _affiliate_before(resource: Resource) -> Affiliate | None:
    return resource.affiliate if resource.pk else None


def _links_on_offer(resource: Resource) -> int:
    return queries.links_on_offer(resource).count() if resource.pk else 0


def _said(resource: Resource, before: dict[str, str] | None, text: str, language: str) -> dict[str, str]:
    """The texts by language with this one; what was offered in another language stands in for English, too."""
    said = (before or {}) | {language: text}
    return said if language == SOURCE else said | {SOURCE: text}


def _refuse_contradictions(resource: Resource, terms: Terms) -> None:
    by_hand, is_booked = resource.provider == Provider.BY_HAND, resource.is_booked_by_time
    if terms.policy == Policy.SELF_SERVICE and by_hand:
        raise Refused(
            _("Only what is ready can be given at once: offer ready links, or let the stewards answer."), field="policy"
        )
    if terms.silence_gives and (by_hand or terms.policy != Policy.STEWARDS_DECIDE):
        raise Refused(
            _(
                "Silence gives only what is ready, costs nothing more, and waits for an answer of its stewards. Leave "
                "this out."
            ),
            field="silence_gives",
        )
    if is_booked and not terms.max_hours:
        raise Refused(_("Say for how many hours it can be booked at most."), field="max_hours")
    if terms.max_quantity and terms.max_quantity > 1 and not by_hand:
        raise Refused(_("Each group gets one link: leave this out."), field="max_quantity")
    if resource.is_pool and not is_booked and not terms.lasts_days:
        raise Refused(_("Say for how many days a link is theirs, so that it comes back to others."), field="lasts_days")
    if not is_booked and not terms.lasts_days and (terms.capacity or terms.max_at_once):
        raise Refused(
            _("What is given for good cannot be counted at once: say for how many days a group keeps it."),
            field="lasts_days",
        )
    if (terms.opens_hour is None) != (terms.closes_hour is None):
        raise Refused(_("Say both hours, or none."), field="closes_hour")
    if terms.opens_hour is not None and terms.closes_hour is not None and terms.opens_hour >= terms.closes_hour:
        raise Refused(_("It closes before it opens. Hours are those of one day, in UTC."), field="closes_hour")


def _refuse_fewer_than_are_waited_for(resource: Resource, terms: Terms) -> None:
    """It would wait in vain, and let nobody behind it come first."""
    waited_for = max(queries.waiting_list(resource).values_list("quantity", flat=True), default=0)
    if terms.capacity is not None and terms.capacity < waited_for:
        words_ = ngettext(
            "A group waits for %(count)d place: leave as many.",
            "A group waits for %(count)d places: leave as many.",
            waited_for,
        )
        raise Refused(words_ % {"count": waited_for}, field="capacity")


def _refuse_strangers(affiliate: Affiliate, by: User) -> None:
    if not shown_contacts().filter(affiliate=affiliate, user=by).exists():
        words_ = _("Contacts of %(affiliate)s offer in its name. Say on its page that you are one, then offer again.")
        raise Refused(words_ % {"affiliate": affiliate}, field="affiliate")


def _free_slug(name: str, kind: str) -> str:
    """From the name where that has Latin letters, else from the kind; with a number where it is taken."""
    stem = slugify(name)[:50].strip("-") or kind.replace("_", "-")
    taken = {*PAGES_BESIDE_OFFERS, *Resource.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


# --- Withdrawing ------------------------------------------------------------------------------


@transaction.atomic
def withdraw_offer(resource: Resource, *, reason: str, by: User, now: datetime) -> Resource:
    """Offer it no more. What runs or is booked goes on to its end, open wishes go on to other offers.

    Everybody whom it concerns is told why. Refused when it is withdrawn already.
    """
    resource = _held(resource)
    _refuse_withdrawn(resource)
    resource.withdrawn_at, resource.withdrawn_by, resource.withdrawn_why = now, by, reason
    resource.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    write(words.WITHDRAWN, by=by, now=now, resource=resource)
    for invitation in queries.open_invitations(resource):
        cancel_deadline(ANSWER_STEWARDSHIP, invitation, now=now, by=by)
        invitation.state, invitation.answered_at = Stewardship.State.TAKEN_BACK, now
        invitation.save(update_fields=["state", "answered_at"])
    pass_on_open_wishes(resource, reason=reason, now=now)
    for use in queries.uses_of(resource):
        key = f"{use.pk}:withdrawn:{now.isoformat()}"
        tell_coordinators(use, now=now, kind=words.WITHDRAWN_IN_USE, key=key, quote=reason, until=use.ends_at)
    return resource


@transaction.atomic
def offer_again(resource: Resource, *, by: User, now: datetime) -> Resource:
    """Offer once more what was withdrawn; wishes that wait for such an offer are put before its stewards.

    Refused while it is on offer.
    """
    resource = _held(resource)
    if not resource.withdrawn_at:
        raise Refused(_("It is on offer already."))
    resource.withdrawn_at = resource.withdrawn_by = None
    resource.withdrawn_why = ""
    resource.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    write(words.OFFERED_AGAIN, by=by, now=now, resource=resource)
    take_on_wishes(resource, now=now)
    return resource


def _refuse_withdrawn(resource: Resource) -> None:
    if resource.withdrawn_at:
        raise Refused(_("This was withdrawn. Offer it again first."))


def _held(resource: Resource) -> Resource:
    return Resource.objects.select_for_update(of=("self",), no_key=True).select_related("affiliate").get(pk=resource.pk)


# --- The file of the catalogue, and translations -----------------------------------------------


@transaction.atomic
def load_resources(rows: list[dict[str, Any]], *, now: datetime) -> int:
    """Bring the catalogue of resources up to date with its file; returns how many.

    Stewards stay as they are, and so does what they have changed here. New places go to the waiting list, another
    policy takes open wishes along, and what is not made yet is made where the file says now.
    """
    policies = dict(Resource.objects.values_list("slug", "policy"))
    changed_here = set(Resource.objects.exclude(changed_at=None).values_list("slug", flat=True))
    for position, row in enumerate(rows):
        if row["slug"] in changed_here:
            continue
        resource, is_new = Resource.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "position": position,
                "names": in_each_language(row, "name"),
                "lines": in_each_language(row, "line"),
                "descriptions": in_each_language(row, "description"),
                "data_places": in_each_language(row, "data") if "data" in row else {},
                "good_to_know": [
                    {"labels": in_each_language(fact, "label"), "texts": in_each_language(fact, "text")}
                    for fact in row["good_to_know"]
                ],
                **{
                    name: row[name]
                    for name in (
                        "kind",
                        "policy",
                        "provider",
                        "server",
                        "icon",
                        "capacity",
                        "max_hours",
                        "max_per_month",
                        "lasts_days",
                    )
                },
                "max_quantity": row.get("max_quantity"),
            },
        )
        if not is_new:
            follow_server(resource, now=now)
            if policies[row["slug"]] != resource.policy:
                follow_policy(resource, now=now)
            move_up(resource, now=now)
    take_in(RESOURCE, Resource.objects.all())
    return len(rows)


@RESOURCE.when_translated
def note_translation(resource: Resource, *, language: str, texts: dict[str, str], now: datetime | None = None) -> None:
    """Write what was translated where the pages read it."""
    resource.names = with_language(resource.names, language, texts["name"])
    resource.lines = with_language(resource.lines, language, texts["line"])
    resource.descriptions = with_language(resource.descriptions, language, texts["description"])
    resource.good_to_know = [
        {
            "labels": with_language(fact["labels"], language, texts[f"label:{place}"]),
            "texts": with_language(fact["texts"], language, texts[f"text:{place}"]),
        }
        for place, fact in enumerate(resource.good_to_know)
    ]
    if resource.data_places:
        resource.data_places = with_language(resource.data_places, language, texts["data"])
    resource.save(update_fields=["names", "lines", "descriptions", "good_to_know", "data_places"])
