"""The settings of worker and beat in tests: the site's own, with a faster pulse."""

from msplatform.settings import *  # noqa: F403
from msplatform.settings import CELERY_BEAT_SCHEDULE

HEARTBEAT_EVERY_SECONDS = 1
SWEEP_EVERY_SECONDS = 1
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.5
CELERY_BEAT_SCHEDULE = {name: entry | {"schedule": 1} for name, entry in CELERY_BEAT_SCHEDULE.items()}
