"""Tell systemd that the service is up, alive or stopping (sd_notify(3))."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send one state (`READY=1`, `WATCHDOG=1` …); without systemd nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.send(state.encode())
