from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.notifications.models import Letter


def letters_to(person: User) -> QuerySet[Letter]:
    return person.letters.order_by("-written_at", "-pk")


def unread_count(person: User) -> int:
    return person.letters.filter(read_at=None).count()


def letters_of_the_example() -> QuerySet[Letter]:
    """Every letter to an example person, for reading in the browser where DEMO is on."""
    return Letter.objects.filter(recipient__is_example=True).select_related("recipient").order_by("-written_at", "-pk")


@personal_data("letters")
def _letters_held(person: User) -> list[Any]:
    return list(letters_to(person).values("subject", "body", "written_at", "read_at", "mail", "sent_at"))
