"""Labelling functions: short rules that answer scope, topic, genre, intent or spam with the words that show it, or abstain.

In goes the restored text of a page, out come labels with evidence. They pick what people are asked (a page where a rule
and the model differ is disputed) and fill in answers beforehand; they are no gold and train nothing. A rule wants
certain words, several of them where one alone could be chance, and none that say otherwise. ``benchmarks/labelling.py``
measures them on the training families; an answer under ``FLOOR`` of precision is taken out of its rule.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from classify.codebook import UNSURE
from classify.rulings import Candidate, choose
from corpus.records import Label

FLOOR = 0.9  # least precision of an answer on the training families
LIMIT = 3_000  # characters of a text that rules read; what a page is shows by then
EVIDENCE = 5  # spans at most
ASKED = 50_000  # candidates of a round that rules are asked about: half a minute at .5 ms for 1,400 characters
VERSION = "1"  # raised with every change of a rule: predictions in Label Studio name it
Answer = tuple[str, str]  # scheme, code


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its answers, where ``least`` different hits of ``wants``, one of ``also`` and none of ``unless`` stand."""

    name: str
    answers: tuple[Answer, ...]
    wants: re.Pattern[str]
    least: int = 1
    also: tuple[re.Pattern[str], ...] = ()
    unless: re.Pattern[str] | None = None


def _rule(
    name: str, answers: str, wants: str, *, least: int = 1, also: Sequence[str] = (), unless: str | None = None
) -> Rule:
    """Return a rule; ``answers`` as "scheme=code", with blanks between."""
    pairs = (answer.partition("=") for answer in answers.split())
    return Rule(
        name, tuple((scheme, code) for scheme, _, code in pairs), re.compile(wants, re.M), least,
        tuple(map(re.compile, also)), re.compile(unless) if unless else None,
    )  # fmt: skip


_DEBT = (  # services that are sold to debtors and creditors
    r"停息挂账|停息分期|个性化分期|协商(?:还款|分期|延期|减免)|代协商|债务(?:优化|重组|协商|规划|整合)|反催收|停催|征信(?:修复|洗白)|"
    r"(?:消除|删除|洗白|修复)(?:逾期|不良|征信)|讨债|要债|要账|清债|清欠|追债|收账|讨账|追账|商账|套现|口子|下款|背债"
)
_NUMBER = (  # a way to get in touch, followed by a telephone number or an account, also a masked one
    r"(?:微信|加[vV微薇]|[vVQ][xXQ]|电话|热线|咨询|联系|私|备注|手机)[^。\n]{0,8}(?:1[3-9]\d{1,2}\*|1\d{6,10}|400-|wx_|[a-z]{1,6}\d{3,})"
)
_WARNED = r"警方|民警|网警|公安|检察|记者|骗|警惕|谨防|法院|声明|冒用|我行|坐席|律师函|律师|本所|物业|货款|征信中心"
_CREDIT = r"网贷|信用卡|花呗|讨债|要账|催收|要债|借款人|消费贷|助贷|小贷|消费金融|消金|P2P|贷款"

RULES = (
    _rule(
        "court", "intent=justice genre=official spam=0",
        r"本院(?:认为|查明|经审查|审理查明|受理|立案)|判决如下|裁定如下",
    ),
    _rule(
        "police", "intent=justice spam=0",
        r"(?:^|[。；])[ \u3000\n]{0,4}(?:在此，?)?(?:民警|警方|公安机关|网警|检察官|检察机关|法官|法院|本院)(?:在此|郑重)*(?:提醒|提示)",
        unless=r"记者|通报，|公布|终结|调解员先|本报",
    ),
    _rule(
        "reporter", "intent=journalist genre=news spam=0",
        r"记者(?:从|了解到|获悉|采访|调查|注意到|发现|联系|走访|致电|看到|梳理)|本报(?:讯|记者)|[电讯][（(]记者|通讯员",
    ),
    _rule(
        "paper", "intent=scholar genre=other spam=0",
        r"摘[ \u3000]?要[：:】]|关键词[：:】]|本文(?:基于|利用|采用|以|运用)|实证(?:检验|分析|结果)|样本(?:为|包括)|回归|问卷|访谈",
        least=2,
    ),
    _rule(
        "offer", "intent=solicitation spam=2",
        r"先(?:办|做|处理|协商|下款)后(?:付|收|交)|不成功不收[费取]|(?:不成|没办成|不下款|未成功|无效)(?:不|分文不)(?:收|取|要)|"
        r"(?:事成|成功|办成|结案|回款|下款|到账)(?:后|之后|再)再?[付收交]|包(?:成功|下款|过)|[零无]前期|前期[不零无]|[必秒包]下|无视(?:黑白|征信|黑户)|"
        r"专业|代办|办理|承接|全程|接单|内部渠道|法务|团队|名额",
        also=(_DEBT, _NUMBER), unless=_WARNED,
    ),
    _rule(
        "quick loans", "topic=product scope=edge", r"口子|下款口",
        also=(r"下款|无视|黑户|不看征信|不上征信|必下|秒下",), unless=r"逾期后|催收|警方|套路|还不上|还不起|骗|714",
    ),
    _rule(
        "gambling", "spam=2",
        r"百家乐|时时彩|老虎机|博彩|葡京|娱乐城|真人(?:荷官|视讯|娱乐)|棋牌|六合彩|投注|体育下注|PK10|电子游艺|约炮|一夜情|裸聊|"
        r"成人(?:视频|影院|电影)|(?:[无有]码|国产精品|日韩|欧美|三级)(?:视频|影院|电影|在线|精品|片)",
        least=2, unless=r"警方|民警|公安|记者|赌债|戒赌|挂了马|马甲",
    ),
    _rule(
        "fine", "topic=law spam=0", r"罚款[^。\n]{0,10}元|行政处罚(?:决定|信息)|责令(?:其)?(?:限期)?改正",
        also=(r"银行|消费金融|小额贷款|小贷|金融监管|监管局",),
    ),
    _rule(
        "decree", "genre=official intent=regulator spam=0",
        r"各(?:银保监局|监管局|有关单位|市|区|县|分局|消费金融公司|小额贷款|会员)[^。\n]{0,40}[：:]|现(?:予以)?公布|特此(?:通知|公告)|印发|请认真贯彻|"
        r"请遵照执行|自\d{4}年\d{1,2}月\d{1,2}日起(?:施行|执行)|本(?:办法|指引|通知|规定|规范)|征求意见|(?:^|。)[ \u3000\n]{0,4}第[一二三四五六七八九十百]{1,5}条(?![，,])",
        least=2, unless=r"记者|代谈|年费|我司|我行|甲方|乙方|应用|业务单元|多家产品|业务员|本公司|货款",
    ),
    _rule(
        "lender", "intent=platform genre=company spam=0", r"我行(?!我素|动)",
        also=(r"还款|借款|信用卡|贷款|账单|逾期|催收",), unless=r"记者|本院|起诉我|小编",
    ),
    _rule(
        "trade", "topic=industry",
        r"坐席|甲方|作业|案[子件量]|回款|质检|工号|委外|组长|外呼|催员|电催|职场|佣金|委案|M[1-6]", least=3,
        unless=r"小编|记者|摘要|我行|监管|协会|法院|各会员|本院|骗|投诉编号|微信|警|话术|停催|词条|提醒函|工号被",
    ),
    _rule(
        "lawyer", "intent=lawyer",
        r"[\u4e00-\u9fff]律师[：:]|律师(?:解答|解析|解读|回复|回答|说法)|本所律师|作者[：:|｜ ][^。\n]{0,12}律师",
        unless=r"记者|警方|民警|我行|小编|本律师|微信|下面",
    ),
    _rule(
        "complaint", "topic=complaint",
        r"投诉(?:编号|对象|诉求|要求|问题|内容)|发起投诉|涉诉金额|商家回复|补充投诉", least=2,
    ),
    _rule(
        "thread", "genre=forum",
        r"(?:^|[。 ])[0-9一二三四五六七八九十]{1,2}楼|楼主|沙发|(?:^|。)(?:回复|网友|更新|评论|提问者?|楼下)[：:]|老哥|在线等|最佳答案|谢邀",
        least=2, unless=r"微信|下款|摘要|小编|加我|私[信我你]|业主|口子",
    ),
    _rule(
        "farm", "genre=farm",
        r"小编|本站|本文[将就]|接下来|下面|一起来看看|带大家|为大家|为您|给大家|希望(?:本文|以上|对[大您你])|总之|综上所述|导语|总结|首先|其次|最后",
        least=3, unless=r"微信|记者|本院|我|摘要|关键词|热线|咨询电话|不成功|【|\[|联系本站",
    ),
    _rule(
        "other dues", "scope=out topic=off",
        r"物业(?:费|公司|管理|服务)|业主|劳动(?:仲裁|合同|争议|报酬|监察)|欠薪|工资[^。\n]{0,6}(?:拖欠|未发|没发)|拖欠[^。\n]{0,6}工资|加班费|农民工|"
        r"交警|扣分|车管所|交通违法|抚养费|彩礼", least=2, unless=_CREDIT,
    ),
    _rule(
        "credit record", "topic=credit scope=core",
        r"征信(?:报告|记录|中心|异议|查询|修复|系统)|信用报告|五级分类|异议申请|硬查询|不良记录|呆账|连三累六",
        least=3, unless=r"催收|起诉|口子|骗|警方|企业|黑产|协商",
    ),
    _rule(
        "enforcement", "topic=litigation",
        r"失信被执行人|限制?高(?:消费|令)|强制执行|执行(?:局|法官|通知书|立案|和解|标的|款)|传票|立案|诉前调解|调解员|支付令|开庭|应诉|答辩",
        least=3, unless=r"讨债|要账|工资|物业|借条|抚养|工程款|套路贷|诈骗|犯罪|伪造|冒充",
    ),
    _rule(
        "crime", "topic=fraud",
        r"套路贷|砍头息|714|高炮|AB贷|背债|校园贷|诈骗|犯罪(?:团伙|嫌疑人|集团)|刑拘|抓获|敲诈勒索|伪造病历|非法经营",
        least=3, unless=r"本文|摘要|讨债公司",
    ),
    _rule(
        "instalments", "topic=negotiate",
        r"停息挂账|个性化分期|协商(?:成功|还款|分期|延期|方案|减免)|谈成|只还本金|减免(?:利息|罚息|息费)|延期还款|分期(?:方案|协议|还)|60期|六十期|停催",
        least=3, unless=r"诈骗|警方|刑|伪造|黑产|征信修复|讨债",
    ),
)  # fmt: skip


def answers(text: str) -> tuple[Label, ...]:
    """Return the answers of every rule that holds, in the order of the rules, each with up to five spans.

    Spans are (start, end) of ``text`` in characters, within its first ``LIMIT``. Two rules may differ; a text that shows
    nothing has no answer.
    """
    read = text[:LIMIT]
    return tuple(
        Label(scheme, code, 1.0, f"{rule.name}/{VERSION}", evidence=spans)
        for rule in RULES
        if (spans := evidence(rule, read))
        for scheme, code in rule.answers
    )


def evidence(rule: Rule, text: str) -> tuple[tuple[int, int], ...]:
    """Return the places that a rule goes by, in order, or nothing where it abstains."""
    found: dict[str, tuple[int, int]] = {}
    for match in rule.wants.finditer(text):
        found.setdefault(match.group(), match.span())
    others = [other.search(text) for other in rule.also] if len(found) >= rule.least else [None]
    if not all(others) or (rule.unless and rule.unless.search(text)):
        return ()
    spans = {*list(found.values())[: EVIDENCE - len(others)], *(other.span() for other in others if other)}
    return tuple(sorted(spans))


def disputed(given: Iterable[Label], answered: Iterable[Answer]) -> bool:
    """Return whether a rule's answer differs from that of the model; a model that is unsure differs from nothing."""
    said = dict(answered)
    return any(said.get(label.scheme, UNSURE) not in (label.value, UNSURE, "-1", "") for label in given)


def ask_rules(candidates: Iterable[Candidate], most: int = ASKED) -> tuple[Candidate, ...]:
    """Return the candidates, best first; the first ``most`` with the answers of rules, disputed where the model differs."""
    ranked = choose(candidates, sys.maxsize)
    asked = (replace(c, rules=answers(c.text)) for c in ranked[:most])
    return (*(replace(c, disputed=c.disputed or disputed(c.rules, c.answers)) for c in asked), *ranked[most:])
