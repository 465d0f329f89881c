"""Whether a daemon of any machine serves a ledger just now."""

from __future__ import annotations

from sqlalchemy import Engine

from bhyt_filedrop.edges.ledger.copying import who_serves
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks


def must_be_served_by_nobody(engine: Engine) -> None:
    """Raise NeverWorks where one does; of a ledger in a file the site's own lock says it."""
    if holder := who_serves(engine):
        raise NeverWorks(
            say(
                f"Dịch vụ {holder} đang dùng sổ này: hãy dừng mọi dịch vụ trước.",
                f"The daemon {holder} serves this ledger: stop all of them first.",
            )
        )
