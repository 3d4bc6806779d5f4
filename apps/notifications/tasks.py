from celery import shared_task
from django.utils import timezone

from apps.notifications import delivery


@shared_task
def deliver() -> int:
    return delivery.deliver(now=timezone.now(), clock=timezone.now)
