"""Try a configuration: what it would change, before it is in force. Nothing is written."""

from __future__ import annotations

from datetime import datetime

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.owed.differences import letter_changes, owed_changes
from bhyt_filedrop.domain.process.calendar import DAY, at, home_round, local_day
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.site.trial import Trial
from bhyt_filedrop.site.unit_book import unit_lines
from bhyt_filedrop.site.versions import files_in
from bhyt_filedrop.wiring.books import Books
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.rounds import reminding_of, status_of


def trial_of(present: Settings, other: Settings, books: Books, now: datetime) -> Trial:
    """Hold another configuration against the one in force, with what the ledger knows."""
    before, after = world_of(present), world_of(other)
    old, new = files_in(present.config_dir), files_in(other.config_dir)
    round_ = home_round(local_day(now))
    folders, others = _folders(before), _folders(after)
    morning = _next_morning(after, now)
    return Trial(
        tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name))),
        unit_lines(present.units, other.units),
        tuple(sorted(others - folders)),
        tuple(sorted(folders - others)),
        round_,
        owed_changes(status_of(before, books, round_, now), status_of(after, books, round_, now)),
        morning,
        letter_changes(
            _letters(before, books, _next_morning(before, now)), _letters(after, books, morning)
        ),
    )


def _folders(world: World) -> set[str]:
    return {f"{tree}: {folder}" for tree, folder, _ in world.routes.every_folder()}


def _next_morning(world: World, now: datetime) -> datetime:
    return at(world.days.next_working(local_day(now) + DAY), world.process.remind_at)


def _letters(world: World, books: Books, morning: datetime) -> tuple[Letter, ...]:
    return reminding_of(world, books, lambda: morning).owed_at(morning)
