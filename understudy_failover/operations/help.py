"""How `--help` is laid out."""

import argparse

from understudy_failover.operations.terminal import hanging


class Help(argparse.HelpFormatter):
    """Wraps a paragraph to the terminal; text with lines of its own, such as examples, keeps them."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text.strip():
            return "".join(f"{indent}{hanging(line, width - len(indent))}\n" for line in text.splitlines())
        return super()._fill_text(text, width, indent)
