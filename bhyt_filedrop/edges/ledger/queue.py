"""The queue of drops that wait for a worker, on whichever machine: procrastinate's tables.

A job says “look at this drop” and nothing else: what is to be done, and whether anything is, stands
in the ledger. So a job may be lost, doubled or late. Jobs of one unit run one after another, in the
order in which they were put (`lock`). None has a `queueing_lock`, for a job that is tried again
would then collide with one that waits. Workers are heard of every few seconds; what one of them
leaves behind is ours to put back (`keep`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib import resources
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, text

from bhyt_filedrop.edges.ledger.schema import Instant
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import Holding, Sharing

QUEUE, TASK = "drops", "look-at-drop"

SILENT_SECONDS = 20
"""How long a worker may be silent before its drop is given to another."""

_ONE = (
    f"ROW('{QUEUE}', '{TASK}', 0, 'unit/' || {{unit}}, NULL, jsonb_build_object('drop', {{id}}),"
    " NULL)::procrastinate_job_to_defer_v1"
)
_PUT = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY["
    + _ONE.format(unit="CAST(:unit AS text)", id="CAST(:drop AS text)")
    + "])"
)
_HAND_OUT = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg("
    + _ONE.format(unit="due.unit", id="due.id")
    + " ORDER BY due.arrived_at, due.id)) FROM (SELECT * FROM drops WHERE"
    " (state IN ('claimed', 'planned') AND (next_at IS NULL OR next_at <= :now)"
    "  OR state = 'set-aside' AND next_at <= :now)"
    " AND (sha256 IS NOT NULL OR path LIKE '@%')"
    f" AND id NOT IN (SELECT args->>'drop' FROM procrastinate_jobs WHERE task_name = '{TASK}'"
    "  AND status IN ('todo', 'doing'))) due HAVING count(*) > 0"
).bindparams(bindparam("now", type_=Instant))
_RETRY = text(
    "SELECT procrastinate_retry_job_v2(job.id, NULL, NULL, NULL, NULL) FROM procrastinate_jobs job"
    " LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id"
    " WHERE job.status = 'doing' AND (worker.id IS NULL OR"
    f" worker.last_heartbeat < now() - interval '{SILENT_SECONDS} seconds' OR"
    # Its end was never written down, since the server went away just then: nobody is at it.
    " NOT EXISTS (SELECT 1 FROM leases WHERE name = job.lock"
    "  AND until > clock_timestamp() AT TIME ZONE 'UTC')"
    " AND NOT EXISTS (SELECT 1 FROM procrastinate_events begun WHERE begun.job_id = job.id"
    f"  AND begun.type = 'started' AND begun.at > now() - interval '{SILENT_SECONDS} seconds'))"
)
_STANDING = text(
    "SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'),"
    " (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'),"
    " (SELECT count(*) FROM procrastinate_workers"
    f"  WHERE last_heartbeat > now() - interval '{SILENT_SECONDS} seconds'),"
    " (SELECT max(last_heartbeat) FROM procrastinate_workers)"
)


def put(tx: Connection, drop: str, unit: str) -> None:
    """Have a drop looked at, once the transaction ends well."""
    tx.execute(_PUT, {"drop": drop, "unit": unit})


class DropJobs:
    """The queue as a daemon keeps it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, now: datetime) -> None:
        """Put back what a worker left behind, and give every drop that is due a job."""
        with self._engine.begin() as tx:
            tx.execute(_RETRY)
            tx.execute(_HAND_OUT, {"now": now})

    def standing(self, leases: Sequence[Holding]) -> Sharing:
        """Return how the queue stands, beside who holds what."""
        there = version_of(self._engine)
        waiting, doing, workers, heard = 0, 0, 0, None
        if there:
            with reading(self._engine) as connection:
                waiting, doing, workers, heard = connection.execute(_STANDING).one()
        return Sharing(leases, waiting, doing, workers, heard, there, installed())


# --- its tables ------------------------------------------------------------------------------

_SEEN = text("SELECT coalesce(obj_description(to_regclass('procrastinate_jobs')), '')")
_IS_THERE = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")


def installed() -> str:
    """Return the version of the library that is installed. Raises ImportError where none is."""
    return version("procrastinate")


def version_of(engine: Engine) -> str:
    """Return the version of the library whose tables the queue has, "" = none yet."""
    with reading(engine) as connection:
        return str(connection.execute(_SEEN).scalar()).partition(" ")[0]


def bring_up(engine: Engine) -> None:
    """Make procrastinate's tables, or bring them up to those of the library that is installed;
    nothing happens where they are. A table's comment says which version, and which of its
    migrations, they have seen."""
    if version_of(engine) == installed():
        return
    steps = _steps()
    with engine.begin() as tx:
        seen = str(tx.execute(_SEEN).scalar()).partition(" ")[2]
        if not tx.execute(_IS_THERE).scalar():
            _run(tx, [_read("schema.sql")])
        else:
            _run(tx, (_read("migrations", step) for step in steps if step > seen))
        told = f"{installed()} {max(seen, steps[-1])}"
        tx.exec_driver_sql(f"COMMENT ON TABLE procrastinate_jobs IS '{told}'")


def _steps() -> list[str]:
    folder = resources.files("procrastinate.sql") / "migrations"
    return sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))


def _read(*name: str) -> str:
    return resources.files("procrastinate.sql").joinpath(*name).read_text(encoding="utf-8")


def _run(connection: Connection, scripts: Iterable[str]) -> None:
    driver: Any = connection.connection.driver_connection
    for script in scripts:
        driver.execute(script)
