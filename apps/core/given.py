"""Rows given to an SQL statement, for the few places that write thousands at once.

All of them are one parameter, as JSON. One parameter for each value takes longer to put into the statement than the
database needs for the rest.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models


def given(**types: str) -> str:
    """A table of these columns for FROM; its rows are the parameter `%s`, as `as_parameter` makes it.

    The types are those of PostgreSQL. SQLite has none here and takes each value as JSON has it.
    """
    is_postgresql = connection.vendor == "postgresql"
    rows = "jsonb_array_elements(%s::jsonb)" if is_postgresql else "json_each(%s)"
    columns = [
        f"CAST(value ->> {place} AS {of_type}) AS {name}" if is_postgresql else f"value ->> {place} AS {name}"
        for place, (name, of_type) in enumerate(types.items())
    ]
    return f"(SELECT {', '.join(columns)} FROM {rows})"  # noqa: S608 - names and types stand in our own code


def as_parameter(rows: Iterable[Sequence[Any]]) -> str:
    """Rows of text, numbers, times and what else JSON knows, each value at the place of its column."""
    adapted = connection.ops.adapt_datetimefield_value

    def moment(value: object) -> str:
        if not isinstance(value, datetime):
            raise TypeError(f"This is nothing for the database: {value!r}")
        return str(adapted(value))

    return json.dumps(list(rows), default=moment)


class AnyOf(models.Lookup):  # type: ignore[type-arg]
    """`filter(AnyOf(F("pk"), ids))` finds what `filter(pk__in=ids)` does, for lists that have thousands of numbers."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN {given(one='bigint')}", (*parameters, as_parameter([one] for one in self.rhs))
