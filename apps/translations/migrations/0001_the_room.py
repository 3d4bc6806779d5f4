import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Translation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                ("part", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=20)),
                ("position", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("source", models.TextField()),
                ("text", models.TextField()),
                ("translated_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "translated_by",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("replaced_at", None)),
                        fields=["language", "kind"],
                        name="translation_of_today",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("kind", "object_id", "part", "language", "digest"),
                        name="one_translation_of_each_paragraph",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("translated_at", None), ("translated_by", None)),
                            models.Q(("translated_at__isnull", False), ("translated_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="translated_at_with_translated_by",
                    ),
                ],
            },
        ),
    ]
