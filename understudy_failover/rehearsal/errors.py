"""Errors of a rehearsal; the texts are for users."""


class RehearsalError(RuntimeError):
    """The settings do not work on the embedded AWS, or it does not become ready."""

    exit_code = 1


class UnknownServerError(RehearsalError):
    """The command line names a server that the settings do not have."""

    exit_code = 2


class CdkError(RuntimeError):
    """The command failed; the text is all that it printed."""
