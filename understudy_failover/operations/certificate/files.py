"""The public files, and the version of the secret in failover.toml: all of them written, or none."""

import re
import tomllib
from pathlib import Path

from understudy_failover.settings import PublicCertificate
from understudy_failover.settings.certificate_rules import CHAIN_FILE, LEAF_FILE

KEY = "private_key_version"
BYTE_ORDER_MARK = "\ufeff"


class SettingsFileError(Exception):
    """The file cannot be edited; the text says what to write into it."""


def wanted(settings_file: Path, name: str, public: PublicCertificate, version_id: str) -> dict[Path, str]:
    """What has to stand in each file for the certificate whose folder is `name`.

    Raise SettingsFileError: see `with_version`.
    """
    folder = settings_file.parent / "certificates" / name
    text = settings_file.read_bytes().decode("utf-8")
    return {
        folder / LEAF_FILE: public.body_pem,
        folder / CHAIN_FILE: public.chain_pem,
        settings_file: with_version(text, version_id, name),
    }


def changed(contents: dict[Path, str]) -> dict[Path, str]:
    """Those of the files that do not hold their content yet."""
    return {path: text for path, text in contents.items() if not path.exists() or path.read_bytes() != text.encode()}


def with_version(text: str, version_id: str, folder: str | None = None) -> str:
    """The text of failover.toml with this `private_key_version`; comments and everything else stay.

    In [certificate], or with `folder` in every table whose files lie there. Raise SettingsFileError: such a table is
    written in a way that only a person can edit.
    """
    line = f'{KEY} = "{version_id}"'
    expected = tomllib.loads(text.removeprefix(BYTE_ORDER_MARK))
    tables = [expected["certificate"], *expected.get("certificates", ())]
    of_folder = [table.get("folder", table["name"]) == folder for table in tables]
    wanted = [table for number, table in enumerate(tables) if (of_folder[number] if folder else number == 0)]
    other_tables = iter(tables[1:])
    edited = ""
    for section in re.split(r"^(?=\ufeff?[ \t]*\[)", text, flags=re.MULTILINE):
        name = re.match(r"\ufeff?[ \t]*(\[certificate\]|\[\[certificates\]\])", section)
        table = None if not name else tables[0] if name[1] == "[certificate]" else next(other_tables, None)
        edited += _section_with(line, section) if any(table is wanted_table for wanted_table in wanted) else section
    for table in wanted:
        table[KEY] = version_id
    try:
        if tomllib.loads(edited.removeprefix(BYTE_ORDER_MARK)) == expected:
            return edited
    except tomllib.TOMLDecodeError:
        pass
    where = f"the tables of certificates/{folder}" if folder else "[certificate]"
    raise SettingsFileError(f"Write {line} into {where} by hand, then push again.")


def _section_with(line: str, section: str) -> str:
    edited, count = re.subn(rf'^{KEY}[ \t]*=[ \t]*(["\'])[^"\'\n]*\1', line, section, count=1, flags=re.MULTILINE)
    if not count:
        edited = re.sub(r"^(private_key_secret[ \t]*=.*)$", rf"\1\n{line}", section, count=1, flags=re.MULTILINE)
    return edited
