from celery import shared_task
from django.utils import timezone

from apps.deadlines import actions


@shared_task
def sweep() -> int:
    return actions.sweep(now=timezone.now())
