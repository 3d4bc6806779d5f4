"""Parts of addresses."""

from django.urls.converters import StringConverter


class Name(StringConverter):
    """A name in any script. NUL is left out: PostgreSQL cannot even look for it."""

    regex = r"[^/\x00]+"
