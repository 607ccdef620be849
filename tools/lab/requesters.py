"""Clients that request https://www.example.com/NAME/ themselves, once a second or in repeated runs."""

from collections.abc import Callable, Sequence

from tools.lab.network import NAME
from tools.lab.programs import Bench, Need, Subject

PYTHON = Need("python3", "python3")
NODE = Need("node", "nodejs")
JAVA = Need("java", "default-jdk-headless", ("-version",))

Commands = Callable[[Bench], Sequence[Sequence[str]]]


def _url(bench: Bench) -> str:
    return f"https://{NAME}/{bench.subject.name}/"


def _again(command: Callable[[Bench], str]) -> Commands:
    """Return commands that run a shell command again and again, a second after its end."""
    return lambda bench: [["sh", "-c", f"while :; do {command(bench)}; sleep 1; done"]]


def _python(kind: str, module: str = "") -> tuple[tuple[Need, ...], Commands]:
    need = Need("/usr/bin/python3", f"python3-{module}", module=module) if module else PYTHON
    script = "python_client.py"
    return (need,), lambda bench: [
        ["/usr/bin/python3", f"{bench.environment['CLIENTS']}/{script}", kind, bench.subject.name]
    ]


def _script(program: str, file: str, *kind: str) -> Commands:
    return lambda bench: [
        [bench.path(program), f"{bench.environment['CLIENTS']}/{file}", *kind, bench.subject.name],
    ]


def _apt(bench: Bench) -> str:
    bench.write("sources.list", f"deb [trusted=yes] {_url(bench)} stable main\n")
    for folder in ("lists/partial", "cache/archives/partial", "empty"):
        (bench.folder / folder).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::SourceList": f"{bench.folder}/sources.list",
        "Dir::Etc::SourceParts": f"{bench.folder}/empty",
        "Dir::State::Lists": f"{bench.folder}/lists",
        "Dir::Cache": f"{bench.folder}/cache",
        "APT::Sandbox::User": "root",
    }
    return "apt-get update " + " ".join(f"-o {name}={value}" for name, value in options.items())


def _pip(bench: Bench) -> str:
    index = f"--index-url {_url(bench)} --cert {bench.environment['AUTHORITIES']}"
    return f"{bench.path('pip3')} download --no-cache-dir --disable-pip-version-check --no-deps {index} absent"


def _npm(bench: Bench) -> str:
    return f"{bench.path('npm')} view absent --registry {_url(bench)} --cache {bench.folder} --update-notifier=false"


REQUESTERS = (
    Subject("curl", (Need("curl", "curl"),), _again(lambda bench: f"curl -s --max-time 20 {_url(bench)}")),
    Subject("curl-retry", (Need("curl", "curl"),), _again(lambda bench: f"curl -s --retry 9 {_url(bench)}")),
    Subject("wget", (Need("wget", "wget"),), _again(lambda bench: f"wget -q -O- --tries=1 {_url(bench)}")),
    Subject("wget2", (Need("wget2", "wget2"),), _again(lambda bench: f"wget2 -q -O- --tries=1 {_url(bench)}")),
    Subject(
        "aria2",
        (Need("aria2c", "aria2"),),
        _again(lambda bench: f"aria2c -q --no-conf --allow-overwrite=true -o got --max-tries=1 {_url(bench)}"),
    ),
    Subject("git", (Need("git", "git"),), _again(lambda bench: f"git ls-remote {_url(bench)}absent.git")),
    Subject("apt", (Need("apt-get", "apt"),), _again(_apt)),
    Subject("pip", (Need("pip3", "python3-pip"),), _again(_pip)),
    Subject("npm", (Need("npm", "npm"),), _again(_npm)),
    Subject("python-urllib", *_python("urllib")),
    Subject("python-http-client", *_python("http.client")),
    Subject("python-requests", *_python("requests", "requests")),
    Subject("python-httpx", *_python("httpx", "httpx")),
    Subject("python-aiohttp", *_python("aiohttp", "aiohttp")),
    Subject("python-pycurl", *_python("pycurl", "pycurl")),
    Subject("node-fetch", (NODE,), _script("node", "node_client.mjs", "fetch")),
    Subject("node-agent", (NODE,), _script("node", "node_client.mjs", "agent")),
    Subject("node-no-agent", (NODE,), _script("node", "node_client.mjs", "no-agent")),
    Subject("java-http-client", (JAVA,), _script("java", "JavaClient.java", "HttpClient")),
    Subject("java-url-connection", (JAVA,), _script("java", "JavaClient.java", "HttpURLConnection")),
    Subject("php-curl", (Need("php", "php-cli php-curl"),), _script("php", "php_client.php")),
    Subject("ruby-session", (Need("ruby", "ruby"),), _script("ruby", "ruby_client.rb", "session")),
    Subject("ruby", (Need("ruby", "ruby"),), _script("ruby", "ruby_client.rb", "each")),
)
