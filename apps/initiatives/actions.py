"""Adopting, keeping and ending the lead of an initiative; interest; places."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.languages import in_each_language
from apps.core.refused import Refused
from apps.core.text import listed
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline, restart_deadline
from apps.groups.actions import change_group, form_group, invite
from apps.groups.models import Group
from apps.groups.queries import active_members_of, coordinated_groups
from apps.guidelines.models import Version
from apps.guidelines.queries import current_version
from apps.initiatives import queries, words
from apps.initiatives.badge import NOTICE_DAYS
from apps.initiatives.deadlines import KEEP_ALIVE, RENEW_TERM
from apps.initiatives.models import Adoption, Initiative, Interest, Lead, Place, Recommendation, Update
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.record.verbs import Verb

# What features above close when a term ends; initiatives knows none of them.
WhenTermEnds = Callable[..., None]
WHEN_TERM_ENDS: list[WhenTermEnds] = []

# The same words again within this time are a second click.
SECOND_CLICK = timedelta(hours=1)


@transaction.atomic
def adopt_initiative(
    initiative: Initiative,
    *,
    guidelines: Version | None,
    plan: str,
    first_steps: list[str],
    group: Group | None,
    new_group_name: str = "",
    beside: Iterable[User] = (),
    seeks_members: bool = False,
    by: User,
    now: datetime,
) -> Adoption:
    """Lead an initiative that nobody leads, at once, under the current guidelines (product.md, Adoption).

    `guidelines` is the version that was read (None: one that is not current). `group` is one that `by`
    coordinates; without it a new group is formed. People named `beside` are invited.

    Refuses when somebody leads already, when the guidelines changed meanwhile, and beyond the limits of
    young groups.
    """
    initiative = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    refuse_when_led(initiative, by=by)
    if guidelines is None or guidelines != current_version():
        raise Refused(_("The guidelines have a new version. Read it, then accept it."), field="accept")
    refuse_beyond_limits(group, by=by)
    if group is None:
        group = form_group(name=new_group_name, by=by, now=now, seeks_members=seeks_members)
    elif seeks_members and not group.seeks_members:
        change_group(group, purpose=group.purpose, region=group.region, seeks_members=True, by=by, now=now)
    adoption = _begin_term(initiative, group, guidelines=guidelines, plan=plan, first_steps=first_steps, by=by, now=now)
    write(words.ADOPTED, by=by, now=now, group=group, initiative=initiative)
    invite(group, people=beside, by=by, now=now)
    write_letters(
        words.ADOPTED_LETTER,
        to=queries.interested_who_want_news(initiative, without=[by]),
        key=str(adoption.pk),
        link=initiative.get_absolute_url(),
        now=now,
        by=by,
        group=group,
        initiative=lambda: initiative.title,
        how_to_join=words.LOOKS_FOR_PEOPLE if group.seeks_members else words.ANYBODY_CAN_ASK,
    )
    return adoption


def refuse_when_led(initiative: Initiative, *, by: User) -> None:
    """One adoption runs at a time; whoever clicked twice is told so."""
    running = queries.running_adoption(initiative)
    if running is None:
        return
    if running.adopted_by_id == by.pk:
        raise Refused(_("Your group leads this initiative already. The first click did it."))
    names = listed(lead.group.name for lead in queries.running_leads(running))
    raise Refused(
        _(
            "%(group)s adopted this initiative before you. What you wrote is still here: take it to that group, "
            "or choose another initiative."
        )
        % {"group": names}
    )


def refuse_beyond_limits(group: Group | None, *, by: User) -> None:
    """Until three must-steps are met a group leads one initiative, and a person coordinates one such group."""
    if group is not None:
        Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        young = queries.young_leads_of(Group.objects.filter(pk=group.pk)).select_related("adoption__initiative").first()
        if young:
            raise Refused(
                _("%(group)s leads %(initiative)s. It can lead a second one once three must-steps there are met.")
                % {"group": group, "initiative": young.adoption.initiative},
                field="group",
            )
    others = coordinated_groups(by).exclude(pk__in=[group.pk] if group else [])
    young = queries.young_leads_of(others).select_related("group", "adoption__initiative").first()
    if young:
        raise Refused(
            _(
                "You coordinate %(group)s, which leads %(initiative)s. You can begin with a second group once "
                "three must-steps there are met."
            )
            % {"group": young.group, "initiative": young.adoption.initiative},
            field="group",
        )


def _begin_term(
    initiative: Initiative,
    group: Group,
    *,
    guidelines: Version,
    plan: str,
    first_steps: list[str],
    by: User,
    now: datetime,
) -> Adoption:
    try:
        with transaction.atomic():
            adoption = Adoption.objects.create(
                initiative=initiative,
                guidelines=guidelines,
                plan=plan,
                first_steps=first_steps,
                adopted_at=now,
                adopted_by=by,
                notice_ends_at=now + timedelta(days=NOTICE_DAYS),
                term_began_at=now,
                last_act_at=now,
                last_act=words.ADOPTED.name,
            )
    except IntegrityError as error:
        raise Refused(_("Another group adopted this initiative in this very moment.")) from error
    lead = Lead.objects.create(adoption=adoption, group=group, began_at=now, last_act_at=now)
    open_deadline(KEEP_ALIVE, lead, now=now)
    open_deadline(RENEW_TERM, lead, now=now)
    return adoption


# --- Acts that show leadership ---------------------------------------------------------------


@transaction.atomic
def count_act(adoption: Adoption, group: Group, *, verb: Verb, now: datetime) -> None:
    """A member of a leading group did something that counts: its day 0 is now.

    Features call this for engagement entries and the like; an act of a group that does not lead moves nothing.
    """
    lead = Lead.objects.select_for_update(no_key=True).filter(adoption=adoption, group=group, ended_at=None).first()
    if lead is None:
        return
    lead.last_act_at = now
    lead.save(update_fields=["last_act_at"])
    Adoption.objects.filter(pk=adoption.pk, last_act_at__lt=now).update(last_act_at=now, last_act=verb.name)
    restart_deadline(KEEP_ALIVE, lead, now=now)


@transaction.atomic
def note_progress(adoption: Adoption, *, musts_met: int, early_steps_met: bool, now: datetime) -> None:
    """The checklist tells how many must-steps are met, and whether the first four are among them."""
    adoption.musts_met = musts_met
    adoption.early_steps_met_at = (adoption.early_steps_met_at or now) if early_steps_met else None
    adoption.save(update_fields=["musts_met", "early_steps_met_at"])


@transaction.atomic
def post_update(adoption: Adoption, *, group: Group, text: str, link: str, by: User, now: datetime) -> Update:
    """Say what happened and what is next: the easiest act that counts."""
    adoption = hold_running(adoption)
    if adoption.updates.filter(group=group, text=text, posted_at__gt=now - SECOND_CLICK).exists():
        raise Refused(_("This update is posted already."), field="text")
    update = Update.objects.create(adoption=adoption, group=group, text=text, link=link, posted_at=now, posted_by=by)
    write(words.UPDATED, by=by, now=now, group=group, initiative=adoption.initiative)
    count_act(adoption, group, verb=words.UPDATED, now=now)
    return update


@transaction.atomic
def renew_term(lead: Lead, *, summary: str, by: User, now: datetime) -> Lead:
    """Renew a term for twelve more months with a short summary, in its last month."""
    lead = _running_lead(lead)
    adoption = lead.adoption
    if not queries.term_can_be_renewed(adoption, now):
        raise Refused(_("A term is renewed in its last 30 days. There is time."))
    Update.objects.create(adoption=adoption, group=lead.group, text=summary, link="", posted_at=now, posted_by=by)
    adoption.term_began_at = now
    adoption.save(update_fields=["term_began_at"])
    meet_deadline(RENEW_TERM, lead, now=now, outcome="renewed")
    open_deadline(RENEW_TERM, lead, now=now)
    write(words.RENEWED, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    count_act(adoption, lead.group, verb=words.RENEWED, now=now)
    return lead


# --- Ending ----------------------------------------------------------------------------------


@transaction.atomic
def step_down(lead: Lead, *, notes: str, by: User, now: datetime) -> Adoption:
    """Give the lead back, with notes for whoever comes next. No reason is needed."""
    lead = _running_lead(lead)
    cancel_deadline(KEEP_ALIVE, lead, now=now)
    cancel_deadline(RENEW_TERM, lead, now=now)
    return _end_term(lead, Adoption.Ending.STEPPED_DOWN, verb=words.STEPPED_DOWN, notes=notes, by=by, now=now)


@KEEP_ALIVE.when_silent
@transaction.atomic
def lapse_after_silence(lead: Lead, *, now: datetime) -> None:
    """Day 90 without a counted act: the term lapses, with thanks."""
    lead = _running_lead(lead)
    cancel_deadline(RENEW_TERM, lead, now=now)
    _end_term(lead, Adoption.Ending.LAPSED, verb=words.LAPSED, now=now)


@RENEW_TERM.when_silent
@transaction.atomic
def expire_after_silence(lead: Lead, *, now: datetime) -> None:
    """Twelve months passed and nobody renewed: the term ends, with thanks."""
    lead = _running_lead(lead)
    cancel_deadline(KEEP_ALIVE, lead, now=now)
    _end_term(lead, Adoption.Ending.EXPIRED, verb=words.EXPIRED, now=now)


def when_term_ends(close: WhenTermEnds) -> WhenTermEnds:
    """Register an action, `close(adoption, *, now)`, that takes part in the transaction which ends a term."""
    WHEN_TERM_ENDS.append(close)
    return close


def _end_term(
    lead: Lead, ending: Adoption.Ending, *, verb: Verb, now: datetime, notes: str = "", by: User | None = None
) -> Adoption:
    """End the group's lead and, when it was the last one, the adoption; tell members and the interested."""
    lead.ended_at = now
    lead.save(update_fields=["ended_at"])
    adoption, initiative = lead.adoption, lead.adoption.initiative
    write(verb, by=by, now=now, group=lead.group, initiative=initiative)
    if adoption.leads.filter(ended_at=None).exists():
        return adoption
    adoption.ended_at, adoption.ending, adoption.ended_by, adoption.notes = now, ending, by, notes
    adoption.save(update_fields=["ended_at", "ending", "ended_by", "notes"])
    for close in WHEN_TERM_ENDS:
        close(adoption, now=now)
    members = list(active_members_of(lead.group))
    letter: dict[str, Any] = {
        "key": str(adoption.pk),
        "link": initiative.get_absolute_url(),
        "now": now,
        "by": by,
        "initiative": lambda: initiative.title,
        "how": lambda: ending.label,
    }
    write_letters(words.TERM_ENDED, to=members, group=lead.group, **letter)
    write_letters(words.FREE_AGAIN, to=queries.interested_who_want_news(initiative, without=members), **letter)
    return adoption


def hold_running(adoption: Adoption) -> Adoption:
    """The adoption, held until the transaction ends; refused when its term has ended."""
    adoption = (
        Adoption.objects.select_for_update(of=("self",), no_key=True).select_related("initiative").get(pk=adoption.pk)
    )
    if adoption.ended_at:
        raise Refused(_("This term has ended. Adopt the initiative again to go on."))
    return adoption


def hold_term_led_by(group: Group, *, initiative: Initiative) -> Adoption | None:
    """The running term in which a group leads an initiative, held until the transaction ends; None if there is none."""
    running = Adoption.objects.filter(initiative=initiative, ended_at=None, leads__group=group, leads__ended_at=None)
    return running.select_for_update(of=("self",), no_key=True).select_related("initiative").first()


def _running_lead(lead: Lead) -> Lead:
    """The lead with its adoption, held in this order everywhere: the adoption, then the lead."""
    adoption = hold_running(lead.adoption)
    lead = Lead.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=lead.pk)
    if lead.ended_at:
        raise Refused(_("This group does not lead any more."))
    lead.adoption = adoption
    return lead


# --- Interest and places ---------------------------------------------------------------------


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
        _tell_when_second(initiative, now=now)
    return interest


def _tell_when_second(initiative: Initiative, *, now: datetime) -> None:
    if initiative.interests.count() != 2 or queries.running_adoption(initiative):
        return
    write_letters(
        words.SECOND_INTEREST,
        to=queries.interested_who_want_news(initiative),
        key=str(initiative.pk),
        link=initiative.get_absolute_url(),
        now=now,
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


# --- The catalogue ---------------------------------------------------------------------------


@transaction.atomic
def load_catalogue(data: dict[str, Any]) -> int:
    """Bring the catalogue of recommendations and initiatives up to date with its file; returns how many."""
    by_number = {}
    for row in data["recommendations"]:
        by_number[row["number"]], _new = Recommendation.objects.update_or_create(
            number=row["number"],
            defaults={"titles": in_each_language(row, "title"), "meta_page": row["meta_page"]},
        )
    for row in data["initiatives"]:
        Initiative.objects.update_or_create(
            number=row["number"],
            defaults={
                "recommendation": by_number[row["recommendation"]],
                "titles": in_each_language(row, "title"),
                "summaries": in_each_language(row, "summary"),
                "title_verified": row["title_verified"],
                "meta_page": row["meta_page"] or "",
            },
        )
    return len(data["initiatives"])
