"""The folder `pages/NAME/` beside failover.toml: `logo.svg`, and the owner's texts as `LANGUAGE.toml`.

[planned]                      # both tables, and each key in them, are optional
title = "…"
message = "…"
[unplanned]
title = "…"
message = "…"
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy_failover.settings.logo import FILE as LOGO_FILE, read_logo
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import WRONG, written
from understudy_failover.settings.resolved import resolved_problem, resolved_problems
from understudy_failover.settings.toml_file import UnreadableError, document_of, read_text, shape_problems

State = Literal["planned", "unplanned"]
"""Planned work, or an outage."""

FOLDER = "pages"


class OwnWords(BaseModel):
    """Heading and message of a state in a language; None: the built-in text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str | None, Field(min_length=1, max_length=80, pattern=r"^\P{Cc}*$")] = None
    message: Annotated[str | None, Field(min_length=1, max_length=600, pattern=r"^[\P{Cc}\n]*$")] = None


class OwnTexts(BaseModel):
    """The content of a `LANGUAGE.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    planned: OwnWords = OwnWords()
    unplanned: OwnWords = OwnWords()

    def of(self, state: State) -> OwnWords:
        return self.planned if state == "planned" else self.unplanned


@dataclass(frozen=True)
class PageFolder:
    """Logo and texts of a page."""

    logo: str = ""
    """SVG markup that is safe in HTML; empty without a logo."""
    texts: tuple[tuple[str, OwnTexts], ...] = field(default=())
    """By language."""

    def words(self, language: str, state: State) -> OwnWords:
        """Return the owner's texts; None in each field without one."""
        return dict(self.texts).get(language, OwnTexts()).of(state)

    def over(self, other: "PageFolder") -> "PageFolder":
        """Return the union, in which this folder wins: for the logo, and for the texts of each language."""
        return PageFolder(self.logo or other.logo, tuple((dict(other.texts) | dict(self.texts)).items()))


def page_folders(
    folder: Path, names: frozenset[str], languages: frozenset[str], problems: list[Problem]
) -> dict[str, PageFolder]:
    """Return the folders in `pages/` of `folder` by name, and append their problems to `problems`.

    `names` are the names of pages; any other folder is a mistake, because no page shows it.
    """
    folders = {}
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name.startswith("."):
            continue
        place = f"{FOLDER}/{path.name}"
        if not path.is_dir() or path.name not in names:
            allowed = f"folders {', '.join(sorted(names))}"
            problems.append(Problem(place, "belongs to no page", "rename or remove it", allowed))
            continue
        logo, texts = "", {}
        for file in _files(path, place, problems):
            name = f"{place}/{file.name}"
            if file.name == LOGO_FILE:
                logo = read_logo(file, name, problems)
            elif file.suffix == ".toml" and file.stem in languages:
                texts[file.stem] = _texts(file, name, problems)
            elif not file.name.startswith("."):
                allowed = f"{LOGO_FILE}, and LANGUAGE.toml of {', '.join(sorted(languages))}"
                problems.append(Problem(name, "is not a file of a page", "rename or remove it", allowed))
        folders[path.name] = PageFolder(logo, tuple(texts.items()))
    return folders


def _files(path: Path, place: str, problems: list[Problem]) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as error:
        problems.append(Problem(place, f"cannot be read: {error.strerror}", "let it be read"))
        return []


def _texts(file: Path, name: str, problems: list[Problem]) -> OwnTexts:
    try:
        document = document_of(read_text(file))
        if any(shape_problems(document)):
            raise UnreadableError("nests too deeply, or has a number that is too large")
        if any(resolved_problems(document)):
            problems.append(resolved_problem(name))
        return OwnTexts.model_validate(document)
    except UnreadableError as error:
        problems.append(Problem(name, str(error), "save it as UTF-8 TOML"))
    except ValidationError as error:
        for details in error.errors():
            place = ".".join(map(str, details["loc"]))
            wrong = f"{place} {WRONG.get(details['type'], 'is not in the allowed form')}"
            if details["type"] == "extra_forbidden":
                wrong = f"{place} is not a key"
            problems.append(
                Problem(
                    name,
                    wrong,
                    "correct or remove it",
                    "[planned] and [unplanned] with title (1 to 80 characters) and message (1 to 600)",
                    written(details["input"]),
                )
            )
    return OwnTexts()


STATES: tuple[State, ...] = get_args(State)
