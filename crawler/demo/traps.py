"""Builds the hosts that go wrong: redirects in a ring, a page that never ends, a host that hangs up, hostile markup …"""

from __future__ import annotations

import hashlib

from crawler.demo import layouts
from crawler.demo.layouts import Site, Surroundings
from crawler.demo.pages import Manuscript, SamplePage
from crawler.demo.serving import LISTED, article, page, robots, url_of

TRAPS = Site("www.liulanghe.example", "流浪盒子", {"he": "盒子"}, "<p>流浪盒子 个人站点</p>")
UNDER_REPAIR = Site("www.weihuzhong.example", "维护中", {})
HANGS_UP = Site("www.duanlian.example", "断链", {})
DEAD_HOST = "www.yijingguanzhan.example"  # no address: the resolver must not know it
BINARY_BLOCKS = 256  # of 32 bytes
NESTED_DEPTH = 20_000  # open tags; a parser that recurses falls over long before
HOSTILE = Manuscript(
    "hostile",
    "<script>alert('标题')</script>网贷逾期后被冒充公检法恐吓怎么办",
    "接到自称公安局经侦支队的电话，说网贷逾期涉嫌诈骗，两小时内不还款就上门抓人。这类电话几乎都是催收人员冒充的。\n"
    "公安机关办理刑事案件，会制作书面的法律文书，由两名以上民警出示证件，不会通过电话要求把钱转到某个账户。\n"
    "遇到这种情况，先记下来电号码和时间，挂断之后自己拨打110核实。短信里的链接不要点，屏幕共享不要开。\n"
    "冒充国家机关工作人员招摇撞骗，情节轻的会被治安拘留，严重的构成犯罪。保留录音，向派出所报案，同时向放款机构投诉其外包公司。\n"
    "欠款本身属于民事纠纷，正常协商、按照能力归还就可以，不必因为害怕去借新的高息贷款。",
    "匿名站长",
    "2025-04-30 21:12:00",
    "practice",
    "he",
)
MOVED = Manuscript(
    "new",
    "旧文新址：欠条丢了，微信转账能不能当证据",
    "朋友三年前借走八千元，欠条在搬家的时候丢了，只剩下微信转账的记录和几句聊天。这样的情况，法院支持吗？\n"
    "转账记录能够证明钱给出去了，却不能单独证明是借款，对方可能会说是还款或者赠与。聊天里只要出现“借”“还”“下个月给你”之类的话，就可以和转账互相印证。\n"
    "如果聊天里什么都没有，现在补一条也不晚：写明金额、时间，请对方确认打算什么时候还。对方回复“再缓缓”，就是对债务的承认，诉讼时效也重新开始计算。\n"
    "提交证据的时候，要展示手机里的原始记录，包括对方的微信号和实名信息，不能只交截图。",
    "匿名站长",
    "2025-05-04 10:00:00",
    "private",
    "he",
)
ENGLISH = (
    "The harbour wakes slowly on winter mornings. Fishing boats leave before six, and the first ferry follows an hour later. "
    "Nobody on the pier talks much until the kiosk opens and the smell of coffee reaches the benches. "
) * 5


def _around() -> Surroundings:
    return Surroundings("盒子", "he", [("/he/", "全部"), ("javascript:alert(1)", "点我"), ("data:text/html,x", "数据")])


def _hostile() -> SamplePage:
    """Return an article with a script in its title and the usual attacks around it."""
    made = article(TRAPS, HOSTILE, layouts.newspaper, _around())
    attack = (
        b"<img src=x onerror=alert(1)><iframe src='javascript:alert(2)'></iframe><svg onload=alert(3)>"
        b"<a href=' javascript:alert(4)'>x</a><base href='http://evil.example/'><!-- <b> --"
        b"><style>@import 'http://10.0.0.8/x.css'</style></body>"
    )
    return SamplePage(
        **{name: getattr(made, name) for name in made.__dataclass_fields__ if name != "body"},
        body=made.body.replace(b"</body>", attack),
    )


def _binary() -> bytes:
    """Return bytes that look like a picture and are called HTML."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        hashlib.sha256(str(number).encode()).digest() for number in range(BINARY_BLOCKS)
    )


def _html(inside: str, title: str = "盒子") -> str:
    return layouts.document(TRAPS, title, inside)


def _redirect(path: str, target: str, outcome: str, status: int = 302) -> SamplePage:
    return SamplePage(url_of(TRAPS, path), "redirect", outcome, status=status, headers=(("Location", target),))


def _redirects() -> list[SamplePage]:
    return [
        _redirect("/he/old.html", "/he/new.html", "redirect", 301),
        _redirect("/he/loop-a.html", "/he/loop-b.html", "redirect-loop|redirect"),
        _redirect("/he/loop-b.html", "/he/loop-a.html", "redirect-loop|redirect"),
        _redirect("/he/to-private.html", "http://10.0.0.8/admin/", "unsafe-address|out-of-scope"),
        _redirect("/he/to-metadata.html", "http://169.254.169.254/latest/meta-data/", "unsafe-address|out-of-scope"),
        _redirect("/he/to-file.html", "file:///etc/hostname", "unsafe-address|out-of-scope|http-error|redirect"),
    ]


def _broken() -> list[SamplePage]:
    """Return pages that are no articles, each in its own way."""
    nested = "<div>" * NESTED_DEPTH + "到底了"
    gallery = "".join(f'<p><img src="/img/{number}.jpg" alt="图{number}"></p>' for number in range(24))
    missing = "<h1>404</h1><p>抱歉，您访问的页面不存在或者已经被删除。</p><p><a href='/'>返回首页</a></p>"
    return [
        page(TRAPS, "/he/empty.html", "trap", "empty-body", ""),
        SamplePage(url_of(TRAPS, "/he/binary.html"), "trap", "binary", _binary()),
        page(TRAPS, "/he/gone.html", "trap", "soft-404", _html(missing, "页面不存在")),
        page(TRAPS, "/he/short.html", "trap", "too-short|no-main-text", _html("<h1>公告</h1><p>今日休息。</p>")),
        page(
            TRAPS,
            "/he/english.html",
            "trap",
            "not-chinese",
            _html(f"<article><h1>Pier</h1><p>{ENGLISH}</p></article>", "Pier"),
        ),
        page(
            TRAPS,
            "/he/pictures.html",
            "trap",
            "gallery|no-main-text|too-short",
            _html(f"<h1>图集</h1>{gallery}", "图集"),
        ),
        page(TRAPS, "/he/nested.html", "trap", "no-main-text|too-short|timeout|crashed", _html(nested)),
        SamplePage(
            url_of(TRAPS, "/he/notes.txt"), "trap", "not-html", "便条：明天买米。".encode(), content_type="text/plain"
        ),
        SamplePage(url_of(TRAPS, "/he/500.html"), "trap", "http-error", b"<h1>500</h1>", status=500),
        SamplePage(url_of(TRAPS, "/he/404.html"), "trap", "http-error", b"<h1>404</h1>", status=404),
        SamplePage(
            url_of(TRAPS, "/he/drip.html"), "trap", "truncated|timeout|unreachable", b"<html>", behaviour="drip"
        ),
        SamplePage(url_of(TRAPS, "/he/flood.html"), "trap", "too-large|truncated", b"<html>", behaviour="flood"),
        SamplePage(url_of(TRAPS, "/he/hangup.html"), "trap", "unreachable", behaviour="drop"),
        SamplePage(url_of(TRAPS, "/he/cut.html"), "trap", "truncated|unreachable", b"<html><p>half", behaviour="short"),
        page(TRAPS, "/jinzhi/1.html", "trap", "robots", _html("<p>这里不允许抓取。</p>")),
    ]


def _hosts_in_trouble() -> list[SamplePage]:
    """Return a host whose robots.txt answers 503 and one that hangs up on everything."""
    front = "<html><meta charset=utf-8><title>维护中</title><p>网站维护中，请稍后访问。</p></html>"
    return [
        SamplePage(url_of(UNDER_REPAIR, "/robots.txt"), "robots", "robots|http-error|links", b"busy", status=503),
        page(UNDER_REPAIR, "/", "trap", "robots", front),
        SamplePage(url_of(HANGS_UP, "/robots.txt"), "robots", "unreachable|links", behaviour="drop"),
        SamplePage(url_of(HANGS_UP, "/"), "trap", "robots|unreachable", behaviour="drop"),
    ]


def pages() -> list[SamplePage]:
    """Return all pages of the hosts that go wrong. The list of all traps is the front page of the first."""
    found = [
        _hostile(),
        article(TRAPS, MOVED, layouts.newspaper, _around()),
        *_redirects(),
        *_broken(),
    ]
    away = [
        ("http://192.168.0.1/", "路由器"),
        (f"http://{DEAD_HOST}/", "已经关站的朋友"),
        ("/he/old.html#top", "旧文"),
        ("mailto:a@b.example", "信箱"),
    ]
    entries = [(made.target, made.title or made.target.rsplit("/", 1)[1]) for made in found]
    front = layouts.list_page(TRAPS, TRAPS.name, [*entries, *away])
    return [
        robots(TRAPS, "Disallow: /jinzhi/", "Crawl-delay: 0.02"),
        page(TRAPS, "/", "list", LISTED, front),
        page(TRAPS, "/he/", "list", LISTED, layouts.list_page(TRAPS, "盒子", entries)),
        *found,
        *_hosts_in_trouble(),
    ]
