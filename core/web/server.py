"""Serves the app: `python -m core.web.server [--port N] [--address A]`.

Checks the settings, the data folder and the port first, so that a problem is reported in one
sentence; then runs Streamlit with a supervisor.
"""

import argparse
import contextlib
import errno
import gc
import importlib
import logging
import os
import signal
import socket
import sys
import threading
import tomllib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import recent_errors, setting_values, settings
from core.access import password
from core.errors import MedVidBenchError, MirrorError, SettingsError
from core.files import atomic
from core.files.ids import new_id
from core.mirror.service import MirrorService
from core.mirror.sync import Mirror
from core.settings import REPOSITORY, Settings
from core.store.opened import leave_earlier_form
from core.usecases.services import Services, services_for
from core.web import (
    assets,
    demo_judge,
    device_keys,
    marked_secrets,
    plain_pages,
    read_api,
    revision,
    stranger_log,
    struct_types,
    submit_api,
)
from core.web.addresses import Addresses
from core.web.closing import Closing
from core.web.demo_judge import DemoJudge
from core.web.entry_links import EntryLinks
from core.web.figures import FiguresKeeper
from core.web.first_answer import FirstAnswer
from core.web.first_page import SCRIPT_HASHES, FirstPages, font_path
from core.web.headers import SecurityHeaders
from core.web.incoming import BoundedUploads, Bounds
from core.web.metrics_door import MetricsDoor
from core.web.no_delay import without_delay
from core.web.origins import OwnOrigins
from core.web.site_address import site_address
from core.web.streamlit_options import BASE_PATH, Option, from_environment
from core.web.supervisor import TEMPORARY, Supervisor
from core.web.upload_failures import UploadFailures

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.routing import BaseRoute

LOG = logging.getLogger("medvidbench")
HOME = REPOSITORY / "Home.py"
BOARD_PAGE = "leaderboard"  # shown without a name in the address
_LINE = "%(asctime)s %(levelname)s %(message)s"
# Imported in advance: the first visitor would otherwise wait for these.
_HEAVY = ("pyarrow.json", "jinja2")


def main(arguments: Sequence[str]) -> int:
    """Serve until stopped; returns 1 with a message if the server cannot start."""
    logging.basicConfig(level=logging.INFO, format=_LINE, stream=sys.stdout)
    recent_errors.keep()
    for noisy in ("filelock", "asyncio", "watchdog", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A request to stop, by Ctrl-C or a service manager, is not an error: no traceback, status 0.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            chosen = _arguments(arguments)
            found = settings.load()
            check_password(found)
            leave_earlier_form(found)
            judge = demo_judge.offered(found)
            if judge:
                judge.announce(found)
                found = settings.load()
            services = services_for(found)  # reports a missing cluster library now
            prepare_data_dir(found)
            check_port(chosen.address, chosen.port)
            check_mirror(services)
            chosen_options = options(found, chosen.address, chosen.port)
            given = from_environment(
                os.environ, streamlit_options(), fixed_options() | chosen_options, LOG.warning
            )
        except MedVidBenchError as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 1
        for told in settings.unknown():
            LOG.warning(told)
        for what, is_what in found.in_words().items():
            LOG.info("%s: %s", what, is_what)
        serve(services, judge, given | chosen_options)
    return 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.web.server", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT") or "8501")
    parser.add_argument("--address", default="", help="default: all addresses of this machine")
    chosen = parser.parse_args(arguments)
    try:
        chosen.port = setting_values.port(chosen.port)
    except ValueError as error:
        raise SettingsError(f"PORT: {error}") from None
    return chosen


def check_password(found: Settings) -> None:
    """Raises SettingsError for a damaged hash, with which nobody could sign in."""
    if found.admin_password and (problem := password.problem(found.admin_password)):
        raise SettingsError(problem)


def prepare_data_dir(found: Settings) -> None:
    """Create the data folder, check that it is writable, and put caches inside it.

    Raises StoreError.
    """
    atomic.make_folder(found.root)
    probe = found.root / f"writable-{new_id()}"  # another container's server has the same pid
    atomic.write(probe, b"1")  # one byte, so that a full disk is found now
    probe.unlink()
    temporary = found.data_dir / TEMPORARY
    atomic.make_folder(temporary)
    os.environ["TMPDIR"] = str(temporary)
    os.environ["HF_HOME"] = str(found.data_dir / "cache" / "huggingface")
    os.environ["XDG_CACHE_HOME"] = str(found.data_dir / "cache" / "xdg")


def check_port(address: str, port: int) -> None:
    """Raises SettingsError if the port is in use or not permitted."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen()
    except OSError as error:
        why = {
            errno.EADDRINUSE: "another program uses it",
            errno.EACCES: "this user may not use it",
        }.get(error.errno or 0, error.strerror or str(error))
        raise SettingsError(
            f"Cannot serve on port {port}{f' of {address}' if address else ''}: {why}. "
            "Stop that program or choose another port: make run PORT=8502."
        ) from error


def check_mirror(services: Services) -> None:
    """Raises MirrorError if the repo is public; a repo that does not respond is not an error.

    Every push checks again.
    """
    if not services.settings.mirrored:
        return
    try:
        Mirror(services.settings, services.store).require_private()
    except MirrorError as error:
        if error.kind == "public":
            raise
        LOG.warning("mirror: %s", error)


def serve(services: Services, judge: DemoJudge | None, run_options: Mapping[str, Any]) -> None:
    """Run Streamlit with a supervisor until SIGTERM or SIGINT; jobs outlive it."""
    gc.disable()  # until everything is imported: it would take a sixth of the time, to free nothing
    struct_types.describe_all()
    _prepare_streamlit()
    from streamlit import App

    found, base_path = services.settings, str(run_options.get(BASE_PATH, ""))
    supervisor = Supervisor(services)
    mirror = MirrorService(found, services.store) if found.mirrored else None
    background = [one for one in (supervisor, FiguresKeeper(services), judge, mirror) if one]

    def stop() -> None:
        LOG.info("Stopping. %s", running_jobs(found, os.getpid()))
        for one in background:
            one.stop()

    closing = Closing(stop)

    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        for one in background:
            one.start()
        closing.listen()
        threading.Thread(target=import_ahead, name="imports", daemon=True).start()
        address, port = run_options.get("server.address"), run_options["server.port"]
        place = f"{port}/{base_path}" if base_path else str(port)
        LOG.info("Serving MedVidBench at http://%s:%s", address or "localhost", place)
        yield

    shields = _shields(services, base_path)
    try:
        routes = _routes(services, base_path)
        app = App(HOME, lifespan=lifespan, middleware=shields, routes=routes)
        app.run(config=run_options)
    except Exception as error:
        if not closing.asked:
            raise
        LOG.warning("Error in the web server during shutdown: %r", error)
    finally:
        if supervisor.started:
            closing.close()


def running_jobs(found: Settings, pid: int) -> str:
    """What becomes of running evaluations when the server with this process id ends.

    >>> from core.settings import load
    >>> running_jobs(load({}, {}), 1)
    'Running evaluations end with this container and can be run again.'
    """
    if pid == 1 and not found.scheduler:  # the system ends everything else in the container too
        return "Running evaluations end with this container and can be run again."
    return "Running evaluations continue; the next start finds them."


def _prepare_streamlit() -> None:
    """Set what Streamlit and its server read from the process when they start."""
    os.chdir(REPOSITORY)  # .streamlit/config.toml is searched from here
    # Streamlit puts the launched script's folder first on the import path. It must be the
    # repository, not core/, whose modules could hide the standard library's.
    sys.argv = [str(HOME)]
    import uvicorn.config
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.server.starlette import starlette_server

    # Home.py's st.navigation has the same effect, but only once it has run: before that, a first
    # visit to /submit would run that page alone, without Home.py, because a folder pages/ exists.
    PagesManager.uses_pages_directory = False
    for formatter in uvicorn.config.LOGGING_CONFIG["formatters"].values():
        formatter["fmt"] = _LINE
    stranger_log.bound()
    starlette_server._bind_socket = without_delay(starlette_server._bind_socket)
    give_marked_secrets()


def _shields(services: Services, base_path: str) -> "list[Middleware]":
    """The middleware that every request passes before Streamlit, outermost first."""
    from starlette.middleware import Middleware
    from streamlit.runtime import get_instance

    found, base = services.settings, f"/{base_path}" if base_path else ""
    pages_of = FirstPages(services, index_page().read_text(encoding="utf-8"))
    site = partial(site_address, found, base=base)
    return [
        Middleware(SecurityHeaders, index=index_page(), framed=in_a_space(), ours=SCRIPT_HASHES),
        Middleware(EntryLinks),
        Middleware(Addresses, pages=pages(), board=BOARD_PAGE, base_path=base_path),
        Middleware(FirstAnswer, pages=pages_of, site=site, base_path=base_path),
        Middleware(OwnOrigins, allowed=origins(found)),
        Middleware(MetricsDoor, token=found.metrics_token),
        Middleware(UploadFailures, folder=found.data_dir / TEMPORARY),
        Middleware(
            BoundedUploads,
            bounds=bounds(found),
            kept_files=lambda: get_instance().uploaded_file_mgr,  # exists only once it runs
        ),
    ]


def _routes(services: Services, base_path: str) -> "list[BaseRoute]":
    """The routes in addition to Streamlit's."""
    return [
        *device_keys.routes(base_path, origins(services.settings)),
        *revision.routes(services, base_path),
        *assets.routes(base_path),
        *submit_api.routes(services, base_path),
        *read_api.routes(services, base_path),
        *read_api.unknown(base_path),
        *plain_pages.routes(services, base_path, font_path(index_page().read_text("utf-8"))),
    ]


def index_page() -> Path:
    """The one page that Streamlit serves."""
    from streamlit import file_util

    return Path(file_util.get_static_dir()) / "index.html"


def give_marked_secrets() -> None:
    """Give Streamlit the secrets that it cannot read, before it tries and reports an error."""
    from streamlit import file_util
    from streamlit.runtime.secrets import secrets_singleton

    places = (file_util.get_streamlit_file_path, file_util.get_project_streamlit_file_path)
    found = marked_secrets.read(Path(place("secrets.toml")) for place in places)
    if found is not None:
        secrets_singleton.merge_programmatic_secrets(found)


def pages() -> tuple[str, ...]:
    """The names of all pages, as in their addresses."""
    return tuple(path.stem for path in (REPOSITORY / "pages").glob("*.py"))


def in_a_space() -> bool:
    """Whether this is a Space of the Hub, which is shown in another site's frame."""
    return bool(os.environ.get("SPACE_HOST"))


def origins(found: Settings) -> tuple[str, ...]:
    """Origins of our own pages besides that of the request; a Space's is known."""
    space = os.environ.get("SPACE_HOST", "").lower()
    return (*found.origins, f"https://{space}") if space else found.origins


def bounds(found: Settings) -> Bounds:
    """Limits for all visitors' uploads: five of the largest at the same time, and five kept."""
    largest = found.max_upload_mb << 20
    most = 5 * largest
    return Bounds(unfinished_bytes=most, held_bytes=most, largest_bytes=largest)


def options(found: Settings, address: str, port: int) -> dict[str, Any]:
    """Streamlit options that depend on settings; the rest is in .streamlit/config.toml."""
    chosen: dict[str, Any] = {
        "server.port": port,
        "server.maxUploadSize": found.max_upload_mb,
        "server.enableAgentApi": False,  # regardless of the environment: strangers could use it
    }
    if address:
        chosen["server.address"] = address
    if in_a_space():  # another site's frame gets no lax cookies
        chosen["server.xsrfCookieSameSite"] = "none"
    return chosen


def streamlit_options() -> "Iterable[Option]":
    """All of Streamlit's options."""
    from streamlit import config

    # Not get_config_options: it reads config files, and warns when App.run reads them again.
    return config._config_options_template.values()


def fixed_options() -> dict[str, Any]:
    """Options that the environment must not change: those of config.toml except the theme."""
    sections = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text("utf-8"))
    fixed = {
        f"{section}.{name}": value
        for section, values in sections.items()
        if section != "theme"
        for name, value in values.items()
    }
    return {**fixed, "server.enableCORS": True, "global.developmentMode": False}


def import_ahead() -> None:
    """Import what pages use, so that the first visitor does not wait for it.

    Garbage is collected from then on, but not among what was imported, which all would wait for.
    """
    for name in (*_HEAVY, *_modules("core.ui"), *_modules("core.publish")):
        try:
            importlib.import_module(name)
        except Exception:
            # The page that needs it will report the error to its visitor.
            LOG.exception("could not import %s ahead of the first visitor", name)
    gc.freeze()
    gc.enable()


def _modules(package: str) -> list[str]:
    """Dotted names of all modules of a package, at every level; by file, so none is imported."""
    folder = REPOSITORY / package.replace(".", "/")
    files = sorted(path.relative_to(REPOSITORY) for path in folder.rglob("*.py"))
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
