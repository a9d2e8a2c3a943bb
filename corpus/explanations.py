"""What the codes in corpus.db mean, (Chinese, English), for people: edit rules, reasons of removal, sources of dates …

A code without an entry is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

Names = Mapping[str, tuple[str, str]]

EDIT_RULES: Names = {
    "annotation": ("去掉括注的拼音", "pinyin in brackets removed: it is the reading of the character before it"),
    "annotation-straddle": ("修复被拼音截断的字节", "bytes cut by an inserted reading put together again"),
    "punctuation-straddle": ("修复错位的字节", "bytes read one off put together again"),
    "invisible": ("去掉不可见字符", "invisible characters removed"),
    "width": ("全角字母数字转半角", "full-width letters and digits to plain ones"),
    "html-remains": ("还原 HTML 实体", "remains of HTML decoded"),
    "compatibility-form": ("兼容字形转通行字形", "compatibility forms to the usual characters"),
    "script": ("繁体转简体", "Traditional to Simplified characters"),
    "evasion-contact": ("还原为躲避过滤而改写的联系方式用词", "words for contacts written to pass filters put back"),
    "evasion-digits": ("还原为躲避过滤而改写的数字", "digits written to pass filters put back"),
    "evasion-split": ("去掉为躲避过滤而插入的分隔符", "marks put between characters to pass filters removed"),
    "mojibake": ("修复乱码", "text decoded with the wrong character set repaired"),
    "injected": ("去掉注入的文字", "injected words removed"),
}
REMOVED_REASONS: Names = {
    "navigation": ("导航", "navigation"),
    "breadcrumb": ("面包屑路径", "breadcrumb"),
    "related": ("相关与推荐", "related and recommended pages"),
    "footer": ("页脚", "footer"),
    "share": ("分享按钮", "share buttons"),
    "contact-line": ("联系与删稿说明", "contact and removal notices"),
    "repeated-title": ("重复的标题", "the title once more"),
    "byline": ("署名与日期行", "byline"),
    "hidden": ("页面不显示的文字", "text the page does not show"),
    "injected": ("注入的文字", "injected text"),
    "site-boilerplate": ("全站相同的文字", "the same on all pages of the site"),
    "site-part": ("页面的固定栏目", "standing part of the page"),
    "interface": ("按钮与提示", "buttons and messages"),
    "outside": ("正文区域以外", "outside the main text"),
    "pager": ("翻页", "page numbers"),
    "post-info": ("楼层与发帖信息", "facts about a post"),
    "read-aloud": ("朗读按钮", "read-aloud button"),
    "rights-notice": ("版权声明", "rights notice"),
    "title": ("标题", "the title itself"),
    "comment": ("评论", "comments"),
    "list": ("链接列表", "list of links"),
}
DATE_SOURCES: Names = {
    "": ("页面没有日期", "the page shows no date"),
    "meta": ("页面元数据", "the page's metadata"),
    "json-ld": ("结构化数据（JSON-LD）", "structured data (JSON-LD)"),
    "time": ("time 标签", "the time element"),
    "byline": ("署名行", "the byline"),
    "url": ("网址", "the address"),
    "relative": ("相对时间", "a relative time"),
    "text": ("正文", "the text"),
    "tail": ("文末", "the end of the text"),
    "comment": ("页面源码注释", "a comment in the source"),
    "signature": ("文末落款", "the signature below the text"),
    "library": ("图书馆式元数据（DC）", "Dublin Core metadata"),
    "script": ("页面脚本", "a script of the page"),
    "list page": ("本站列表页", "a list page of the site"),
}
CONTACT_KINDS: Names = {
    "phone": ("电话", "telephone"),
    "hotline": ("公共热线", "public hotline"),
    "email": ("邮箱", "e-mail"),
    "qq": ("QQ", "QQ"),
    "wechat": ("微信", "WeChat"),
    "icp": ("ICP 备案", "ICP filing"),
    "police-record": ("公安备案", "police record"),
    "baidu-tongji": ("百度统计", "Baidu analytics"),
    "cnzz": ("CNZZ 统计", "CNZZ analytics"),
    "51la": ("51LA 统计", "51LA analytics"),
    "google-analytics": ("谷歌统计", "Google Analytics"),
    "adsense": ("谷歌广告", "AdSense"),
    "baidu-union": ("百度联盟", "Baidu Union"),
    "verification": ("站长验证码", "webmaster verification"),
    "editor": ("署名的编辑", "editor named"),
    "template": ("页面模板", "page template"),
}
FACET_KINDS: Names = {
    "place": ("地点", "places"),
    "platform": ("平台与产品", "platforms and products"),
    "collector": ("催收机构", "collection agencies"),
    "channel": ("投诉渠道与热线", "channels of complaint"),
    "entity": ("公司主体", "legal entities"),
    "law": ("法规", "laws"),
    "method": ("催收手段", "methods of collection"),
    "amount": ("金额", "amounts"),
    "rate": ("利率", "interest rates"),
    "overdue": ("逾期时长", "time overdue"),
    "date": ("日期", "dates"),
    "event": ("有日期的事件", "dated events"),
}
SLOT_KINDS: Names = {
    "place": ("地名", "place"),
    "platform": ("平台", "platform"),
    "day": ("日子", "day"),
    "number": ("数字", "number"),
    "bracket": ("括注", "bracket"),
    "name": ("名称", "name"),
}
SPAN_KINDS: Names = {
    "lost-text": ("文字已损坏，无法还原", "text lost for good"),
    "model-residue": ("语言模型残留", "residue of a language model"),
    "template-residue": ("模板残留", "residue of a template"),
    "jammer": ("干扰字符", "characters put in to disturb"),
    "spun": ("机器换词", "words replaced by machine"),
}
PRECISIONS: Names = {
    "year": ("年", "year"),
    "month": ("月", "month"),
    "day": ("日", "day"),
    "minute": ("分", "minute"),
    "second": ("秒", "second"),
}
CERTAINTIES: Names = {
    "certain": ("确定", "certain"),
    "probable": ("很可能", "probable"),
    "possible": ("可能", "possible"),
}
SITE_FEATURES: Names = {
    "kit": ("同一套件", "the same kit"),
    "variants": ("换词变体", "variants of templates"),
    "slot-titles": ("标题套用模式", "titles of one pattern"),
    "redundancy": ("文字重复", "repeated text"),
    "holes": ("被过滤的词", "deleted words"),
    "scaffold": ("生成痕迹", "traces of generators"),
    "slips": ("编码错位", "byte slips"),
    "links": ("指向相同网站", "the same links out"),
    "copies": ("转载不注来源", "copies without a source"),
    "cadence": ("发布节奏", "cadence of posts"),
    "cloaking": ("对搜索引擎另示", "another face for search engines"),
    "off-topic": ("目录偏题", "folders off topic"),
    "reuse": ("与垃圾网站共用", "shared with spam sites"),
    "stuffing": ("关键词堆砌", "keyword stuffing"),
    "trust": ("可信名单", "list of trusted sites"),
    "wildcard": ("泛解析", "wildcard hosts"),
}
CONTACT_BLOCKS: Names = {
    "kept": ("正文", "main text"),
    "removed": ("正文以外", "outside the main text"),
    "script": ("脚本", "script"),
    "markup": ("页面代码", "markup"),
}
SCRIPTS: Names = {
    "simplified": ("简体", "Simplified"),
    "traditional": ("繁体", "Traditional"),
    "machine-traditional": ("机器转换的繁体", "Traditional by machine"),
    "mixed": ("繁简混合", "mixed"),
    "none": ("无汉字", "no Chinese"),
}
PAGE_TYPES: Names = {
    "article": ("文章", "article"),
    "thread": ("论坛主题", "forum thread"),
    "list": ("列表", "list"),
    "gallery": ("图集", "gallery"),
    "other": ("其他", "other"),
}
HIDDEN: Names = {
    "scope": ("与网贷催收无关", "out of scope"),
    "spam": ("判为垃圾页", "graded as spam"),
    "copy": ("另一篇的副本", "a copy of another page"),
    "flagged": ("所在网站已被认定为垃圾网站", "its site has been ruled a spam site"),
    "ruling": ("人工裁定为无关或垃圾", "ruled irrelevant or spam by moderators"),
}
COPY_KINDS: Names = {
    "same": ("还原后全文相同", "the same restored text"),
    "copy": ("近似副本", "near-copy"),
    "canonical": ("代表篇", "canonical"),
    "exact": ("全文相同", "the same text"),
    "near": ("近似重复", "near-duplicate"),
    "partial": ("部分相同", "in part the same"),
    "quotation": ("引用", "quotation"),
    "variant": ("换词变体", "variant of a template"),
}


VERDICTS: Names = {
    "insufficient": ("页数不足，不评分", "too few pages to judge"),
    "none": ("未见异常", "nothing found"),
    "review": ("待人工审查", "to be reviewed"),
    "block-candidate": ("疑似垃圾网站", "probably a spam site"),
}
STATES: Names = {
    "open": ("尚无裁定", "not ruled on"),
    "proposed": ("已提议，待第二人", "proposed; waits for a second person"),
    "flagged": ("已认定为垃圾网站", "ruled a spam site"),
    "cleared": ("已澄清", "cleared"),
    "watching": ("观察中", "watched"),
    "expired": ("裁定已过期", "ruling expired"),
}
SOURCE_REASONS: Names = {
    "dated": ("声称的日期可信且最早", "its claimed date is credible and the earliest"),
    "named": ("他站注明转自此处", "others name it as their source"),
    "captured": ("最早抓取", "captured first"),
}


def name(names: Names, code: str) -> tuple[str, str]:
    """Return (Chinese, English) for a code; the code itself where there is no entry."""
    return names.get(code, (code, code))
