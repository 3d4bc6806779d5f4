"""The broker of a machine without Redis: a folder in which messages appear whole.

Kombu opens the file of a message where workers look for it, and then writes it. Whoever reads in between reads nothing,
which ends the worker, and `make run` with it.
"""

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):  # type: ignore[misc]
    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]
        """Write a message beside those that are read, and move it among them in one step; the oldest is read first."""
        name = f"{time.monotonic_ns():020}_{uuid.uuid4()}"
        part = Path(self.data_folder_out) / f"{name}.part"
        part.write_text(dumps(payload), encoding="utf-8")
        os.replace(part, part.with_name(f"{name}.{queue}.msg"))


class Transport(filesystem.Transport):  # type: ignore[misc]
    Channel = Channel


def use_whole_messages() -> None:
    TRANSPORT_ALIASES["filesystem"] = "msplatform.broker:Transport"
