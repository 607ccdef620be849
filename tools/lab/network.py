"""Network and file system namespaces of the lab: this machine is not changed, and no network is reached.

The lab restarts itself by `unshare` in new namespaces for network, mounts and processes. When that process ends, the
kernel ends every process in them.
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
    """Run the lab in new namespaces, as root there; return its exit code.

    Raises:
        TimeoutError: it did not end in time, and was killed.
    """
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command += [sys.executable, "-m", "tools.lab", INSIDE, str(folder), *arguments]
    try:
        return subprocess.run(command, check=False, timeout=TOTAL_SECONDS).returncode
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"lab stopped after {TOTAL_SECONDS} s: it did not end in time") from None


def set_up(folder: Path, addresses: Sequence[str], authorities_pem: str) -> None:
    """Set the addresses, resolver, CA and users in the namespaces; `folder` is for their files."""
    _run("ip", "link", "set", "lo", "up")
    # systemd-resolved sends no queries on a machine that has only loopback.
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
