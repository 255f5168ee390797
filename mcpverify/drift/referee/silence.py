"""When the referee says nothing: there is no answer, or it would be a guess."""


class OracleSilent(Exception):
    """The oracle cannot tell. `reason` ends a sentence that begins with "because"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
