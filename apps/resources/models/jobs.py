"""What machines have to do for requests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.resources.models.offers import Resource
from apps.resources.models.requests import ResourceRequest


class Job(models.Model):
    """Something that a machine has to do for a request, tried until it is done; `wake_at` is when it is tried next.

    The request keeps its state meanwhile. A job has all that it needs to be done when the request has gone on to
    another resource, or the resource to another server: which server, under which key, and where what was made is.
    """

    class Act(models.TextChoices):
        MAKE = "make", _("make it")
        KEEP_IN_STEP = "keep_in_step", _("bring its people up to date")
        LOOK = "look", _("see whether it is used")
        END = "end", _("end it")

    class State(models.TextChoices):
        DUE = "due", _("The machine is asked")
        STUCK = "stuck", _("The stewards are asked")
        DONE = "done", _("Done")
        VOID = "void", _("Not needed any more")
        GIVEN_UP = "given_up", _("Given up")

    OPEN = (State.DUE, State.STUCK)

    request = models.ForeignKey(ResourceRequest, on_delete=models.CASCADE, related_name="jobs")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="jobs")
    key = models.CharField(max_length=40)
    # The server that is asked. An end without one is for people from the start.
    server = models.CharField(max_length=40, blank=True)
    # Where what has to be ended is, sealed.
    place = models.TextField(blank=True)
    act = models.CharField(max_length=12, choices=Act.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    opened_at = models.DateTimeField()
    wake_at = models.DateTimeField()
    # While a worker has it in its hands; whoever finds it long ago finds a dead worker's job.
    claimed_at = models.DateTimeField(null=True)
    # Tries that were begun: what was tried may have been made, whatever came back.
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    # Whoever did by hand what the machine did not do.
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "act", "server"],
                condition=Q(state__in=["due", "stuck"]),
                name="one_open_job_per_key_act_and_server",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "stuck"], closed_at=None)
                | (~Q(state__in=["due", "stuck"]) & Q(closed_at__isnull=False)),
                name="closed_job_has_a_time",
            ),
            models.CheckConstraint(condition=Q(done_by=None) | Q(state="done"), name="done_by_hand_is_done"),
        ]
        indexes = [
            models.Index(fields=["attempts", "wake_at"], condition=Q(state__in=["due", "stuck"]), name="job_to_wake"),
            models.Index(fields=["resource", "-opened_at"], name="jobs_of_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.request}"

    def get_absolute_url(self) -> str:
        return self.request.get_absolute_url()

    @property
    def group_id(self) -> int:
        return self.request.group_id

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_for_people(self) -> bool:
        """What no machine ends, since people have made it."""
        return self.act == self.Act.END and not self.server
