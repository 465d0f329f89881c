"""One worker of procrastinate: fetches jobs and has the drops that they name looked at.

Its connections find a line that was cut within seconds (`postgres.DEAD_LINE`). A fetch that never
comes back all the same, because something between here and the server answers for it, leaves
`last_sign` behind: whoever started the worker ends it then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from threading import get_ident
from typing import Any

from sqlalchemy import Engine

from bhyt_filedrop.edges.ledger.postgres import line_of
from bhyt_filedrop.edges.ledger.queue import QUEUE, SILENT_SECONDS, TASK

FETCH_SECONDS = 2.0
"""How often a worker that has nothing to do asks, also where no word of a new job reached it."""

BEAT_SECONDS = 4.0
"""How often it says that it is there."""


class Hand:
    """Works until it is stopped or its line to the server fails."""

    def __init__(self, engine: Engine, look_at: Callable[[str], None]) -> None:
        """`look_at` is given the id of each drop, in a thread of its own, one after another."""
        self._engine, self._look_at = engine, look_at
        self.fetched_at = time.monotonic()
        """When it last asked for a job and had an answer (monotonic seconds)."""
        self.thread: int | None = None
        """Which thread is at a drop."""
        self._end: Callable[[], object] = lambda: None
        self._ended = False

    def run(self) -> None:
        """Work until `stop`. Raises what the line to the server fails with."""
        for loud in ("procrastinate", "psycopg.pool"):
            logging.getLogger(loud).setLevel(logging.CRITICAL)
        try:
            asyncio.run(self._run())
        except asyncio.CancelledError:
            return
        if not self._ended:
            raise ConnectionError("the worker ended")

    def stop(self) -> None:
        """End after the drop that it is at; for any thread."""
        self._ended = True
        self._end()

    async def _run(self) -> None:
        import procrastinate

        connector = procrastinate.PsycopgConnector(
            conninfo="", kwargs=self._address(), min_size=1, max_size=4
        )
        app = procrastinate.App(connector=connector)
        app.task(name=TASK, queue=QUEUE)(self._do)
        working = asyncio.current_task()
        if working is None or self._ended:
            return
        self._end = partial(asyncio.get_running_loop().call_soon_threadsafe, working.cancel)
        async with app.open_async():
            fetch = app.job_manager.fetch_job

            async def fetched(*args: object, **named: object) -> object:
                job = await fetch(*args, **named)  # type: ignore[arg-type]
                self.fetched_at = time.monotonic()
                return job

            app.job_manager.fetch_job = fetched  # type: ignore[assignment]
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=1,
                fetch_job_polling_interval=FETCH_SECONDS,
                update_heartbeat_interval=BEAT_SECONDS,
                stalled_worker_timeout=SILENT_SECONDS,
                delete_jobs="always",
                install_signal_handlers=False,
            )

    def _do(self, drop: str) -> None:
        self.thread = get_ident()
        try:
            self._look_at(drop)
        finally:
            self.thread, self.fetched_at = None, time.monotonic()

    def _address(self) -> dict[str, Any]:
        """No URL: a password may hold anything, and must stand in no message."""
        url = self._engine.url
        return {**line_of(url), **self._engine.dialect.create_connect_args(url)[1]}
