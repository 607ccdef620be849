"""`certificate push`: pre-flight, plan, and with --apply the key to Secrets Manager and the public files here."""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations import aws
from understudy_failover.operations.certificate import files, secret, source
from understudy_failover.operations.certificate.preflight import Checked, check
from understudy_failover.operations.files import write_together
from understudy_failover.operations.terminal import Terminal
from understudy_failover.settings import PublicCertificate
from understudy_failover.settings.certificate import CertificateError, read
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import numbered
from understudy_failover.settings.sharding import MAIN


def push(arguments: argparse.Namespace) -> int:
    """The exit code: 0 planned, done or nothing to do; 1 refused or failed; 2 wrong usage."""
    terminal = Terminal(as_json=arguments.json)
    paths = arguments.files
    if arguments.live_directory and not paths:
        paths = [arguments.live_directory / name for name in source.LIVE_FILES]
    elif arguments.live_directory or len(paths) not in source.ROLES:
        terminal.fail("push expects CERTIFICATE CHAIN KEY, or FULLCHAIN KEY, or --live-directory DIR")
        return 2
    name = arguments.name or MAIN
    sources = source.read(paths)
    checked = (
        sources
        if isinstance(sources, list)
        else check(sources, arguments.settings, datetime.now(UTC), name=name, private_ca=arguments.private_ca)
    )
    if isinstance(checked, list):
        return _refuse(terminal, checked)
    for sentence in checked.public.notes:
        terminal.say(sentence)
    for warning in checked.warnings:
        terminal.warn(warning)
    try:
        return _push(checked, arguments.settings, terminal, name=name, act=arguments.apply)
    except (secret.SecretError, files.SettingsFileError) as error:
        terminal.fail(str(error))
    except (ClientError, BotoCoreError) as error:
        # Calls that carry the key fail with texts that may quote it.
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        why = aws.credentials_fault(error) or f"AWS refuses or cannot be reached: {code}"
        terminal.fail(f"{why}. What was done so far does no harm; push again.")
    except OSError as error:
        terminal.fail(f"{error.filename}: {error.strerror}")
    return 1


def _refuse(terminal: Terminal, problems: list[Problem]) -> int:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    terminal.fail(f"Refused, and nothing was written: {count}.\n\n{numbered(problems)}")
    if terminal.as_json:
        places = [{"where": str(problem.place), "wrong": problem.wrong, "fix": problem.fix} for problem in problems]
        terminal.result("", {"refused": places})
    return 1


def _push(checked: Checked, settings_file: Path, terminal: Terminal, *, name: str, act: bool) -> int:
    if name not in checked.settings.certificate_names:
        known = ", ".join(checked.settings.certificate_names[1:]) or "none"
        terminal.fail(f"{settings_file} has no [[certificates]] called {name}; it has {known}")
        return 2
    settings = checked.settings.for_certificate(name).certificate
    client = aws.client("secretsmanager")
    before = settings_file.read_bytes()
    planned = secret.plan(client, settings.private_key_secret, checked.key)
    contents = files.wanted(settings_file, settings.folder_name, checked.public, checked.key.version_id)
    to_write = files.changed(contents)
    nothing = planned.step == "nothing to do" and not to_write
    earlier = _earlier(settings_file, settings.folder_name)
    if act and not nothing:
        # The key first: a version that nobody names yet does no harm, a name without its version would.
        secret.apply(client, planned, checked.key)
        if settings_file.read_bytes() != before:
            raise files.SettingsFileError(f"{settings_file} was changed meanwhile: no file was written. Push again.")
        write_together(to_write)
    lines = [
        *_described("certificate", checked.public),
        *_described("in place of", earlier),
        "",
        f"secret       {planned.name}: {planned.step} ({planned.version_id})",
        *(f"file         {path}: {'write' if path in to_write else 'nothing to do'}" for path in contents),
    ]
    outcome = "nothing to do" if nothing else "done" if act else "planned"
    document = {
        "outcome": outcome,
        "fingerprint": checked.public.fingerprint,
        "names": checked.public.names,
        "not_after": checked.public.not_after.isoformat(),
        "secret": asdict(planned),
        "files": [str(path) for path in to_write],
        "warnings": checked.warnings,
    }
    terminal.result("\n".join(lines), document)
    terminal.say(
        {
            "nothing to do": "Nothing to do: key and files are in place.",
            "done": "Done. Commit the files, then understudy diff and cdk deploy --all.",
            "planned": "This is the plan; nothing was written. Add --apply to act.",
        }[outcome]
    )
    return 0


def _earlier(settings_file: Path, name: str) -> PublicCertificate | None:
    try:
        return read(settings_file.parent / "certificates" / name)
    except CertificateError:
        return None


def _described(label: str, public: PublicCertificate | None) -> list[str]:
    if public is None:
        return [f"{label:<12} none that is usable"]
    names = ", ".join(public.names)
    return [
        f"{label:<12} {names}, until {public.not_after:%Y-%m-%d} ({public.key_type}, issued by {public.issuer})",
        f"{'':<12} {public.fingerprint}",
    ]
