import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("groups", "0001_start"),
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
                        choices=[("jitsi", "Jitsi"), ("etherpad", "Etherpad"), ("by_hand", "by hand")], max_length=20
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
                ("stewards", models.ManyToManyField(blank=True, related_name="stewarded", to=settings.AUTH_USER_MODEL)),
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
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="resources.resource"
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
                "indexes": [models.Index(fields=["resource", "state", "starts_at"], name="request_of_resource")],
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
    ]
