from django.conf import settings


class Jitsi:
    """A room exists as soon as somebody opens its address; the key in it cannot be guessed."""

    def address(self, key: str) -> str:
        return f"{settings.JITSI_URL}/MovementStrategy-{key}"
