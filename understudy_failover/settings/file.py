"""Reads failover.toml and its certificates, and reports all their problems at once."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from understudy_failover.settings.certificate import PublicCertificate
from understudy_failover.settings.certificate_folder import folder_problems
from understudy_failover.settings.checks import (
    Throwaway,
    certificates_of,
    pasted_private_key,
    relation_problems,
    texts,
    values,
)
from understudy_failover.settings.model import Settings
from understudy_failover.settings.page_folder import page_folders
from understudy_failover.settings.pages import DEFAULT, LANGUAGES
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import SettingsError, problems_of
from understudy_failover.settings.resolved import resolved_problems
from understudy_failover.settings.sharding import MAIN, Certificates
from understudy_failover.settings.tables import HostedZone, Surroundings
from understudy_failover.settings.toml_file import UnreadableError, document_of, read_text, shape_problems


def load(
    path: Path, *, certificate: PublicCertificate | None = None, name: str = MAIN, throwaway: Throwaway | None = None
) -> Settings:
    """Return the settings of `path`, with `certificates/` and `pages/` (logos and texts) beside it.

    `certificate` replaces the certificate of [certificate], or the additional certificate `name`. `throwaway` makes
    certificates that are missing. Raise SettingsError with every problem of the file and its certificates.
    """
    try:
        text = read_text(path)
        if pasted := pasted_private_key(text):  # before any other message can repeat a part of it
            raise SettingsError(path, [pasted])
        document = document_of(text)
    except UnreadableError as error:
        raise SettingsError(path, [Problem("file", str(error), error.fix)]) from None
    if unfit := list(shape_problems(document)):
        raise SettingsError(path, unfit, text)
    problems = list(folder_problems(path.parent))
    certificates = certificates_of(document, path.parent, problems, given=certificate, name=name, throwaway=throwaway)
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
    """Return the settings of a document. Raise SettingsError with its problems and the earlier `problems`.

    `folder` holds `pages/`; None: no pages. `where` and `text` are the file and its content, for the report.
    """
    problems += resolved_problems(document)
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
    """Return the valid zones, so that hosts match them although another part of the file is wrong."""
    zones = []
    for _, table in values(document, "zones"):
        try:
            zones.append(HostedZone.model_validate(table))
        except ValidationError:
            continue
    return tuple(zones)
