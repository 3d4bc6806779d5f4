import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [("people", "0001_initial"), ("people", "0002_roles_that_are_asked_for")]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Affiliate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("country", models.CharField(max_length=2)),
                ("region", models.CharField(blank=True, max_length=10)),
                ("kind", models.CharField(max_length=20)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("said", "Not confirmed yet"),
                            ("unconfirmed", "Unconfirmed: nobody answered"),
                            ("confirmed", "Confirmed"),
                            ("refused", "Taken off"),
                            ("taken_back", "Taken back"),
                        ],
                        default="said",
                        max_length=12,
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=600)),
                (
                    "affiliate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="people.affiliate"
                    ),
                ),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["said", "unconfirmed", "confirmed"])),
                        fields=("affiliate", "user"),
                        name="contact_of_an_affiliate_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["confirmed", "refused"]), _negated=True),
                            models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_contact_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refused_contact_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("liaison", "Liaison"),
                            ("facilitator", "Facilitator"),
                            ("translator", "Translator"),
                            ("editor", "Editor of Strategy News"),
                            ("moderator", "Moderator"),
                            ("reviewer", "Reviewer"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("held", "Held"),
                            ("ended", "Ended"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed: nobody answered"),
                            ("taken_back", "Taken back"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=600)),
                ("languages", models.JSONField(blank=True, default=list)),
                ("regions", models.JSONField(blank=True, default=list)),
                ("recommendations", models.JSONField(blank=True, default=list)),
                ("asked_at", models.DateTimeField(null=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("is_unconfirmed", models.BooleanField(default=False)),
                ("answer", models.CharField(blank=True, max_length=600)),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_terms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["role", "state"], name="role_terms_of_role")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gte", models.F("starts_at"))),
                        name="role_term_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__isnull", False),
                                ("starts_at__isnull", False),
                                ("state__in", ["held", "ended"]),
                            ),
                            models.Q(
                                models.Q(("state__in", ["held", "ended"]), _negated=True),
                                ("asked_at__isnull", False),
                                ("ends_at", None),
                                ("starts_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="role_that_was_held_has_a_term",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("user", "role"),
                        name="role_asked_for_once_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state", "held"), models.Q(("role__in", ["reviewer", "administrator"]), _negated=True)
                        ),
                        fields=("user", "role"),
                        name="role_held_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="declined_role_has_a_reason",
                    ),
                ],
            },
        ),
    ]
