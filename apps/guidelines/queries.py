from apps.guidelines.models import Version


def current_version() -> Version:
    """The version that new adoptions accept: the newest published one."""
    return Version.objects.order_by("-published_on", "-pk")[0]
