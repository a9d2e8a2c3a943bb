"""Lines with invented personal data and lines with look-alikes, by rule: what masks are measured on."""

from __future__ import annotations

import random
from collections.abc import Iterator

from corpus.redact import is_id_number

FRAMES = (
    "联系电话{}，谢谢",
    "身份证号：{}。",
    "请打 {} 找小王",
    "转到{}这张卡",
    "手机{}微信同号",
    "{}",
    "资料：{}；请核对",
    "打给我（{}）吧",
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
PREFIXES = ("130", "133", "137", "139", "147", "150", "158", "166", "173", "180", "189", "198")
REGIONS = ("110101", "310104", "440305", "510107", "620102", "430103")


def personal_lines(count: int, seed: int = 9) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, personal data as written, line): ID numbers, card numbers, mobile numbers, in turn."""
    rng = random.Random(seed)
    for number in range(count):
        kind = ("id", "card", "phone")[number % 3]
        value = {"id": id_number, "card": card_number, "phone": mobile}[kind](rng)
        frame = rng.choice(FRAMES)
        yield kind, value, frame.format(value)


def id_number(rng: random.Random) -> str:
    body = f"{rng.choice(REGIONS)}{rng.randint(1955, 2004)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randint(0, 999):03}"
    whole = next(body + check for check in "0123456789X" if is_id_number(body + check))
    return rng.choice((whole, whole.lower(), whole.translate(FULL_WIDTH)))


def card_number(rng: random.Random) -> str:
    digits = "62" + "".join(rng.choice("0123456789") for _ in range(rng.choice((13, 16))))
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    whole = digits + str(-total % 10)
    return rng.choice((whole, " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))))


def mobile(rng: random.Random) -> str:
    whole = rng.choice(PREFIXES) + "".join(rng.choice("0123456789") for _ in range(8))
    forms = (
        whole,
        f"{whole[:3]}-{whole[3:7]}-{whole[7:]}",
        f"{whole[:3]} {whole[3:7]} {whole[7:]}",
        f"+86 {whole}",
        whole.translate(FULL_WIDTH),
    )
    return rng.choice(forms)


def harmless_lines(count: int, seed: int = 10) -> Iterator[str]:
    """Yield lines with amounts, dates, case numbers, hotlines, laws and quantities: nothing in them is personal."""
    rng = random.Random(seed)
    for _ in range(count):
        n, big = rng.randint(1, 99_999), rng.randint(10**9, 10**11)
        year, month, day = rng.randint(2009, 2026), rng.randint(1, 12), rng.randint(1, 28)
        yield rng.choice(
            (
                f"借款 {n}.{n % 100:02} 元，年化 {n % 36}.{n % 10}%", f"标的额{big}元", f"共计人民币{big}.00元整",
                f"{year}年{month}月{day}日立案", f"发布于{year}-{month:02}-{day:02} {n % 24:02}:{n % 60:02}:{n % 60:02}",
                f"（{year}）京0{n % 900 + 100}民初{n}号判决", f"({year})沪{n % 900:04}执{n}号", f"请拨打 {rng.choice(('12378', '12363', '12315', '110'))} 投诉",
                f"《民法典》第{n % 1260 + 1}条规定", f"阅读 {n} 次，点赞 {n % 977}", f"流水 {year}{month:02}{day:02} 共 {n} 笔",
                f"注册资本{n}万元，不良贷款{n % 500}.{n % 10}亿元", f"逾期{n % 900}天，利息{n}元", f"银保监发〔{year}〕{n % 60 + 1}号",
            )
        )  # fmt: skip
