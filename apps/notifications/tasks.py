from celery import shared_task
from django.utils import timezone

from apps.core.heartbeats import reported
from apps.notifications import delivery


@shared_task
def deliver_digests() -> int:
    return reported("deliver_digests", delivery.deliver_digests, now=timezone.now(), clock=timezone.now)


@shared_task
def deliver() -> int:
    return reported("deliver", delivery.deliver, now=timezone.now(), clock=timezone.now)


@shared_task
def deliver_mailings() -> int:
    return reported("deliver_mailings", delivery.deliver, now=timezone.now(), clock=timezone.now, bulk=True)
