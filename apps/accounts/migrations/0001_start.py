import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What databases from before 1.0 have applied.
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_mail_by_kind"),
        ("accounts", "0003_calendar_key"),
        ("accounts", "0004_letters_in_full"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("wikimedia_id", models.CharField(max_length=40, null=True, unique=True)),
                ("username", models.CharField(max_length=255, unique=True)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("at_once", "By mail, each by itself"),
                            ("daily", "By mail, once a day"),
                            ("weekly", "By mail, once a week"),
                            ("site", "On the site only"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                ("mail_by_kind", models.JSONField(blank=True, default=dict)),
                ("mail_paused_at", models.DateTimeField(null=True)),
                ("mail_paused_why", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(default="en", max_length=20)),
                ("fallbacks", models.JSONField(blank=True, default=list)),
                ("languages", models.JSONField(blank=True, default=list)),
                ("region", models.CharField(blank=True, max_length=10)),
                ("time_zone", models.CharField(default="UTC", max_length=60)),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("", "As my device"), ("theme-light", "Light"), ("theme-dark", "Dark")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("calendar_key", models.CharField(max_length=64, null=True, unique=True)),
                ("blocked_at", models.DateTimeField(null=True)),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("is_example", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StaffIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("is_reviewer", models.BooleanField(default=False)),
                ("linked_at", models.DateTimeField()),
                ("last_signed_in_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_identity",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "subject"), name="staff_identity_linked_once")
                ],
            },
        ),
    ]
