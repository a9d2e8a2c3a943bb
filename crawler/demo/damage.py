"""Damages clean Simplified text the way content farms do, forward, by imitating their tools.

In goes text that is known, out comes what a reader of the farm would see; the sample web uses it so that what
restoration makes of a page can be compared with what stood there before. Each function is one mechanism, and they are
applied in this order: words cut out by a filter, Simplified to Traditional character by character (no word context, so
于, 里, 后 stay), pinyin in brackets after a converted character, and a full stop handled by its bytes. The last two work
on the GBK bytes of the text and ignore character borders, which is what produces byte straddles: a match may begin with
the second byte of one character and end with the first of the next.
"""

from __future__ import annotations

from functools import lru_cache

import opencc
import pypinyin

# Characters that the farms' own tables leave as they are although OpenCC has a Traditional form for them.
UNCONVERTED = frozenset("里后于系征范准复采松干余面只制")
# Forms that farms use where OpenCC's first choice is another variant.
VARIANTS = {"为": "為", "着": "著", "众": "眾", "线": "線", "启": "啟", "伪": "偽"}
# What a typical farm annotates; the rest of the converted characters stay bare. 冊 stands for rare entries: its bytes
# also lie across 們在, which is how a bracket comes into the middle of a character.
PARTIAL = frozenset(
    "網業發對進體導當會動學實題時間這個國區開關應務際電話無濟錄項險願證據續紀積極議絡臺統術場標創傳數風環構權適監規冊讀"
)
SPARSE = frozenset("監規續證")
LOST = "?"  # what a decoder shows for bytes that are no character
FULL_STOP = "。".encode("gbk")
# Words that filters delete without looking at word borders: the left side disappears, the right side stays.
CUT_WORDS: tuple[tuple[str, str], ...] = (
    ("电话", " "),
    ("问题", "问"),
    ("方法", " "),
    ("手段", "手"),
    ("的同时", "的"),
)
CUT_TOPIC_WORDS: tuple[tuple[str, str], ...] = (*CUT_WORDS, ("催收", ""), ("骚扰", "扰"), ("威胁", ""))
# An advertising-law filter puts asterisks over the first character or the whole word.
MASKED_WORDS: tuple[tuple[str, str], ...] = (
    ("保障", "**"),
    ("最终", "*终"),
    ("最新", "**"),
    ("最", "*"),
    ("第一", "**"),
)
# Synonyms as a spinning tool puts them, meaning or no meaning.
SPUN_WORDS: tuple[tuple[str, str], ...] = (
    ("问题", "疑问"),
    ("原因", "起因"),
    ("影响", "作用"),
    ("了解", "熟悉"),
    ("过程中", "进展中"),
    ("采取", "采纳"),
    ("行为", "表现"),
    ("要求", "须要"),
    ("协商", "商议"),
    ("借款人", "告贷人"),
    ("沟通", "相同"),
    ("法律", "法令"),
    ("方法", "方式"),
    ("官方", "民间"),
    ("合法", "正当"),
)


def replace_words(text: str, table: tuple[tuple[str, str], ...]) -> str:
    """Return the text with every pair of the table replaced, in the table's order."""
    for before, after in table:
        text = text.replace(before, after)
    return text


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@lru_cache(maxsize=8192)
def traditional_character(character: str) -> str:
    """Return the Traditional form a table without word context gives; the character itself where it has none."""
    if character in UNCONVERTED or not "\u4e00" <= character <= "\u9fff":
        return character
    converted = VARIANTS.get(character) or str(_converter().convert(character))
    return converted if len(converted) == 1 and _gbk(converted) else character


def _gbk(character: str) -> bytes:
    return character.encode("gbk", "ignore")


def traditional(text: str) -> str:
    """Return the text with each character converted on its own."""
    return "".join(map(traditional_character, text))


@lru_cache(maxsize=4)
def annotation_table(density: str) -> dict[bytes, bytes]:
    """Return GBK bytes of a converted character -> GBK bytes of its pinyin, as the tool's table holds them.

    density: "full" (every converted character), "partial" (those farms usually have) or "sparse" (four).
    """
    converted = {traditional_character(chr(code)) for code in range(0x4E00, 0x9FA6) if _gbk(chr(code))}
    converted -= {character for character in converted if _unchanged(character)}
    table = {"full": converted, "partial": PARTIAL, "sparse": SPARSE}[density]
    return {_gbk(character): _gbk(reading(character)) for character in sorted(table)}


def _unchanged(character: str) -> bool:
    return str(_reverse().convert(character)) == character


@lru_cache(maxsize=1)
def _reverse() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def reading(character: str) -> str:
    """Return the pinyin with tone marks that the tool prints: the commonest reading."""
    return str(pypinyin.pinyin(character, style=pypinyin.Style.TONE)[0][0])


def annotate_bytes(body: bytes, table: dict[bytes, bytes]) -> bytes:
    """Return the bytes with "(pinyin)" after each place where a character's two bytes stand, aligned or not.

    One pass from left to right, byte by byte, as a replacement over byte strings does; a match of unaligned bytes puts
    the bracket into the middle of a character.
    """
    annotated = bytearray()
    position = 0
    while position < len(body):
        note = table.get(body[position : position + 2])
        step = 1 if note is None else 2
        annotated += body[position : position + step]
        if note is not None:
            annotated += b"(" + note + b")"
        position += step
    return bytes(annotated)


def show(body: bytes, *, private_use: bool = False) -> str:
    """Return what a GBK decoder shows: two bytes that are no character are one "?", a lone lead byte is one "?".

    private_use: undefined pairs become private-use characters, as WHATWG's decoder has it, instead of "?".
    """
    shown: list[str] = []
    position = 0
    while position < len(body):
        lead = body[position]
        if lead < 0x80:
            shown.append(chr(lead))
            position += 1
            continue
        pair = body[position : position + 2]
        shown.append(_show_pair(pair, private_use))
        position += 2
    return "".join(shown)


def _show_pair(pair: bytes, private_use: bool) -> str:
    try:
        character = pair.decode("gb18030" if private_use else "gbk")
    except UnicodeDecodeError:
        return LOST
    return character if len(character) == 1 else LOST


def annotate(text: str, density: str, *, full_stops: bool = False, private_use: bool = False) -> str:
    """Return Traditional text annotated by bytes, line by line, with the straddles this makes.

    density: as in annotation_table, or "" for no pinyin. full_stops: the tool then also cuts the bytes at those of 。
    and joins the pieces with 。 as a character: 薄： is B1 A1 A3 BA and holds A1 A3 = 。 in its middle, so B1 is orphaned
    and what follows shifts by a byte.
    """
    table = annotation_table(density) if density else {}
    lines = (annotate_bytes(line.encode("gbk", "replace"), table) for line in text.split("\n"))
    pieces = (line.split(FULL_STOP) if full_stops else [line] for line in lines)
    return "\n".join("。".join(show(piece, private_use=private_use) for piece in line) for line in pieces)
