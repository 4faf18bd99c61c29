"""A hub on this machine: checkpoints from folders, over HTTP, as huggingface_hub asks for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class LocalHub(ThreadingHTTPServer):
    """Serves `checkpoints`, folders by hub id, at the revisions `main` and `COMMIT`."""

    daemon_threads = True

    def __init__(self, checkpoints: Mapping[str, Path], gated: frozenset[str] = frozenset()) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.checkpoints = checkpoints
        self.gated = gated
        self.fetched: list[str] = []
        """Names of the files whose content was asked for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(checkpoints: Mapping[str, Path], gated: frozenset[str] = frozenset()) -> Iterator[LocalHub]:
    """A hub that answers while the block runs."""
    hub = LocalHub(checkpoints, gated)
    thread = Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


def use(monkeypatch: pytest.MonkeyPatch, url: str, cache: Path) -> None:
    """Let huggingface_hub ask the hub at `url`, with a cache folder of its own."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", url)
    # Made of the endpoint when huggingface_hub is imported.
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


class _Answers(BaseHTTPRequestHandler):
    server: LocalHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def _answer(self, *, body: bool) -> None:
        parts = self.path.partition("?")[0].strip("/").split("/")
        listing = parts[:2] == ["api", "models"]
        owner, name, kind, *rest = [*parts[2 if listing else 0 :], "", ""][:5]
        identity, revision = f"{owner}/{name}", rest[0] if rest else ""
        if identity in self.server.gated:
            return self._send(403, b"{}", body, {"X-Error-Code": "GatedRepo"})
        if identity not in self.server.checkpoints:
            return self._send(404, b"{}", body, {"X-Error-Code": "RepoNotFound"})
        if revision not in ("", "main", COMMIT):
            return self._send(404, b"{}", body, {"X-Error-Code": "RevisionNotFound"})
        folder = self.server.checkpoints[identity]
        if listing:
            return self._send(200, json.dumps(_listed(identity, folder, kind)).encode(), body, {})
        path = folder / "/".join(parts[4:])
        if not path.is_file():
            return self._send(404, b"{}", body, {"X-Error-Code": "EntryNotFound"})
        content = path.read_bytes()
        if body:
            self.server.fetched.append(path.name)
        etag = hashlib.sha256(content).hexdigest()
        self._send(200, content, body, {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"'})

    def _send(self, status: int, content: bytes, body: bool, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)


def _listed(identity: str, folder: Path, kind: str) -> object:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    if kind == "tree":
        return [
            {
                "type": "file",
                "path": name,
                "size": path.stat().st_size,
                "oid": hashlib.sha1(path.read_bytes()).hexdigest(),
            }
            for name, path in zip(names, files, strict=True)
        ]
    return {"id": identity, "modelId": identity, "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}
