import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [("guidelines", "0001_initial"), ("guidelines", "0002_drafts_and_coming_into_force")]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=10, unique=True)),
                ("published_on", models.DateField()),
                ("in_force_at", models.DateTimeField(null=True)),
                ("titles", models.JSONField()),
                ("bodies", models.JSONField()),
            ],
            options={
                "ordering": ["-published_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("code", models.SlugField(max_length=30)),
                (
                    "level",
                    models.CharField(
                        choices=[("must", "must"), ("should", "should"), ("could", "could")], max_length=10
                    ),
                ),
                ("if_any", models.BooleanField(default=False)),
                ("titles", models.JSONField()),
                ("expectations", models.JSONField()),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("links", "Links"),
                            ("page", "Page"),
                            ("told", "Told"),
                            ("venues", "Venues"),
                            ("languages", "Languages"),
                            ("open_days", "Open Days"),
                            ("calls", "Calls"),
                            ("reach", "Reach"),
                            ("summary", "Summary"),
                        ],
                        max_length=20,
                    ),
                ),
                ("needs", models.JSONField()),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="guidelines.version"
                    ),
                ),
            ],
            options={
                "ordering": ["version", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "position"), name="step_position_once"),
                    models.UniqueConstraint(fields=("version", "code"), name="step_code_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=10)),
                ("title", models.CharField(max_length=120)),
                ("body", models.TextField()),
                ("steps", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "In work"),
                            ("announced", "Announced"),
                            ("published", "Published"),
                            ("dropped", "Dropped"),
                        ],
                        default="drafted",
                        max_length=10,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(null=True)),
                ("comments_url", models.CharField(blank=True, max_length=1000)),
                ("announced_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "announced_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidelines.version"
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="guidelines.version",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Case(models.When(state__in=["drafted", "announced"], then=models.Value(1))),
                        name="one_draft_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "announced"), _negated=True),
                            models.Q(
                                ("announced_at__isnull", False),
                                ("announced_by__isnull", False),
                                models.Q(("comments_url", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="announced_draft_says_where_to_comment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None), ("state__in", ["drafted", "announced"])),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("state__in", ["published", "dropped"]),
                            ),
                            _connector="OR",
                        ),
                        name="closed_draft_has_a_time_and_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), ("version__isnull", False)),
                            models.Q(models.Q(("state", "published"), _negated=True), ("version", None)),
                            _connector="OR",
                        ),
                        name="published_draft_has_its_version",
                    ),
                ],
            },
        ),
    ]
