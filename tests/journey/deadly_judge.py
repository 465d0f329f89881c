"""A judging process (`wiring.judges`) that is there when it is asked, and dies of any drop."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection


def main() -> None:
    """Die of the first drop."""
    line = Connection(int(sys.argv[1]))
    line.recv()  # the settings
    while line.recv() is None:
        line.send(None)
    os.abort()


if __name__ == "__main__":
    main()
