"""Where the files that an owner's repository starts from are: beside this module, or in this repository."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"
CHECKOUT = HERE.parents[1]
IN_CHECKOUT = {
    "certificates": "tests/sample/certificates",
    "failover.toml": "tests/sample/failover.toml",
    "rehearsal.txt": "tools/locks/rehearsal.txt",
    "renew.txt": "tools/locks/renew.txt",
}


def source(name: str) -> Path:
    """Return a file or folder of this package, or of the checkout that this package is run from."""
    packaged = HERE / name
    return packaged if packaged.exists() else CHECKOUT / IN_CHECKOUT.get(name, name)
