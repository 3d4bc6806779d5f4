from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.languages import in_each_language
from apps.core.refused import Refused
from apps.guidelines import words
from apps.guidelines.models import Step, Version
from apps.record.actions import write


@transaction.atomic
def publish_version(text: dict[str, Any]) -> Version:
    """Publish a version with its checklist, as read from a file of `data/`.

    Refuses a number that is published already: a version never changes.
    """
    if Version.objects.filter(number=text["number"]).exists():
        raise Refused(_("This version is published already, and a published version never changes."))
    published_on = date.fromisoformat(text["published_on"])
    version = Version.objects.create(
        number=text["number"],
        published_on=published_on,
        titles=in_each_language(text, "title"),
        bodies=in_each_language(text, "body"),
    )
    Step.objects.bulk_create(
        Step(
            version=version,
            position=position,
            code=step["code"],
            level=step["level"],
            if_any=step["if_any"],
            titles=in_each_language(step, "title"),
            expectations=in_each_language(step, "expectation"),
            measure=step["measure"],
            needs=step["needs"],
        )
        for position, step in enumerate(text["steps"], start=1)
    )
    write(words.PUBLISHED, by=None, now=datetime.combine(published_on, time(), UTC), version=version)
    return version
