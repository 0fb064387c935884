"""A model hub on a local socket that speaks the download protocol and misbehaves on demand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

WHOLE = 200
PARTIAL = 206
MOVED = 302
NOT_SATISFIABLE = 416


@dataclass
class FakeHub:
    """Serves `content` under any `/resolve/` path, by a redirect to `/cdn/`.

    `failures` are answered one request each before anything else: a status, or `"cut"` for half of what is left and
    then a closed connection. `ranges` remembers the Range headers that came. `ranged` off ignores them.
    """

    content: bytes
    failures: list[int | str] = field(default_factory=list)
    ranged: bool = True
    ranges: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


def handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.paths.append(self.path)
            if "/resolve/" in self.path:
                self._head(MOVED, {"Location": f"{hub.url}/cdn/blob", "Content-Length": "0"})
                return
            hub.ranges.append(self.headers["Range"])
            failure = hub.failures.pop(0) if hub.failures else None
            if isinstance(failure, int):
                self._head(failure, {"Content-Length": "0"})
            else:
                self._serve(cut=failure == "cut")

        def _serve(self, *, cut: bool) -> None:
            wanted = hub.ranges[-1] if hub.ranged else None
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            total = len(hub.content)
            if start >= total:
                self._head(NOT_SATISFIABLE, {"Content-Range": f"bytes */{total}", "Content-Length": "0"})
                return
            rest = hub.content[start:]
            headers = {"Content-Length": str(len(rest)), "Content-Range": f"bytes {start}-{total - 1}/{total}"}
            self._head(PARTIAL if wanted else WHOLE, headers)
            self.wfile.write(rest[: len(rest) // 2] if cut else rest)
            self.close_connection = cut

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps the test's output clean."""

    return Handler


@contextmanager
def serve(hub: FakeHub) -> Iterator[FakeHub]:
    """Runs `hub`; its `url` is set inside."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(hub)) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
