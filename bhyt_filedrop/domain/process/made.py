"""The hand-offs that the product makes itself: one row for each word that `made_by` takes.

Everything that asks about such a hand-off reads this table: the configuration (which words there
are, what each is made from), derivation (`derive/wanted.py`), balances, and the printing of its
workbooks (`work/derived/publish.py`). The functions that make and print stand in those modules, by
the same words; a test holds that none of them forgets one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bhyt_filedrop.domain.process.authority import Authority


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of one way to make a hand-off."""

    sources: tuple[str, ...]
    """What `made_from` has to name, in this order, as an administrator is told."""
    sheets: tuple[str, ...]
    """The workbooks that it may come as: the words of recipes in the ledger, never changed."""
    label: str
    """What its file is called (`label_of`); "" = each of its workbooks has a name of its own."""
    takes_more: bool = False
    """True where `made_from` may name further hand-offs behind `sources`."""
    keeps_drafts: bool = False
    """Kept as a draft for its sender until all are in or its last day has come; the others go out
    as soon as they can be made."""
    reads_register: bool = False
    """Made with the card register: it waits while that cannot be read, and a database is asked
    again once a day."""
    from_costs: bool = False
    """Its first source is the cost list, with which a round begins."""
    by_receiver: bool = False
    """Made for each unit by itself, from the lists that this unit received: what comes for one
    makes nothing anew for the others."""
    drafts_a_part: bool = False
    """Offers a part of its first source filled in, in the form that the hand-off names (`form`): it
    is made from lists that wait as well, for it is what they wait for."""
    passes_down: bool = False
    """Gives each unit below its part of a list; where it goes to one office instead, that gets
    those whom no unit below could be given."""
    tells_unplaced: bool = False
    """Behind its sources may stand the list of children who were passed on to no unit: it tells of
    them, or how many they are."""
    charges: bool = False
    """Tells to whose account the costs of each child went."""

    @property
    def by_unit(self) -> bool:
        """True where each unit's list is made by itself."""
        return self.by_receiver or self.drafts_a_part


MADE: Mapping[str, Made] = {
    "split": Made(
        ("danh sách trẻ chưa có thẻ",),
        ("split", "unplaced"),
        "Danh sách và phiếu trả lời",
        takes_more=True,
        passes_down=True,
    ),
    "carded-final": Made(
        ("danh sách cấp dưới trả lời",),
        ("carded-final",),
        "Trẻ đã được cấp thẻ toàn {whole}",
        takes_more=True,
        keeps_drafts=True,
        tells_unplaced=True,
    ),
    "unverified": Made(
        ("danh sách cấp dưới trả lời", "danh sách đã gửi cấp dưới"),
        ("unverified",),
        "Trẻ chưa xác minh được tình trạng cấp thẻ",
        takes_more=True,
        keeps_drafts=True,
        tells_unplaced=True,
    ),
    "draft": Made(
        ("danh sách cấp cơ sở trả lời", "danh sách đã gửi cấp dưới"),
        ("draft",),
        "Mẫu 3",
        by_receiver=True,
    ),
    "card-requests": Made(
        ("danh sách cấp cơ sở trả lời", "danh sách đã gửi cấp cơ sở"),
        ("card-requests",),
        "D03-TS",
        drafts_a_part=True,
    ),
    "allocation": Made(
        (
            "danh sách chi phí",
            "danh sách trẻ đã có thẻ từ đầu",
            "danh sách trẻ được cấp thẻ về sau",
            "danh sách trẻ chưa xác minh được",
        ),
        ("allocation",),
        "Phân bổ chi phí KCB",
        from_costs=True,
        charges=True,
    ),
    "card-drafts": Made(
        ("danh sách chi phí", "dữ liệu thẻ BHYT"),
        ("card-drafts",),
        "",
        reads_register=True,
        from_costs=True,
    ),
}
"""Word of `made_by` in process.toml → what is known of it."""


def label_of(made_by: str, authority: Authority) -> str:
    """Return what the file of a hand-off is called; `{whole}` is the authority's province."""
    return MADE[made_by].label.format(whole=authority.short)
