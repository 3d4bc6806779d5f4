class Refused(Exception):
    """An act that is not possible now, with a sentence for people that says why and what to do next.

    Actions raise it; `core.web.attempt` and `attempt_click` catch it for pages, and commands for operators.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
