"""The behaviors of a sample server, and their names on a command line."""

from enum import StrEnum


class Mode(StrEnum):
    WELL = "works"
    SLOW = "answers slowly"
    REFUSES = "refuses connections"
    HANGS = "accepts connections and never answers"
    ANSWERS_500 = "answers 500"
    LACKS_TEXT = "answers 200 without the text that its check looks for"
    BREAKS_TLS = "fails every TLS handshake"
    LOSES_SOME = "loses a fifth of all connections"
    VANISHED = "is gone from the network"


MODES = {
    "works": Mode.WELL,
    "slow": Mode.SLOW,
    "refuse": Mode.REFUSES,
    "hang": Mode.HANGS,
    "error": Mode.ANSWERS_500,
    "text": Mode.LACKS_TEXT,
    "tls": Mode.BREAKS_TLS,
    "lossy": Mode.LOSES_SOME,
    "vanish": Mode.VANISHED,
}
