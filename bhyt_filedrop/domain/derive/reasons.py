"""What a reason in Ghi chú tells: that nothing could be verified, or plainly why there is no card.

The board decides on children whose status nobody could verify (1331/BHXH-THU, 5.2.2). A child whose
ward knows it, and why it gets no card, is none of these.
"""

from __future__ import annotations

import re

from bhyt_filedrop.domain.cells.text import fold

_NO = "(khong|chua|ko|k|kg)"
_NOT_VERIFIED = re.compile(
    rf"""\b(
        {_NO}[ ](the[ ])?(co[ ])?(the[ ])?
            (xac[ ]minh|xac[ ]dinh|tim|thay|gap|lien[ ](he|lac)|ro|biet|quan[ ]ly|thuc[ ]te)
        | {_NO}[ ](con[ ])?(cu[ ](tru|ngu)|(thuong|tam)[ ]tru|sinh[ ]song|song|o)
        | {_NO}[ ](thuoc|nam)[ ](trong[ ]|tren[ ])?(dia[ ]ban|phuong|xa|thi[ ]tran|to|khu|ap|quan)
        | {_NO}[ ]dung[ ](dia[ ]chi|ten|thong[ ]tin)
        | khong[ ]co[ ]((so[ ])?nha|dia[ ]chi|nguoi|ten|tre|ho)[ ](nay|do|tren|nhu|trong|o|tai)
        | khong[ ]co[ ](tren|trong|o|tai)[ ](dia[ ]ban|phuong|xa)
        | (sai|nham)[ ](dia[ ]chi|ten|thong[ ]tin|so[ ]nha)
        | dia[ ]chi[ ](sai|khong|chua|ao)
        | (chuyen|doi|don)[ ](di|nha|noi|ve|khoi|sang|qua|cho[ ]o|dia[ ]chi|ho[ ]khau)
        | (bo|di)[ ](di|noi[ ]khac|khoi)
        | ve[ ]que | vang[ ]mat | di[ ]vang | o[ ]noi[ ]khac
    )\b""",
    re.VERBOSE,
)
"""Folded words: nobody was found, nobody knows the address, the family has gone."""

_HAS_LETTERS = re.compile(r"[a-z]{2}")


def is_plain_reason(note: str) -> bool:
    """True where a note tells why a child that is known gets no card: `Chưa có giấy khai sinh`.

    An empty note and one that says that nobody could be found or asked are no such reason.
    """
    folded = fold(note)
    return bool(_HAS_LETTERS.search(folded)) and not _NOT_VERIFIED.search(folded)
