"""Types of arguments that several commands take."""

import argparse


def address(text: str) -> tuple[str, int]:
    """`HOST:PORT` in two."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT, such as 127.0.0.1:53")
    return host.strip("[]"), int(port)
