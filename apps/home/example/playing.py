"""A believable example: invented people who do real acts, day by day, with the clock kept by real sweeps.

It is clearly marked (`is_example` on people and groups) and is removed without a trace.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from graphlib import TopologicalSorter
from typing import Any

from django.db import models, transaction

from apps.accounts.models import User
from apps.core.clock import is_working_day
from apps.core.refused import Refused
from apps.deadlines.models import Deadline
from apps.deadlines.rules import RULES
from apps.deadlines.sweep import sweep
from apps.engagement.actions import hand_in_measured, log_entry, name_neighbours
from apps.groups.actions import answer_invitation, form_group, invite
from apps.groups.models import Group
from apps.guidelines.models import Step
from apps.guidelines.queries import current_version
from apps.home.example.stories import Stories
from apps.initiatives.actions import Proposal, adopt_initiative, post_update, say_interest, step_down
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.notifications.models import Notice
from apps.people.actions import grant_role
from apps.record.models import Act, Mention
from apps.resources.actions import name_steward, request_resource
from apps.resources.models import Resource

Data = dict[str, Any]
Rows = dict[type[models.Model], set[int]]


@dataclass(frozen=True)
class Event:
    at: datetime
    happen: Callable[[datetime], object]


class Example:
    """Plays the acts of the example file in the order of time."""

    def __init__(self, data: Data, *, now: datetime) -> None:
        self.data, self.now = data, now
        self.people = {row["key"]: _person(row) for row in data["people"]}
        self.groups: dict[str, Group] = {}
        self.adoptions: dict[str, Adoption] = {}
        self.stories = Stories(people=self.people, groups=self.groups, adoptions=self.adoptions)

    def play(self) -> int:
        events = sorted(self._events(), key=lambda event: event.at)
        for event in events:
            sweep(now=event.at)
            event.happen(event.at)
        sweep(now=self.now)
        return len(events)

    def _events(self) -> list[Event]:
        events = [Event(self._ago(130), self._begin)]
        for adoption in self.data["adoptions"]:
            events += self._events_of(adoption)
        for number, row in enumerate(self.data["interests"]):
            events.append(Event(self._ago(35 - number), self._later(self._interest, row)))
        for row in self.data["stories"]:
            events.append(Event(self._ago(row["days_ago"], hour=9), self._later(self.stories.do, row)))
        for row in self.data["requests"]:
            events.append(Event(self._ago(row["days_ago"]), self._later(self._request, row)))
        return events

    def _events_of(self, row: Data) -> list[Event]:
        at = self._ago(row["days_ago"])
        events = [Event(at, self._later(self._adopt, row))]
        if row.get("neighbours"):
            events.append(Event(at + timedelta(days=1), self._later(self._name, row)))
        for update in row["updates"]:
            events.append(Event(self._ago(update["days_ago"]), self._later(self._update, row, update)))
        for entry in row["entries"]:
            events.append(Event(self._ago(entry["days_ago"], hour=9), self._later(self._log, row, entry)))
        for bundle in row.get("handed_in", []):
            day = self._working_days_ago(bundle["working_days_ago"])
            events.append(Event(day, self._later(self._hand_in, row, bundle)))
        if row.get("stepped_down"):
            events.append(Event(self._ago(row["stepped_down"]["days_ago"]), self._later(self._step_down, row)))
        return events

    def _later(self, act: Callable[..., object], *args: Any) -> Callable[[datetime], object]:
        return lambda at: act(*args, now=at)

    def _ago(self, days: int, *, hour: int = 8) -> datetime:
        day = (self.now - timedelta(days=days)).date()
        return min(datetime.combine(day, time(hour), UTC), self.now)

    def _working_days_ago(self, days: int) -> datetime:
        day = self.now.date()
        while days:
            day -= timedelta(days=1)
            days -= is_working_day(day)
        return datetime.combine(day, time(10), UTC)

    # The acts

    def _begin(self, at: datetime) -> None:
        until = self.now + timedelta(days=300)
        granted = {
            "reviewer": "reviewer",
            "reviewer2": "reviewer",
            "administrator": "administrator",
            "jonas": "editor",
            "steward": "editor",
        }
        for key, role in granted.items():
            grant_role(self.people[key], role=role, until=until, by=None, now=at)
        # Whatever else somebody needs is answered by nobody: it stands under "wanted".
        by_hand = Resource.objects.filter(provider=Resource.Provider.BY_HAND, offered_at=None)
        for resource in by_hand.exclude(kind=Resource.Kind.OTHER):
            name_steward(resource, person=self.people["steward"], now=at)
        for row in self.data["groups"]:
            coordinator = self.people[row["coordinator"]]
            group = form_group(
                name=row["name"],
                purpose=row["purpose"],
                by=coordinator,
                now=at,
                seeks_members=row["key"] in {"memory", "access"},
            )
            members = [self.people[key] for key in row["members"]]
            for invitation in invite(group, people=members, by=coordinator, now=at):
                answer_invitation(invitation, accept=True, now=at)
            self.groups[row["key"]] = group

    def _adopt(self, row: Data, *, now: datetime) -> None:
        proposal = Proposal(current_version(), row["plan"], row["first_steps"], self.groups[row["group"]])
        self.adoptions[row["group"]] = adopt_initiative(
            Initiative.objects.get(number=row["initiative"]), proposal, by=self.people[row["by"]], now=now
        )

    def _name(self, row: Data, *, now: datetime) -> None:
        name_neighbours(
            self.adoptions[row["group"]],
            step=self._step("neighbours"),
            names=row["neighbours"],
            group=self.groups[row["group"]],
            by=self.people[row["by"]],
            now=now,
        )

    def _update(self, row: Data, update: Data, *, now: datetime) -> None:
        post_update(
            self.adoptions[row["group"]],
            group=self.groups[row["group"]],
            text=update["text"],
            link="",
            by=self.people[update["by"]],
            now=now,
        )

    def _log(self, row: Data, entry: Data, *, now: datetime) -> None:
        opened: int = entry["opened_days_ago"] if "opened_days_ago" in entry else entry["days_ago"]
        closed: int | None = entry.get("closed_days_ago")
        happened_on = self._day(opened)
        starts = entry.get("starts_at")
        log_entry(
            self.adoptions[row["group"]],
            step=self._step(entry["step"]),
            group=self.groups[row["group"]],
            by=self.people[entry["by"]],
            now=now,
            title=entry["title"],
            url=entry["url"],
            happened_on=happened_on,
            languages=entry["languages"],
            regions=entry["regions"],
            community=entry.get("community", ""),
            told=entry.get("told", ""),
            starts_at=datetime.combine(happened_on, time.fromisoformat(starts), UTC) if starts else None,
            closed_on=self._day(closed) if closed is not None and closed >= 0 else None,
        )

    def _hand_in(self, row: Data, bundle: Data, *, now: datetime) -> None:
        hand_in_measured(
            self.adoptions[row["group"]], group=self.groups[row["group"]], by=self.people[bundle["by"]], now=now
        )

    def _step_down(self, row: Data, *, now: datetime) -> None:
        lead = Lead.objects.get(adoption=self.adoptions[row["group"]], ended_at=None)
        ending = row["stepped_down"]
        step_down(lead, notes=ending["notes"], by=self.people[ending["by"]], now=now)

    def _interest(self, row: Data, *, now: datetime) -> None:
        person = self.people[row["person"]]
        say_interest(
            Initiative.objects.get(number=row["initiative"]),
            ways=[f"would_{way}" for way in row["ways"]],
            languages=person.languages,
            region=person.region,
            is_named=row["named"],
            wants_news=True,
            by=person,
            now=now,
        )

    def _request(self, row: Data, *, now: datetime) -> None:
        offered = self.stories.made.get(row["resource"])
        resource = offered or Resource.objects.get(slug=row["resource"])
        starts_at = ends_at = None
        if resource.is_booked_by_time:
            day = (self.now + timedelta(days=row["starts_in_days"])).date()
            starts_at = datetime.combine(day, time.fromisoformat(row["starts_at"]), UTC)
            ends_at = starts_at + timedelta(hours=row["hours"])
        self.stories.made[row.get("key", "")] = request_resource(
            resource,
            group=self.groups[row["group"]],
            purpose=row["purpose"],
            starts_at=starts_at,
            ends_at=ends_at,
            by=self.people[row["by"]],
            now=now,
        )

    def _step(self, code: str) -> Step:
        return Step.objects.get(version=current_version(), code=code)

    def _day(self, days_ago: int) -> date:
        return (self.now - timedelta(days=days_ago)).date()


def _person(row: Data) -> User:
    return User.objects.create(
        username=row["name"],
        email=f"{row['key']}@example.org",
        languages=row["languages"],
        region=row["region"],
        is_example=True,
    )


@transaction.atomic
def load_example(data: Data, *, now: datetime) -> int:
    """Play the example up to `now`; returns how many acts. Refused when it is there already."""
    if User.objects.filter(is_example=True).exists():
        raise Refused("The example is there already. Remove it first: manage.py example --remove")
    return Example(data, now=now).play()


@transaction.atomic
def remove_example() -> int:
    """Remove every example person and group with all that hangs on them; returns how many people.

    What real people did with the example's rows goes with them, and so does what example people did to real ones.
    """
    people = set(User.objects.filter(is_example=True).values_list("pk", flat=True))
    doomed = _hanging_on({User: people, Group: set(Group.objects.filter(is_example=True).values_list("pk", flat=True))})
    for rule in RULES.values():
        waits = Deadline.objects.filter(rule=rule.name, subject_id__in=doomed.get(rule.model, ()))
        Notice.objects.filter(deadline_id__in=waits.values("pk")).delete()
        waits.delete()
    for model, keys in doomed.items():
        mentions = Mention.objects.filter(model=model._meta.label_lower, object_id__in=keys)
        Act.objects.filter(pk__in=mentions.values("act")).delete()
    for model in _leaves_first(doomed):
        model._base_manager.filter(pk__in=doomed[model]).delete()
    Notice.objects.filter(letters=None).delete()
    return len(people)


def _hanging_on(rows: Rows) -> Rows:
    """These rows and, again and again, every row that points at one of them, by model."""
    found: Rows = defaultdict(set)
    new = list(rows.items())
    while new:
        model, keys = new.pop()
        keys = keys - found[model]
        found[model] |= keys
        for link in _links_to(model) if keys else ():
            hanging = link.model._base_manager.filter(**{f"{link.name}__in": keys})
            new.append((link.model, set(hanging.values_list("pk", flat=True))))
    return found


def _links_to(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    """The foreign keys that point at a model, without those that may lose their person, such as who was asked."""
    relations = model._meta.get_fields(include_hidden=True)
    links = [relation.field for relation in relations if isinstance(relation, models.ManyToOneRel)]
    return [link for link in links if model is not User or link.remote_field.on_delete is not models.SET_NULL]


def _leaves_first(rows: Rows) -> Iterable[type[models.Model]]:
    """The models in an order in which nothing points any more at what is deleted; rows of one model go together."""
    return TopologicalSorter(
        {model: {link.model for link in _links_to(model) if link.model in rows} - {model} for model in rows}
    ).static_order()
