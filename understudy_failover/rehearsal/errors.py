"""Why a rehearsal could not be played; the text is for a person."""


class StageError(RuntimeError):
    """The settings do not fit the embedded AWS, or it does not become ready."""


class CdkError(RuntimeError):
    """The command failed; the text is all that it printed."""
