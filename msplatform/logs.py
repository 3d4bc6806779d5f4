"""What must not stand in a log."""

import re
from typing import Any

SECRET_ADDRESS = re.compile(r"(/feeds/calendar/)[\w-]+")


def hide_secrets(_logger: Any, _method: str, line: str) -> str:
    """The last step of every line: whoever reads logs shall not be able to read calendars."""
    return SECRET_ADDRESS.sub(r"\1…", line)
