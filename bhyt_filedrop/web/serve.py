"""The page's server: its own thread and loop beside the workers of the daemon."""

from __future__ import annotations

import logging
import socket
from threading import Thread

import uvicorn

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import WebSettings
from bhyt_filedrop.web.app import Door, app_of
from bhyt_filedrop.web.office import Office

log = logging.getLogger(__name__)

LAST_ANSWERS = 3
"""Seconds that answers under way have when the daemon ends."""


class PageServer:
    """Serves a site's page from `start` to `stop`."""

    def __init__(self, office: Office) -> None:
        """Take the port. Raises NeverWorks where it is taken."""
        self.office = office
        self.door = Door(office)
        self._socket = _listen(office.settings.web)
        config = uvicorn.Config(
            app_of(self.door),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=LAST_ANSWERS,
            timeout_keep_alive=65,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._run, name="page", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens at."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        host, port = self.address
        log.info("page.ready", extra={"host": host, "port": port})

    def stop(self) -> None:
        """End, after the answers that are under way."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(LAST_ANSWERS + 2)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(web: WebSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family, backlog=128)
    except OSError as error:
        told = error.strerror or str(error)
        raise NeverWorks(
            say(
                f"Không mở được trang theo dõi ở {web.listen}: {told}. Chọn cổng khác ở [web] "
                "listen, hoặc dừng chương trình đang giữ cổng này.",
                f"The page cannot be served at {web.listen}: {told}. Choose another port in [web] "
                "listen, or stop the program that holds it.",
            )
        ) from error
