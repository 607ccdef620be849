"""How `--help` is laid out."""

import argparse


class Help(argparse.HelpFormatter):
    """Wraps a paragraph to the terminal; text with lines of its own, such as examples, stays as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return "".join(indent + line for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)
