"""The verbs of the record. Features declare theirs in `words.py`."""

from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

VERBS: dict[str, "Verb"] = {}


@dataclass(frozen=True)
class Verb:
    """What was done, with words for the reader: names in them are those of the mentions, and `by`.

    `counts` marks the acts that show leadership and so move day 0 (product.md, State of an initiative).
    """

    name: str
    words: StrOrPromise
    counts: bool = False

    def __post_init__(self) -> None:
        if self.name in VERBS:
            raise ValueError(f"The verb {self.name} is declared twice.")
        VERBS[self.name] = self
