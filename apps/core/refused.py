class Refused(Exception):
    """An act that is not possible now, with a sentence for people that says why and what to do next.

    Only actions raise it; only `core.web.attempt` and `core.web.attempt_click` catch it.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
