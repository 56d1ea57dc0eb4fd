"""Ask an ASGI application without a network."""

import asyncio
import gzip
import json
from dataclasses import dataclass
from urllib.parse import unquote

from shuzhi.settings import settings
from tests.visitors import ADMINISTRATOR, header


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and body as sent."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body, unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.content) if packed else self.content).decode()

    def json(self):
        """The body, parsed."""
        return json.loads(self.text)


class Client:
    """Requests to an application.

    Parameters
    ----------
    app : ASGI application
    role, places
        Who is signed in at the home of the settings; None: nobody.
    """

    def __init__(self, app, role: str | None = ADMINISTRATOR, places: tuple[str, ...] = ()):
        self.app, self._who = app, role and (role, places)

    def get(self, address: str, headers: dict[str, str] | None = None) -> Answer:
        """The answer to one request; accepts gzip unless the headers say otherwise."""
        return self.ask("GET", address, headers)

    def ask(self, method: str, address: str, headers: dict[str, str] | None = None) -> Answer:
        """The answer to a request without a body."""
        path, _, query = address.partition("?")
        signed_in = header(settings().home, *self._who) if self._who else {}
        headers = {"host": "localhost", "accept-encoding": "gzip", **signed_in, **(headers or {})}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        return asyncio.run(self._run(scope))

    async def _run(self, scope: dict) -> Answer:
        sent, asked = [], [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            while not asked:  # whoever sends a file listens meanwhile whether its reader has left
                await asyncio.sleep(3600)
            return asked.pop()

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)
