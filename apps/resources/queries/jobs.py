"""What machines have to do, and how far they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.deadlines.models import Deadline
from apps.resources.models import Job, OnTheList, Resource, ResourceRequest

Act, State = Job.Act, Job.State
# A worker has a job in its hands for this long at most; a killed worker's job is tried again after it.
CLAIM_LASTS = timedelta(minutes=5)
# The rule of what stewards owe when a machine does not do it; deadlines.py declares it.
OWED_BY_STEWARDS = "resources.make_by_hand"
# Seconds between two looks of an open page, while a machine is asked and while stewards are.
LOOKS_AGAIN_AFTER, LOOKS_LATER_AFTER = 3, 30


def open_jobs() -> QuerySet[Job]:
    return Job.objects.filter(state__in=Job.OPEN)


def due_jobs(now: datetime) -> QuerySet[Job]:
    """What is to be tried now: first what was tried least, so that a machine that is down holds up nobody else."""
    return jobs_of_machines().filter(wake_at__lte=now).order_by("attempts", "wake_at", "pk")


def jobs_of_machines() -> QuerySet[Job]:
    """What is open and not for people alone."""
    return open_jobs().exclude(act=Act.END, server="")


def open_job(request: ResourceRequest, act: Job.Act) -> Job | None:
    """What a machine has to do for it."""
    return jobs_of_machines().filter(key=request.key, act=act).first()


def was_ready_in_time(look: Job, *, late_by: timedelta) -> bool:
    """Whether what is looked after was made by its start, or so little later: only then nobody's coming says much."""
    made = Job.objects.filter(key=look.key, act=Act.MAKE, state=State.DONE)
    starts_at = look.request.starts_at
    return starts_at is not None and made.filter(closed_at__lte=starts_at + late_by).exists()


def is_in_hands(job: Job, now: datetime) -> bool:
    """Whether a worker has it now, as far as anybody can know."""
    return job.claimed_at is not None and job.claimed_at > now - CLAIM_LASTS


@dataclass(frozen=True)
class Progress:
    """How far a machine is with making or ending what a group was given, for the page of the group."""

    job: Job
    now: datetime
    # Until when the stewards owe it, if they were asked.
    due_at: datetime | None = None

    @property
    def step(self) -> str:
        """What there is to say: planned, asked, tried again, stuck; and of an end that it ends."""
        if self.job.act == Act.END:
            return "ending"
        if self.job.state == State.STUCK:
            return "stuck"
        if self.job.last_error:
            return "tried_again"
        is_planned = not self.job.attempts and self.job.wake_at > self.now
        return "planned" if is_planned else "asked"

    @property
    def looks_again_after(self) -> int | None:
        """Seconds until an open page asks again; None when nothing will change within the hour."""
        if self.job.wake_at > self.now + timedelta(hours=1):
            return None
        return LOOKS_AGAIN_AFTER if self.step in {"asked", "ending"} else LOOKS_LATER_AFTER

    @property
    def mark(self) -> str:
        """What an open page knows already, so that it is told only what is new."""
        return f"{self.step}-{self.job.attempts}"


def progress_of(request: ResourceRequest, now: datetime) -> Progress | None:
    """None when its machine has nothing to do that the group waits for."""
    if not request.resource.is_made_by_a_machine:
        return None
    job = open_job(request, Act.MAKE if request.is_held else Act.END)
    if job is None:
        return None
    owed = Deadline.objects.filter(rule=OWED_BY_STEWARDS, subject_id=job.pk, state=Deadline.State.OPEN)
    return Progress(job, now, owed.values_list("due_at", flat=True).first() if job.state == State.STUCK else None)


def progress_of_each(uses: Sequence[ResourceRequest], now: datetime) -> list[tuple[ResourceRequest, Progress | None]]:
    """The uses, each with how far its machine is with making it, None where that is done; one query, if any has one."""
    keys = [use.key for use in uses if use.resource.is_made_by_a_machine]
    makes = jobs_of_machines().filter(key__in=keys, act=Act.MAKE)
    by_key = {job.key: Progress(job, now) for job in makes}
    return [(use, by_key.get(use.key)) for use in uses]


def last_done_at(resource: Resource) -> datetime | None:
    """When its machine last did what it was asked for."""
    done = resource.jobs.filter(state=State.DONE, done_by=None)
    found: datetime | None = done.aggregate(at=Max("closed_at"))["at"]
    return found


def is_on_the_list(request: ResourceRequest, person: User | AnonymousUser) -> bool:
    """Whether this person lets the list have their address."""
    return request.on_the_list.filter(membership__user=person.pk, membership__state="active").exists()


@personal_data("mailing_lists")
def _lists(person: User) -> list[Any]:
    """The lists that have one's address."""
    on_the_list = OnTheList.objects.filter(membership__user=person, membership__state="active")
    return list(on_the_list.values("request__group__name", "request__purpose", "since_at"))


@personal_data("done_by_hand")
def _done_by_hand(person: User) -> list[Any]:
    about = ("resource__slug", "request__group__name", "act", "state", "opened_at", "closed_at")
    return list(Job.objects.filter(done_by=person).values(*about))


def failing_jobs_of(request: ResourceRequest) -> list[Job]:
    """What its machine was asked for in vain, for the stewards."""
    return _shown(Job.objects.filter(request=request))


def jobs_for_stewards(resource: Resource) -> list[Job]:
    """What its machine did not do at the first try and has not done since, and what was given up; the newest first."""
    return _shown(Job.objects.filter(resource=resource))


def _shown(jobs: QuerySet[Job]) -> list[Job]:
    """What was given up until the same is begun anew; what was never made has gone on, and is nothing to see to."""
    anew = Job.objects.filter(key=OuterRef("key"), act=OuterRef("act"), pk__gt=OuterRef("pk"))
    is_over = Job.objects.filter(key=OuterRef("key"), act=Act.END, pk__gt=OuterRef("pk"))
    failed = Q(state__in=Job.OPEN, attempts__gt=0) & ~Q(last_error="")
    given_up = Q(state=State.GIVEN_UP, act__in=[Act.END, Act.KEEP_IN_STEP]) & ~Exists(anew) & ~Exists(is_over)
    jobs = jobs.filter(failed | Q(state=State.STUCK) | given_up).exclude(act=Act.LOOK)
    return list(jobs.select_related("request__group", "request__resource", "resource").order_by("-opened_at", "-pk"))


# For operators


@dataclass(frozen=True)
class JobBacklog:
    """What machines have to do, and what stands in the way."""

    open: int
    due: int
    oldest_due_at: datetime | None
    put_off: int
    stuck: int
    next_try_at: datetime | None


def put_off_jobs() -> QuerySet[Job]:
    """Jobs that failed and are tried again later."""
    return open_jobs().filter(attempts__gt=0).exclude(last_error="")


def job_backlog(now: datetime) -> JobBacklog:
    due, put_off = Q(wake_at__lte=now) & ~Q(act=Act.END, server=""), Q(attempts__gt=0) & ~Q(last_error="")
    found: dict[str, Any] = open_jobs().aggregate(
        open=Count("pk"),
        due=Count("pk", filter=due),
        oldest_due_at=Min("wake_at", filter=due),
        put_off=Count("pk", filter=put_off),
        stuck=Count("pk", filter=Q(state=State.STUCK)),
        next_try_at=Min("wake_at", filter=put_off),
    )
    return JobBacklog(**found)


def oldest_due_job(now: datetime) -> Job | None:
    return jobs_of_machines().filter(wake_at__lte=now).order_by("wake_at", "pk").first()


# For the daily comparison


def names_of_servers_in_use() -> list[str]:
    """Servers that have, or may have, something of ours: whatever was ever made there through this site."""
    made = ResourceRequest.objects.exclude(server="").order_by().values_list("server", flat=True)
    asked = Job.objects.exclude(server="").order_by().values_list("server", flat=True)
    return sorted(made.union(asked))


def requests_made_at(server: str) -> QuerySet[ResourceRequest]:
    """What groups have there, made by its machine."""
    held = ResourceRequest.objects.filter(server=server, state__in=ResourceRequest.HELD).exclude(reference="")
    return held.select_related("resource", "group", "asked_by").order_by("pk")


def known_by_key(keys: Iterable[str]) -> dict[str, ResourceRequest]:
    """The requests that ever had these keys; one that went on to another resource left its old key in its jobs."""
    keys = list(keys)
    requests = ResourceRequest.objects.select_related("resource", "group", "asked_by")
    found = {request.key: request for request in requests.filter(key__in=keys)}
    left = Job.objects.filter(key__in=set(keys) - set(found)).select_related("request__resource", "request__group")
    return {job.key: job.request for job in left.order_by("pk")} | found


def resource_that_made(key: str, server: str) -> Resource | None:
    """The resource that something with this key was made of, at this server, by what its jobs tell."""
    return Resource.objects.filter(jobs__key=key, jobs__server=server).order_by("-jobs__pk").first()


def server_of(request: ResourceRequest) -> str:
    """Where its machine made it, or is making it, or would."""
    if request.server:
        return request.server
    make = open_job(request, Act.MAKE)
    return make.server if make else request.resource.server
