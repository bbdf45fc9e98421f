"""The routes of the emulated Hub, with the real one's responses."""

import json
import re
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.hub.emulator_repo import LARGE, Blob, Commit, RefusalError, Repo, tree
from tests.hub.emulator_traffic import TOKENS, Fault, Request

if TYPE_CHECKING:
    from tests.hub.emulator import Emulator

_API = re.compile(r"/api/datasets/([^/]+/[^/]+)(?:/([a-z-]+)(?:/([^/]+)(?:/(.+))?)?)?")
_RESOLVE = re.compile(r"(/api/resolve-cache)?/datasets/([^/]+/[^/]+?)(?:/resolve)?/([^/]+)/(.+)")
_CDN = re.compile(r"/_cdn/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)")
_BATCH = re.compile(r"/datasets/([^/]+/[^/]+)\.git/info/lfs/objects/batch")
_UPLOAD = re.compile(r"/_lfs/([0-9a-f]{64})")
_TRUE = {"true", "True", "1"}


class DroppedError(Exception):
    """A fault closed the connection."""


class Handler(BaseHTTPRequestHandler):
    """One connection. `hub` is bound by the emulator."""

    hub: "Emulator"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise every response on a kept connection takes 40 ms
    wbufsize = -1

    def log_message(self, *ignored: Any) -> None:
        """Log nothing: tests read Emulator.log."""

    def handle_any(self) -> None:
        self.body = self._read_body()
        split = urlsplit(self.path)
        self.route_path = split.path
        self.query = {key: values[-1] for key, values in parse_qs(split.query).items()}
        self.entry = Request(
            self.command,
            self.path,
            self.headers.get("Host", ""),
            bool(self.headers.get("Authorization")),
            len(self.body),
            self.body[:4000],
        )
        if not self.path.startswith("/__"):
            self.hub.record(self.entry)
        self.fault = self.hub.fault_for(self.command, self.path)
        try:
            self._answer()
        except DroppedError:
            self.close_connection = True
            self.connection.close()

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = handle_any  # noqa: N815

    def _answer(self) -> None:
        fault = self.fault
        if fault and fault.run:
            fault.run()
        if fault and not fault.after and (fault.status or fault.drop):
            return self.send(200, {})  # replaced by the fault, without any effect
        try:
            self._route()
        except RefusalError as refusal:
            headers = {"x_error_message": refusal.text, **refusal.headers}
            if refusal.code:
                headers["x_error_code"] = refusal.code
            self.send(refusal.status, {"error": refusal.text}, **headers)

    def send(
        self, status: int, body: Any = b"", kind: str = "application/json", **headers: Any
    ) -> None:
        """Respond, unless a fault of this request prevents it. `_` in header names is `-`."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        cut = len(data)
        fault, self.fault = self.fault, None
        if fault:
            status, data, headers = self._spoil(fault, status, data, headers)
            cut = fault.cut if fault.cut >= 0 else len(data)
        self.entry.status = status
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Request-Id", "Root=1-emulated")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[:cut])
            if cut < len(data):
                self.wfile.flush()
                raise DroppedError

    def _spoil(
        self, fault: Fault, status: int, data: bytes, headers: dict[str, Any]
    ) -> tuple[int, bytes, dict[str, Any]]:
        if fault.delay_s:
            self.hub.stopping.wait(fault.delay_s)
        if fault.drop:
            raise DroppedError
        if fault.status:
            return fault.status, fault.body.encode(), dict(fault.headers)
        return status, data, headers

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    # Who asks, and for which repo

    def _user(self) -> tuple[str, str] | None:
        header = self.headers.get("Authorization")
        if not header:
            return None
        known = TOKENS.get(header.removeprefix("Bearer "))
        if known is None:
            raise RefusalError(401, "Invalid credentials in Authorization header")
        return known

    def _repo(self, name: str, write: bool = False) -> Repo:
        user, role = self._user() or ("", "")
        found = self.hub.repos.get(name)
        owner = name.split("/", maxsplit=1)[0]
        if found is None or (found.private and user != owner):
            # The Hub hides a private repo: anonymous callers get 401, others 404.
            if user:
                raise RefusalError(404, "Repository not found", "RepoNotFound")
            raise RefusalError(401, "Invalid username or password.", "RepoNotFound")
        if write and (user != owner or role != "write"):
            raise RefusalError(
                403, "You don't have the required permissions to perform this action"
            )
        return found

    # Routes

    def _route(self) -> None:
        path, hub = self.route_path, self.hub
        if path == "/__log":
            return self.send(200, hub.dump())
        if path == "/__faults":
            hub.fault(**json.loads(self.body))
            return self.send(200, {})
        if path == "/__heal":
            hub.heal()
            return self.send(200, {})
        if path == "/api/whoami-v2":
            return self._whoami()
        if path == "/api/repos/create":
            return self._create()
        if match := _API.fullmatch(path):
            name, what, revision, rest = match.groups()
            handle = getattr(self, "_on_" + (what or "revision").replace("-", "_"), None)
            if handle is None:
                raise self._unknown()
            handle(name, unquote(revision or "main"), unquote(rest or ""))
            return None
        if match := _BATCH.fullmatch(path):
            return self._batch(match[1])
        if match := _RESOLVE.fullmatch(path):
            final, name, revision, file = match.groups()
            return self._resolve(name, unquote(revision), unquote(file), bool(final))
        if match := _CDN.fullmatch(path):
            commit = hub.repos[match[1]].at(match[2])
            return self._send_file(commit, commit.file(unquote(match[3])))
        if match := _UPLOAD.fullmatch(path):
            hub.uploaded[match[1]] = self.body
            return self.send(200)
        raise self._unknown()

    def _unknown(self) -> RefusalError:
        return RefusalError(404, "Sorry, we can't find the page you are looking for.")

    def _whoami(self) -> None:
        user = self._user()
        if user is None:
            raise RefusalError(401, "Invalid username or password.")
        token = {"displayName": "t", "role": user[1]}
        self.send(
            200,
            {
                "type": "user",
                "id": "u1",
                "name": user[0],
                "fullname": user[0],
                "orgs": [],
                "auth": {"type": "access_token", "accessToken": token},
            },
        )

    def _create(self) -> None:
        user, role = self._user() or ("", "")
        wanted = json.loads(self.body)
        name = f"{wanted.get('organization') or user}/{wanted['name']}"
        if role != "write" or name.split("/", maxsplit=1)[0] != user:
            raise RefusalError(403, "You don't have the rights to create a dataset here")
        url = f"{self.hub.url}/datasets/{name}"
        with self.hub.lock:
            if name in self.hub.repos:
                return self.send(409, {"error": "You already created this repo", "url": url})
            private = wanted.get("visibility") == "private" or bool(wanted.get("private"))
            self.hub.add_repo(name, private)
        return self.send(200, {"url": url, "name": name, "id": "abc"})

    def _on_revision(self, name: str, revision: str, rest: str) -> None:
        repo = self._repo(name)
        commit = repo.at(revision)
        found = {
            "_id": "x",
            "id": name,
            "author": name.split("/", maxsplit=1)[0],
            "sha": commit.id,
            "lastModified": commit.date,
            "createdAt": repo.created,
            "private": repo.private,
            "gated": False,
            "disabled": False,
            "tags": [],
            "downloads": 0,
            "likes": 0,
            "siblings": [{"rfilename": path} for path in sorted(commit.files)],
        }
        asked = parse_qs(urlsplit(self.path).query).get("expand")
        kept = {"_id", "id", *asked} if asked else found.keys()
        self.send(200, {key: value for key, value in found.items() if key in kept})

    def _on_preupload(self, name: str, revision: str, rest: str) -> None:
        repo = self._repo(name, write=True)
        commit = repo.at(revision)
        asked = json.loads(self.body)
        answers = []
        for file in asked["files"]:
            path, old = file["path"], commit.files.get(file["path"])
            large = file["size"] > LARGE or path.endswith(".parquet")
            answers.append(
                {
                    "path": path,
                    "uploadMode": "lfs" if large else "regular",
                    "shouldIgnore": repo.ignores(path, asked.get("gitIgnore")),
                    **({"oid": old.etag} if old else {}),
                }
            )
        self.send(200, {"files": answers, "commitOid": commit.id})

    def _on_commit(self, name: str, revision: str, rest: str) -> None:
        repo = self._repo(name, write=True)
        if revision != "main":
            raise RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        lines = [json.loads(line) for line in self.body.splitlines() if line.strip()]
        commit = repo.swap(lines, self.hub.uploaded)
        url = f"{self.hub.url}/datasets/{name}/commit/{commit.id}"
        self.send(200, {"success": True, "commitOid": commit.id, "commitUrl": url})

    def _on_tree(self, name: str, revision: str, rest: str) -> None:
        commit = self._repo(name).at(revision)
        recursive = self.query.get("recursive") in _TRUE
        items = list(tree(commit, rest, recursive))
        start = int(self.query.get("cursor", 0))
        end = start + self.hub.page_size
        more = {}
        if end < len(items):
            next_page = f"{self.hub.url}{quote(self.route_path)}?recursive={recursive}&cursor={end}"
            more["Link"] = f'<{next_page}>; rel="next"'
        self.send(200, items[start:end], **more)

    def _batch(self, name: str) -> None:
        self._repo(name, write=True)
        objects = []
        for wanted in json.loads(self.body)["objects"]:
            item = {"oid": wanted["oid"], "size": wanted["size"], "authenticated": True}
            if wanted["oid"] not in self.hub.uploaded:
                address = f"{self.hub.other_origin}/_lfs/{wanted['oid']}?X-Amz-Signature=secret"
                item["actions"] = {"upload": {"href": address}}
            objects.append(item)
        self.send(200, {"transfer": "basic", "objects": objects})

    def _resolve(self, name: str, revision: str, path: str, final: bool) -> None:
        commit = self._repo(name).at(revision)
        blob = commit.file(path)
        linked: dict[str, Any] = {
            "X_Repo_Commit": commit.id,
            "X_Linked_ETag": f'"{blob.etag}"',
            "X_Linked_Size": len(blob.data),
        }
        if self.hub.redirect == "cdn":
            where = f"{self.hub.other_origin}/_cdn/{name}/{commit.id}/{quote(path)}"
            return self.send(302, b"", Location=f"{where}?Signature=secret", **linked)
        if self.hub.redirect == "hub" and not final:
            where = f"/api/resolve-cache/datasets/{name}/{commit.id}/{quote(path)}"
            return self.send(307, b"", Location=where, **linked)
        return self._send_file(commit, blob)

    def _send_file(self, commit: Commit, blob: Blob) -> None:
        data, size = blob.data, len(blob.data)
        headers = {"ETag": f'"{blob.etag}"', "X_Repo_Commit": commit.id, "Accept_Ranges": "bytes"}
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not part:
            return self.send(200, data, "text/plain", **headers)
        start, end = int(part[1]), min(int(part[2] or size - 1), size - 1)
        if start >= size:
            return self.send(416, b"", Content_Range=f"bytes */{size}")
        headers["Content_Range"] = f"bytes {start}-{end}/{size}"
        return self.send(206, data[start : end + 1], "text/plain", **headers)
