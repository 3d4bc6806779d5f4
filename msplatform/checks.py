"""System checks of the wiring."""

from django.conf import settings
from django.core import checks

from msplatform.environment import demo_refusal


@checks.register(checks.Tags.security)
def refuse_demo_in_public(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """DEMO lets anybody sign in as anybody. The settings refuse it when they are read; this holds what they became."""
    why = demo_refusal(site_url=settings.SITE_URL, allowed_hosts=list(settings.ALLOWED_HOSTS)) if settings.DEMO else ""
    return [checks.Error(why, hint="Turn DEMO off.", id="msplatform.E001")] if why else []
