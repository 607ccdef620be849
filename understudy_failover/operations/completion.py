"""`understudy completion SHELL`: what a shell completes of the command's words, options and servers."""

import argparse
from pathlib import Path
from typing import Any

import shtab

from understudy_failover.operations.help import Help

SHELLS = ("bash", "zsh", "tcsh")
# The names of [[servers]] in the file that lies here: completing must not start Python each time.
NAMES = r"""$(sed -n '/^\[\[servers\]\]/,/^name/s/^name *= *"\([^"]*\)".*/\1/p' failover.toml 2>/dev/null)"""
PREAMBLE = {
    "bash": f'_understudy_servers() {{ compgen -W "{NAMES}" -- "$1"; }}\n',
    "zsh": f'_understudy_servers() {{ compadd -- ${{(f)"{NAMES}"}} }}\n',
}
SERVERS = {"bash": "_understudy_servers", "zsh": "_understudy_servers"}
EXAMPLES = """\
examples, once and again after an update of Understudy:
  understudy completion bash \\
      > ~/.local/share/bash-completion/completions/understudy
  # with fpath+=~/.zfunc in .zshrc
  understudy completion zsh > ~/.zfunc/_understudy
for this shell alone:
  source <(understudy completion bash)
"""


def add_parser(commands: Any, whole: argparse.ArgumentParser) -> None:
    """Registers the command; `whole` is what it completes."""
    parser = commands.add_parser(
        "completion",
        help="print what makes a shell complete this command",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=Help,
    )
    parser.add_argument("shell", choices=SHELLS, help="which one")
    parser.set_defaults(run=lambda arguments: _print(whole, arguments.shell))


def script(whole: argparse.ArgumentParser, shell: str) -> str:
    """The completion of `understudy` for a shell."""
    for action in _actions(whole):
        if action.type is Path or action.metavar == "FILE":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.dest == "servers":
            action.complete = SERVERS  # type: ignore[attr-defined]
    return str(shtab.complete(whole, shell=shell, preamble=PREAMBLE.get(shell, "")))


def _print(whole: argparse.ArgumentParser, shell: str) -> int:
    whole.prog = "understudy"
    print(script(whole, shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Of the parser and all below it."""
    found = []
    for action in parser._actions:
        found.append(action)
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                found += _actions(below)
    return found
