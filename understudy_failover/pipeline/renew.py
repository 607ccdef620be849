"""`understudy renew`: renews certificates by DNS-01 and proposes the public half as a pull or merge request.

The key goes from the certificate authority's client to Secrets Manager and, with this process, is gone. What is merged
is deployed, as everything else: a certificate that only AWS had would be taken back by the next deploy. Exit code 0:
done, or nothing to do; 1: it failed.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from understudy_failover.contract.printable import printable_lines
from understudy_failover.operations.certificate.trust import trust_problem
from understudy_failover.operations.help import Help
from understudy_failover.operations.settings_option import add_settings_option
from understudy_failover.pipeline.api import ForgeError
from understudy_failover.pipeline.project import Project, project
from understudy_failover.settings import PublicCertificate, Settings, load
from understudy_failover.settings.certificate_folder import FOLDER
from understudy_failover.settings.certificate_lifetime import RENEWAL_SHARE, share_left
from understudy_failover.settings.division import MAIN

BRANCH = "renew-certificate"
AUTHOR = ("-c", "user.name=Understudy's pipeline", "-c", "user.email=pipeline@invalid")
OF_THE_MACHINE = {
    *("HOME", "LANG", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TMPDIR", "TZ"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
}
"""Variables that every command here needs: none of them a secret."""
IDENTITY = "AWS_ID_TOKEN"
"""Of GitLab, for any role of this project; the SDKs read it from a file."""
BODY = """\
The public half of a new certificate; its key is a new version of the secret, which nothing uses before a deploy.
The comment with the diff shows the fingerprints. Merge it before the certificate in use ends, on {ends:%Y-%m-%d}.
"""


class RenewalError(Exception):
    """It goes no further; the text says why."""


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "renew",
        help="in a pipeline: renew the certificate by DNS-01 and propose it as a pull request",
        description=__doc__,
        epilog="example:\n  understudy renew --certbot /opt/certbot/bin/certbot\n",
        formatter_class=Help,
    )
    parser.add_argument("--certbot", default="certbot", metavar="FILE", help="with its plug-in dns-route53")
    parser.add_argument("--now", action="store_true", help="also those that are not due")
    add_settings_option(parser)
    parser.set_defaults(run=_command)


def _command(arguments: argparse.Namespace) -> int:
    try:
        return renew(
            arguments.settings, arguments.certbot, datetime.now(UTC), project(os.environ), regardless=arguments.now
        )
    except (RenewalError, ForgeError) as error:
        return _said(f"{error}", 1)


def renew(settings_file: Path, certbot: str, now: datetime, where: Project, *, regardless: bool) -> int:
    """Everything that is due, in one request."""
    due = dict(_due(load(settings_file), now, regardless=regardless))
    if not due:
        return _said("nothing is due")
    if waiting := where.proposed(BRANCH):
        return _said(f"{waiting} waits to be merged")
    for name, public in due.items():
        with tempfile.TemporaryDirectory(prefix="understudy-renewal-") as folder:
            _push(settings_file, name, public, _issued(certbot, public, Path(folder)))
    changed = (str(settings_file), str(settings_file.parent / FOLDER))
    _run("git", "checkout", "--quiet", "-B", BRANCH, environment=_passed("GIT_"))
    commit = ("commit", "--quiet", "--message", "Renew the certificate")
    _run("git", *AUTHOR, *commit, *changed, environment=_passed("GIT_"))
    # From a shallow clone, and over what an earlier renewal left there.
    _run("git", "push", "--quiet", "--force", where.git_url, f"HEAD:refs/heads/{BRANCH}", environment=_login(where))
    ends = min(public.usable_until for public in due.values())
    return _said(f"proposed as {where.propose(BRANCH, 'Renew the certificate', BODY.format(ends=ends))}")


def _due(settings: Settings, now: datetime, *, regardless: bool) -> Iterator[tuple[str, PublicCertificate]]:
    """Certificates by their names in failover.toml, each folder once."""
    folders = set()
    for name in settings.certificate_names:
        certificate = settings.for_certificate(name).certificate
        public = certificate.public
        left = share_left(public.not_before, public.usable_until, now)
        print(f"{certificate.folder_name}: {left:.0%} of its lifetime left, until {public.usable_until:%Y-%m-%d}")
        if certificate.folder_name not in folders and (regardless or left < RENEWAL_SHARE):
            folders.add(certificate.folder_name)
            yield name, public


def _issued(certbot: str, public: PublicCertificate, folder: Path) -> Path:
    """The folder with a new certificate for the same names, its chain and its key."""
    own = [word for kind in ("config", "work", "logs") for word in (f"--{kind}-dir", str(folder / kind))]
    names = [word for name in public.names for word in ("--domain", name)]
    # A new account each time: there is nothing to keep, and so nothing to lose.
    account = ("--agree-tos", "--register-unsafely-without-email", "--non-interactive")
    key = ("--key-type", "rsa", "--rsa-key-size", "2048")
    # Its plug-in writes to Route 53, and it is other people's code: no token of the forge.
    asked = ("certonly", "--dns-route53", *account, *key, *own, "--cert-name", "renewed", *names)
    _run(certbot, *asked, environment=_passed("AWS_"))
    return folder / "config" / "live" / "renewed"


def _push(settings_file: Path, name: str, old: PublicCertificate, live: Path) -> None:
    which = () if name == MAIN else ("--name", name)
    # Who has a private CA now means it; a test certificate of a public one is no replacement.
    private = ("--private-ca",) if trust_problem(old, "", old.not_before) else ()
    push = (
        "-m",
        "understudy_failover",
        "--settings",
        str(settings_file),
        "certificate",
        "push",
        "--live-directory",
        str(live),
        "--apply",
    )
    output = _run(sys.executable, *push, *which, *private, environment=_passed("AWS_", "PYTHON"))
    print(printable_lines(output), flush=True)


def _login(where: Project) -> Mapping[str, str]:
    """In the environment, as everybody on the machine sees a command's arguments."""
    token = base64.b64encode(where.git_login.encode()).decode()
    return _passed("GIT_") | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {token}",
    }


def _passed(*prefixes: str) -> dict[str, str]:
    """What of this process's environment a command gets: what every one needs, and names that begin so."""
    return {
        name: value
        for name, value in os.environ.items()
        if (name in OF_THE_MACHINE or name.startswith(prefixes)) and name != IDENTITY
    }


def _run(*command: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RenewalError(f"{' '.join(command[:5])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _said(text: str, code: int = 0) -> int:
    """Print to the job's log, where the output of certbot and git must be text, and return `code`."""
    print(printable_lines(f"renew: {text}"), file=sys.stderr)
    return code
