"""`make proof`: run the parts that are named, or all, and write down what each counted.

`python -m tests.proof [PART …]`: power (hours at every sync), calls (hours at every fifth call),
clocks (a quarter of an hour), hostile and storm (as long as they are told). What a part found is
kept in build/proof/PART.jsonl; its section of docs/proof.md is written when it ends.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from tests.proof import disks
from tests.proof.page import PAGE, Section, write
from tests.proof.parts import PARTS
from tests.proof.play import REPOSITORY

_KEPT = REPOSITORY / "build" / "proof"


def main() -> int:
    """Run what is asked for; 1 where something came to be wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--power-step", type=int, default=1)
    parser.add_argument("--call-step", type=int, default=5)
    parser.add_argument("--clock-step", type=int, default=1)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each guided fuzz")
    parser.add_argument("--minutes", type=float, default=5.0, help="of each storm")
    parser.add_argument("--rest", type=float, default=10.0, help="minutes after one without kills")
    parser.add_argument("--seeds", type=int, default=5, help="of daemons killed at random")
    parser.add_argument("--quarter", choices=("small", "whole"), default="whole")
    parser.add_argument("--trees", default="local,openssh,vsftpd,vsftpd-tls", help="of the storms")
    parser.add_argument(
        "--tell-only", action="store_true", help="write the page from what the last runs kept"
    )
    asked = parser.parse_args()
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    if not asked.tell_only and (why := disks.missing()):
        print(f"The proofs cannot run here: {why}")
        return 1
    if asked.tell_only:
        sound = [_tell(name) for name in asked.parts]
    else:
        sound = [_run(name, asked) for name in asked.parts or PARTS]
    return 0 if all(sound) else 1


def _run(name: str, asked: argparse.Namespace) -> bool:
    part, began = PARTS[name], time.monotonic()
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / f"{name}.jsonl").open("w", encoding="utf-8") as kept:
        for told in part.plays(asked):
            print(json.dumps(told, ensure_ascii=False), file=kept, flush=True)
            print(name, *(f"{key}: {told[key]};" for key in told if key != "outcome"), flush=True)
        minutes = (time.monotonic() - began) / 60
        print(json.dumps({"minutes": minutes, "asked": part.asked(asked)}), file=kept)
    return _tell(name)


def _tell(name: str) -> bool:
    """Write the section of a part from what was kept of it; false where something was wrong."""
    part, found = PARTS[name], []
    took: list[dict[str, Any]] = []
    for line in (_KEPT / f"{name}.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line)
        (took if "asked" in told else found).append(told)
    lines, sound = part.tells(found)
    minutes, how = sum(one["minutes"] for one in took), "; ".join(one["asked"] for one in took)
    order = [one.heading for one in PARTS.values()]
    write(Section(part.heading, lines, sound), order, minutes, how, PAGE)
    print(*lines, "", "sound" if sound else "WRONG", sep="\n", flush=True)
    return sound


if __name__ == "__main__":
    sys.exit(main())
