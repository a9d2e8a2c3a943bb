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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from corpus.query_tokens import Token, fail, split
from corpus.segment import runs

MAX_LENGTH = 2_000  # characters; a page of text is no query
MAX_WORDS = 100  # words and filters; SQLite's own limit on an expression's depth is 256
MAX_DEPTH = 20  # parentheses and minus signs within each other


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
    if token.kind == "filter":
        return Filter(token.name, token.text, token.position), at + 1
    if token.kind == "near":
        fail(text, token.position, "NEAR needs a word on both sides", "NEAR 两边都要有词")
    if token.kind not in ("word", "phrase"):
        fail(text, max(token.position - (token.kind == "end"), 0), "a word is missing here", "此处缺少词")
    return Word(token.text, token.position, token.exact or token.kind == "phrase", token.name), at + 1
