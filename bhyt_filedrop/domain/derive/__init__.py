"""Derived lists: what the product makes itself from the lists that stand, and how it prints them.

Everything works on `ListedChild` rows. `codes` names each child for the round, `split` gives
districts and wards theirs, `merge` joins what came back, `allocate` charges costs to hospitals,
`drafts` tells carded from uncarded children, `changes` says what is new in a version; the
`…_sheets` modules lay the contents out for `write_layouts`.
"""
