"""Which numbers may stand for a child's card today, as `[numbers]` of `city.toml` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from bhyt_filedrop.domain.process.keys import TABLE, Flag, Only


@dataclass(frozen=True, slots=True)
class NumberRules:
    """What a city takes beside the card's own number.

    `personal`: the 12-digit personal identification number (CV 1804/BHXH-QLT), in lists that come
    in from the day `personal_from`. `temporary`: a
    pattern of the codes that hospitals write for newborns without a card; "" = there are none.
    `former_provinces`: codes of provinces that have become part of this one, whose hospitals keep
    their codes for a time.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    personal: Flag = False
    personal_from: Annotated[date, Only()] | None = None
    temporary: Annotated[str, Only()] = ""
    former_provinces: tuple[Annotated[str, Only(pattern=r"^[0-9]{2}$")], ...] = ()

    def takes_personal(self, day: date) -> bool:
        """True where a personal number may stand for a card in a list that came in on a day."""
        return self.personal and (self.personal_from is None or self.personal_from <= day)

    def is_temporary(self, number: str) -> bool:
        """True for a hospital's temporary code, as `people.read_card` gives it."""
        return bool(self.temporary and re.fullmatch(self.temporary, number))
