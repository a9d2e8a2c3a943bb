"""The full-text expression of a query: what SQLite's FTS5 is asked, and what to tell the reader about it.

Words become quoted phrases of character pairs, filters become marks (``corpus/marks.py``). Nothing a user types reaches
FTS5 unquoted, so no query can be a syntax error there. ``cluster:`` and ``contact:`` are looked up in tables of their
own and therefore stand beside the expression, not within it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from corpus import query as language
from corpus.errors import QueryError
from corpus.facet_names import gazetteer
from corpus.facets import find_facets
from corpus.field_tokens import SIGNS, whole_words
from corpus.marks import EVERY, LAST_NUMBER, UNSURE_SPAM, facet_marks, mark, period, range_marks, spam_mark
from corpus.query import And, Filter, Near, Node, Not, Or, Word
from corpus.query_tokens import fail
from corpus.segment import phrase, runs
from corpus.synonyms import Form, forms_of

ROW_FILTERS = ("cluster", "contact")
DATE_FILTERS = ("after", "before")
MAX_NEAR_PAIRS = 25  # combinations of synonyms within one NEAR
MAX_PHRASES = 400  # in one expression, synonyms included
SIGNED = {"title": SIGNS["title"], "hole": SIGNS["holes"]}  # fields whose pairs stand behind a sign of their own
NOWHERE = "nowhere"  # a mark that no article has
SPAM_LEVELS = range(4)  # 0 honest … 3 certain spam
SPAM_VALUE = re.compile(r"(<=|>=|<|>|=|)\s*(\d)(?:\s*(?:-|\.\.)\s*(\d))?")


@dataclass(frozen=True, slots=True)
class Term:
    """A word that an article must contain in one of its ``forms``; the first form is the word itself.

    ``field``: "" anywhere, else "title", "text" or "hole". ``wanted``: False below a minus sign (never marked).
    """

    forms: tuple[Form, ...]
    field: str
    position: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter that FTS5 does not hold. ``wanted``: False after a minus sign."""

    name: str
    value: str
    position: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Match:
    """expression: for ``article_fts MATCH ?``; conditions: all of them must hold; terms: for marking and explaining."""

    expression: str
    conditions: tuple[Condition, ...]
    terms: tuple[Term, ...]
    text: str

    @property
    def expanded(self) -> tuple[Term, ...]:
        """The terms that are searched in more than one form."""
        return tuple(term for term in self.terms if len(term.forms) > 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far words reach: synonyms, and words that a filter deleted from the text."""

    synonyms: bool = True
    holes: bool = True


def match(text: str, reach: Reach = Reach(), *, portable: bool = False) -> Match:
    """Return the expression for a query.

    portable: one for any index of pairs in columns named text, title, holes and marks, not for ours alone.
    Raises: QueryError, where the query cannot be understood; its message names the character.

    >>> match("催收 -律师", Reach(synonyms=False)).expression
    '(("催收") NOT ("律师"))'
    """
    tree = language.parse(text)
    conditions, rest = set_aside(tree)
    terms: list[Term] = []
    expressions = Expressions(text, reach, terms, portable)
    expression = expressions.of(rest, wanted=True) if rest else expressions.one_of([EVERY])
    if sum(len(term.forms) for term in terms) > MAX_PHRASES:
        fail(text, 0, "the query has too many words with synonyms; use = to search them as they stand", "同义词过多")
    return Match(expression, conditions, tuple(terms), text)


def in_titles(found: Match, reach: Reach) -> str:
    """Return the expression of a match whose words, those of other fields aside, must all stand in the title.

    "" when there is no such word, or only the beginning of one is known: all words with it would have to be read.
    """
    if all(term.field or not term.wanted for term in found.terms):
        return ""
    _, rest = set_aside(language.parse(found.text))
    expression = Expressions(found.text, reach, [], field="title").of(rest, wanted=True) if rest else ""
    return "" if '" *' in expression else expression


def set_aside(tree: Node) -> tuple[tuple[Condition, ...], Node | None]:
    """Return the filters that FTS5 does not hold, and the rest of the query. Only the top level can hold them."""
    nodes = tree.nodes if isinstance(tree, And) else (tree,)
    conditions: list[Condition] = []
    rest: list[Node] = []
    for node in nodes:
        inner = node.node if isinstance(node, Not) else node
        if isinstance(inner, Filter) and inner.name in ROW_FILTERS:
            conditions.append(Condition(inner.name, inner.value, inner.position, inner is node))
        else:
            rest.append(node)
    if not rest:
        return tuple(conditions), None
    return tuple(conditions), rest[0] if len(rest) == 1 else And(tuple(rest))


def quoted(text: str, field: str = "", *, portable: bool = False) -> str:
    """Return the FTS5 phrase that finds ``text`` as it stands; tokens hold no quotation marks, those separate.

    portable: of pairs alone; else the tokens that are read quickest, see ``corpus/field_tokens.py``.
    """
    tokens, prefix = phrase(text)
    if not portable and field in SIGNED:
        tokens = tuple(SIGNED[field] + token for token in tokens)
    elif not portable and len(tokens) > 1 and (folded := runs(text))[0] in whole_words() and len(folded) == 1:
        tokens = folded
    return f'"{" ".join(tokens)}"' + (" *" if prefix else "")


@dataclass(frozen=True, slots=True)
class Expressions:
    """Builds the expression of a tree; ``terms`` collects what was searched, in order."""

    text: str
    reach: Reach
    terms: list[Term]
    portable: bool = False
    field: str = ""  # of wanted words that name none

    def of(self, node: Node, *, wanted: bool) -> str:
        if isinstance(node, Word):
            return self.word(node, wanted)
        if isinstance(node, Near):
            return self.near(node, wanted)
        if isinstance(node, Filter):
            return self.filter(node)
        if isinstance(node, Not):
            return f"({self.one_of([EVERY])} NOT {self.of(node.node, wanted=not wanted)})"
        if isinstance(node, Or):
            return f"({' OR '.join(self.of(inner, wanted=wanted) for inner in node.nodes)})"
        dates = [inner for inner in node.nodes if isinstance(inner, Filter) and inner.name in DATE_FILTERS]
        kept, dropped = [], []
        for inner in node.nodes:
            if isinstance(inner, Not):
                dropped.append(self.of(inner.node, wanted=not wanted))
            elif others := self.other_grades(inner):
                dropped.append(self.one_of(others))
            elif inner not in dates:
                kept.append(self.of(inner, wanted=wanted))
        kept += [self.range(dates)] if dates else []
        expression = " AND ".join(kept) or self.one_of([EVERY])
        if not dropped:
            return f"({expression})"
        return f"({expression} NOT {dropped[0] if len(dropped) == 1 else '(' + ' OR '.join(dropped) + ')'})"

    def word(self, word: Word, wanted: bool) -> str:
        forms = self.forms(word)
        field = self.field_of(word, wanted)
        self.terms.append(Term(forms, field, word.position, wanted))
        phrases = [quoted(form.text, field, portable=self.portable) for form in forms]
        return self.columns(field, " OR ".join(phrases), prefix=any(p.endswith("*") for p in phrases))

    def near(self, near: Near, wanted: bool) -> str:
        """Return the alternatives of a NEAR. FTS5 counts tokens between the phrases' last and first token; of a word
        of n characters the last token begins one character before its end, hence one more."""
        left, right = self.forms(near.left), self.forms(near.right)
        if len(left) * len(right) > MAX_NEAR_PAIRS:
            left, right = left[:5], right[:5]
        field = self.field_of(near.left, wanted)
        for word, forms in ((near.left, left), (near.right, right)):
            self.terms.append(Term(forms, field, word.position, wanted))
        signed = field if field in SIGNED else ""  # whole words have no place beside others: pairs only
        portable = self.portable or not signed
        pairs = [
            f"NEAR({quoted(a.text, field, portable=portable)} {quoted(b.text, field, portable=portable)}, {near.distance + 1})"
            for a, b in itertools.product(left, right)
        ]
        return self.columns(field, " OR ".join(pairs), prefix=False)

    def field_of(self, word: Word, wanted: bool) -> str:
        return word.field or (self.field if wanted else "")

    def forms(self, word: Word) -> tuple[Form, ...]:
        plain = Form(word.text, "", "")
        if word.exact or not self.reach.synonyms:
            return (plain,)
        return (plain, *(form for form in forms_of(word.text) if len(runs(form.text)[-1]) > 1))

    def columns(self, field: str, expression: str, *, prefix: bool) -> str:
        """Return ``expression`` restricted to columns, which costs time: only where a token can stand in several."""
        if field in SIGNED and not self.portable:
            return f"({expression})"
        if field:
            return f"({'holes' if field == 'hole' else field} : ({expression}))"
        if not self.reach.holes:
            return f"({{text title}} : ({expression}))"
        return f"({{text title holes}} : ({expression}))" if prefix else f"({expression})"

    def filter(self, item: Filter) -> str:
        if item.name in ROW_FILTERS:
            self.fail(item, f"{item.name}: cannot stand within OR or parentheses", f"{item.name}: 不能放在“或”或括号内")
        if item.name in DATE_FILTERS:
            return self.range([item])
        return self.one_of(self.marks(item))

    def range(self, items: Sequence[Filter]) -> str:
        """Return the expression for all of several dates at once: one range has fewer marks than two."""
        first, after = 0, LAST_NUMBER + 1
        for item in items:
            days = period(item.value)
            if days is None:
                self.fail(
                    item, f"{item.name}: needs a date such as 2024, 2024-05 or 2024-05-31", "需要日期，如 2024-05-31"
                )
            first, after = (max(first, days[0]), after) if item.name == "after" else (first, min(after, days[0]))
        return self.one_of(range_marks(first, after))

    def marks(self, item: Filter) -> list[str]:
        """Return the marks of which an article must have one."""
        if item.name == "spam":
            return self.spam(item)
        if item.name == "site":
            host = re.sub(r"^(?:[a-z]+://)?(?:www\.)?", "", item.value.lower().strip(" ./*")).split("/")[0]
            return [mark("site", host.split(":")[0])]
        if item.name in ("province", "platform", "entity", "law"):
            if not runs(item.value):
                self.fail(item, f"{item.name}: needs a name", "需要名称")
            return facet_marks(item.name, [item.value, *canonical_names(item)])
        return [mark(item.name, item.value)]

    def one_of(self, marks: Sequence[str]) -> str:
        """Return the expression for one of the marks; a portable one names their column, so that an index that has none
        refuses the question: a filter that nothing meets, after a minus sign, would look like an answer."""
        return f"(marks : {one_of_marks(marks)})" if self.portable else one_of_marks(marks)

    def other_grades(self, node: Node) -> list[str]:
        """Return the marks of the spam grades that are not asked for, where they are fewer: every article has one grade,
        and to leave out two lists costs less than to keep three. Else, and for anything but ``spam:``, none."""
        if not (isinstance(node, Filter) and node.name == "spam") or self.portable:
            return []
        asked = self.spam(node)
        others = [each for each in map(spam_mark, (UNSURE_SPAM, *SPAM_LEVELS)) if each not in asked]
        return others if len(others) < len(asked) else []

    def spam(self, item: Filter) -> list[str]:
        if item.value.lower() in ("unsure", "不确定"):
            return [spam_mark(UNSURE_SPAM)]
        found = SPAM_VALUE.fullmatch(item.value)
        if found is None or (found[1] and found[3]) or int(found[2]) not in SPAM_LEVELS:
            self.fail(
                item,
                "spam: needs a level from 0 to 3, such as 0, <2, >=1 or 1-3, or unsure",
                "垃圾等级为 0 至 3，如 0、<2、>=1、1-3，或 unsure",
            )
        sign, low = found[1], int(found[2])
        high = int(found[3]) if found[3] else low
        first, after = {
            "<": (UNSURE_SPAM, low),  # what is not known to be spam
            "<=": (UNSURE_SPAM, low + 1),
            ">": (low + 1, SPAM_LEVELS.stop),
            ">=": (low, SPAM_LEVELS.stop),
        }.get(sign, (low, high + 1))
        return [spam_mark(level) for level in (UNSURE_SPAM, *SPAM_LEVELS) if first <= level < after]

    def fail(self, item: Filter, english: str, chinese: str) -> NoReturn:
        fail(self.text, item.position, english, chinese)


def one_of_marks(marks: Sequence[str]) -> str:
    """Return the expression for articles that have one of the marks; for no marks, one that finds nothing.

    Marks meet no other tokens, so the column need not be named: FTS5 would look at the place of each.
    """
    return "(" + (" OR ".join(f'"{value}"' for value in marks) or f'"{NOWHERE}"') + ")"


def canonical_names(item: Filter) -> list[str]:
    """Return what the gazetteers call a place, platform or law that a filter names by another name (蚂蚁花呗: 花呗).

    The code of a province stands for its name as well, under which all places in it are found.
    """
    kind = "place" if item.name == "province" else item.name
    whole = item.value.strip()
    if kind == "place" and whole.endswith("0000"):
        return [gazetteer().divisions.get(whole, "")]
    names = [f.canonical for f in find_facets(whole, "") if f.kind == kind and (f.start, f.end) == (0, len(whole))]
    return [
        name.split(" ")[0] if kind == "place" else name for name in names
    ]  # of a place its code: not what is above it


def zh_query(text: str | None) -> str:
    """Return the FTS5 expression for whatever text, never an error: for ``article_fts MATCH zh_query(?)`` in SQL.

    It asks for pairs alone, which public.db and indexes of other versions hold as well.

    What the parser refuses is searched as plain words; nothing to search for finds nothing, and so does a filter that
    FTS5 does not hold: better no answer than a wrong one.
    """
    try:
        found = match(text or "", portable=True)
    except QueryError:
        words = runs((text or "")[: language.MAX_LENGTH])[: language.MAX_WORDS]
        return " AND ".join(f"{{text title holes}} : {quoted(word, portable=True)}" for word in words) or '""'
    return '""' if found.conditions else found.expression
