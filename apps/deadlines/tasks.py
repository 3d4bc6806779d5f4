from celery import shared_task
from django.utils import timezone

from apps.core.heartbeats import reported
from apps.deadlines import sweep as clock


@shared_task
def sweep() -> int:
    return reported("sweep", clock.sweep, now=timezone.now())
