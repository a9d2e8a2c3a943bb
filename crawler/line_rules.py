"""What single lines and class names say of themselves: bylines, share bars, copyright rows, navigation, pagers.

Rules are written in Simplified Chinese and matched on a folded copy of the line (Traditional to Simplified, character by
character, and without the pinyin that a damaged page carries in brackets: 網(wǎng)貸 -> 网贷). The line itself is never
changed. Every rule is a regular expression without nested repetition, and only lines up to MAX_RULED are matched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import opencc

MAX_RULED = 160  # characters; a longer line is prose, or a list that link density decides

# One-to-one folding of all unified ideographs; a phrase-wise conversion would cost 20 times as much and changes no match.
_IDEOGRAPHS = "".join(map(chr, range(0x4E00, 0x9FA6)))
_FOLDED = opencc.OpenCC("t2s").convert("\n".join(_IDEOGRAPHS)).split("\n")
_ONCE = {ord(old): new for old, new in zip(_IDEOGRAPHS, _FOLDED, strict=True) if old != new and len(new) == 1}
FOLD = {old: new.translate(_ONCE) for old, new in _ONCE.items()}  # so that folding what is folded changes nothing
# Punctuation and symbols, compatibility ideographs, vertical and full-width forms: where NFKC changes what pages hold.
_COMPATIBLE = [*range(0xA0, 0x100), *range(0x2000, 0x3400), *range(0xF900, 0xFB00), *range(0xFE30, 0xFFF0)]
CHANGES = {chr(old): new for old, new in FOLD.items()} | {
    old: new.translate(FOLD) for old in map(chr, _COMPATIBLE) if (new := unicodedata.normalize("NFKC", old)) != old
}
_CHANGING = re.compile(f"[{''.join(map(re.escape, CHANGES))}]")
MOST_REPLACED = 60  # different characters; a page in Traditional characters has hundreds
_READING = re.compile(r"(?<=[㐀-鿿])\([a-zü\u00e0-\u01dc\u0251\u0261\u1e00-\u1eff\u0300-\u030c]{1,7}\)")


def fold(line: str) -> str:
    """Return a line for matching: Simplified, half-width, lower-case, without bracketed readings.

    >>> fold("編輯:張三，網(wǎng)貸")
    '编辑:张三,网贷'
    """
    if "(" in line:
        line = _READING.sub("", line)
    return line.lower() if line.isascii() else _simplified(line)


def _simplified(text: str) -> str:
    """Return a text in NFKC, Simplified and lower-case.

    Most of a page is as it should be but for a dozen signs of punctuation: replacing those one after the other is five
    times as fast as normalising and translating every character. What that leaves unfinished takes the long way.
    """
    changing = set(_CHANGING.findall(text))
    if len(changing) <= MOST_REPLACED:
        found = text
        for old in changing:
            found = found.replace(old, CHANGES[old])
        if unicodedata.is_normalized("NFKC", found):
            return found.lower()
    return unicodedata.normalize("NFKC", text).translate(FOLD).lower()


def fold_all(lines: Sequence[str]) -> list[str]:
    """Return every line folded, in order; a line too long for the rules is "". One pass over all is five times as fast."""
    joined = "\n".join(line if len(line) <= MAX_RULED else "" for line in lines)
    if "(" in joined:
        joined = _READING.sub("", joined)
    folded = _simplified(joined).split("\n")
    # No character normalises to a line feed; were it otherwise, lines would no longer match their places.
    return folded if len(folded) == len(lines) else [fold(line) if len(line) <= MAX_RULED else "" for line in lines]


_DATE = r"(?:\d{2,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|\d{1,2}[-/月]\d{1,2}日?)"
_TIME = r"(?:\d{1,2}[:时]\d{2}(?:[:分]\d{2}秒?)?)"

# reason -> pattern, in the order they are tried. ``match`` from the beginning of the folded line.
_RULES: tuple[tuple[str, str], ...] = (
    (
        "read-aloud",
        r"[\W_]*(?:语音朗读|朗读(?:全文|文章|本文)|听全文|收听本文|点击(?:收听|播放)|听新闻|全文朗读|语音播报)[\W_]*(?:$|\d)",
    ),
    (
        "contact-line",
        r".{0,12}(?:内容侵权|侵权(?:举报|投诉|删除|联系)|删帖|违法(?:和不良)?信息举报|不良信息举报|违规举报)|[\W_]*(?:举报(?:电话|邮箱|热线|方式)\s*[::]"
        r"|如有侵权|如涉及?侵权|若有侵权|若涉及侵权|侵犯(?:了)?(?:您|你)的|投稿(?:邮箱|热线)|新闻热线|联系(?:邮箱|站长|我们)\s*[::]|商务合作\s*[::]"
        r"|客服(?:电话|热线|邮箱)\s*[::]|遇到.{2,14}问题\W{0,2}.{0,6}咨询|广告(?:热线|合作|服务)\s*[::]?|爆料(?:热线|电话))",
    ),
    (
        "footer",
        r".{0,30}(?:copyright|©|\(c\)\s*\d{4}|版权所有|all rights? reserved|icp[备证]|网安备|公安备案|powered by)|[\W_]*(?:备案(?:号|序号)|许可证(?:号|编号)?\s*[::]"
        r"|互联网新闻信息服务|经营许可|技术支持\s*[::]|网站地图|关于我们\W{0,3}(?:联系|广告|加入|招)|建议使用.{0,20}(?:浏览器|分辨率)"
        r"|.{0,20}地址\s*[::].{2,40}(?:邮编|邮政编码|传真)\s*[::]|最佳浏览|营业执照|网络文化经营|广播电视节目制作)",
    ),
    (
        "rights-notice",
        r"[\W_]*(?:(?:特别)?(?:免责)?(?:声明|申明|提示|说明)\s*[::]|[^,。:]{0,10}(?:网|站|在线|频道|客户端)(?:郑重|特别|免责)?声明\s*[::]|凡(?:本网|本站|注明|来源)|本(?:网站?|站|平台)(?:所有|部分|转载|内容|文章|刊载|发布|登载|不|只|仅)"
        r"|版权(?:声明|申明|说明|归|属)|未经.{0,20}(?:授权|许可|书面|同意).{0,20}(?:转载|使用|复制|不得|禁止)|转载请(?:注明|保留|联系|务必)|转载(?:务必)?(?:请)?注明"
        r"|(?:以上|上述|本文)(?:内容|文章|信息|图文|资料)?(?:\(.{0,30}\))?(?:仅|只|为.{0,12}平台|系.{0,12}平台)?(?:代表|.{0,20}(?:用户上传|信息存储))|(?:以上|上述)(?:内容|文章|信息).{0,12}(?:转载|来源于|来自|不代表)"
        r"|文章(?:仅|只)代表|(?:此文|本文|该文)(?:章)?(?:系|为|仅|由).{0,14}(?:转载|代表|上传|不代表|自行|网友|作者观点)"
        r"|(?:文章|内容|图片)?(?:版权|著作权)(?:归|属)|作品采用.{0,20}(?:许可|协议)|原创(?:文章|作品).{0,30}转载|免责声明|authorized|notice\s*:\s*the content|(?:图片?|配图|题图|封面图?)片?(?:来源|源)(?:于|自)?\s*[::]?\s*(?:互联)?网络?[\W_]*$)",
    ),
    (
        "share",
        r"[\W_]*(?:分享(?:到|至|本文|文章|给|此文|按钮|让更多)|一键分享|扫(?:一扫|码|描).{0,30}(?:分享|关注|下载|阅读|手机|二维码|微信|查看|打开|$)|用?微信扫|手机(?:扫|看|阅读|浏览|查看)"
        r"|用手机.{0,10}(?:看|阅读|扫)|分享[\W_]*$|转发到|转发\W*$|推荐给(?:朋友|好友)|(?:新浪|腾讯)?微博\W*(?:qq|微信|$)|(?:微信|qq空间|朋友圈|微信好友|qq好友)\W*(?:$|微|q|新浪)"
        r"|关注(?:我们|公众号|微信|官方|.{0,10}公众号)|长按.{0,12}(?:识别|关注)|打开微信|复制链接|复制(?:网址|地址)|收藏(?:本文|此页|本页|文章)?[\W\d_]*$"
        r"|海报(?:分享)?$|生成海报|.{0,6}订阅(?:号|我们)?\W*$|facebook|twitter|line\W*$|weibo\W*$|wechat\W*$|whatsapp)",
    ),
    (
        "interface",
        r"[\W_]*(?:(?:今天|今日|现在|当前时间|北京时间)是?\s*[::]?\s*(?:公元)?(?:20\d\d\s?[年-]|星期)[^,。]{0,30}|打印(?:本页|本文|此页|文章|稿件)?|关闭(?:窗口|本页|此页|页面)?|返回(?:顶部|首页|上页|上一页|列表|目录|.{0,8}频道|.{0,6}首页)?|回(?:到)?(?:顶部|首页)|纠错|我要纠错|我要(?:评论|发言|投稿|举报)"
        r"|字(?:体|号)?(?:大小)?\s*[::]?[\W_]*(?:大|小|加大|缩小|特大)?[\W_]*(?:中|小|减小|正常|默认)?[\W_]*(?:小|大)?|大\s*中\s*小|\[?\s*大\s*\]?\s*\[?\s*中\s*\]?\s*\[?\s*小\s*\]?|加入收藏|设为首页|(?:立即)?(?:登录|登陆|注册|登录/注册)(?:\W*(?:注册|登录))?|退出(?:登录)?"
        r"|查看(?:更多|全部|详情|原文|原图|大图)|点击(?:加载|查看|进入|展开|下载|放大).{0,10}|加载(?:更多|中)|展开(?:全文|全部|阅读|更多|剩余.{0,6})?|收起(?:全文)?|阅读(?:全文|更多|原文|剩余.{0,8})|更多(?:内容|新闻|精彩|>+|»)?"
        r"|点赞|赞|踩|顶|喜欢|打赏|举报|收藏|评论|回复|转发|投诉|反馈|意见反馈|编辑|删除|引用|复制|下载|搜索|确定|取消|提交|发送|发布|发表|关注|已关注|\+\s*关注|加关注|取消关注|私信|广告|ad|advertisement|app|客户端|下载app|打开app.{0,8}"
        r"|(?:责任编辑|编辑|阅读|浏览|点击|评论|作者)\s*[::]?|正文|内容|摘要|目录|简介|首页|标签\s*[::]?|暂无(?:评论|内容|数据)?|没有了|无|null|undefined|路过|雷人|握手|鲜花|鸡蛋|邀请|下载附件|听书|换一换|换一批|刷新|(?:立即|免费|在线|一键|马上|快速)+咨询|咨询(?:我|律师)|我要(?:咨询|反馈|提问)|预览时标签不可点|轻触阅读原文|繁体|简体|english|简|繁)[\W\d_]*$",
    ),
    (
        "interface",
        r"(?=.{0,60}(?:打印|关闭|收藏|返回|评论))(?:\s*[【\[][^】\]【\[]{1,12}[】\]]){2,12}\s*$|(?:[\W_]*(?:打印(?:本页|本文|此页|文章)?|关闭(?:窗口|本页|此页)?|返回(?:顶部|列表)?|收藏|分享|纠错|推荐|字[体号]|大|中|小)){2,8}[\W_]*$|(?:本文为?(?:会员|付费|订阅)|.{0,10}(?:付费|购买|订阅|开通会员|充值|登[录陆]).{0,8}(?:后|即可|才能|可).{0,6}(?:阅读|查看|解锁)|(?:点击|继续)?(?:展开|阅读|查看)(?:剩余|余下)?全文)",
    ),
    (
        "pager",
        r"[\W_\d]*(?:(?:阅读|查看)下一篇|[上下]一?(?:篇(?:文章|新闻|日志|博文|资讯)?|页|章|条|则|主题|张)|前一(?:篇|页|条)|后一(?:篇|页|条)|共\s*\d+\s*页|第\s*\d+\s*页|末页|尾页|首页\s+上一页|previous|next\b|上一个|下一个)(?:\W|$|\d|[::])",
    ),
    (
        "related",
        r"[\W_]*(?:(?:相关|相似)(?:新闻|阅读|文章|推荐|链接|报道|内容|资讯|专题|信息|主题|视频|搜索|帖子|问题|话题|评论|热词|产品|标签|推介|知识|稿件|条目|公司|股票|附件)|延伸阅读|推荐(?:阅读|新闻|文章|视频|内容|内容|专题|图片|帖子)|为(?:您|你)推荐|热门(?:推荐|新闻|文章|评论|标签|话题|搜索|视频|排行|帖子|点击|关键词|图片|回复|专题|阅读|资讯)"
        r"|热点(?:新闻|推荐|排行|专题|图片|资讯|关注|文章)|最新(?:文章|发布|新闻|更新|资讯|评论|动态|消息|推荐|回复|内容|快讯|帖子|主题|图片)|猜你喜欢|你可能(?:也)?(?:喜欢|感兴趣|还)|您可能(?:也)?(?:喜欢|感兴趣|还)|大家(?:都在|还|正在)(?:看|搜)|(?:随机|看了又|还)(?:看看|推荐|文章|看)|精彩(?:推荐|图片|图集|内容|视频|阅读|文章)"
        r"|(?:新闻|点击|阅读|评论|文章|热门|热点|本周|本月|今日|24小时|一周|排行|浏览)(?:排行|排行榜|热榜|热点|热文|热搜|关注|头条|焦点|推荐)|排行榜|编辑推荐|小编推荐|今日(?:推荐|热点|头条|关注|热门|要闻|话题)|(?:图片|视频|独家|专题|频道)(?:新闻|推荐|精选|报道|策划)?$"
        r"|相关(?:的)?(?:主题|关键词)|本文(?:标签|关键词)|标签(?:云)?\s*[::]|(?:文章|本文)?关键[字词]\s*[::]|tags?\s*[::]|热词\s*[::]|热搜|同类(?:文章|新闻|推荐)|(?:作者|楼主|他|她|ta)的?(?:其他|其它|更多|最新)(?:文章|作品|帖子|博文)|该作者|更多(?:文章|相关|关于|推荐|>>|精彩|新闻|.{0,8}(?:文章|新闻|内容))"
        r"|往期(?:回顾|推荐|精彩|文章)|近期(?:文章|热门)|友情链接|栏目(?:推荐|导航|列表)|专栏|推荐$|热门$|最新$|要闻$|延伸\W|相关\W{0,2}$)",
    ),
    (
        "comment",
        r"[\W_]*(?:(?:网友|最新|热门|精彩|全部|所有|查看|发表|我要|文章|用户|本文|暂无|已有|共有?|读者|跟帖|参与|我来|写下?|添加|发布)\s*\d*\s*(?:条|个|位|人)?\s*(?:的)?(?:评论|留言|跟帖|回帖|参与|你的评论|想法)|评论\s*[((\[【]?\s*\d+|\d+\s*[条个]\s*(?:精彩|热门|网友)?(?:评论|留言|跟帖)\W*$|全部讨论|评论(?:列表|区)|网友评论|登录(?:后|才).{0,8}(?:评论|发表|查看|回复)|(?:您|你)(?:需要|必须|还没有|尚未)登录"
        r"|(?:文明上网|请遵守|理性发言|请自觉遵守)|还可(?:以)?输入\s*\d+|抢沙发|快来(?:发表|评论|抢)|说(?:点|两句|说)|用户名\s*[::]|匿名(?:发表|评论|网友)?|验证码|回复\s*[((]\d+|发表(?:评论|回复|看法|留言|我的)|表情)",
    ),
    (
        "breadcrumb",
        r"[\W_]*(?:(?:您|你)?(?:现在|当前|目前|所在|的)*(?:的)?位置\s*(?:是)?\s*[::>]|(?:您|你)(?:现在|目前|当前)?(?:所)?在(?:的位置|这里|:)|当前(?:位置|页面|栏目)|(?:首页|主页|网站首页|本站首页|home)\s*(?:>|»|›|/|→|-|\||::|·|>>)\s*\S)",
    ),
)
# One pattern: the engine tries the alternatives in order, and the number of the group that matched is the rule.
_RULE = re.compile("|".join(f"(?P<r{number}>{pattern})" for number, (_, pattern) in enumerate(_RULES)))
_BYLINE = re.compile(
    r"[\W_]*(?:(?:本文|文章|稿件|信息|新闻|内容|资料|图片)?(?:来源|来自|出处|稿源|转自|摘自|转载自)\s*[::]|(?:本文)?作者\s*[::]|文\s*[:/]|撰文|(?:责任|执行|值班|本期|本文|网络|实习|见习|文字|视觉|内容)?编辑\s*[::]|责编\s*[::]|记者\s*[::]|通讯员\s*[::]"
    r"|(?:文章|信息|稿件|内容)?(?:发布|发表|更新|创建|编辑|录入|时间|日期|上传|提交|添加|刊发|发稿|成文|修改)(?:时间|日期|于|者|人|单位|机构|部门)?\s*[::]|发布于|发表于|更新于|创建于|编辑于|(?:阅读|浏览|点击|访问|评论|人气|查看|点赞|播放|热度|围观)(?:次数|数|量|率|人数)?\s*[::]?\s*[\[((]?\s*\d|(?:本文|全文|文章)?(?:总?字数|阅读时[长间]|预计阅读)\s*[::约]?\s*\d|(?:已有)?\d+\s*(?:次|人)(?:阅读|浏览|点击|评论|参与|关注|看过)"
    r"|(?:校对|审核|监制|签发|初审|终审|复审|审校|审读|主编|制作|策划|出品|编审|统筹|排版|二审|三审|一审|核稿|供稿|统稿|编委)\s*[::]|by\s+\S|(?:posted|published|written|updated|last (?:updated|modified))\s*(?:on|by|at|:))"
)
_DATE_LINE = re.compile(rf"[\W_]*(?:{_DATE}\W{{0,3}}(?:星期.|周.)?\W{{0,3}}{_TIME}?|{_TIME})")
_FIELD = re.compile(
    r"(?:^|[\s|])(?:发布者?|作者|原作者|编辑|来自|来源|查看|浏览|阅读|点击|人气|评论|分类|标签|栏目|字号|字体)(?:次数|数|量)?\s?[::(]"
)
_ANY_DATE = re.compile(rf"{_DATE}")
_REST_IS_PROSE = re.compile(r"[,。!?;]")

# Class names and ids that name another part of the page for certain, and those that only may.
HARD_CUE = re.compile(
    r"comment|pinglun|footer|(?<![a-z])foot(?![a-z])|sidebar|side-|related|relate(?![a-z])|recommend|recomm|tuijian|xiangguan|share|social"
    r"|copyright|breadcrumb|crumb|daohang|guanggao|advert|toolbar|pagination|pager|qrcode|erweima|disqus|login|subscribe|popup|dialog|modal"
    r"|shengming|disclaim|statement|(?:lawyer|author|expert|writer)[-_]?(?:card|box|intro|bio)|beian|ranking|paihang|hotnews|newsletter|feedback|guess|(?<![a-z])(?:ad|ads|adv|gg|nav|sns|bdshare|jiathis|copy)(?![a-z])"
)
HARD_CERTAIN = re.compile(
    r"comment|pinglun|recommend|tuijian|related|xiangguan|sidebar|footer|copyright|statement|shengming|disclaim"
)
SOFT_CUE = re.compile(
    r"(?<![a-z])(?:top|menu|side|hot|rank|rel|tag|tags|link|links|bar|tool|tools|right|search|app|vip|user|fixed|float|page|pages|mod|box|list|rec|more)(?![a-z])"
    r"|header|banner|widget|location|position|recent|popular|similar|more-|report|interest|toptic|topic|navi|menu|reply|tips"
)
POSITIVE_CUE = re.compile(
    r"article|content|entry|main-?text|post-?body|post_?text|trs_editor|artibody|zoom|zhengwen|neirong|news_?text|newstext|story|rich_?text"
    r"|rich_media|markdown|blog_?body|(?<![a-z])(?:text|body|post|con|cont|detail|details|artical|wz|txt|nr|art|editor)(?![a-z])"
)


def rule(folded: str) -> str:
    """Return the reason why a line is no main text, judged by its words alone, or "".

    folded: out of ``fold``. A byline is reported only where the line holds nothing but such fields.
    """
    if len(folded) > MAX_RULED:
        return ""
    match = _RULE.match(folded)
    if match and match.lastgroup:
        return _RULES[int(match.lastgroup[1:])][0]
    if _BYLINE.match(folded) and (len(folded) < 60 or not _REST_IS_PROSE.search(folded)):
        return "byline"
    if len(folded) < 70 and (dated := _DATE_LINE.match(folded)):
        rest = folded[dated.end() :]
        if len(rest) < 30 and not _REST_IS_PROSE.search(rest):
            return "byline"
    if len(folded) < 120 and _DATE_LINE.match(folded) and len(_FIELD.findall(folded)) > 1 and "。" not in folded:
        return "byline"
    return ""
