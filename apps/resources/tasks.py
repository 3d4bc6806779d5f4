from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from apps.core.heartbeats import reported
from apps.resources import actions


@shared_task
def provision() -> int:
    return reported("provision", actions.provision, now=timezone.now(), clock=timezone.now)


# A task that has not come to its end after 120 seconds is given to another worker: `visibility_timeout`.
COMPARING_LASTS = timedelta(seconds=80)


@shared_task
def reconcile() -> int:
    now = timezone.now()
    return reported("reconcile", actions.reconcile, now=now, clock=timezone.now, lasts=COMPARING_LASTS)
