"""The documents that rules come from, as letters, findings, reports and `explain` cite them.

`[sources]` of `city.toml` names them: another city, or a later year, has others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bhyt_filedrop.domain.process.keys import TABLE, Text


@dataclass(frozen=True, slots=True)
class Sources:
    """Document and point of each rule.

    `process` sets the round trip, `units` asks for complete units, `backlog` for the report; the
    others are those of a child's entitlement: how long a card is valid, until when costs are borne,
    from when is paid for a resident child, one that moved in, one born before the rules; `personal`
    is where the structure of personal numbers stands.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    process: Text = "quy trình đã khai báo"
    units: Text = "quy định về khai báo đơn vị"
    backlog: Text = "yêu cầu báo cáo tình hình tồn đọng"
    validity: Text = "quy định về thời hạn thẻ BHYT"
    cover: Text = "quy định về thời hạn thẻ BHYT"
    resident: Text = "quy định về thu BHYT"
    moved_in: Text = "quy định về thu BHYT"
    born_before: Text = "quy định về thu BHYT"
    personal: Text = "quy định về số định danh cá nhân"
