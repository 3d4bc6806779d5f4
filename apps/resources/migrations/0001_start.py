import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [
        ("resources", "0001_initial"),
        ("resources", "0002_offers_in_full"),
        ("resources", "0003_jobs"),
        ("resources", "0004_offers_stewards_and_links"),
    ]

    initial = True

    dependencies = [
        ("groups", "0001_start"),
        ("people", "0002_affiliates_as_facilitators"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Resource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("room", "Video meeting room"),
                            ("pad", "Notes pad"),
                            ("mailing_list", "Mailing list"),
                            ("forum_category", "Forum category"),
                            ("translation", "Translation of a page"),
                            ("interpretation", "Live interpretation"),
                            ("liaison_hours", "Liaison hours"),
                            ("facilitator", "Facilitator for a meeting"),
                            ("survey", "Survey tool"),
                            ("news_slot", "Slot in Strategy News"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("self_service", "At once"),
                            ("stewards_decide", "Answer in 5 working days"),
                            ("costed", "Needs a yes"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("jitsi", "Jitsi"),
                            ("bigbluebutton", "BigBlueButton"),
                            ("etherpad", "Etherpad"),
                            ("discourse", "Discourse"),
                            ("mailman", "Mailman 3"),
                            ("pool", "ready links"),
                            ("by_hand", "by hand"),
                        ],
                        max_length=20,
                    ),
                ),
                ("icon", models.CharField(max_length=30)),
                ("names", models.JSONField()),
                ("lines", models.JSONField()),
                ("descriptions", models.JSONField()),
                ("good_to_know", models.JSONField(default=list)),
                ("capacity", models.PositiveSmallIntegerField(null=True)),
                ("max_hours", models.PositiveSmallIntegerField(null=True)),
                ("max_per_month", models.PositiveSmallIntegerField(null=True)),
                ("lasts_days", models.PositiveSmallIntegerField(null=True)),
                ("closes_hour", models.PositiveSmallIntegerField(null=True)),
                ("data_places", models.JSONField(default=dict)),
                ("for_groups_older_than_days", models.PositiveSmallIntegerField(null=True)),
                ("for_languages", models.JSONField(default=list)),
                ("for_regions", models.JSONField(default=list)),
                ("languages", models.JSONField(default=list)),
                ("max_at_once", models.PositiveSmallIntegerField(null=True)),
                ("offered_at", models.DateTimeField(null=True)),
                ("opens_hour", models.PositiveSmallIntegerField(null=True)),
                ("server", models.CharField(blank=True, max_length=40)),
                ("silence_gives", models.BooleanField(default=False)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
                ("withdrawn_why", models.CharField(blank=True, max_length=600)),
                ("written_in", models.CharField(default="en", max_length=20)),
                (
                    "affiliate",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resources",
                        to="people.affiliate",
                    ),
                ),
                (
                    "offered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("stewards", models.ManyToManyField(blank=True, related_name="stewarded", to=settings.AUTH_USER_MODEL)),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("policy", "self_service"), _negated=True),
                            models.Q(("provider", "by_hand"), _negated=True),
                            _connector="OR",
                        ),
                        name="self_service_is_made_by_a_machine",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "room"), _negated=True), ("max_hours__isnull", False), _connector="OR"
                        ),
                        name="rooms_have_a_longest_meeting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("silence_gives", False),
                            models.Q(("policy", "stewards_decide"), models.Q(("provider", "by_hand"), _negated=True)),
                            _connector="OR",
                        ),
                        name="silence_gives_only_what_a_machine_makes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes_hour", None), ("opens_hour", None)),
                            models.Q(
                                ("closes_hour__gt", models.F("opens_hour")),
                                ("closes_hour__lte", 24),
                                ("opens_hour__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="it_closes_after_it_opens",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("offered_at", None), ("offered_by", None)),
                            models.Q(("offered_at__isnull", False), ("offered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="offered_at_with_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="withdrawn_offer_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at", None), models.Q(("withdrawn_why", ""), _negated=True), _connector="OR"
                        ),
                        name="withdrawn_offer_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("provider", "pool"), _negated=True), ("capacity__isnull", False), _connector="OR"
                        ),
                        name="a_pool_counts_its_links",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="resources.resource"
                    ),
                ),
            ],
            options={
                "ordering": ["added_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("resource", "digest"), name="a_link_stands_in_its_pool_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at", None), ("retired_by", None)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="retired_link_has_a_person_and_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResourceRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, unique=True)),
                ("purpose", models.CharField(max_length=200)),
                ("details", models.TextField(blank=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("waiting", "On the waiting list"),
                            ("in_use", "In use"),
                            ("given", "Given"),
                            ("declined", "Declined"),
                            ("wanted", "Wanted: nobody offers it yet"),
                            ("returned", "Given back"),
                            ("ended", "Ended by a steward"),
                            ("taken_back", "Taken back"),
                            ("lapsed", "No place came free"),
                            ("unmet", "Taken off “wanted”: nobody said that it is still needed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=1000)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("silent", models.JSONField(default=list)),
                ("kept_text", models.TextField(blank=True)),
                ("reference", models.TextField(blank=True)),
                ("series", models.CharField(blank=True, max_length=40)),
                ("was_used", models.BooleanField(null=True)),
                ("wanted_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="resource_requests", to="groups.group"
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="resources.poollink",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bookings",
                        to="groups.meeting",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="resources.resource"
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
                "indexes": [
                    models.Index(fields=["resource", "state", "starts_at"], name="request_of_resource"),
                    models.Index(
                        condition=models.Q(("series", ""), _negated=True),
                        fields=["series"],
                        name="requests_of_a_series",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None),
                            models.Q(("ends_at__gt", models.F("starts_at")), ("starts_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="use_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in_use"), _negated=True), ("ends_at__isnull", False), _connector="OR"
                        ),
                        name="what_is_in_use_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["declined", "ended"]), _negated=True),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_no_has_a_reason_and_a_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OnTheList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since_at", models.DateTimeField()),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="groups.membership"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="on_the_list",
                        to="resources.resourcerequest",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("request", "membership"), name="once_on_a_list")],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("place", models.TextField(blank=True)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("make", "make it"),
                            ("keep_in_step", "bring its people up to date"),
                            ("look", "see whether it is used"),
                            ("end", "end it"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "The machine is asked"),
                            ("stuck", "The stewards are asked"),
                            ("done", "Done"),
                            ("void", "Not needed any more"),
                            ("given_up", "Given up"),
                        ],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("wake_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="resources.resource"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="jobs", to="resources.resourcerequest"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["due", "stuck"])),
                        fields=["attempts", "wake_at"],
                        name="job_to_wake",
                    ),
                    models.Index(fields=["resource", "-opened_at"], name="jobs_of_resource"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["due", "stuck"])),
                        fields=("key", "act"),
                        name="one_open_job_per_key_and_act",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state__in", ["due", "stuck"])),
                            models.Q(
                                models.Q(("state__in", ["due", "stuck"]), _negated=True), ("closed_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="closed_job_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done_by", None), ("state", "done"), _connector="OR"),
                        name="done_by_hand_is_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stewardship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "Invited"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed: no answer came"),
                            ("taken_back", "Taken back"),
                        ],
                        default="invited",
                        max_length=12,
                    ),
                ),
                ("invited_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stewardships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="resources.resource"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "invited")),
                        fields=("resource", "person"),
                        name="invited_as_a_steward_once_at_a_time",
                    )
                ],
            },
        ),
    ]
