"""How a message names a page of docs/."""


def documentation(page: str) -> str:
    """Return the command that prints a page of docs/, which an owner's repository does not have."""
    return f"`understudy docs {page}`"
