"""Reads failover.toml and the certificate it names; reports all that is wrong with them at once."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from understudy_failover.settings.certificate import PublicCertificate
from understudy_failover.settings.checks import (
    certificates_of,
    pasted_private_key,
    private_key_problems,
    relation_problems,
    texts,
    values,
)
from understudy_failover.settings.division import MAIN, Certificates
from understudy_failover.settings.model import Settings
from understudy_failover.settings.page_folder import page_folders
from understudy_failover.settings.pages import DEFAULT, LANGUAGES
from understudy_failover.settings.report import Problem, SettingsError, problems_of
from understudy_failover.settings.tables import HostedZone, Surroundings


def load(path: Path, *, certificate: PublicCertificate | None = None, name: str = MAIN) -> Settings:
    """The settings in the file at `path`; certificates are read from `certificates/` beside it, logos and
    texts of pages from `pages/`.

    With `certificate` as they will be once it lies there in the place of the one of [certificate], or of the further
    one called `name`.

    Raises:
        SettingsError: with every problem of the file and of its certificate.
    """
    try:
        # Some editors begin a file with a byte order mark, which TOML does not allow.
        text = path.read_text(encoding="utf-8-sig")
        if pasted := pasted_private_key(text):  # before anything reads, and could repeat, a part of it
            raise SettingsError(path, [pasted])
        document = tomllib.loads(text)
    except OSError as error:
        fault = Problem("file", f"cannot be read: {error.strerror}", "name an existing file, or copy the sample")
        raise SettingsError(path, [fault]) from None
    except UnicodeDecodeError as error:
        raise SettingsError(path, [Problem("file", f"is not UTF-8: {error}", "save it as UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, [Problem("file", f"is not TOML: {error}", "correct that place")]) from None
    problems = list(private_key_problems(path.parent))
    certificates = certificates_of(document, path.parent, problems, given=certificate, name=name)
    return validated(document, certificates, problems, folder=path.parent, where=path, text=text)


def validated(
    document: dict[str, Any],
    certificates: Certificates,
    problems: list[Problem],
    *,
    folder: Path | None,
    where: Path,
    text: str = "",
) -> Settings:
    """The settings of a document, or everything that is wrong with it beside the `problems` that were found before.

    `folder` holds `pages/`; None for no pages of one's own. `where` and `text` say what a report is about.

    Raises:
        SettingsError: with all of it.
    """
    problems += relation_problems(document, certificates)
    names = frozenset(name for _, name in texts(document, "pages", "name")) | {DEFAULT}
    folders = page_folders(folder, names, frozenset(LANGUAGES), problems) if folder else {}
    context = Surroundings(_zones(document), certificates, folders)
    try:
        settings = Settings.model_validate(document, context=context)
    except ValidationError as error:
        problems += problems_of(error, Settings)
    if problems:
        raise SettingsError(where, problems, text)
    return settings


def _zones(document: dict[str, Any]) -> tuple[HostedZone, ...]:
    """The zones that are right, so that hosts find them even when another part of the file is wrong."""
    zones = []
    for _, table in values(document, "zones"):
        try:
            zones.append(HostedZone.model_validate(table))
        except ValidationError:
            continue
    return tuple(zones)
