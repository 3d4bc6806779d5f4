"""Working days counted one by one."""

from datetime import UTC, datetime, timedelta

from apps.core.clock import is_working_day


def working_days_between(start: datetime, end: datetime) -> int:
    """How many working days lie after the day of `start`, up to and with the day of `end` (UTC)."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
