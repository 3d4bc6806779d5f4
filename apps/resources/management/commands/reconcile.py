from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.resources import actions


class Command(BaseCommand):
    help = "Compare what stands at the servers of resources with what groups have, as is done once a day"

    def handle(self, *args: Any, **options: Any) -> None:
        opened = actions.reconcile(now=timezone.now(), clock=timezone.now)
        self.stdout.write(f"{opened} to be made again, brought in step or ended; the next round does it.")
