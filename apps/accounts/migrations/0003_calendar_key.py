from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_mail_by_kind")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="calendar_key",
            field=models.CharField(max_length=64, null=True, unique=True),
        ),
    ]
