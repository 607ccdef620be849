"""`understudy preview` refuses ports and minutes before it deploys anything."""

import socket

import pytest

from understudy_failover.cli import main
from understudy_failover.rehearsal.errors import RehearsalError
from understudy_failover.rehearsal.preview import _server


@pytest.mark.parametrize(
    ("option", "text"),
    [("--port", "65536"), ("--port", "-1"), ("--port", "9" * 5000), ("--planned", "-5"), ("--planned", "1000000")],
)
def test_a_number_out_of_range_is_a_wrong_argument(capsys: pytest.CaptureFixture[str], option: str, text: str) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["preview", f"{option}={text}"])
    assert exited.value.code == 2
    assert f"argument {option}: '{text}' is no whole number from 0 to " in " ".join(capsys.readouterr().err.split())


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(RehearsalError, match=f"--port {port}: Address already in use; pass another, or none"):
            _server(port)
