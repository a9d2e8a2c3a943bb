"""Evasive sentences for measuring: the ways of forums and comments, put into sentences about loans and collection.

Symbols, blanks, letters, homophones, split characters, contact glyphs and numerals are set in at random from lists of
their own; homophones and split characters are a closed list, as they are in life.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from pypinyin import lazy_pinyin

SENTENCES = (
    "遇到暴力{催收}怎么办，昨天又接到{催收}电话了。",
    "我的{网贷}全部{逾期}三个月了，会不会被{起诉}？",
    "{信用卡}{逾期}之后，银行说要上{征信}，我该怎么和他们谈。",
    "急用钱的可以找我，无视{征信}，当天{放款}，{额度}五万。",
    "{花呗}{套现}商家，秒到账，手续费低。",
    "专业{反催收}团队，{停息挂账}，帮你和平台谈{还款}方案。",
    "他们把我的{通讯录}爆了，我家人都接到了{轰炸}短信。",
    "{高利贷}害死人，我弟弟就是借了{校园贷}才退学的。",
    "求一个能{下款}的{口子}，{黑户}也可以的那种。",
    "{老赖}名单上有他，{失信}五年了还在外面买车。",
    "收到{律师函}了，说{欠款}再不还就走法律程序。",
    "{微粒贷}和{借呗}一起{逾期}，大概四万块。",
    "被{套路贷}骗了，{砍头息}扣了三千。",
    "{讨债}公司上门喷漆，我报警了，{利息}比本金还高。",
    "不要相信什么{征信}洗白，都是骗子，只会收你的钱。",
)
SYMBOLS = "*＊☆★●◆■~～^_#@+=|丨❤♥💰🔥"
QUIET = (" ", ".", "·", "-")
HOMOPHONES = {
    "催收": ("崔收", "摧收", "漼收"),
    "网贷": ("网袋", "网代", "忘贷"),
    "逾期": ("愈期", "渝期", "余期"),
    "征信": ("症信", "徵信"),
    "花呗": ("化呗", "花唄"),
    "套现": ("桃现", "套现"),
    "高利贷": ("高利代", "高力贷"),
    "下款": ("下欵",),
    "老赖": ("老濑", "老癞"),
    "放款": ("放欵",),
    "讨债": ("讨寨",),
    "口子": ("口孑", "囗子"),
}
SPLIT = {"催收": "亻崔收", "征信": "彳正信", "借呗": "亻昔呗", "利息": "禾刂息", "欠款": "欠款"}
CONTACTS = (
    ("需要的加薇❤信{id}详谈", "需要的加微信{id}详谈"),
    ("➕V：{id}，当天到账", "加微信：{id}，当天到账"),
    ("有意者薇信联系{id}", "有意者微信联系{id}"),
    ("徽信同号，扣扣：{qq}", "微信同号，QQ：{qq}"),
    ("不看征信，VX：{id}", "不看征信，微信：{id}"),
    ("办理请打{circled}，全国上门", "办理请打{phone}，全国上门"),
    ("办理请打{numerals}，全国上门", "办理请打{phone}，全国上门"),
)


def evasive_sentences(random: Random, count: int) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, written, meant), kinds by turns."""
    kinds = ("symbol", "letters", "homophone", "split", "contact", "quiet")
    made = 0
    while made < count:
        kind = kinds[made % len(kinds)]
        if kind == "contact":
            yield (kind, *_contact(random))
            made += 1
            continue
        sentence = random.choice(SENTENCES)
        meant = sentence.replace("{", "").replace("}", "")
        written = _evaded(sentence, kind, random)
        if written != meant:
            yield kind, written, meant
            made += 1


def _evaded(sentence: str, kind: str, random: Random) -> str:
    pieces = sentence.split("{")
    written = pieces[0]
    for piece in pieces[1:]:
        term, _, rest = piece.partition("}")
        written += _term(term, kind, random) + rest
    return written


def _term(term: str, kind: str, random: Random) -> str:
    at = random.randrange(1, len(term))
    if kind == "symbol":
        return term[:at] + random.choice(SYMBOLS) * random.choice((1, 1, 2)) + term[at:]
    if kind == "quiet":
        return term[:at] + random.choice(QUIET) + term[at:]
    if kind == "letters":
        which = random.randrange(len(term))
        return term[:which] + str(lazy_pinyin(term)[which]) + term[which + 1 :]
    if kind == "homophone":
        return random.choice(HOMOPHONES.get(term, (term,)))
    return SPLIT.get(term, term)


def _contact(random: Random) -> tuple[str, str]:
    written, meant = random.choice(CONTACTS)
    phone = "1" + random.choice("3578") + "".join(random.choice("0123456789") for _ in range(9))
    values = {
        "id": "".join(random.choice("abcdefgh") for _ in range(4)) + str(random.randrange(1000, 9999)),
        "qq": str(random.randrange(10**8, 10**9)),
        "phone": phone,
        "circled": "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(digit)] for digit in phone),
        "numerals": "".join("零一二三四五六七八九"[int(digit)] for digit in phone),
    }
    return written.format(**values), meant.format(**values)
