"""Labels of whole documents: the schemes answered, evidence inside the text, honest answers to bad input."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from classify import codebook
from classify.annotators import ANNOTATORS, annotate, label_passage
from classify.features import Passage
from classify.model_file import current
from classify.passages import compose, families
from classify.templates import invented, templated
from corpus.facets import find_facets
from corpus.records import Article, CleanText, Document, Fingerprints, Label, Page, Published

OVERDUE = (
    "我在某网贷平台借了三万元，现在逾期两个月了，实在还不上。催收每天打十几个电话，还打给我父母和单位同事，"
    "说再不还就要上门。我愿意还钱，只是一次拿不出来，想问问大家这种情况能不能协商分期，征信会不会一直有记录？"
)
RECIPE = "五花肉切块焯水，锅里放少许油和冰糖，小火炒出糖色，加入生抽、老抽、八角和桂皮，转小火炖一个小时即可出锅。"
SELLING = (
    "专业办理停息挂账，信用卡网贷逾期协商，专业团队全国接单，不成功不收费，先办后付。"
    "欠款多、被催收骚扰的朋友加微信免费咨询，法务一对一代协商，最长分60期，诚招代理，添加客服微信abc0000。"
)


def document(text: str, title: str = "", published: str = "") -> Document:
    page = Page("http://example.com/1", 200, (), b"x", datetime(2026, 1, 2, tzinfo=UTC))
    article = Article("http://example.com/1", title, "", Published(published), "example.com", text)
    return Document("a1", page.capture, article, title, "", CleanText(text), (), (), Fingerprints())


def primary(labels: tuple[Label, ...], scheme: str) -> str:
    return next(label.value for label in labels if label.scheme == scheme and label.rank == 1)


def test_every_model_scheme_has_exactly_one_primary_label() -> None:
    labels = annotate(document(OVERDUE)).labels
    for scheme in codebook.MODEL_SCHEMES:
        assert sum(label.scheme == scheme and label.rank == 1 for label in labels) == 1, scheme


def test_a_borrowers_post_is_core_and_a_recipe_is_out() -> None:
    assert primary(annotate(document(OVERDUE, "网贷逾期了怎么办")).labels, "scope") == "core"
    recipe = annotate(document(RECIPE, "红烧肉的做法")).labels
    assert (primary(recipe, "scope"), primary(recipe, "topic")) == ("out", "off")


def test_an_advert_for_debt_agents_is_solicitation_and_spam() -> None:
    labels = annotate(document(SELLING, "停息挂账代办")).labels
    assert primary(labels, "intent") == "solicitation"
    assert primary(labels, "spam") == "2"


def test_evidence_lies_inside_the_clean_text_in_order() -> None:
    labels = annotate(document(OVERDUE)).labels
    assert any(label.evidence for label in labels)
    for label in labels:
        assert all(0 <= start < end <= len(OVERDUE) for start, end in label.evidence)
        assert list(label.evidence) == sorted(label.evidence)


def test_values_are_codes_of_the_codebook_and_scores_are_shares() -> None:
    for label in annotate(document(SELLING)).labels:
        assert label.value == codebook.UNSURE or label.value in codebook.values(label.scheme)
        assert 0 <= label.score <= 1
        assert "/" in label.annotator


@pytest.mark.parametrize(
    "text",
    [
        "",
        "债",
        "Loan collection news of the day.",
        "12345 67890",
        "\ud800\ud800",
        "，。！",
        "Loan collection. " * 300_000,
    ],
    ids=["empty", "one character", "English", "digits", "lone surrogates", "marks", "5 MB of English"],
)
def test_text_that_cannot_be_judged_is_unsure(text: str) -> None:
    labels = annotate(document(text)).labels
    assert {primary(labels, scheme) for scheme in codebook.MODEL_SCHEMES} == {codebook.UNSURE}


def test_five_megabytes_cost_no_more_than_the_limit() -> None:
    long = label_passage(Passage("", OVERDUE * 20_000), current())
    cut = label_passage(Passage("", (OVERDUE * 20_000)[:5000]), current())
    assert long == cut


def test_annotating_twice_changes_nothing() -> None:
    once = annotate(document(SELLING))
    assert annotate(once) == once


def test_annotators_is_a_plain_tuple_of_functions() -> None:
    assert isinstance(ANNOTATORS, tuple)
    assert all(callable(annotator) for annotator in ANNOTATORS)


CIVIL = "根据《合同法》第二百零六条，借款人应当按照约定的期限返还借款。"
CHAT = "**一、协商** 先打客服电话。\n**二、证据** 保留录音。\n**三、计划** 列出清单。\n**四、心态** 不必慌张。"
FLAGGED = [
    ("repealed-law", "repealed when published", CIVIL, "2024-05-01", True),
    ("repealed-law", "in force when published", CIVIL, "2019-05-01", False),
    ("repealed-law", "no date", CIVIL, "", False),
    ("repealed-law", "the day before", CIVIL, "2020-12-31", False),
    ("repealed-law", "the day itself", CIVIL, "2021-01-01", True),
    ("repealed-law", "only the year of the change is known", "根据《消费金融公司试点管理办法》，利率要公示。", "2024", False),
    ("repealed-law", "said to be repealed", "原《合同法》已废止，现应适用民法典。", "2024-05-01", False),
    ("repealed-law", "an article without marks", "合同法第206条规定，借款人应当按期还款。", "2024-05-01", True),
    ("repealed-law", "a rule of a ministry", "依据《个人贷款管理暂行办法》，贷款用途要核实。", "2025-03-01", True),
    ("repealed-law", "a rule of a ministry, in force", "依据《个人贷款管理暂行办法》，贷款用途要核实。", "2023-03-01", False),
    ("repealed-law", "its successor", "依据《个人贷款管理办法》，贷款用途要核实。", "2025-03-01", False),
    ("repealed-law", "a trial rule", "根据《消费金融公司试点管理办法》，利率要公示。", "2025-03-01", True),
    ("repealed-law", "another law of a longer name", "根据劳动合同法第三十八条，员工可以解除合同。", "2024-05-01", False),
    ("repealed-law", "a subject", "他在大学里教合同法和物权法，学生都很喜欢。", "2024-05-01", False),
    ("repealed-law", "what a law rules", "民法通则规定，诉讼时效为两年。", "2022-05-01", True),
    ("repealed-law", "named in passing", "从《民法通则》到《民法典》，走过了三十多年。", "2022-05-01", False),
    ("repealed-law", "a book", "他主编了《合同法》等多部著作。", "2022-05-01", False),
    ("repealed-law", "elsewhere", "香港的《合同法》规定不同。", "2022-05-01", False),
    ("repealed-law", "what a court applied", "法院依照《合同法》第一百零七条判决他偿还。", "2021-05-01", False),
    ("repealed-law", "a verdict on old facts", "本院认为，依照《合同法》第二百零六条，被告应当返还借款。", "2021-03-01", False),
    ("repealed-law", "not yet in force", "根据《民法典》第六百八十条，禁止高利放贷。", "2020-07-01", False),
    ("pseudo-lawyer", "no name", "作为一名执业律师，我建议大家逾期后尽快与平台协商。", "", True),
    ("pseudo-lawyer", "a firm", "海川律师事务所的律师认为，作为执业律师，应当提示风险。", "", False),
    ("pseudo-lawyer", "a name", "我是张伟律师，作为律师，我建议大家尽快与平台协商。", "", False),
    ("pseudo-lawyer", "a name before the trade", "我叫李明远，作为一名执业律师，我建议尽快协商。", "", False),
    ("pseudo-lawyer", "a name behind the trade", "律师王建国：作为执业律师，我建议尽快协商。", "", False),
    ("pseudo-lawyer", "words that look like a name", "对方的律师没来。许多律师不接，作为律师，我建议协商。", "", True),
    ("model-residue", "a citation", "网贷逾期的处理方法如下[[webpage 93]]，请注意。", "", True),
    ("model-residue", "a bare citation", "逾期信息可能会被上报网页33。请尽快还款。", "", True),
    ("model-residue", "about itself", "作为AI语言模型，我无法提供法律意见。", "", True),
    ("model-residue", "answers of a chat", "好的，以下是一篇关于逾期后果的文章：", "", True),
    ("model-residue", "a chat's bold list", CHAT, "", True),
    ("model-residue", "one heading", "# 逾期怎么办\n我借了三万元，还不上了。", "", False),
    ("model-residue", "one bold title", "**逾期怎么办**\n我借了三万元，还不上了。", "", False),
    ("model-residue", "headings of a hand-written page", "# 一\n## 二\n## 三\n## 四\n## 五\n我借了三万元。", "", False),
    ("model-residue", "bold words inside sentences",
     "# 项目\n只考虑**业务**，不考虑**服务**。\n## 结构\n这样**有点繁琐**，那样**更麻烦**。", "", False),
    ("model-residue", "length of a magazine's article", "本文字数：3152，阅读约八分钟。", "", False),
    ("model-residue", "an article about search engines", "SEO从业者都在谈E-E-A-T，它是评价内容的原则。", "", False),
    ("model-residue", "two web pages", "这个网页1比网页2好看。", "", False),
    ("model-residue", "a teacher's demand", "今天的作业要求字数：800字以上。", "", False),
    ("model-residue", "the length that was ordered", "逾期之后应尽快协商。\n（字数：800）", "", True),
    ("model-residue", "a copied code box", "textCopy Code 借款人应当尽快协商。", "", True),
    ("model-residue", "a button", "点击 Copy Code 即可复制邀请码。", "", False),
    ("model-residue", "masked telephones", "厦门要账 133**1111 昆明要账 133**1111 西安要账 133**1111 兰州 133**1111", "", False),
    ("model-residue", "pages counted", "我打开网页3次都没有成功，这个网页2.0版不好用。", "", False),
    ("model-residue", "a model quoted", "我问它，它说“作为AI语言模型，我无法回答”。", "", False),
    ("model-residue", "a person's answer", "好的，以下是我的经历，大家看看。", "", False),
    ("false-cap", "limit of calls", "新规明确，催收每天拨打电话不得超过五次。", "", True),
    ("false-cap", "limit of a standard", "新规明确，催收每天拨打电话不得超过三次。", "", False),
    ("false-cap", "cap without a date", "民间借贷利率的上限为15.4%。", "", False),
    ("false-cap", "cap of another time", "民间借贷利率的上限为24%。", "2024-05-01", True),
    ("spun", "spun", "告贷人应当与平台商议还款，避免过期费用。", "", True),
    ("spun", "plain", "借款人应当与平台协商还款。", "", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "text", "published", "raised"), [(c[0], *c[2:]) for c in FLAGGED], ids=[f"{c[0]}: {c[1]}" for c in FLAGGED]
)
def test_flags_are_raised_with_evidence_or_not_at_all(flag: str, text: str, published: str, raised: bool) -> None:
    given = dataclasses.replace(document(text, published=published), facets=find_facets(text, published))
    labels = [x for x in annotate(given).labels if x.scheme == f"flag:{flag}"]
    assert bool(labels) is raised
    assert all(label.evidence for label in labels)


GANSU = "近期有不少甘肃的网友咨询逾期问题。下面为大家分析甘肃网贷催收上门是否合法。甘肃的借款人要学会保护自己。"
TEMPLATED = [
    ("place-before-keyword", "甘肃网贷催收上门合法吗", GANSU, True),
    ("place-in-brackets", "【甘肃】逾期怎么办", "欠款逾期之后要尽快处理。【甘肃】地区的朋友可以参考以下办法。", True),
    ("same-words-other-places", "信用修复", "长沙征信修复中心 南宁征信修复中心 兰州征信修复中心 常年受理。", True),
    ("district-of-another-city", "", "地址南宁江岸区三楼，长沙金水区也有门店，欢迎来访。", True),
    ("court-notice", "甘肃省兰州市中级人民法院公告",
     "甘肃省兰州市中级人民法院受理原告甘肃银行诉被告金融借款合同纠纷一案，定于七月三日在兰州开庭。", False),
    ("local-news", "兰州警方打掉一讨债团伙",
     "记者从兰州警方获悉，近日兰州市城关区破获一起催收案。兰州的一名借款人告诉记者，对方曾上门。", False),
    ("one-mention", "", "我在长沙网贷逾期了，想问一下怎么办，家里人都不知道。", False),
    ("list-of-cities", "", "活动在北京、上海、广州、成都举行，北京站最先开始，上海站其次。", False),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text", "raised"), [c[1:] for c in TEMPLATED], ids=[c[0] for c in TEMPLATED])
def test_places_filled_in_mechanically_are_flagged(title: str, text: str, raised: bool) -> None:
    given = dataclasses.replace(document(text, title), facets=find_facets(text))
    spans = templated(given)
    assert bool(spans) is raised
    assert all(0 <= start < end <= len(text) for start, end in spans)


INVENTED = [
    ("twice-in-a-frame", "云朵钱包逾期一天会怎样", "云朵钱包逾期之后，云朵钱包会先发短信提醒。", True),
    ("brand-of-another-owner", "京东微粒贷逾期怎么办", "京东微粒贷逾期后会上征信。", True),
    ("at-a-new-line-and-in-brackets", "", "说起来\n云朵钱包平台催收很凶。（云朵钱包客服打不通）", True),
    ("behind-other-words", "", "我说的云朵钱包逾期了，他说的云朵钱包客服打不通。", False),
    ("once-only", "", "云朵钱包逾期之后会先发短信提醒。", False),
    ("known-platform", "花呗逾期怎么办", "花呗逾期之后，花呗会先发短信。微粒贷逾期也一样，微粒贷客服会打电话。", False),
    ("kinds-of-loans", "消费贷逾期怎么办", "消费贷逾期、校园贷逾期、信用贷逾期都会上征信。消费贷客服不会上门。", False),
    (
        "owner-and-own-brand",
        "支付宝花呗逾期",
        "支付宝花呗逾期会上征信，微信微粒贷逾期也会。支付宝花呗可以协商。",
        False,
    ),
    ("words-of-a-sentence", "", "我借了网贷逾期了。没有钱花，逾期了。没有钱花，逾期三天了。", False),
]


@pytest.mark.parametrize(("title", "text", "raised"), [c[1:] for c in INVENTED], ids=[c[0] for c in INVENTED])
def test_platforms_that_nobody_knows_are_flagged(title: str, text: str, raised: bool) -> None:
    spans = invented(document(text, title))
    assert bool(spans) is raised
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_flags_are_raised_on_mass_made_passages_only() -> None:
    """Precision on the project's own passages: no passage of grade 0 is templated or names an invented platform.

    Left out are families with a district right behind a city: the composer draws both, and they seldom belong together.
    """
    drawn = {f.id for f in families() if any("{市}{区}" in w for _, wordings in f.sentences for w in wordings)}
    for passage in (p for p in compose(900) if p.label("spam") == "0" and p.family not in drawn):
        given = dataclasses.replace(document(passage.text, passage.title), facets=find_facets(passage.text))
        assert not templated(given), passage.id
        assert not invented(given), passage.id
