"""Where the site's sources are: HTML, CSS, JavaScript, locales and edge functions."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
SOURCES = next(
    folder for folder in (PACKAGE / "maintenance_site", PACKAGE.parent / "maintenance_site") if folder.is_dir()
)
"""`maintenance_site/`: inside the package in a wheel, beside it in this repository (docs/decisions/0016-wheel.md)."""
