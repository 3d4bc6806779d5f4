from celery import shared_task
from django.utils import timezone

from apps.notifications import actions


@shared_task
def deliver() -> int:
    return actions.deliver(now=timezone.now(), clock=timezone.now)
