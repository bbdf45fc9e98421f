"""A visitor without a browser: a websocket session that runs pages, as the front end does."""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE_S = 240


def session(url: str) -> ClientConnection:
    """Open a session of the server at `url`; use it as a context manager."""
    return connect(
        url.replace("http", "ws") + "/_stcore/stream",
        origin=url,  # type: ignore[arg-type]
        subprotocols=[Subprotocol("streamlit")],
        open_timeout=PATIENCE_S,
        max_size=None,
    )


def run_page(open_: ClientConnection, name: str = "", query: str = "") -> bytes:
    """Run a page once to its end; everything the server sent meanwhile."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = name
    open_.send(message.SerializeToString())
    said = b""
    while True:
        answer = bytes(open_.recv(timeout=PATIENCE_S))  # type: ignore[arg-type]
        said += answer
        if ForwardMsg.FromString(answer).WhichOneof("type") == "script_finished":
            return said
