"""Real page clients: each speaks Streamlit's websocket protocol as a browser does."""

import asyncio
import time
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from shuzhi.access import session

_LIMIT = 64 * 1024 * 1024


@dataclass
class Client:
    """One browser tab on one page.

    Parameters
    ----------
    url : str
        ``ws://host:port/_stcore/stream``.
    page : str
        Name of the page in the URL, '' for the first.
    token : str
        Of a session, as the browser's cookie brings it.
    """

    url: str
    page: str
    token: str
    socket: websockets.ClientConnection | None = None
    page_hash: str = ""
    milliseconds: list[float] = field(default_factory=list)
    received: int = 0
    kept: set[str] = field(default_factory=set)
    """Hashes of large messages that the server may name instead of sending them again, as a browser keeps them."""

    async def open(self, query: str = "") -> None:
        """Connect and load the page once."""
        self.socket = await websockets.connect(
            self.url,
            subprotocols=["streamlit"],
            max_size=_LIMIT,
            additional_headers={"Cookie": f"{session.COOKIE}={self.token}"},
        )
        await self.rerun(query)
        self.milliseconds.clear()

    async def rerun(self, query: str) -> float:
        """Ask for a rerun with this query string; returns and keeps the milliseconds until the script has finished."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = self.page_hash
        message.rerun_script.page_name = self.page
        message.rerun_script.context_info.timezone = "Asia/Shanghai"
        message.rerun_script.cached_message_hashes.extend(self.kept)
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await self._until_finished()
        self.milliseconds.append((time.perf_counter() - start) * 1000)
        return self.milliseconds[-1]

    async def _until_finished(self) -> None:
        async for data in self.socket:
            self.received += len(data)
            answer = ForwardMsg()
            answer.ParseFromString(data)
            kind = answer.WhichOneof("type")
            if answer.metadata.cacheable and answer.hash:
                self.kept.add(answer.hash)
            if kind == "new_session":
                self.page_hash = answer.new_session.page_script_hash
            if kind == "navigation":  # the page that st.navigation chose; new_session only knows the shell
                self.page_hash = answer.navigation.page_script_hash
            if kind == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("the page does not compile")
                if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()


async def act(client: Client, queries: list[str], pauses: list[float]) -> None:
    """Act like a person: after each pause [s] the next step of `queries`."""
    for query, pause in zip(queries, pauses, strict=True):
        await asyncio.sleep(pause)
        await client.rerun(query)
