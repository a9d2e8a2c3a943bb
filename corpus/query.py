"""The query language: one parser for the command line, Datasette and Python.

In goes what a person typed; out comes a tree of frozen records, or a ``QueryError`` that names the character.

    query   = any                             催收 律师            both
    any     = all (("OR" | "或" | "|") all)*   催收 OR 追债         either
    all     = unary+                          (AND may be written)
    unary   = ("-" | "NOT") unary | near      -律师               not
    near    = atom ["NEAR/" n atom]           催收 NEAR/10 律师    within n characters, either order
    atom    = "(" any ")" | filter | ["="] word | ["="] '"' phrase '"'

A word is an exact run of characters; so is a quoted phrase, which may hold spaces. ``=`` switches synonyms off; quotes do
too. Filters are ``name:value`` with the names of FILTERS, English or Chinese. Full-width signs count as their plain forms.
Everything a search engine's user may type is accepted or refused with a sentence; length and depth are bounded.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from corpus.errors import QueryError
from corpus.segment import runs

MAX_LENGTH = 2_000  # characters; a page of text is no query
MAX_WORDS = 100  # words and filters; SQLite's own limit on an expression's depth is 256
MAX_DEPTH = 20  # parentheses and minus signs within each other
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
class Word:
    """A run of text to be found as it stands. ``position``: its first character in the query, from 0."""

    text: str
    position: int
    exact: bool = False  # no synonyms
    field: str = ""  # "", or one of TEXT_FILTERS


@dataclass(frozen=True, slots=True)
class Filter:
    """A property an article must have; ``name`` is a key of FILTERS."""

    name: str
    value: str
    position: int


@dataclass(frozen=True, slots=True)
class Near:
    """Two words with at most ``distance`` word characters between them, in either order."""

    left: Word
    right: Word
    distance: int


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple[Node, ...]


Node: TypeAlias = Word | Filter | Near | Not | And | Or


def filters(node: Node) -> Iterator[Filter]:
    """Yield the filters of a query, in order."""
    if isinstance(node, Filter):
        yield node
    elif isinstance(node, Not):
        yield from filters(node.node)
    elif isinstance(node, And | Or):
        for each in node.nodes:
            yield from filters(each)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query. kind: word, phrase, filter, "(", ")", "-", or, and, not, near, end."""

    kind: str
    text: str
    position: int
    exact: bool = False
    name: str = ""


def parse(text: str) -> Node:
    """Return the tree of a query.

    Raises: QueryError, with the 0-based position of the character where it went wrong.

    >>> parse("催收 -律师")
    And(nodes=(Word(text='催收', position=0, exact=False, field=''), Not(node=Word(text='律师', position=4, exact=False, field=''))))
    """
    if len(text) > MAX_LENGTH:
        fail(text, MAX_LENGTH, f"the query is longer than {MAX_LENGTH} characters", f"查询超过 {MAX_LENGTH} 个字符")
    tokens = split(text)
    if sum(token.kind in ("word", "phrase", "filter") for token in tokens) > MAX_WORDS:
        fail(text, 0, f"the query has more than {MAX_WORDS} words", f"查询超过 {MAX_WORDS} 个词")
    if len(tokens) == 1:
        fail(text, 0, "there is no word to search for", "没有可以搜索的词")
    node, rest = parse_any(text, tokens, 0, 0)
    if tokens[rest].kind != "end":
        fail(text, tokens[rest].position, "this parenthesis closes nothing", "多余的右括号")
    return node


def fail(text: str, position: int, english: str, chinese: str) -> NoReturn:
    """Raise the QueryError for that character."""
    shown = text[position : position + 1]
    where = f" ({shown!r})" if shown.isprintable() and shown else ""
    ort = f"（{shown}）" if where else ""
    raise QueryError(f"character {position + 1}{where}: {english} / 第 {position + 1} 个字符{ort}：{chinese}", position)


def parse_any(text: str, tokens: list[Token], at: int, depth: int) -> tuple[Node, int]:
    if depth > MAX_DEPTH:
        fail(text, tokens[at].position, f"more than {MAX_DEPTH} levels of parentheses", f"括号超过 {MAX_DEPTH} 层")
    node, at = parse_all(text, tokens, at, depth)
    nodes = [node]
    while tokens[at].kind == "or":
        node, at = parse_all(text, tokens, at + 1, depth)
        nodes.append(node)
    return (nodes[0] if len(nodes) == 1 else Or(tuple(nodes))), at


def parse_all(text: str, tokens: list[Token], at: int, depth: int) -> tuple[Node, int]:
    nodes: list[Node] = []
    while tokens[at].kind not in ("or", ")", "end"):
        if tokens[at].kind == "and":
            if not nodes or tokens[at + 1].kind in ("or", "and", ")", "end"):
                fail(text, tokens[at].position, "AND needs a word on both sides", "AND 两边都要有词")
            at += 1
            continue
        node, at = parse_unary(text, tokens, at, depth)
        nodes.append(node)
    if not nodes:
        token = tokens[at]
        if token.kind == "or" or (at and tokens[at - 1].kind == "or"):
            wrong = token if token.kind == "or" else tokens[at - 1]
            fail(text, wrong.position, "OR needs a word on both sides", "“或”两边都要有词")
        if token.kind == ")" and not depth:
            fail(text, token.position, "this parenthesis closes nothing", "多余的右括号")
        fail(text, max(token.position - (token.kind == "end"), 0), "a word is missing here", "此处缺少词")
    return (nodes[0] if len(nodes) == 1 else And(tuple(nodes))), at


def parse_unary(text: str, tokens: list[Token], at: int, depth: int) -> tuple[Node, int]:
    token = tokens[at]
    if token.kind in ("-", "not"):
        if depth > MAX_DEPTH:
            fail(text, token.position, f"more than {MAX_DEPTH} minus signs", f"减号超过 {MAX_DEPTH} 层")
        if tokens[at + 1].kind in ("or", "and", ")", "end", "near"):
            fail(text, token.position, "there is no word after the minus sign", "减号后面没有词")
        node, at = parse_unary(text, tokens, at + 1, depth + 1)
        return Not(node), at
    node, at = parse_atom(text, tokens, at, depth)
    if tokens[at].kind != "near":
        return node, at
    near = tokens[at]
    if tokens[at + 1].kind not in ("word", "phrase"):
        fail(text, near.position, "NEAR joins two words or phrases", "NEAR 只能连接两个词")
    right, after = parse_atom(text, tokens, at + 1, depth)
    if not (isinstance(node, Word) and isinstance(right, Word) and node.field == right.field):
        fail(text, near.position, "NEAR joins two words or phrases", "NEAR 只能连接两个词")
    for word in (node, right):
        if len(runs(word.text)[-1]) < 2:
            fail(text, word.position, "NEAR needs words of two characters or more", "NEAR 的词至少两个字")
    if tokens[after].kind == "near":
        fail(text, tokens[after].position, "NEAR joins two words, not three", "NEAR 只能连接两个词")
    return Near(node, right, int(near.text)), after


def parse_atom(text: str, tokens: list[Token], at: int, depth: int) -> tuple[Node, int]:
    token = tokens[at]
    if token.kind == "(":
        node, at = parse_any(text, tokens, at + 1, depth + 1)
        if tokens[at].kind != ")":
            fail(text, token.position, "this parenthesis is never closed", "左括号没有配对")
        return node, at + 1
    if token.kind in ("word", "phrase"):
        return Word(token.text, token.position, token.exact or token.kind == "phrase", token.name), at + 1
    if token.kind == "filter":
        return Filter(token.name, token.text, token.position), at + 1
    if token.kind == "near":
        fail(text, token.position, "NEAR needs a word on both sides", "NEAR 两边都要有词")
    fail(text, max(token.position - (token.kind == "end"), 0), "a word is missing here", "此处缺少词")


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
