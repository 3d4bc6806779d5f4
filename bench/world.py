"""A big world in the database, made in half a minute: what the site is like after some good years.

Everything is made by the models and, where it decides what pages show, by the real measures; then ten adoptions
are copied to three hundred inside the database. Columns of copies are those of the models, so that a new field
needs no change here.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from itertools import cycle, islice
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, models, transaction

from apps.accounts.models import User
from apps.core.clock import add_working_days
from apps.core.languages import offered_languages, regions
from apps.deadlines.models import Deadline
from apps.deadlines.rules import RULES, Rule
from apps.engagement.actions import measure_again
from apps.engagement.models import ChecklistStep, Decision, Entry, Submission
from apps.groups.models import Group, Membership
from apps.guidelines.models import Step
from apps.guidelines.queries import current_version
from apps.initiatives.models import Adoption, Ending, Initiative, Interest, Lead, Place, Recommendation, Update
from apps.notifications.models import Letter, Notice
from apps.people.models import RoleTerm
from apps.record.models import Act, Mention
from apps.resources.models import Resource, ResourceRequest

INITIATIVES = 500
PEOPLE = 20_000
ADOPTIONS = 300
ENTRIES = 200_000
OPEN_STEPS = 1_000
PATTERNS = 10
BUNDLE = 4
REVIEWERS = 20
FLOOR_ROWS = 10_000

Row = models.Model


@dataclass
class World:
    """What was made, by kind; `shown` is the initiative whose page is measured, led by a group of `coordinator`."""

    people: list[User]
    groups: list[Group]
    adoptions: list[Adoption]
    leads: list[Lead]

    @property
    def reviewers(self) -> list[User]:
        return self.people[:REVIEWERS]

    @property
    def shown(self) -> Initiative:
        """Led for long, its term in review, with as many entries as any."""
        return self.adoptions[30].initiative

    @property
    def coordinator(self) -> User:
        return coordinator_of(self.people, 30)


def prepare(*, verbosity: int = 0) -> None:
    """Tables, static files and the real catalogue of 47 initiatives."""
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("collectstatic", interactive=False, verbosity=verbosity)
    call_command("catalogue", verbosity=verbosity, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (number int PRIMARY KEY, title text NOT NULL, state text NOT NULL)")
        cursor.execute(
            "INSERT INTO bench_row SELECT n, 'A row with a title as long as those of initiatives, ' || n, 'led' "
            "FROM generate_series(1, %s) AS n",
            [FLOOR_ROWS],
        )


def fill(now: datetime, *, entries: int = ENTRIES) -> World:
    """The whole world. With fewer entries it has the same people, groups and terms."""
    with transaction.atomic():
        people = make_people(now)
        groups = make_groups(people, now)
        initiatives = make_initiatives()
        adoptions = make_adoptions(initiatives, people, now)
        leads = make_leads(adoptions, groups)
        world = World(people, groups, adoptions, leads)
        make_roles(world, now)
        make_interests(initiatives, people, now)
        make_updates_and_places(world, initiatives, now)
        make_requests(world, now)
        if entries:
            make_entries(world, entries // ADOPTIONS + 1, now)
            make_submissions(world, now)
            make_record()
        make_letters(now)
    vacuum()
    return world


def vacuum(*changed: type[Row]) -> None:
    """As autovacuum would have done in some good years; of all tables, or of those that changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(model._meta.db_table for model in changed)}")


def session_of(person: User) -> str:
    """The cookie of a person who is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


# --- People, groups, terms -------------------------------------------------------------------


def make_people(now: datetime) -> list[User]:
    languages, known = [language.code for language in offered_languages()], list(regions())
    return User.objects.bulk_create(
        [
            User(
                password="!",
                wikimedia_id=f"bench-{n}",
                username=f"Volunteer {n}",
                email=f"volunteer-{n}@example.org",
                mail=User.Mail.AT_ONCE if n % 2 else User.Mail.SITE,
                languages=[languages[n % len(languages)], languages[n // 7 % len(languages)]],
                region=known[n % len(known)],
                joined_at=now - timedelta(days=n % 900),
            )
            for n in range(PEOPLE)
        ],
        batch_size=5_000,
    )


def coordinator_of(people: Sequence[User], group: int) -> User:
    return people[1_000 + 10 * group]


def make_groups(people: Sequence[User], now: datetime) -> list[Group]:
    groups = Group.objects.bulk_create(
        Group(
            slug=f"group-{n}",
            name=f"Working group {n} for strategy",
            purpose="We meet every second week and write down what we hear.",
            seeks_members=n % 3 == 0,
            formed_at=now - timedelta(days=400),
        )
        for n in range(ADOPTIONS)
    )
    joined = now - timedelta(days=390)
    active = {"state": Membership.State.ACTIVE, "began_at": joined, "joined_at": joined}
    Membership.objects.bulk_create(
        Membership(group=group, user=people[1_000 + 10 * n + member], is_coordinator=member == 0, **active)
        for n, group in enumerate(groups)
        for member in range(6)
    )
    return groups


def make_roles(world: World, now: datetime) -> None:
    term = {"starts_at": now - timedelta(days=30), "ends_at": now + timedelta(days=300)}
    RoleTerm.objects.bulk_create(
        RoleTerm(user=person, role=RoleTerm.Role.REVIEWER, granted_by=None, **term) for person in world.reviewers
    )
    for resource in Resource.objects.filter(provider=Resource.Provider.BY_HAND):
        resource.stewards.add(*world.people[REVIEWERS : REVIEWERS + 3])


def make_initiatives() -> list[Initiative]:
    """The real ones, and copies of them with higher numbers."""
    real = list(Initiative.objects.order_by("number"))
    recommendations = list(Recommendation.objects.order_by("number"))
    numbers = range(real[-1].number + 1, INITIATIVES + 1)
    Initiative.objects.bulk_create(
        Initiative(
            recommendation=recommendations[number % len(recommendations)],
            number=number,
            titles={code: f"{title} {number}" for code, title in model.titles.items()},
            summaries=model.summaries,
            title_verified=False,
        )
        for number, model in zip(numbers, cycle(real), strict=False)
    )
    return list(Initiative.objects.order_by("number"))


def make_adoptions(initiatives: Sequence[Initiative], people: Sequence[User], now: datetime) -> list[Adoption]:
    """Three of five are led: long led, some quiet, some proposed. A tenth of all has a term behind it."""
    version = current_version()

    def adoption(initiative: Initiative, n: int, *, begun: int, silent: int, **more: Any) -> Adoption:
        began_at = now - timedelta(days=begun)
        return Adoption(
            initiative=initiative,
            guidelines=version,
            plan="In 90 days people in five languages will have heard of it and will have answered.",
            first_steps=["Read what was said before", "Publish a page", "Announce it"],
            adopted_at=began_at,
            adopted_by=coordinator_of(people, n),
            notice_ends_at=began_at + timedelta(days=14),
            term_began_at=began_at,
            last_act_at=now - timedelta(days=silent),
            last_act="engagement.logged",
            early_steps_met_at=began_at,
            **more,
        )

    def running(initiative: Initiative, n: int) -> Adoption:
        if n % 15 == 1:
            return adoption(initiative, n, begun=5, silent=2)
        return adoption(initiative, n, begun=100 + n % 200, silent=61 + n % 20 if n % 6 == 2 else n % 40)

    def past(initiative: Initiative, n: int) -> Adoption:
        ending = Ending.STEPPED_DOWN if n % 2 else Ending.LAPSED
        return adoption(
            initiative,
            n,
            begun=380,
            silent=350,
            ended_at=now - timedelta(days=330),
            ending=ending,
            notes="Ask the wiki.",
        )

    led = [initiative for initiative in initiatives if initiative.number % 5 not in {0, 3}][:ADOPTIONS]
    Adoption.objects.bulk_create(past(initiative, n) for n, initiative in enumerate(initiatives[::10]))
    return Adoption.objects.bulk_create(running(initiative, n) for n, initiative in enumerate(led))


def make_leads(adoptions: Sequence[Adoption], groups: Sequence[Group]) -> list[Lead]:
    past = Adoption.objects.exclude(ended_at=None)
    Lead.objects.bulk_create(
        Lead(
            adoption=a, group=g, began_at=a.adopted_at, ended_at=a.ended_at, ending=a.ending, last_act_at=a.last_act_at
        )
        for a, g in zip(past, groups, strict=False)
    )
    leads = Lead.objects.bulk_create(
        Lead(adoption=a, group=g, began_at=a.adopted_at, last_act_at=a.last_act_at)
        for a, g in zip(adoptions, groups, strict=True)
    )
    keep_alive, renew = RULES["initiatives.keep_alive"], RULES["initiatives.renew_term"]
    Deadline.objects.bulk_create(open_row(keep_alive, lead, lead.last_act_at) for lead in leads)
    Deadline.objects.bulk_create(open_row(renew, lead, lead.adoption.term_began_at) for lead in leads)
    return leads


def open_row(rule: Rule, subject: Row, opened_at: datetime, **more: Any) -> Deadline:
    """An open deadline as `open_deadline` makes it, whose rungs up to today have happened."""
    now = datetime.now(UTC)
    ends_at = more.get("ends_at")
    number, _rung, wake_at = next(
        (rung for rung in rule.rung_times(opened_at, ends_at) if rung[2] > now), rule.rung_times(opened_at, ends_at)[-1]
    )
    return Deadline(
        rule=rule.name,
        subject_id=subject.pk,
        owner=rule.owed_by(subject),
        opened_at=opened_at,
        due_at=max(rule.due_at(opened_at, ends_at), opened_at),
        rung=number,
        wake_at=max(wake_at, now + timedelta(days=1)),
        **more,
    )


def make_waits(world: World, total: int, now: datetime) -> None:
    """Requests to join: 15,000 are open, the others were asked in two years and answered, or lapsed."""
    rule = RULES["groups.answer_join"]
    asked = Membership.objects.bulk_create(
        [
            Membership(
                group=world.groups[n % len(world.groups)],
                user=person,
                state=Membership.State.ASKED,
                began_at=now - timedelta(days=n % 13, minutes=n),
            )
            for n, person in enumerate(world.people[5_000:])
        ],
        batch_size=5_000,
    )
    rows = Deadline.objects.bulk_create((open_row(rule, row, row.began_at) for row in asked), batch_size=5_000)
    opened_at = "now() - (30 + n % 700) * interval '1 day'"
    copy_rows(
        Deadline,
        f"CROSS JOIN generate_series(1, {total - len(rows)}) AS n WHERE r.id = {rows[0].pk}",
        owner="'group:' || (n % 300 + 1)",
        state="CASE WHEN n % 20 = 0 THEN 'lapsed' ELSE 'met' END",
        outcome="CASE WHEN n % 20 = 0 THEN 'silence' ELSE 'admitted' END",
        opened_at=opened_at,
        due_at=f"{opened_at} + interval '14 days'",
        closed_at=f"{opened_at} + n % 140 * interval '0.1 days'",
    )
    vacuum(Deadline)


# --- What people do ---------------------------------------------------------------------------


def make_interests(initiatives: Sequence[Initiative], people: Sequence[User], now: datetime) -> None:
    """A thousand people each in ten initiatives: twenty an initiative."""
    Interest.objects.bulk_create(
        [
            Interest(
                initiative=initiatives[(7 * n + 50 * turn) % INITIATIVES],
                user=person,
                would_join=True,
                would_lead=n % 3 == 0,
                would_translate=n % 5 == 0,
                languages=person.languages,
                region=person.region,
                is_named=n % 4 == 0,
                wants_news=n % 2 == 0,
                said_at=now - timedelta(days=n % 300),
            )
            for n, person in enumerate(people[5_000:6_000])
            for turn in range(10)
        ],
        batch_size=2_000,
    )


def make_updates_and_places(world: World, initiatives: Sequence[Initiative], now: datetime) -> None:
    Update.objects.bulk_create(
        Update(
            adoption=lead.adoption,
            group=lead.group,
            text=f"Call number {turn} was on Sunday. Next is the summary on Meta, in three languages.",
            posted_at=max(lead.adoption.adopted_at, lead.last_act_at - timedelta(days=14 * turn)),
            posted_by=lead.adoption.adopted_by,
        )
        for lead in world.leads
        for turn in range(4)
    )
    Place.objects.bulk_create(
        Place(
            initiative=initiative,
            url=f"https://meta.wikimedia.org/wiki/Talk:Initiative_{initiative.number}/{turn}",
            title=f"Talk page {turn}",
            language="en",
            added_at=now - timedelta(days=turn),
        )
        for initiative in initiatives
        for turn in range(2)
    )


def make_requests(world: World, now: datetime) -> None:
    """Every group has a room, and every third waits for an answer."""
    room = Resource.objects.filter(kind=Resource.Kind.ROOM).first()
    listed = Resource.objects.filter(policy=Resource.Policy.STEWARDS_DECIDE).first()
    assert room
    assert listed
    state = ResourceRequest.State

    def wish(n: int, group: Group, resource: Resource, state: str, **more: Any) -> ResourceRequest:
        asked_at = now - timedelta(days=n % 6)
        by = coordinator_of(world.people, n)
        key = f"bench-{resource.pk}-{n}"
        return ResourceRequest(
            resource=resource,
            group=group,
            key=key,
            purpose="The weekly call",
            state=state,
            asked_at=asked_at,
            asked_by=by,
            **more,
        )

    soon = {"starts_at": now + timedelta(days=2), "ends_at": now + timedelta(days=2, hours=1)}
    given = [wish(n, group, room, state.GIVEN, **soon) for n, group in enumerate(world.groups)]
    asked = [wish(n, group, listed, state.ASKED) for n, group in enumerate(world.groups) if n % 3 == 0]
    ResourceRequest.objects.bulk_create([*given, *asked])
    Deadline.objects.bulk_create(open_row(RULES["resources.answer"], wish, wish.asked_at) for wish in asked)


def make_entries(world: World, each: int, now: datetime) -> None:
    """Ten adoptions with their entries, measured by the real measures; the others are their twins."""
    steps = list(Step.objects.filter(version=current_version()).order_by("position"))
    models_of_others = world.leads[:PATTERNS]
    Entry.objects.bulk_create(
        [entry for n, lead in enumerate(models_of_others) for entry in entries_of(n, lead, steps, each, now)],
        batch_size=2_000,
    )
    neighbours = next(step for step in steps if step.measure == Step.Measure.TOLD)
    for n, lead in enumerate(models_of_others):
        ChecklistStep.objects.create(adoption=lead.adoption, step=neighbours, named=[] if n % 3 else None)
        measure_again(lead.adoption, now=now)
    make_twins(world)
    twin = "JOIN bench_twin AS twin ON twin.model = r.adoption_id"
    copy_rows(
        Entry,
        twin,
        adoption_id="twin.adoption",
        group_id="twin.grp",
        logged_by_id="twin.person",
        url="r.url || '/' || twin.adoption",
    )
    copy_rows(ChecklistStep, twin, adoption_id="twin.adoption")


def entries_of(n: int, lead: Lead, steps: Sequence[Step], each: int, now: datetime) -> list[Entry]:
    """Entries over all steps, languages and regions; the first patterns have fewer languages, so not all is met."""
    languages = [language.code for language in offered_languages()][: 3 + 2 * n]
    known = list(regions())[: 2 + n]
    turns = islice(cycle(steps), each)

    def entry(turn: int, step: Step) -> Entry:
        day = (now - timedelta(days=95 + turn % 200)).date()
        start = datetime.combine(day, time(turn % 24), UTC)
        return Entry(
            adoption=lead.adoption,
            group=lead.group,
            step=step,
            title=f"{step.titles['en']}: evidence {turn}",
            url=f"https://meta.wikimedia.org/wiki/Initiative/{n}/{turn}",
            happened_on=day,
            languages=[languages[turn % len(languages)]],
            regions=[known[turn % len(known)]],
            community="Editors with slow connections" if turn % 3 == 0 else "",
            starts_at=start if step.measure == Step.Measure.CALLS else None,
            closed_on=day + timedelta(days=31) if step.measure == Step.Measure.OPEN_DAYS else None,
            people=turn % 50,
            logged_at=start + timedelta(days=1),
            logged_by=lead.adoption.adopted_by,
        )

    return [entry(turn, step) for turn, step in enumerate(turns)]


def make_twins(world: World) -> None:
    """Which adoption takes its rows from which of the first ten."""
    rows = [
        (world.leads[n % PATTERNS].adoption_id, lead.adoption_id, lead.group_id, lead.adoption.adopted_by_id)
        for n, lead in enumerate(world.leads)
        if n >= PATTERNS
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_twin (model bigint, adoption bigint, grp bigint, person bigint)")
        cursor.executemany("INSERT INTO bench_twin VALUES (%s, %s, %s, %s)", rows)
        cursor.execute(
            "UPDATE initiatives_adoption AS a SET musts_met = m.musts_met "
            "FROM bench_twin AS t JOIN initiatives_adoption AS m ON m.id = t.model WHERE a.id = t.adoption"
        )


def copy_rows(model: type[Row], source: str, **replaced: str) -> None:
    """INSERT … SELECT of a model's own rows, called `r`, with some columns replaced."""
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    values = ", ".join(replaced.get(column, f"r.{column}") for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} AS r {source}")


def make_submissions(world: World, now: datetime) -> None:
    """200 bundles of four measured steps and 200 single early ones are open: 1,000 steps wait for a reviewer."""
    lines: dict[int, list[ChecklistStep]] = {}
    for line in ChecklistStep.objects.order_by("adoption", "-is_met", "step__position"):
        lines.setdefault(line.adoption_id, []).append(line)
    busy = world.leads[: OPEN_STEPS // (BUNDLE + 1)]

    def submission(n: int, lead: Lead, kind: str, count: int, reason: str) -> Submission:
        handed_in_at = now - timedelta(days=1 + n % 20, minutes=n)
        return Submission(
            adoption=lead.adoption,
            group=lead.group,
            kind=kind,
            reason=reason,
            step_count=count,
            handed_in_at=handed_in_at,
            handed_in_by=lead.adoption.adopted_by,
        )

    bundles = [submission(n, lead, "bundle", BUNDLE, "") for n, lead in enumerate(busy)]
    early = [
        submission(n, lead, "early", 1, "The community is small: everybody was asked.") for n, lead in enumerate(busy)
    ]
    found = Submission.objects.bulk_create([*bundles, *early])
    review = RULES["engagement.review"]
    asked = itertools.cycle(world.reviewers)
    Deadline.objects.bulk_create(
        open_row(review, row, row.handed_in_at, asked=person) for row, person in zip(found, asked, strict=False)
    )
    changed, decided = [], []
    for lead, bundle, single in zip(busy, bundles, early, strict=True):
        mine = lines[lead.adoption_id]
        handed_in = [(line, bundle) for line in mine[:BUNDLE]] + [(mine[-1], single)]
        for line, row in handed_in:
            line.state, line.submission = ChecklistStep.State.IN_REVIEW, row
            changed.append(line)
        for line in mine[BUNDLE : BUNDLE + 2]:
            line.state, line.decided_at = ChecklistStep.State.ACCEPTED, now - timedelta(days=30)
            line.decided_by = world.reviewers[0]
            changed.append(line)
            decided.append((line, bundle))
    ChecklistStep.objects.bulk_update(changed, ["state", "submission", "decided_at", "decided_by"], batch_size=500)
    make_decisions(decided)


def make_decisions(decided: list[tuple[ChecklistStep, Submission]]) -> None:
    """What was decided before on each group, as its lines say."""
    decisions = Decision.objects.bulk_create(
        Decision(submission=row, answer=line.state, decided_at=line.decided_at, decided_by=line.decided_by)
        for line, row in decided
    )
    about = Decision.steps.through
    about.objects.bulk_create(
        about(decision=decision, checkliststep=line) for decision, (line, _row) in zip(decisions, decided, strict=True)
    )


def make_record() -> None:
    """One act with three mentions for every entry."""
    act, mention = Act._meta.db_table, Mention._meta.db_table
    mentioned: list[tuple[str, type[Row], str]] = [
        ("group", Group, "e.group_id"),
        ("step", Step, "e.step_id"),
        ("initiative", Initiative, "a.initiative_id"),
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {act}")
        before = cursor.fetchone()[0]
        cursor.execute(
            f"INSERT INTO {act} (id, verb, at, by_id) SELECT %s + id, 'engagement.logged', logged_at, logged_by_id "
            "FROM engagement_entry",
            [before],
        )
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{act}', 'id'), max(id)) FROM {act}")
        for name, model, column in mentioned:
            cursor.execute(
                f"INSERT INTO {mention} (act_id, name, model, object_id) SELECT %s + e.id, %s, %s, {column} "
                "FROM engagement_entry AS e JOIN initiatives_adoption AS a ON a.id = e.adoption_id",
                [before, name, model._meta.label_lower],
            )


def make_letters(now: datetime) -> None:
    """Ten letters to everybody, three of them unread."""
    body = "A reviewer answered.\n\nYou get this because you are a member of the group."
    notices = Notice.objects.bulk_create(
        Notice(
            kind="engagement.decided",
            key=f"bench:{n}",
            words={"en": ["“Announce it”: accepted", body, "Open the checklist"]},
            link="/me/",
            written_at=now - timedelta(days=n),
            leaves_at=now - timedelta(days=n),
        )
        for n in range(1, 11)
    )
    first = User.objects.order_by("pk")[0]
    Letter.objects.bulk_create(
        Letter(
            recipient=first,
            notice=notice,
            language="en",
            written_at=notice.written_at,
            read_at=now if n > 3 else None,
            mail=Letter.Mail.NONE,
        )
        for n, notice in enumerate(notices, start=1)
    )
    copy_rows(Letter, f"CROSS JOIN accounts_user AS u WHERE u.id <> {first.pk}", recipient_id="u.id")


def timed(what: str, act: Callable[[], Any]) -> Any:
    began = datetime.now(UTC)
    answer = act()
    print(f"  {what}: {(datetime.now(UTC) - began).total_seconds():.1f} s", flush=True)
    return answer


def working_days_before(now: datetime, count: int) -> datetime:
    """A moment whose `count`th working day after it is today or yesterday."""
    moment = now
    while add_working_days(moment, count) > now:
        moment -= timedelta(days=1)
    return moment
