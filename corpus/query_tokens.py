"""The pieces of a query: in goes what a person typed, out come words, phrases, filters and operators with their places.

``corpus.query`` makes a tree of them and says what a query may look like.
"""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from corpus.errors import QueryError
from corpus.segment import runs

MAX_DISTANCE = 1_000  # characters, in NEAR/n
DEFAULT_DISTANCE = 10  # characters, in NEAR without a number: about one clause of Chinese

# Filters: name, its other names, what it keeps (Chinese, English).
FILTERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "title": (("标题", "標題"), "标题含有", "the title contains"),
    "text": (("正文",), "正文含有", "the main text contains"),
    "hole": (("缺字",), "被过滤掉的词", "a word that a filter seems to have removed"),
    "site": (("网站", "站点", "域名", "網站"), "网站或上级域名", "site, host or any domain above it"),
    "topic": (("主题", "主題"), "主题代码", "topic code, also of the second level"),
    "genre": (("体裁", "體裁"), "体裁", "genre"),
    "intent": (("意图", "意圖"), "意图", "intent"),
    "scope": (("范围", "範圍"), "范围：core、edge 等", "scope: core, edge …"),
    "province": (
        ("place", "city", "省", "省份", "地区", "城市"),
        "提到的地方",
        "a province, city or county the text names",
    ),
    "platform": (("平台",), "提到的平台", "a platform the text names"),
    "entity": (
        ("firm", "企业", "主体"),
        "提到的公司主体，或平台背后的公司",
        "a firm the text names, or the firm of a platform",
    ),
    "law": (("法规", "法律", "法規"), "引用的法规", "a law the text cites"),
    "after": (("之后", "之後"), "该日及以后发布", "published on that day, month or year, or later"),
    "before": (("之前",), "该日以前发布", "published earlier than that day, month or year"),
    "spam": (("垃圾",), "垃圾等级，如 0、<2、1-3，或 unsure", "spam level: 0, <2, >=1, 1-3, unsure"),
    "cluster": (("同文",), "同一篇的各份副本", "the copies of one text, by cluster id"),
    "contact": (("联系方式",), "电话、账号（须有权限）", "a number or account (for those allowed to see it)"),
}
TEXT_FILTERS = ("title", "text", "hole")  # their values are words
NAMES = {name: name for name in FILTERS} | {other: name for name, (others, _, _) in FILTERS.items() for other in others}

QUOTES = {'"': '"“”', "“": '"“”', "”": '"“”', "「": "」", "『": "』", "«": "»"}
MINUS = ("-", "−")
OR_WORDS = frozenset({"OR", "或", "|", "||"})
AND_WORDS = frozenset({"AND", "&", "&&"})
NOT_WORDS = frozenset({"NOT"})
NEAR_WORDS = ("NEAR", "近")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query. kind: word, phrase, filter, "(", ")", "-", or, and, not, near, end."""

    kind: str
    text: str
    position: int
    exact: bool = False
    name: str = ""


def fail(text: str, position: int, english: str, chinese: str) -> NoReturn:
    """Raise the QueryError for that character."""
    shown = text[position : position + 1]
    where = f" ({shown!r})" if shown.isprintable() and shown else ""
    ort = f"（{shown}）" if where else ""
    raise QueryError(f"character {position + 1}{where}: {english} / 第 {position + 1} 个字符{ort}：{chinese}", position)


def split(text: str) -> list[Token]:
    """Return the pieces of a query, the last one of kind "end".

    Raises: QueryError, for a quotation mark without its pair, an empty phrase, a filter without value or of no known name.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        plain = unicodedata.normalize("NFKC", text[at])
        if separates(text[at]):
            at += 1
        elif plain in ("(", ")"):
            tokens.append(Token(plain, plain, at))
            at += 1
        elif plain in MINUS:
            if at + 1 == len(text) or separates(text[at + 1]):
                fail(text, at, "there is no word right after the minus sign", "减号后面没有紧跟着词")
            tokens.append(Token("-", "-", at))
            at += 1
        else:
            token, at = read_term(text, at)
            tokens += [token] if token else []
    return [*tokens, Token("end", "", len(text))]


def separates(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cs")


def read_term(text: str, start: int) -> tuple[Token | None, int]:
    """Return the word, phrase, filter or operator that begins at ``start``, and where it ends; None for mere signs."""
    at = start
    exact = unicodedata.normalize("NFKC", text[at]) == "="
    at += exact
    if at < len(text) and (quote := unicodedata.normalize("NFKC", text[at])) in QUOTES:
        value, at = read_phrase(text, at, QUOTES[quote])
        return Token("phrase", value, start, exact), at
    end = word_end(text, at)
    word = unicodedata.normalize("NFKC", text[at:end]) if end - at < 20 else ""  # operators and names are short
    if not exact and (operator := operator_token(text, word, start)):
        return operator, end
    name, colon = filter_name(text, at, end)
    if name:
        return read_filter(text, start, name, colon + 1, exact)
    if not runs(text[at:end]):
        return None, max(end, start + 1)
    return Token("word", text[at:end], start, exact), end


def word_end(text: str, at: int) -> int:
    """Return where the unquoted word that begins at ``at`` ends: at a space, a parenthesis or a quotation mark."""
    while at < len(text) and not separates(text[at]):
        plain = unicodedata.normalize("NFKC", text[at])
        if plain in ("(", ")") or plain in QUOTES:
            break
        at += 1
    return at


def operator_token(text: str, word: str, position: int) -> Token | None:
    """Return the operator that ``word`` is, or None."""
    for words, kind in ((OR_WORDS, "or"), (AND_WORDS, "and"), (NOT_WORDS, "not")):
        if word in words:
            return Token(kind, word, position)
    name, slash, number = word.partition("/")
    if name in NEAR_WORDS and (slash or name == "NEAR"):
        if slash and not (number.isascii() and number.isdigit() and int(number) <= MAX_DISTANCE):
            fail(
                text,
                position,
                f"NEAR/ needs a number up to {MAX_DISTANCE}, as in NEAR/10",
                f"NEAR/ 后面应是不超过 {MAX_DISTANCE} 的数，如 NEAR/10",
            )
        return Token("near", number or str(DEFAULT_DISTANCE), position)
    return None


def filter_name(text: str, start: int, end: int) -> tuple[str, int]:
    """Return (name of the filter that begins here, place of its colon), or ("", -1).

    Raises: QueryError, when the name is nearly that of a filter: to search for ``topc`` in silence helps nobody.
    """
    colon = next((i for i in range(start, end) if unicodedata.normalize("NFKC", text[i]) == ":"), -1)
    if colon <= start or colon - start > 12:
        return "", -1
    name = unicodedata.normalize("NFKC", text[start:colon]).lower()
    if name in NAMES:
        return NAMES[name], colon
    near = difflib.get_close_matches(name, [n for n in FILTERS if len(n) > 3], n=1, cutoff=0.75)
    if near and name.isascii() and name.isalpha():
        fail(
            text,
            start,
            f"there is no filter {name}:, perhaps {near[0]}: is meant; in quotes it is a phrase",
            f"没有 {name}: 这个条件，是否想用 {near[0]}:",
        )
    return "", -1


def read_filter(text: str, start: int, name: str, at: int, exact: bool) -> tuple[Token, int]:
    """Return the filter whose value begins at ``at``.

    Raises: QueryError, when it has no value, or a text filter no word.
    """
    quote = unicodedata.normalize("NFKC", text[at]) if at < len(text) else ""
    if quote in QUOTES:
        value, end = read_phrase(text, at, QUOTES[quote])
        exact = True
    else:
        end = word_end(text, at)
        value = text[at:end]
    if not value.strip() or (name in TEXT_FILTERS and not runs(value)):
        fail(text, min(at, len(text) - 1), f"{name}: needs a value", f"{name}: 后面没有内容")
    if name in TEXT_FILTERS:
        return Token("word", value, start, exact, name), end
    return Token("filter", value.strip(), start, name=name), end


def read_phrase(text: str, start: int, closing: str) -> tuple[str, int]:
    """Return the words between quotation marks and the place after the closing one.

    Raises: QueryError, when there is none, or no word between them.
    """
    for end in range(start + 1, len(text)):
        if unicodedata.normalize("NFKC", text[end]) in closing:
            if not runs(text[start + 1 : end]):
                fail(text, start, "the quotation marks hold no word", "引号内没有词")
            return text[start + 1 : end], end + 1
    fail(text, start, "this quotation mark has no pair", "引号没有配对")
