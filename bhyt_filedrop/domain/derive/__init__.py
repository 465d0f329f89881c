"""Derived lists: what the product makes itself from the lists that stand, and how it prints them.

Everything works on `ListedChild` rows. `codes` names each child for the round, `split` gives
districts and wards theirs, `merge` joins what came back, `allocate` charges costs to hospitals,
`drafts` tells carded from uncarded children, `changes` says what is new in a version; the
`…_sheets` modules lay the contents out for `write_layouts`.
"""

from __future__ import annotations

MAKERS = ("split", "carded-final", "unverified", "allocation", "draft")
"""How a hand-off may be made by the product: the words that `made_by` takes in process.toml."""
