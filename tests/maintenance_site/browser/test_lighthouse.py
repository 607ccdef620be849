"""Lighthouse on the live 503: 100 for accessibility; best practices lose nothing but what a 503 costs."""

import json
import os
import subprocess
from pathlib import Path

from tests.maintenance_site.browser.chromium import ARGUMENTS, executable, public_key_digest, skip_if_unwanted
from tests.maintenance_site.deployment import Deployment

CATEGORIES = ("accessibility", "best-practices", "performance")


def test_lighthouse_finds_no_fault_but_that_chromium_speaks_of_the_503(deployed: Deployment, root: Path) -> None:
    skip_if_unwanted()
    chrome = executable()
    assert chrome, "Lighthouse needs an installed Chromium (Debian: apt install chromium); or set BROWSER=none"
    host, port = deployed.bed.aws.gateway
    trusted = public_key_digest(deployed.bed.settings.certificate.public.body_pem)
    flags = ["--headless", *ARGUMENTS, f"--proxy-server=http://{host}:{port}"]
    flags.append(f"--ignore-certificate-errors-spki-list={trusted}")
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    result = root / "test-results" / "lighthouse.json"
    result.parent.mkdir(exist_ok=True)
    command = ["node", "node_modules/lighthouse/cli/index.js", "https://www.example.com/", "--ignore-status-code"]
    command += ["--quiet", "--output=json", f"--output-path={result}", f"--only-categories={','.join(CATEGORIES)}"]
    command += ["--preset=desktop", "--no-enable-error-reporting", f"--chrome-flags={' '.join(flags)}"]
    done = subprocess.run(
        command, cwd=root, env=os.environ | {"CHROME_PATH": chrome}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(result.read_text(encoding="utf-8"))
    # What Chromium says of the 503 itself, which is the very point, counts as an error in the console.
    said = [item["description"] for item in report["audits"]["errors-in-console"].get("details", {}).get("items", [])]
    assert [text for text in said if "status of 503" not in text] == []
    counted = {
        reference["id"]: report["audits"][reference["id"]]["score"]
        for category in ("accessibility", "best-practices")
        for reference in report["categories"][category]["auditRefs"]
        if reference["weight"]
    }
    assert len(counted) > 20
    assert {name for name, score in counted.items() if score is not None and score < 1} <= {"errors-in-console"}
    # Its score is a matter of time, and so of what else this machine does; it is in the file.
    assert report["audits"]["network-requests"]["details"]["items"]
    assert "score" in report["categories"]["performance"]
