"""An owner's `logo.svg`: what of SVG draws is allowed by name, everything else is refused."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from understudy_failover.settings.problem import Problem
from understudy_failover.settings.resolved import RESOLVED, resolved_problem
from understudy_failover.settings.toml_file import UnreadableError, read_text

FILE = "logo.svg"
LIMIT_BYTES = 2_048
"""It is part of a page that has to fit into the first packets of a connection."""
LIMIT_LEVELS = 16

SHAPES = frozenset(["path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"])
ELEMENTS = SHAPES | frozenset(
    ["svg", "g", "defs", "title", "desc", "clipPath", "mask", "linearGradient", "radialGradient", "stop"]
)
NAMESPACE = "http://www.w3.org/2000/svg"
INNER: dict[str, frozenset[str]] = {
    "title": frozenset(),
    "desc": frozenset(),
    "text": frozenset({"tspan"}),
    "tspan": frozenset({"tspan"}),
}
"""What elements with text may hold; the others hold any of `ELEMENTS` but a second svg.

In `title` and `desc` a page is HTML again, where `<title />` begins a title that never ends.
https://html.spec.whatwg.org/multipage/parsing.html#html-integration-point
"""
IN_OTHERS = ELEMENTS - {"svg"}
# fmt: off
ATTRIBUTES = frozenset({
    "viewBox", "preserveAspectRatio", "d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry",
    "fx", "fy", "fr", "dx", "dy", "rotate", "width", "height", "pathLength", "transform", "gradientTransform",
    "gradientUnits", "spreadMethod", "offset", "clipPathUnits", "maskUnits", "maskContentUnits", "id", "version",
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "opacity", "color", "stop-color",
    "stop-opacity", "clip-path", "clip-rule", "mask", "mask-type", "vector-effect", "paint-order", "shape-rendering",
    "text-rendering", "color-interpolation", "visibility", "display", "font-family", "font-size", "font-weight",
    "font-style", "font-stretch", "font-variant", "letter-spacing", "word-spacing", "text-anchor",
    "dominant-baseline", "text-decoration", "role", "aria-label", "aria-hidden",
})
# fmt: on
"""Geometry, gradients, clips and presentation. None that runs, loads, links or applies a style of the page: no class,
style, href, filter, cursor, on….

https://www.w3.org/TR/SVG2/attindex.html
"""
WORDS = frozenset({"aria-label", "role"})
"""Attributes whose value is dropped, and so may be any."""
VALUE = re.compile(
    r"(?:url\(#[A-Za-z][\w-]*\)"
    r"|(?:matrix|translate|scale|rotate|skewX|skewY|rgba?|hsla?)\([\w.,+\-%/\s]*\)"
    r"|[\w.,+\-%#\s'\"])*+",
    re.ASCII,
)
"""Words, numbers and colors, and the functions that load nothing but a gradient or clip of the same drawing."""
OF_THE_PAGE = ("width", "height", "role", "aria-label", "aria-hidden", "id", "version")
"""Attributes of the outer element, which the page sets itself."""
PREFIX = "logo-"
"""Of ids, so that none is one of the page's."""
FIX = "save it as plain SVG: shapes with presentation attributes, no class, style, script, link or image"


def read_logo(file: Path, name: str, problems: list[Problem]) -> str:
    """Return the markup for the page, empty where `problems` gets longer; `name` is the file's in a report."""
    allowed = f"an SVG drawing of at most {LIMIT_BYTES:,} bytes"
    try:
        text = read_text(file)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise UnreadableError("has a document type")
        # Without document type and entities there is nothing in it that could grow or load while it is read.
        svg = ElementTree.fromstring(text)  # noqa: S314
        if faults := sorted(set(_faults(svg))):
            raise UnreadableError(f"has {', '.join(faults)}")
        markup = _markup(svg)
    except (ValueError, LookupError, RecursionError, ElementTree.ParseError) as error:
        problems.append(Problem(name, f"cannot be used: {error}", FIX, allowed))
        return ""
    if RESOLVED.search(markup):
        problems.append(resolved_problem(name))
    if (size := len(markup.encode())) > LIMIT_BYTES:
        problems.append(Problem(name, f"has {size:,} bytes", "simplify it (svgo does)", allowed))
    return markup


def _faults(svg: ElementTree.Element) -> Iterator[str]:
    if _local(svg.tag) != "svg" or "viewBox" not in svg.attrib:
        yield "no <svg> with a viewBox"
    pending = [(svg, 1)]
    while pending:
        element, level = pending.pop()
        if level > LIMIT_LEVELS:
            yield f"more than {LIMIT_LEVELS} levels"
            return
        pending += [(inner, level + 1) for inner in element]
        name = _local(element.tag)
        if name not in ELEMENTS:
            yield f"<{name}>"
        # None at all is that of the page, in which it stands.
        if element.tag not in {name, f"{{{NAMESPACE}}}{name}"}:
            yield f"<{name}> outside of the namespace {NAMESPACE}"
        for inner in map(_local, (child.tag for child in element)):
            if inner in ELEMENTS and inner not in INNER.get(name, IN_OTHERS):
                yield f"<{inner}> in <{name}>"
        for attribute, value in element.attrib.items():
            local = _local(attribute)
            # What an editor notes for itself is dropped, unless browsers would know it.
            if (attribute.startswith("{") and local != "href") or local.startswith("data-") or local in WORDS:
                continue
            if local not in ATTRIBUTES or not VALUE.fullmatch(value):
                yield f"{local}=…"


def _markup(svg: ElementTree.Element) -> str:
    """As HTML wants it: without namespaces, and as large as the page says."""
    for element in svg.iter():
        element.tag = _local(element.tag)
        kept = {name: value for name, value in element.attrib.items() if name in ATTRIBUTES - WORDS}
        element.attrib = {
            name: f"{PREFIX}{value}" if name == "id" else value.replace("url(#", f"url(#{PREFIX}")
            for name, value in kept.items()
        }
        element.text, element.tail = (element.text or "").strip(), ""
    for name in OF_THE_PAGE:
        svg.attrib.pop(name, None)
    return ElementTree.tostring(svg, encoding="unicode")


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
