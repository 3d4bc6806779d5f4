from celery import shared_task
from django.utils import timezone

from apps.deadlines import sweep as clock


@shared_task
def sweep() -> int:
    return clock.sweep(now=timezone.now())
