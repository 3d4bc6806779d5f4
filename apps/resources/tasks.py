from celery import shared_task
from django.utils import timezone

from apps.core.heartbeats import reported
from apps.resources import actions


@shared_task
def provision() -> int:
    return reported("provision", actions.provision, now=timezone.now(), clock=timezone.now)


@shared_task
def reconcile() -> int:
    return reported("reconcile", actions.reconcile, now=timezone.now(), clock=timezone.now)
