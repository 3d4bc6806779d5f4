from celery import shared_task
from django.utils import timezone

from apps.notifications import delivery


@shared_task
def deliver_digests() -> int:
    return delivery.deliver_digests(now=timezone.now(), clock=timezone.now)


@shared_task
def deliver() -> int:
    return delivery.deliver(now=timezone.now(), clock=timezone.now)
