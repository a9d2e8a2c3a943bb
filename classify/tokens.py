"""jieba's words of a text, by rjieba: the same dictionary and the same tokens as jieba with HMM off, 12–17 times as fast.

In goes restored text, out come the words in order; joined they are the text again. The only module that knows rjieba.
"""

from __future__ import annotations

import rjieba


def words(text: str) -> list[str]:
    """Return the words of a text in order, spaces and marks included: ``"".join(words(text)) == text``.

    >>> words("网贷逾期怎么办")
    ['网', '贷', '逾期', '怎么办']
    """
    # rjieba takes valid UTF-8 only; a lone surrogate would raise. U+FFFD is as long, so offsets stay true.
    safe = (
        text
        if text.isascii() or text.isprintable()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
    return list(rjieba.cut(safe, False))
