"""The verbs of the record. Features declare theirs in `words.py`."""

import re
from dataclasses import dataclass

from apps.core.text import Words

VERBS: dict[str, "Verb"] = {}


@dataclass(frozen=True)
class Verb:
    """What was done, with words for the reader: names in them are those of the mentions, and `by`.

    `counts` marks the acts that show leadership and so move day 0 (product.md, State of an initiative).
    """

    name: str
    words: Words
    counts: bool = False

    @property
    def names(self) -> set[str]:
        """The mentions that the words use."""
        return set(re.findall(r"%\((\w+)\)s", str(self.words)))

    def __post_init__(self) -> None:
        if self.name in VERBS:
            raise ValueError(f"The verb {self.name} is declared twice.")
        VERBS[self.name] = self
