"""A seeded simulator of what content farms do to a text: copies whose origin is known by construction.

Articles are put together from word groups (a group is a list of synonyms), so that two articles of one topic share
words and set phrases, as real ones do, yet little of their three-character runs. The edits are those seen on real
pages or offered by rewriting tools: paragraphs shuffled, characters deleted, synonyms spun, script changed with pinyin
written in, words filtered out, template slots refilled, halves copied, a translation there and back.
Names and numbers are invented; statutes are quoted as published. It ranks methods, it is not field precision.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

# Each line: synonyms, used for one another by the spinner. Two-character words mostly, so that nearly every run of
# three characters crosses a boundary and belongs to one combination.
NOUNS = """
借款人 债务人 欠款人|平台 机构|合同 协议|利息 息费|本金 借款本金|账单 对账单|征信 信用记录|法院 人民法院|律师 代理律师|家人 亲属
通讯录 联系人名单|短信 信息|录音 通话录音|证据 凭证|方案 办法|收入 进账|支出 开销|银行 商业银行|担保人 保证人|抵押物 担保物
利率 费率|违约金 罚金|手续费 服务费|期限 时限|通知 告知书|投诉 申诉|监管部门 主管部门|客服 客服人员|催收员 催款人员|外包公司 委外公司
隐私 个人信息|单位 公司|同事 同僚|朋友 友人|家庭 家里|压力 负担|情绪 心态|计划 规划|预算 收支表|资金 钱款
额度 授信|申请 请求|资料 材料|身份 身份信息|账户 账号|流水 交易明细|工资 薪水|房产 住房|车辆 汽车|存款 积蓄
判决 裁判文书|传票 出庭通知|仲裁 仲裁裁决|调解 和解|执行 强制执行|名单 名录|罚息 逾期利息|保险 保单|学生 大学生|老人 长辈
广告 宣传|套路 圈套|陷阱 骗局|骗子 诈骗分子|中介 中间人|黑产 灰色产业|案例 实例|规定 条文|条款 约定|义务 责任
权利 权益|后果 结果|风险 隐患|原因 缘由|问题 难题|情况 状况|流程 步骤|渠道 途径|结清证明 还清证明|聊天记录 对话截图
""".strip().splitlines()
VERBS = """
核对 核实|保存 留存|提供 给出|协商 商量|拒绝 回绝|偿还 归还|拖欠 欠缴|申请 提出|提交 递交|收集 搜集
威胁 恐吓|骚扰 滋扰|泄露 外泄|冒充 假冒|伪造 编造|投诉 举报|起诉 提告|查询 查看|确认 确定|说明 解释
签订 签署|解除 终止|减免 免除|延长 延后|分摊 均摊|控制 管住|减少 缩减|增加 加大|影响 左右|承担 负担
避免 防止|识别 辨认|警惕 提防|轻信 误信|支付 缴纳|转让 转移|冻结 封存|查封 扣押|恢复 修复|记录 登记
整理 梳理|计算 核算|比较 对比|制定 拟定|执行 落实|联系 联络|通知 告知|委托 聘请|咨询 请教|了解 弄清
注销 关闭|撤销 取消|隐瞒 掩盖|公开 披露|限制 约束|处罚 惩处|调查 核查|受理 接收|驳回 否决|支持 认可
""".strip().splitlines()
ADJECTIVES = """
合理 妥当|合法 正当|真实 属实|完整 齐全|明确 清楚|过高 偏高|沉重 繁重|异常 反常|必要 必需|有效 管用
书面 纸质|固定 稳定|临时 短期|长期 持久|主要 首要|剩余 余下|多余 额外|虚假 不实|隐蔽 隐秘|严重 恶劣
普遍 常见|具体 详细|公平 公正|独立 单独|可靠 可信|复杂 繁琐|简单 简便|全部 所有|部分 一部分|最新 新近
""".strip().splitlines()
ADVERBS = """
及时 尽快|主动 自觉|仔细 认真|逐项 逐条|如实 照实|往往 常常|可能 也许|必须 务必|应当 应该|已经 早已
立即 马上|逐步 慢慢|直接 径直|重新 再次|共同 一起|反复 一再|切勿 千万不要|不得 不可|无法 没法|难以 很难
一般 通常|尤其 特别|继续 接着|暂时 先行|最终 到头来|依法 按照法律|私下 暗中|当场 当面|提前 事先|事后 过后
""".strip().splitlines()
CONNECTIVES = """
因此 所以|然而 但是|此外 另外|同时 与此同时|首先 第一步|其次 第二步|最后 末了|例如 比如|总之 总的来说|实际上 事实上
换句话说 也就是说|值得注意的是 需要留意的是|一方面 一则|在这种情况下 遇到这类情形|从长远看 长远来看|对多数人来说 对大部分人而言
""".strip().splitlines()
# Set phrases that honest articles share word for word.
PHRASES = """
保持冷静并且如实说明困难|不要以贷养贷让窟窿越来越大|量入为出才是根本的办法|把每一笔借款列成一张清楚的表|通话时尽量全程录音
对方无权骚扰无关的第三人|超过法定上限的部分可以不还|还款之后记得索要结清凭证|任何人都不能保证修复征信|先还上征信的再还不上征信的
遇到威胁恐吓应当立即报警|逾期越久成本往往越高|协商的结果最好落在纸面上|不要把验证码告诉任何人|警惕打着法律名义的收费服务
家人的理解比什么都重要|留下足够的生活费再谈还款|仲裁和诉讼都有时间的限制|收到传票千万不要置之不理|对不明扣款可以要求返还
合法的催收也要遵守时间规定|每天拨打的次数应当有限度|群发短信属于侵犯隐私的行为|平台应当公示综合年化成本|砍头息不应计入借款的本金
""".strip().splitlines()
TOPICS = {
    "逾期": "逾期天数 逾期记录 宽限日期 还款日期",
    "协商": "停息挂账 分期协议 减免申请 还款诚意",
    "催收": "上门催收 爆通讯录 催收话术 催收时间",
    "征信": "征信报告 异议申请 征信修复 不良记录",
    "套路贷": "虚增债务 空白合同 走账流水 恶意垒高",
    "利率": "综合成本 年化利率 司法上限 砍头利息",
    "校园贷": "校园代理 培训贷款 毕业还款 刷单兼职",
    "担保": "连带责任 保证期间 追偿权利 代偿款项",
    "起诉": "民事起诉 缺席判决 财产保全 诉讼时效",
    "隐私": "授权范围 数据倒卖 信息删除 权限读取",
    "债务重组": "债务优化 代理维权 垫资过桥 法务咨询",
    "抵押": "抵押登记 二次抵押 车辆拖走 房屋拍卖",
}
PLACES = """甘肃 湖南 河北 山西 江苏 浙江 安徽 福建 江西 山东 河南 湖北 广东 四川 贵州 云南 陕西 青海 辽宁 吉林
长沙 武汉 成都 杭州 南京 合肥 福州 南昌 济南 郑州 广州 深圳 贵阳 昆明 西安 兰州 沈阳 长春 太原 南宁""".split()  # noqa: SIM905
PLATFORMS = "花呗 借呗 微粒贷 拍拍贷 捷信 分期乐 还呗 有钱花 安逸花 宜人贷 好期贷 你我贷 省呗 洋钱罐 任性付".split()  # noqa: SIM905
SET_PHRASES = [phrase for line in PHRASES for phrase in line.split("|")]
FOOTERS = (
    "本文仅供参考，不构成法律意见。如有疑问，请向专业人士咨询。",
    "以上内容由编辑整理发布，转载请注明出处，侵权请联系删除。",
    "想了解更多债务知识，欢迎持续关注本站，我们会不断更新。",
    "温馨提示：借贷有风险，选择需谨慎，请根据自身能力合理借贷。",
)
# 民法典 (Civil Code) 675-680 and 刑法 (Criminal Law) 293-1: what honest articles quote.
STATUTES = (
    "第六百七十五条 借款人应当按照约定的期限返还借款。对借款期限没有约定或者约定不明确，依据本法第五百一十条的规定仍不能确定的，"
    "借款人可以随时返还；贷款人可以催告借款人在合理期限内返还。",
    "第六百七十六条 借款人未按照约定的期限返还借款的，应当按照约定或者国家有关规定支付逾期利息。",
    "第六百八十条 禁止高利放贷，借款的利率不得违反国家有关规定。借款合同对支付利息没有约定的，视为没有利息。"
    "借款合同对支付利息约定不明确，当事人不能达成补充协议的，按照当地或者当事人的交易方式、交易习惯、市场利率等因素确定利息；"
    "自然人之间借款的，视为没有利息。",
    "第二百九十三条之一 有下列情形之一，催收高利放贷等产生的非法债务，情节严重的，处三年以下有期徒刑、拘役或者管制，并处或者单处罚金："
    "（一）使用暴力、胁迫方法的；（二）限制他人人身自由或者侵入他人住宅的；（三）恐吓、跟踪、骚扰他人的。",
)

Edit = Callable[[random.Random, str], str]


@dataclass(frozen=True, slots=True)
class Simulated:
    """One simulated text. family: texts that stem from one base; group: the cluster it belongs in (a variant and a
    half copy are each their own); edit: what was done, "base" for nothing; template: shared by variants, "" for none.
    """

    text: str
    family: str
    group: str
    edit: str
    template: str = ""


def _groups(lines: Sequence[str]) -> list[list[str]]:
    return [group.split(" ") for group in "|".join(lines).split("|")]


@cache
def word_groups() -> dict[str, list[list[str]]]:
    """Word groups by part of speech; a space joins synonyms, a bar or a line ends a group."""
    read = {}
    for name, lines in (("n", NOUNS), ("v", VERBS), ("a", ADJECTIVES), ("d", ADVERBS), ("c", CONNECTIVES)):
        read[name] = _groups(lines)
    return read


@cache
def _synonyms() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    others: dict[str, list[str]] = {}
    for groups in word_groups().values():
        for group in groups:
            for word in group:
                others[word] = [other for other in group if other != word]
    words = sorted((word for word in others if others[word]), key=lambda word: (-len(word), word))
    return re.compile("|".join(words)), others


def sentence(rng: random.Random, topic: str) -> str:
    """Return one sentence of an article of the topic, 15 to 60 characters."""
    bank = word_groups()

    def word(kind: str) -> str:
        groups = bank[kind]
        group = groups[int(rng.random() * len(groups))]
        return group[int(rng.random() * len(group))]

    shape = rng.random()
    special = rng.choice(TOPICS[topic].split())
    if shape < 0.3:
        return (
            f"{word('c')}，{word('n')}{word('d')}{word('v')}{word('a')}的{word('n')}，"
            f"{word('d')}{word('v')}{word('n')}{word('n')}。"
        )
    if shape < 0.45:
        return f"{special}{word('d')}{word('v')}{word('n')}，{word('n')}{word('v')}{word('n')}，{word('d')}{word('v')}{word('a')}{word('n')}。"
    if shape < 0.7:
        return f"{word('c')}{rng.choice(SET_PHRASES)}，{word('n')}{word('d')}{word('v')}{word('n')}。"
    if shape < 0.85:
        return (
            f"如果{word('n')}{word('d')}{word('v')}了{word('n')}，就{word('d')}{word('v')}{word('n')}的{word('n')}，"
            f"并{word('v')}{word('a')}{word('n')}。"
        )
    return f"{word('a')}的{word('n')}和{word('n')}{word('d')}{word('v')}{rng.choice(TOPICS[topic].split())}，{word('v')}{word('n')}{rng.randint(2, 99)}次。"


def article(rng: random.Random, *, length: int = 1000, quote: bool = False) -> str:
    """Return an article of about ``length`` characters in paragraphs; with ``quote``, one statute stands in it."""
    topic = rng.choice(list(TOPICS))
    wanted = rng.gauss(length, length / 8)
    paragraphs: list[str] = []
    total = 0
    while total < wanted:
        paragraph = "".join(sentence(rng, topic) for _ in range(rng.randint(3, 6)))
        paragraphs.append(paragraph)
        total += len(paragraph)
    if quote:
        paragraphs.insert(rng.randint(1, len(paragraphs)), rng.choice(STATUTES))
    paragraphs.append(rng.choice(FOOTERS))
    return "\n".join(paragraphs)


def shuffled(rng: random.Random, text: str) -> str:
    """Paragraphs in another order."""
    paragraphs = text.split("\n")
    rng.shuffle(paragraphs)
    return "\n".join(paragraphs)


def deleted(rng: random.Random, text: str, share: float) -> str:
    """That share of the characters gone, anywhere."""
    return "".join(each for each in text if rng.random() >= share)


def spun(rng: random.Random, text: str, share: float = 0.12) -> str:
    """That share of the known words replaced by a synonym."""
    pattern, others = _synonyms()
    return pattern.sub(lambda hit: rng.choice(others[hit[0]]) if rng.random() < share else hit[0], text)


def filtered(rng: random.Random, text: str) -> str:
    """What a forbidden-word filter leaves, and half a percent of the characters lost."""
    for word, left in (("问题", "问"), ("电话", ""), ("打击", ""), ("的同时", "的")):
        text = text.replace(word, left)
    return deleted(rng, text, 0.005)


def there_and_back(rng: random.Random, text: str, share: float = 0.1) -> str:
    """A translation there and back, as word lists do it: synonyms, particles lost, clauses swapped."""
    made = []
    for each in re.split(r"(?<=[。\n])", spun(rng, text, share)):
        clauses = each.rstrip("。\n").split("，")
        if len(clauses) > 2 and rng.random() < share:
            clauses[-1], clauses[-2] = clauses[-2], clauses[-1]
        made.append("，".join(clauses) + each[len(each.rstrip("。\n")) :])
    return re.sub("[的了]", lambda hit: "" if rng.random() < share else hit[0], "".join(made))


def partly(rng: random.Random, text: str, share: float) -> str:
    """A new article of which that share of the characters is copied, in whole sentences, from ``text``."""
    sentences = re.findall(r"[^。\n]+。?", text)
    start = rng.randrange(len(sentences))
    taken, total = [], 0
    for each in sentences[start:] + sentences[:start]:
        if total >= share * len(text):
            break
        taken.append(each)
        total += len(each)
    own = article(rng, length=max(60, round(len(text) * (1 - share))))
    return "".join(taken) + "\n" + own if rng.random() < 0.5 else own + "\n" + "".join(taken)


@cache
def _traditional() -> Callable[[str], str]:
    import opencc

    return opencc.OpenCC("s2t").convert


def other_script(_rng: random.Random, text: str) -> str:
    """Traditional characters, and pinyin after a fixed part of the types that were converted: 網(wǎng)."""
    from pypinyin import Style, lazy_pinyin

    made = []
    for before, after in zip(text, _traditional()(text), strict=True):
        annotated = before != after and ord(after) * 2654435761 % 2**32 < 0.4 * 2**32
        made.append(f"{after}({lazy_pinyin(after, style=Style.TONE)[0]})" if annotated else after)
    return "".join(made)


def template(rng: random.Random, length: int = 900) -> str:
    """An article with places to fill in: {place}, {platform}, {days}, {percent}."""
    topic = rng.choice(list(TOPICS))
    paragraphs = ["{place}{platform}逾期{days}天处理指南【{place}】"]
    total = 0
    while total < length:
        lines = []
        for _ in range(rng.randint(3, 5)):
            made = sentence(rng, topic)
            if rng.random() < 0.35:
                head = rng.choice(("在{place}，", "{platform}用户", "逾期{days}天后，", "{place}的{platform}客户"))
                made = head + made
            lines.append(made)
        paragraphs.append("".join(lines))
        total += len(paragraphs[-1])
    paragraphs.append("{place}地区年化利率不应高于{percent}%，{platform}另有约定的除外。")
    return "\n".join(paragraphs)


def filled(rng: random.Random, pattern: str) -> str:
    """A template with its places, platform, days and rate filled in."""
    return pattern.format(
        place=rng.choice(PLACES),
        platform=rng.choice(PLATFORMS),
        days=rng.randint(2, 180),
        percent=rng.choice((12, 15.4, 18, 24, 36)),
    )


COPY_EDITS: dict[str, Edit] = {
    "shuffled": shuffled,
    "deleted 3%": lambda rng, text: deleted(rng, text, 0.03),
    "deleted 8%": lambda rng, text: deleted(rng, text, 0.08),
    "spun": spun,
    "script": other_script,
    "filtered": filtered,
    "there and back": there_and_back,
}
PARTIAL_EDITS: dict[str, Edit] = {
    "half": lambda rng, text: partly(rng, text, 0.5),
    "third": lambda rng, text: partly(rng, text, 0.33),
}


def corpus(seed: int, *, distinct: int, bases: int, templates: int, fills: int = 14) -> Iterator[Simulated]:
    """Yield a simulated set: distinct articles (one in five quotes a statute), bases with every edit, templates with
    ``fills`` variants each. The same seed gives the same texts."""
    rng = random.Random(seed)
    for number in range(distinct):
        name = f"d{number}"
        yield Simulated(article(rng, quote=number % 5 == 0), name, name, "base")
    for number in range(bases):
        name, text = f"b{number}", article(rng)
        yield Simulated(text, name, name, "base")
        for edit, make in COPY_EDITS.items():
            yield Simulated(make(rng, text), name, name, edit)
        for edit, make in PARTIAL_EDITS.items():
            yield Simulated(make(rng, text), name, f"{name} {edit}", edit)
    for number in range(templates):
        name, pattern = f"t{number}", template(rng)
        seen: dict[str, str] = {}
        for _ in range(fills):
            text = filled(rng, pattern)
            group = seen.setdefault(text, f"{name} {len(seen)}")
            yield Simulated(text, name, group, "slot", name)
