"""The declared process with all that is worked out from it, of the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.owed.arrangements import Arrangement, Arrangements
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.places.in_time import gazetteer_of
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.edges.holidays import working_days
from bhyt_filedrop.settings import (
    Settings,
)


def world_of(settings: Settings) -> World:
    """Work out everything that judgements need from the settings."""
    labels = {form.id: form.label for form in settings.forms}

    def places(units: Units) -> Gazetteer:
        return gazetteer_of(units, settings.aliases, settings.old_places)

    return World(
        process=settings.process,
        units=settings.units,
        forms=settings.forms,
        forms_by_id={form.id: form for form in settings.forms},
        gazetteer=places(next(iter(reversed(settings.units.of_each_day())), settings.units)),
        facilities=settings.facilities,
        days=working_days(settings.holidays),
        routes=Routes.of(settings.process, settings.units, labels),
        also_open=settings.also_open,
        first_round=settings.first_round,
        places=places,
    )


def with_extensions(world: World, extensions: Callable[[], Iterable[Arrangement]]) -> World:
    """Return a world that knows of extensions, as they are whenever it is asked."""

    def extended_to(handoff: str, round_: Round, sender: Unit, receiver: str) -> date | None:
        found = Arrangements.of(extensions())
        held = found.extension(handoff, round_, sender, receiver, world.units)
        return held.until if held else None

    return replace(world, extended_to=extended_to)
