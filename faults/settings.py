"""The settings of worker and beat in the storm: the site's own, with a faster pulse and shorter patience."""

import os

from msplatform.settings import *  # noqa: F403
from msplatform.settings import CELERY_BEAT_SCHEDULE

SWEEP_EVERY_SECONDS = HEARTBEAT_EVERY_SECONDS = 1
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.5
CELERY_BEAT_SCHEDULE = {
    name: entry | {"schedule": SWEEP_EVERY_SECONDS}
    for name, entry in CELERY_BEAT_SCHEDULE.items()
    if isinstance(entry["schedule"], (int, float))
}
EMAIL_TIMEOUT = 3
LETTER_CLAIM_SECONDS = LETTER_RETRY_SECONDS = int(os.environ["FAULTS_PATIENCE_SECONDS"])
