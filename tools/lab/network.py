"""A network and a view of the file system of the lab's own: nothing of this machine is changed or reached.

The lab starts itself again behind `unshare`, with network, mounts and processes of its own. When that process ends, the
kernel ends every process in it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.lab.phases import TOTAL_SECONDS

AUTHORITY = "198.18.0.53"
SERVER = "198.18.0.10"
NAME = "www.example.com"
ZONE = "example.com"
INSIDE = "--inside"


def reenter(folder: Path, arguments: Sequence[str]) -> int:
    """Run the lab in namespaces of its own, as root there; return its exit code.

    Raises:
        TimeoutError: it did not end in time, and was killed.
    """
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command += [sys.executable, "-m", "tools.lab", INSIDE, str(folder), *arguments]
    try:
        return subprocess.run(command, check=False, timeout=TOTAL_SECONDS).returncode
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"broken off after {TOTAL_SECONDS} s") from None


def set_up(folder: Path, addresses: Sequence[str], authorities_pem: str) -> None:
    """Give the namespace addresses, and programs in it the lab's resolver, CA and users; `folder` holds the files."""
    _run("ip", "link", "set", "lo", "up")
    # systemd-resolved asks nobody on a machine that has loopback alone.
    _run("ip", "link", "add", "lab0", "type", "veth", "peer", "name", "lab1")
    for device in ("lab0", "lab1"):
        _run("ip", "link", "set", device, "up")
    for address in addresses:
        _run("ip", "address", "add", f"{address}/15", "dev", "lab0")
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    users = Path("/etc/passwd").read_text(encoding="utf-8")
    groups = Path("/etc/group").read_text(encoding="utf-8")
    if "systemd-resolve:" not in users:
        users += "systemd-resolve:x:0:0::/:/usr/sbin/nologin\n"
        groups += "systemd-resolve:x:0:\n"
    for path, text in {
        "/etc/resolv.conf": f"nameserver {AUTHORITY}\n",
        "/etc/hosts": "127.0.0.1 localhost\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        "/etc/passwd": users,
        "/etc/group": groups,
        "/etc/ssl/certs/ca-certificates.crt": authorities_pem,
    }.items():
        if Path(path).exists():
            own = folder / path.replace("/", "_")
            own.write_text(text, encoding="utf-8")
            _run("mount", "--bind", str(own), path)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
