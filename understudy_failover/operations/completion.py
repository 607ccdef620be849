"""`understudy completion SHELL`: print the shell completion of commands, options and servers."""

import argparse
from pathlib import Path
from typing import Any

import shtab

SHELLS = ("bash", "zsh", "tcsh")
# The names of [[servers]] in ./failover.toml, by sed: a completion must not start Python.
# Only what can be such a name: the shell expands the words, and the file may be a stranger's.
NAMES = r"""$(sed -n '/^\[\[servers\]\]/,/^name/s/^name *= *"\([a-z0-9-]*\)".*/\1/p' failover.toml 2>/dev/null)"""
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
    """Register the command; `whole` is the parser to complete."""
    parser = commands.add_parser(
        "completion",
        help="print the shell completion script",
        description=__doc__,
        epilog=EXAMPLES,
    )
    parser.add_argument("shell", choices=SHELLS, help="which one")
    parser.set_defaults(run=lambda arguments: _print(whole, arguments.shell))


def script(whole: argparse.ArgumentParser, shell: str) -> str:
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
    actions = []
    for action in parser._actions:
        actions.append(action)
        if isinstance(action, argparse._SubParsersAction):
            for below in dict.fromkeys(action.choices.values()):
                actions += _actions(below)
    return actions
