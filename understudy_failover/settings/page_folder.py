"""What an owner may put into `pages/NAME/` beside failover.toml: `logo.svg`, and own texts as `LANGUAGE.toml`.

[planned]                      # both tables, and each key in them, may be left out
title = "…"
message = "…"
[unplanned]
title = "…"
message = "…"
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, get_args
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy_failover.settings.report import WRONG, Problem, written

State = Literal["planned", "unplanned"]
"""Planned work, or an outage that nobody announced."""

FOLDER = "pages"
LOGO = "logo.svg"
LOGO_BYTES = 2_048
"""It is part of a page that has to fit into the first packets of a connection."""

SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"}
DRAWING = {"svg", "g", "defs", "title", "desc", *SHAPES, "clipPath", "mask", "linearGradient", "radialGradient", "stop"}
"""Elements of SVG that draw, and can neither load nor run anything."""


class OwnWords(BaseModel):
    """Heading and message of one state in one language; None leaves the built-in one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str | None, Field(min_length=1, max_length=80, pattern=r"^\P{Cc}*$")] = None
    message: Annotated[str | None, Field(min_length=1, max_length=600, pattern=r"^[\P{Cc}\n]*$")] = None


class OwnTexts(BaseModel):
    """One `LANGUAGE.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    planned: OwnWords = OwnWords()
    unplanned: OwnWords = OwnWords()

    def of(self, state: State) -> OwnWords:
        return self.planned if state == "planned" else self.unplanned


@dataclass(frozen=True)
class PageFolder:
    """Logo and texts of one page."""

    logo: str = ""
    """SVG markup that is safe inside of HTML; empty without one."""
    texts: tuple[tuple[str, OwnTexts], ...] = field(default=())
    """By language."""

    def words(self, language: str, state: State) -> OwnWords:
        """The owner's words, empty where there are none."""
        return dict(self.texts).get(language, OwnTexts()).of(state)

    def over(self, other: "PageFolder") -> "PageFolder":
        """Both, where this one comes before `other`; texts count language by language."""
        return PageFolder(self.logo or other.logo, tuple((dict(other.texts) | dict(self.texts)).items()))


def page_folders(
    folder: Path, names: frozenset[str], languages: frozenset[str], problems: list[Problem]
) -> dict[str, PageFolder]:
    """The folders in `pages/` of `folder` by name; what is wrong with them goes into `problems`.

    `names` are those of the pages; any other folder is a mistake, because nobody would ever see it.
    """
    found = {}
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name.startswith("."):
            continue
        place = f"{FOLDER}/{path.name}"
        if not path.is_dir() or path.name not in names:
            allowed = f"folders {', '.join(sorted(names))}"
            problems.append(Problem(place, "belongs to no page", "rename or remove it", allowed))
            continue
        logo, texts = "", {}
        for file in sorted(path.iterdir()):
            name = f"{place}/{file.name}"
            if file.name == LOGO:
                logo = _logo(file, name, problems)
            elif file.suffix == ".toml" and file.stem in languages:
                texts[file.stem] = _texts(file, name, problems)
            elif not file.name.startswith("."):
                allowed = f"{LOGO}, and LANGUAGE.toml of {', '.join(sorted(languages))}"
                problems.append(Problem(name, "is no file of a page", "rename or remove it", allowed))
        found[path.name] = PageFolder(logo, tuple(texts.items()))
    return found


def _texts(file: Path, name: str, problems: list[Problem]) -> OwnTexts:
    try:
        return OwnTexts.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(name, f"cannot be read: {error}", "save it as UTF-8 TOML"))
    except ValidationError as error:
        for one in error.errors():
            place = ".".join(map(str, one["loc"]))
            wrong = f"{place} {WRONG.get(one['type'], 'is not in the allowed form')}"
            if one["type"] == "extra_forbidden":
                wrong = f"{place} is not a key"
            problems.append(
                Problem(
                    name,
                    wrong,
                    "correct or remove it",
                    "[planned] and [unplanned] with title (1 to 80 characters) and message (1 to 600)",
                    written(one["input"]),
                )
            )
    return OwnTexts()


def _logo(file: Path, name: str, problems: list[Problem]) -> str:
    allowed = f"an SVG drawing of at most {LOGO_BYTES:,} bytes"
    try:
        text = file.read_text(encoding="utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError("has a document type")
        # Without document type and entities there is nothing in it that could grow or load while it is read.
        svg = ElementTree.fromstring(text)  # noqa: S314
        if faults := sorted(set(_faults(svg))):
            raise ValueError(f"has {', '.join(faults)}")
        markup = _markup(svg)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        mend = "save it as plain SVG: shapes with presentation attributes, no style, script, link or image"
        problems.append(Problem(name, f"cannot be used: {error}", mend, allowed))
        return ""
    if (size := len(markup.encode())) > LOGO_BYTES:
        problems.append(Problem(name, f"has {size:,} bytes", "simplify it (svgo does)", allowed))
    return markup


def _faults(svg: ElementTree.Element) -> Iterator[str]:
    """Whatever could run, load, or break the page's policy."""
    if _local(svg.tag) != "svg" or "viewBox" not in svg.attrib:
        yield "no <svg> with a viewBox"
    for element in svg.iter():
        if _local(element.tag) not in DRAWING:
            yield f"<{_local(element.tag)}>"
        for attribute, value in element.attrib.items():
            local = _local(attribute)
            elsewhere = "://" in value or re.search(r"url\((?!#)", value)
            if local.lower().startswith("on") or local in {"style", "href"} or elsewhere:
                yield f"{local}=…"


def _markup(svg: ElementTree.Element) -> str:
    """As HTML wants it: without namespaces, and as large as the page says."""
    for element in svg.iter():
        element.tag = _local(element.tag)
        attributes: Mapping[str, str] = {
            key: value
            for key, value in element.attrib.items()
            if not key.startswith("{") and not key.startswith("data-")
        }
        element.attrib = dict(attributes)
        element.text, element.tail = (element.text or "").strip(), ""
    for name in ("width", "height", "class", "id", "role", "aria-label", "aria-hidden"):
        svg.attrib.pop(name, None)
    return ElementTree.tostring(svg, encoding="unicode")


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


STATES: tuple[State, ...] = get_args(State)
