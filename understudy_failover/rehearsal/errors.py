"""Why a rehearsal could not be played; the text is for a person."""


class StageError(RuntimeError):
    """The settings do not fit the embedded AWS, or it does not become ready."""

    exit_code = 1


class UnknownServerError(StageError):
    """The command line names a server that the settings do not have."""

    exit_code = 2


class CdkError(RuntimeError):
    """The command failed; the text is all that it printed."""
