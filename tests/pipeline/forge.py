"""A stand-in of the REST APIs of GitHub and GitLab, as far as the pipeline asks them; on loopback."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

NUMBER = 7
TOKEN = "a token"
US = 41
SOMEBODY = 17
ANOTHER_BOT = 18
GONE = 19
AUTHORS: dict[int, dict[str, str] | None] = {
    US: {"type": "Bot", "login": "github-actions[bot]"},
    SOMEBODY: {"type": "User", "login": "somebody"},
    ANOTHER_BOT: {"type": "Bot", "login": "renovate[bot]"},
    GONE: None,
}
REPOSITORY = "owner/understudy"


@dataclass
class Note:
    """A comment as both forges know it."""

    id: int
    author: int
    body: str


@dataclass
class Forge:
    """One request with its labels and comments; what was asked to be changed is in `changes`."""

    root: str
    labels: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    merged_with: dict[str, bool] = field(default_factory=dict)
    """Whether the request that a commit belongs to is merged."""
    targets: dict[int, str] = field(default_factory=lambda: {NUMBER: "main"})
    """The branch that each of the requests with these commits is for, by its number."""
    opened: list[dict[str, Any]] = field(default_factory=list)
    """Requests that were opened, as they were asked for."""
    changes: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def say(self, author: int, body: str) -> None:
        """A comment."""
        self.notes.append(Note(len(self.notes) + 1, author, body))

    def on_github(self, folder: Path, *, merged: str = "") -> dict[str, str]:
        """What a runner passes to a job of the pull request, or of the push of a `merged` commit."""
        event: dict[str, Any] = {"ref": "refs/heads/main"}
        if not merged:
            event = {"pull_request": {"number": NUMBER, "head": {"sha": "c0ffee"}}}
        (folder / "event.json").write_text(json.dumps(event), encoding="utf-8")
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.root,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REF": "refs/heads/main" if merged else f"refs/pull/{NUMBER}/merge",
            "GITHUB_REF_NAME": "main",
            "GITHUB_SERVER_URL": folder.as_uri(),
            "GITHUB_SHA": merged or "the commit of the merge to come",
            "GITHUB_TOKEN": TOKEN,
        }

    def on_gitlab(self, *, merged: str = "") -> dict[str, str]:
        """The same of GitLab."""
        request = {"CI_COMMIT_BRANCH": "main"} if merged else {"CI_MERGE_REQUEST_IID": str(NUMBER)}
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": self.root,
            "CI_PROJECT_ID": "5",
            "CI_COMMIT_SHA": merged or "c0ffee",
            "GITLAB_TOKEN": TOKEN,
            **request,
        }

    def answer(self, method: str, path: str, query: dict[str, list[str]], document: Any) -> Any:
        """None where there is nothing of that name."""
        if method != "GET":
            self.changes.append(f"{method} {path}")
        for prefix, own in ((f"/repos/{REPOSITORY}/", self._github), ("/projects/5/", self._gitlab)):
            if path.startswith(prefix):
                reply = own(method, path.removeprefix(prefix), query, document)
                # Lists come in pages.
                if isinstance(reply, list):
                    size, page = int(query["per_page"][0]), int(query["page"][0])
                    return reply[size * (page - 1) : size * page]
                return reply
        return {"id": US} if (method, path) == ("GET", "/user") else None

    def _github(  # noqa: PLR0911 (one for each question)
        self, method: str, path: str, query: dict[str, list[str]], document: Any
    ) -> Any:
        if (method, path) == ("GET", f"issues/{NUMBER}/labels"):
            return [{"name": label} for label in sorted(self.labels)]
        if (method, path) == ("GET", f"issues/{NUMBER}/comments"):
            return [{"id": note.id, "user": AUTHORS[note.author], "body": note.body} for note in self.notes]
        if (method, path) == ("POST", f"issues/{NUMBER}/comments"):
            self.say(US, document["body"])
            return {}
        if method == "PATCH" and (match := re.fullmatch(r"issues/comments/(\d+)", path)):
            return self._edit(int(match[1]), document["body"])
        if method == "GET" and (match := re.fullmatch(r"commits/([^/]+)/pulls", path)):
            return [
                {"number": number, "merged_at": "2026-11-25T00:00:00Z" if merged else None, "base": {"ref": target}}
                for commit, merged in self.merged_with.items()
                for number, target in self.targets.items()
                if commit == match[1]
            ]
        if path == "pulls":
            return self._requests(method, query.get("head", [""])[0].rpartition(":")[2], document)
        return None

    def _gitlab(  # noqa: PLR0911 (likewise)
        self, method: str, path: str, query: dict[str, list[str]], document: Any
    ) -> Any:
        if (method, path) == ("GET", f"merge_requests/{NUMBER}"):
            return {"labels": sorted(self.labels)}
        if (method, path) == ("GET", f"merge_requests/{NUMBER}/notes"):
            newest_first = reversed(self.notes)
            return [
                {"id": comment.id, "author": {"id": comment.author}, "body": comment.body} for comment in newest_first
            ]
        if (method, path) == ("POST", f"merge_requests/{NUMBER}/notes"):
            self.say(US, document["body"])
            return {}
        if method == "PUT" and (match := re.fullmatch(rf"merge_requests/{NUMBER}/notes/(\d+)", path)):
            return self._edit(int(match[1]), document["body"])
        if method == "GET" and (match := re.fullmatch(r"repository/commits/([^/]+)/merge_requests", path)):
            return [
                {"iid": number, "state": "merged" if merged else "opened", "target_branch": target}
                for commit, merged in self.merged_with.items()
                for number, target in self.targets.items()
                if commit == match[1]
            ]
        if path == "merge_requests":
            return self._requests(method, query.get("source_branch", [""])[0], document)
        return None

    def _requests(self, method: str, branch: str, document: Any) -> Any:
        if method == "POST":
            self.opened.append({"number": 8, "iid": 8, **document})
            return self.opened[-1]
        return [request for request in self.opened if branch in {request.get("head"), request.get("source_branch")}]

    def _edit(self, number: int, body: str) -> Any:
        (note,) = (note for note in self.notes if note.id == number)
        note.body = body
        return {}


@contextmanager
def forge() -> Iterator[Forge]:
    """On a free port, for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            url = urlsplit(self.path)
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            known = TOKEN in (
                self.headers.get("Authorization", "").removeprefix("Bearer "),
                self.headers["PRIVATE-TOKEN"],
            )
            here.asked.append(f"{self.command} {self.path}")
            answer = here.answer(self.command, url.path, parse_qs(url.query), json.loads(data or "null"))
            body = json.dumps(answer).encode()
            self.send_response(403 if not known else 404 if answer is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = _do  # noqa: N815 (the library's names)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    here = Forge(f"http://127.0.0.1:{server.server_port}")
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
