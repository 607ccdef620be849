"""`understudy up`: the test bed with everything deployed, to be used interactively."""

import readline  # noqa: F401 (line editing and history for input())
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from shlex import quote

from understudy_failover.operations.interruption import SIGNALS, Interruption
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.deployment import deploy
from understudy_failover.rehearsal.display import display
from understudy_failover.rehearsal.modes import MODES

TEXT = """
Everything is deployed, in the memory of this machine. {clock}

In another terminal, in this folder:
  source {environment}
  aws iam list-server-certificates            # the AWS CLI, if you have it
  cdk diff                                    # edit {settings}, then: cdk deploy --all
  dig @{nameserver[0]} -p {nameserver[1]} {host}
  curl --proxy http://{gateway[0]}:{gateway[1]} --cacert {ca} https://{host}/
  understudy verify $WORLD
  understudy status --watch $WORLD
  understudy drill {server} $WORLD
  understudy maintenance on {server} --apply    # without $WORLD; then off

Here: SERVER MODE lets a server behave otherwise, such as `{server} refuse`.
  servers: {servers}
  modes:   {modes}
Ctrl-C or `quit` ends everything."""

CLOCK = """Its clock runs up to {rate:g} times as fast as this machine's:
a maintenance window of tonight is soon over. `understudy up --timing real` runs at real speed."""

ENVIRONMENT = """\
export PATH={binaries}:$PATH:{modules}
export AWS_ENDPOINT_URL={endpoint_url} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID={credentials.access_key} AWS_SECRET_ACCESS_KEY={credentials.secret_key}
unset AWS_PROFILE AWS_SESSION_TOKEN
export UNDERSTUDY_SETTINGS={settings}
export WORLD={options}
"""
"""The file to source in another terminal."""


def write_environment(bed: RehearsalBed) -> Path:
    """Write the file beside the settings, and return its path."""
    file = bed.settings_path.parent / "environment.sh"
    text = ENVIRONMENT.format(
        binaries=quote(str(Path(sys.executable).parent)),
        modules=quote(str(Path("node_modules/.bin").resolve())),
        endpoint_url=bed.aws.endpoint_url,
        credentials=bed.aws.credentials,
        settings=quote(str(bed.settings_path)),
        options=quote(" ".join(bed.options())),
    )
    file.write_text(text, encoding="utf-8")
    return file


def play(settings_path: Path, *, rate: float) -> int:
    """Deploy, and run until Ctrl-C, a signal, or `quit`; return the exit code.

    Raises:
        SettingsError, StageError, CdkError: it could not be deployed.
        Interrupted: a signal came.
    """
    with ExitStack() as exits:
        interruption = exits.enter_context(Interruption())
        bed = RehearsalBed(settings_path, rate=rate, interruption=interruption, synthesize=True)
        with display() as view:
            with view.step("embedded AWS, sample servers, throwaway certificate"):
                exits.enter_context(bed)
            deploy(bed, view)
        hosts = [host.name for host in bed.settings.servers[0].hosts]
        print(
            TEXT.format(
                clock=CLOCK.format(rate=rate) if rate > 1 else "Its clock is this machine's.",
                environment=quote(str(write_environment(bed))),
                settings=bed.settings_path,
                nameserver=bed.aws.nameserver,
                gateway=bed.aws.gateway,
                ca=quote(str(bed.certificate_authority)),
                host=next((name for name in hosts if not name.startswith("*")), hosts[0].replace("*", "www")),
                server=bed.settings.servers[0].name,
                servers=", ".join(bed.servers),
                modes=", ".join(MODES),
            ),
            flush=True,
        )
        if sys.stdin.isatty():
            prompt(bed)
        else:
            interruption.sleep(None)
    return 0


def prompt(bed: RehearsalBed) -> None:
    """Read `SERVER MODE` lines until `quit` or the end of the input."""
    usage = f"write SERVER MODE ({'|'.join(bed.servers)} {'|'.join(MODES)}), or quit"
    while True:
        try:
            # `input` returns only by an exception, which can come here at any time without harm.
            for number in SIGNALS:
                signal.signal(number, signal.default_int_handler)
            words = input("understudy> ").split()
        except (EOFError, KeyboardInterrupt):
            return
        match words:
            case []:
                continue
            case ["quit" | "exit"]:
                return
            case [name, mode] if name in bed.servers and mode in MODES:
                bed.servers[name].play(MODES[mode])
                print(f"{name}: {MODES[mode]}")
            case _:
                print(usage)
