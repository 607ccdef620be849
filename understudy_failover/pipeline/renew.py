"""`understudy renew`: renews certificates by DNS-01 and proposes the public certificate as a pull or merge request.

The key goes from the ACME client to Secrets Manager; nothing else keeps it. A merge deploys the certificate: without a
merge the next deploy would restore the old certificate. Exit code 0: done, or nothing is due; 1: an error.
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
from understudy_failover.pipeline.api import ForgeError
from understudy_failover.pipeline.project import Project, project
from understudy_failover.settings import PublicCertificate, Settings, load
from understudy_failover.settings.certificate_folder import FOLDER
from understudy_failover.settings.certificate_lifetime import RENEWAL_SHARE, share_left
from understudy_failover.settings.sharding import MAIN

BRANCH = "renew-certificate"
AUTHOR = ("-c", "user.name=Understudy's pipeline", "-c", "user.email=pipeline@invalid")
MACHINE_VARIABLES = {
    *("HOME", "LANG", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TMPDIR", "TZ"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
}
"""Variables that every command needs; none is a secret."""
IDENTITY = "AWS_ID_TOKEN"
"""GitLab's token for every role of this project; the SDKs read it from a file."""
BODY = """\
The public part of a new certificate; its key is a new version of the secret, which nothing uses before a deploy.
The comment with the diff shows the fingerprints. Merge it before the certificate in use ends, on {ends:%Y-%m-%d}.
"""


class RenewalError(Exception):
    """The renewal failed; the text says why."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "renew",
        help="in a pipeline: renew the certificate by DNS-01 and propose it as a pull request",
        description=__doc__,
        epilog="example:\n  understudy renew --certbot /opt/certbot/bin/certbot\n",
    )
    parser.add_argument("--certbot", default="certbot", metavar="FILE", help="with its plug-in dns-route53")
    parser.add_argument("--now", action="store_true", help="also those that are not due")
    parser.add_settings_option()
    parser.set_defaults(run=_command)


def _command(arguments: argparse.Namespace) -> int:
    try:
        return renew(
            arguments.settings, arguments.certbot, datetime.now(UTC), project(os.environ), regardless=arguments.now
        )
    except (RenewalError, ForgeError) as error:
        return _say(f"{error}", 1)


def renew(settings_file: Path, certbot: str, now: datetime, where: Project, *, regardless: bool) -> int:
    """Everything that is due, in one request."""
    due = dict(_due(load(settings_file), now, regardless=regardless))
    if not due:
        return _say("nothing is due")
    if waiting := where.proposed(BRANCH):
        return _say(f"{waiting} waits to be merged")
    for name, public in due.items():
        with tempfile.TemporaryDirectory(prefix="understudy-renewal-") as folder:
            _push(settings_file, name, public, _issue(certbot, public, Path(folder)))
    changed = (str(settings_file), str(settings_file.parent / FOLDER))
    _run("git", "checkout", "--quiet", "-B", BRANCH, environment=_environment("GIT_"))
    commit = ("commit", "--quiet", "--message", "Renew the certificate")
    _run("git", *AUTHOR, *commit, *changed, environment=_environment("GIT_"))
    # --force: from a shallow clone, and over an earlier renewal.
    _run("git", "push", "--quiet", "--force", where.git_url, f"HEAD:refs/heads/{BRANCH}", environment=_login(where))
    ends = min(public.usable_until for public in due.values())
    return _say(f"proposed as {where.propose(BRANCH, 'Renew the certificate', BODY.format(ends=ends))}")


def _due(settings: Settings, now: datetime, *, regardless: bool) -> Iterator[tuple[str, PublicCertificate]]:
    """Yield due certificates by their names in failover.toml, each folder once."""
    folders = set()
    for name in settings.certificate_names:
        certificate = settings.for_certificate(name).certificate
        public = certificate.public
        left = share_left(public.not_before, public.usable_until, now)
        print(f"{certificate.folder_name}: {left:.0%} of its lifetime left, until {public.usable_until:%Y-%m-%d}")
        if certificate.folder_name not in folders and (regardless or left < RENEWAL_SHARE):
            folders.add(certificate.folder_name)
            yield name, public


def _issue(certbot: str, public: PublicCertificate, folder: Path) -> Path:
    """Return the folder with a new certificate for the same names, its chain and its key."""
    own = [word for kind in ("config", "work", "logs") for word in (f"--{kind}-dir", str(folder / kind))]
    names = [word for name in public.names for word in ("--domain", name)]
    # A new account each time, so that none must be kept.
    account = ("--agree-tos", "--register-unsafely-without-email", "--non-interactive")
    key = ("--key-type", "rsa", "--rsa-key-size", "2048")
    # Third-party code with access to Route 53 gets no token of the forge.
    arguments = ("certonly", "--dns-route53", *account, *key, *own, "--cert-name", "renewed", *names)
    _run(certbot, *arguments, environment=_environment("AWS_"))
    return folder / "config" / "live" / "renewed"


def _push(settings_file: Path, name: str, old: PublicCertificate, live: Path) -> None:
    which = () if name == MAIN else ("--name", name)
    # Only a private CA may replace a private CA; a test certificate of a public CA may not.
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
    output = _run(sys.executable, *push, *which, *private, environment=_environment("AWS_", "PYTHON"))
    print(printable_lines(output), flush=True)


def _login(where: Project) -> Mapping[str, str]:
    """Return an environment with git's login: every user of the machine can read a command's arguments."""
    token = base64.b64encode(where.git_login.encode()).decode()
    return _environment("GIT_") | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {token}",
    }


def _environment(*prefixes: str) -> dict[str, str]:
    """Return `MACHINE_VARIABLES` and the variables with one of `prefixes`, for a command."""
    return {
        name: value
        for name, value in os.environ.items()
        if (name in MACHINE_VARIABLES or name.startswith(prefixes)) and name != IDENTITY
    }


def _run(*command: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RenewalError(f"{' '.join(command[:5])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _say(text: str, code: int = 0) -> int:
    """Print to the job's log, with the output of certbot and git made printable, and return `code`."""
    print(printable_lines(f"renew: {text}"), file=sys.stderr)
    return code
