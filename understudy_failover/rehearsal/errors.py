"""Errors of a rehearsal; the texts are for users."""


class StageError(RuntimeError):
    """The settings do not work on the embedded AWS, or it does not become ready."""


class CdkError(RuntimeError):
    """The command failed; the text is all that it printed."""
