import os

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

from msplatform.broker import use_whole_messages
from msplatform.health import WorkerHeartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msplatform.settings")
use_whole_messages()
app = Celery("msplatform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["worker"].add(WorkerHeartbeat)
