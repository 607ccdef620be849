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
VETH = ("ip", "link", "add", "lab0", "type", "veth", "peer", "name", "lab1")
SYSCTLS = Path("/proc/sys")
USER_NAMESPACES = (
    ("user.max_user_namespaces", "0", "15000"),
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
)
"""Settings of the kernel, the value that refuses user namespaces to ordinary users, and the value that allows them.

user_namespaces(7) has the first, Debian's kernel adds the second, Ubuntu's the third.
"""


def refusal() -> str:
    """Return why the kernel refuses the lab's namespaces, and what to do; empty if it allows them."""
    attempt = subprocess.run([*_unshare(), *VETH], check=False, capture_output=True, text=True)
    return "" if attempt.returncode == 0 else explain(attempt.stderr.strip())


def explain(reason: str, sysctls: Path = SYSCTLS) -> str:
    """Return the kernel's `reason` and what to do, by the kernel's settings below `sysctls`."""
    text = f"The lab needs namespaces, which the kernel refuses: {reason}\n  "
    if os.geteuid() == 0:
        return text + "root lacks CAP_SYS_ADMIN or CAP_NET_ADMIN here: start the container with --privileged"
    for name, refusing, allowing in USER_NAMESPACES:
        if _value(sysctls, name) == refusing:
            return text + f"user namespaces are off: run it as root, or sudo sysctl -w {name}={allowing}"
    return text + "run it as root"


def _value(sysctls: Path, name: str) -> str | None:
    path = sysctls / name.replace(".", "/")
    return path.read_text(encoding="ascii").strip() if path.exists() else None


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def reenter(folder: Path, arguments: Sequence[str]) -> int:
    """Run the lab in new namespaces, as root there; return its exit code.

    Raise TimeoutError: it did not end in time, and was killed.
    """
    command = [*_unshare(), sys.executable, "-m", "tools.lab", INSIDE, str(folder), *arguments]
    try:
        return subprocess.run(command, check=False, timeout=TOTAL_SECONDS).returncode
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"lab stopped after {TOTAL_SECONDS} s: it did not end in time") from None


def set_up(folder: Path, addresses: Sequence[str], authorities_pem: str) -> None:
    """Set the addresses, resolver, CA and users in the namespaces; `folder` is for their files."""
    _run("ip", "link", "set", "lo", "up")
    # systemd-resolved sends no queries on a machine that has only loopback.
    _run(*VETH)
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
