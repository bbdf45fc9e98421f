"""A visitor without a browser: a websocket session that runs pages and uploads files."""

import http.client
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE_S = 240


def session(url: str, *, cookie: str = "", taken: str = "") -> ClientConnection:
    """Open a session of the server at `url`; use it as a context manager.

    `cookie`: the browser's; `taken`: the id of a session to take up.
    """
    protocols = [Subprotocol("streamlit")]
    if taken:
        protocols += [Subprotocol("token"), Subprotocol(taken)]
    return connect(
        url.replace("http", "ws") + "/_stcore/stream",
        origin=Origin("{0.scheme}://{0.netloc}".format(urlsplit(url))),
        subprotocols=protocols,
        additional_headers={"Cookie": cookie} if cookie else None,
        open_timeout=PATIENCE_S,
        max_size=None,
    )


def run_page(open_: ClientConnection, name: str = "", query: str = "") -> bytes:
    """Run a page once; returns everything that the server sent."""
    ask_for(open_, name, query)
    return finished(open_)


def ask_for(
    open_: ClientConnection, name: str = "", query: str = "", widget: WidgetState | None = None
) -> None:
    """Request a run of a page, with the state of one widget."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = name
    if widget is not None:
        message.rerun_script.widget_states.widgets.append(widget)
    open_.send(message.SerializeToString())


def finished(open_: ClientConnection) -> bytes:
    """Everything that the server sends until a run of a page ends without restarting."""
    said = b""
    while True:
        answer = bytes(open_.recv(timeout=PATIENCE_S))  # type: ignore[arg-type]
        said += answer
        if _ended(ForwardMsg.FromString(answer)):
            return said


def _ended(said: ForwardMsg) -> bool:
    """Whether a run is over. The page runs again by itself when what it shows has changed."""
    again = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return said.WhichOneof("type") == "script_finished" and said.script_finished != again


def upload(open_: ClientConnection, url: str, name: str, data: bytes) -> None:
    """Choose a file in the only uploader of a page, and request the page's next run."""
    ask_for(open_, name)
    uploader = ""
    while True:
        said = ForwardMsg.FromString(bytes(open_.recv(timeout=PATIENCE_S)))  # type: ignore[arg-type]
        uploader = said.delta.new_element.file_uploader.id or uploader
        if _ended(said):
            break
    message = BackMsg()
    message.file_urls_request.request_id = "1"
    message.file_urls_request.file_names.append("p.json")
    open_.send(message.SerializeToString())
    while said.WhichOneof("type") != "file_urls_response":
        said = ForwardMsg.FromString(bytes(open_.recv(timeout=PATIENCE_S)))  # type: ignore[arg-type]
    (place,) = said.file_urls_response.file_urls
    _put(url, place.upload_url, data)
    chosen = WidgetState(id=uploader)
    info = chosen.file_uploader_state_value.uploaded_file_info.add()
    info.name, info.size, info.file_id = "p.json", len(data), place.file_id
    info.file_urls.CopyFrom(place)
    ask_for(open_, name, widget=chosen)


def _put(url: str, path: str, data: bytes) -> None:
    """Send a file like a browser's form, with the cookie against forged requests."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/_stcore/health")
        answer = connection.getresponse()
        answer.read()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        token = cookie.partition("=")[2].strip('"')
        head = b'--x\r\nContent-Disposition: form-data; name="p"; filename="p.json"\r\n\r\n'
        connection.request(
            "PUT",
            path,
            head + data + b"\r\n--x--\r\n",
            {
                "Content-Type": "multipart/form-data; boundary=x",
                "Cookie": cookie,
                "X-Xsrftoken": token,
            },
        )
        answer = connection.getresponse()
        assert answer.status == 204, (answer.status, answer.read())
    finally:
        connection.close()
