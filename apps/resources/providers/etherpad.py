from django.conf import settings


class Etherpad:
    """A pad exists as soon as somebody opens its address; the key in it cannot be guessed."""

    def address(self, key: str) -> str:
        return f"{settings.ETHERPAD_URL}/p/movement-strategy-{key}"
