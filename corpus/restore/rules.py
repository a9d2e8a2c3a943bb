"""Every rule of restoration: what it is called, what it does, what it does not touch. Examples are tested."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of restoration.

    examples: (published, clean) pairs. counter_examples: texts that only look damaged and stay as they are.
    """

    name: str
    title: str  # English, Chinese
    says: str
    examples: tuple[tuple[str, str], ...]
    counter_examples: tuple[str, ...] = ()


RULES = (
    Rule(
        "invisible",
        "Invisible characters · 不可见字符",
        "Zero-width characters, soft hyphens, direction marks and control characters are taken out; a joiner inside an emoji stays.",
        (("催\u200b收电\ufeff话", "催收电话"),),
        ("👨\u200d👩\u200d👧",),
    ),
    Rule(
        "width",
        "Full-width letters and digits · 全角字母与数字",
        "Full-width letters and digits become ASCII. Full-width punctuation is Chinese and stays.",
        (("年利率２４％，ＡＰＰ", "年利率24％，APP"),),
        ("你好，世界！",),
    ),
    Rule(
        "html-remains",
        "Character references encoded twice · 残留的 HTML 实体",
        "&nbsp; &amp;quot; and the like are decoded where hanzi stand near; code that shows a reference stays.",
        (("本金&nbsp;与&amp;quot;利息&amp;quot;", '本金 与"利息"'),),
        ('print("&lt;")',),
    ),
    Rule(
        "annotation",
        "Pinyin annotations · 拼音注音",
        "A syllable in brackets goes where it is a reading of the character before it, nine in ten of the page's annotations stand on "
        "converted characters, and the page is Traditional. A page that teaches rare characters keeps them.",
        (("網(wǎng)絡貸款發(fā)展很快", "网络贷款发展很快"), ("社會(huì )與經(jīng )濟", "社会与经济")),
        ("饕(tāo)餮(tiè)是传说中的怪兽", "“龢”(hé)是“和”的异体字"),
    ),
    Rule(
        "annotation-straddle",
        "Annotation inside two characters · 注音切断的字节",
        "An annotation written between the bytes of two characters: the lost byte follows from the byte before it and the reading; "
        "the bytes after it are paired anew.",
        (("他們?cè)讷@得貸款之後", "他们在获得贷款之后"),),
        ("真的?(sic)不对吧",),
    ),
    Rule(
        "punctuation-straddle",
        "Mark inside two characters · 标点切断的字节",
        "A mark matched inside two characters leaves a lead byte behind, shown as ?. The model picks the byte where one reading is "
        "clearly likelier than leaving the text.",
        (("法律意識(shí)淡?。翰糠纸杩钊藢?duì)信用,", "法律意识淡薄：部分借款人对信用,"),),
        ("真的吗?。不知道",),
    ),
    Rule(
        "mojibake",
        "Wrong character set · 乱码",
        "A run read in the wrong character set is turned back where every byte is still there and the model finds the result clearly "
        "likelier.",
        (("è´·æ¬¾é€¾æœŸ", "贷款逾期"),),
        ("café, naïve, Ärger",),
    ),
    Rule(
        "script",
        "Traditional to Simplified · 繁转简",
        "OpenCC's plain t2s, one edit a run; 著 becomes 着 where the model prefers it. Native Traditional is converted too, for search, "
        "and is not called damaged.",
        (("隨著著名企業的發展", "随着著名企业的发展"),),
        ("显著的著作",),
    ),
    Rule(
        "evasion-symbol",
        "Marks inside a term · 词中插入符号",
        "Ornaments between the characters of a known term go; dots, dashes and blanks only inside a sentence.",
        (("暴力催*收", "暴力催收"), ("逾☆期怎么办", "逾期怎么办")),
        ("会计分录写明借/贷方向", "借 款 人：", "长*宽*高"),
    ),
    Rule(
        "evasion-letters",
        "Letters for a syllable · 字母代字",
        "A syllable in letters that completes a known term.",
        (("cui收员打来电话", "催收员打来电话"), ("代kuan逾qi了", "代kuan逾期了")),
        ("Yu老师教拼音",),
    ),
    Rule(
        "evasion-homophone",
        "Homophones · 谐音字",
        "Listed homophones in the company they keep (variants.tsv).",
        (("崔收员上门了", "催收员上门了"), ("网袋逾期三个月", "网贷逾期三个月")),
        ("崔收到了合同", "尼龙网袋装水果", "业绩符合预期"),
    ),
    Rule(
        "evasion-split",
        "Split characters · 拆字",
        "A character written as its parts.",
        (("亻昔款不还", "借款不还"),),
        ("偏旁有亻、氵、讠",),
    ),
    Rule(
        "evasion-contact",
        "Contact glyphs · 联系方式变体",
        "Glyphs for WeChat and QQ where an account or number goes with them.",
        (("加薇❤信abc12345", "加微信abc12345"), ("扣扣：123456", "QQ：123456")),
        ("申请加V认证", "扣扣子", "V领毛衣"),
    ),
    Rule(
        "evasion-digits",
        "Numbers in other numerals · 变形数字",
        "Telephone numbers of eleven digits, and numbers behind QQ or 微信, in circled, keycap or Chinese numerals.",
        (("请打一三八零零一三五七九零", "请打13800135790"),),
        ("二〇二四年十二月五日", "①②③④⑤"),
    ),
    Rule(
        "injected",
        "Advertisement inside a sentence · 插入的广告",
        "A debt shop's name in brackets in the middle of a sentence goes to the removed text.",
        (("想了[某某讨债公司]解更多", "想了解更多"),),
        ("某某（讨债）一词的来历",),
    ),
)

# Rules that find and record without changing the text.
FINDINGS = {
    "hole": "Words that filters removed (催收问 for 催收问题). Recorded with a suggestion, never written into the text · 被删的词",
    "lost-text": "Text that cannot be brought back: 锟斤拷, ????, replacement and private-use characters · 无法还原",
    "model-residue": "What a language model left behind: 网页33, textCopy Code · 大模型残留",
    "template-residue": "Template tags and PHP warnings · 模板残留",
    "jammer": "Rare characters before each mark, ASCII noise · 干扰字符",
    "spun": "Wording of spinning software (告贷人 for 借款人); never rewritten · 伪原创",
}
