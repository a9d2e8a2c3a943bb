"""Dresses texts as web pages: navigation, bylines, related boxes and footers around a main text.

Each layout imitates a kind of Chinese site, none a particular one. In go words already as published (damaged or not),
out comes HTML as text; the charset of the bytes is the caller's matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from crawler.demo.pages import Manuscript

Links = Sequence[tuple[str, str]]  # (href, words)


@dataclass(frozen=True, slots=True)
class Site:
    """One host of the sample web. ``sections``: folder -> name in the navigation. ``charset``: of the bytes;
    ``header_charset`` and ``meta_charset``: what the server and the page say ("": nothing), true or not."""

    host: str
    name: str
    sections: dict[str, str]
    footer: str = ""  # HTML
    head: str = ""  # HTML put into <head>: analytics and so on
    charset: str = "utf-8"
    header_charset: str | None = None  # None: as charset
    meta_charset: str | None = None
    network: str = ""
    tongji: str = ""
    lang: str = "zh-CN"
    copy_line: str = ""
    say: Callable[[str], str] = field(default=lambda words: words)  # how the site publishes words: its damage

    @property
    def content_type(self) -> str:
        charset = self.charset if self.header_charset is None else self.header_charset
        return f"text/html; charset={charset}" if charset else "text/html"

    @property
    def meta(self) -> str:
        charset = self.charset if self.meta_charset is None else self.meta_charset
        return f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a main text: where it is filed and what it is linked with."""

    section: str  # name
    section_path: str
    related: Links = ()
    latest: Links = ()
    previous: Links = ()
    following: Links = ()


def links(entries: Links) -> str:
    """Return list items with links."""
    return "".join(f'<li><a href="{escape(href)}">{escape(words)}</a></li>' for href, words in entries)


def paragraphs(body: str, heading: str = "h2") -> str:
    """Return the body's lines as paragraphs and headings."""
    made = []
    for line in filter(None, body.splitlines()):
        tag, words = (heading, line[2:]) if line.startswith("# ") else ("p", line)
        made.append(f"<{tag}>{escape(words)}</{tag}>")
    return "\n".join(made)


def navigation(site: Site) -> str:
    return links([("/", site.say("首页")), *((f"/{path}/", site.say(name)) for path, name in site.sections.items())])


def tongji(code: str) -> str:
    """Return the script of an analytics account, as sites paste it."""
    return (
        "<script>var _hmt=_hmt||[];(function(){var hm=document.createElement('script');"
        f"hm.src='https://hm.baidu.com/hm.js?{code}';document.head.appendChild(hm)}})();</script>"
        if code
        else ""
    )


def document(site: Site, title: str, inside: str, head: str = "") -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{site.lang}"><head>{site.meta}<title>{escape(title)}</title>'
        f"{head}{site.head}{tongji(site.tongji)}</head><body>\n{inside}\n</body></html>\n"
    )


def list_page(site: Site, name: str, entries: Links, pages: Links = ()) -> str:
    """Return a page of links."""
    return document(
        site,
        f"{site.say(name)}_{site.say(site.name)}",
        f'<div class="head"><ul class="nav">{navigation(site)}</ul></div>'
        f'<div class="list"><h1>{escape(site.say(name))}</h1><ul class="newslist">{links(entries)}</ul>'
        f'<div class="pages">{"".join(f"<a href={href!r}>{escape(words)}</a> " for href, words in pages)}</div></div>'
        f'<div class="foot">{site.footer}</div>',
    )


def farm(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A content farm: repeated title, editor's line, removal contact, three boxes of links."""
    say, title, section = site.say, escape(text.title), escape(around.section)
    boxes = "".join(
        f'<div class="box"><h4>{escape(say(name))}</h4><ul>{links(entries)}</ul></div>'
        for name, entries in (
            ("相关推荐", around.related),
            ("最新文章", around.latest),
            ("随机看看", around.related[::-1]),
        )
    )
    byline = f"{say('编辑')}:{escape(text.author)} {text.date}"
    inside = f"""<div class="head"><ul class="nav">{navigation(site)}</ul></div>
<div class="main"><div class="place">{escape(say("首页"))}&gt;&gt;{section}&gt;&gt;{escape(say("正文"))}</div>
<h1>{title}</h1><div class="info">{byline}</div>
<div class="content"><p>{title}</p>
{paragraphs(text.body)}
<p>{escape(say("语音朗读"))}:</p></div>
<div class="copy">{escape(say(site.copy_line))}</div></div>
<div class="side">{boxes}</div><div class="foot">{site.footer}</div>"""
    head = f'<meta name="keywords" content="{title}"><meta name="description" content="{title}">'
    return document(site, f"{text.title}_{around.section}", inside, head)


def debtshop(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A debt shop: telephone banner, keyword links to every city, spider-pool footer."""
    inside = f"""<div id="top"><b>{escape(site.name)}</b> 24小时热线：<em>{escape(site.copy_line)}</em></div>
<ul class="menu">{navigation(site)}</ul>
<h1>{escape(text.title)}</h1>
<div class="news_con">{paragraphs(text.body, "h3")}</div>
<div class="tags">热门城市：<ul>{links(around.related)}</ul></div>
<div class="prev">上一篇：{"".join(f"<a href={href!r}>{escape(words)}</a>" for href, words in around.previous)}</div>
<div class="foot">{site.footer}</div>"""
    head = f'<meta name="keywords" content="{escape(text.title.replace("_", ","))}">'
    return document(site, text.title, inside, head)


def newspaper(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A newspaper: metadata in <head>, source and editors, share bar, related stories, comments."""
    minute = text.date[:16]
    head = (
        f'<meta property="og:title" content="{escape(text.title)}"><meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{text.date.replace(" ", "T")}+08:00">'
        f'<meta name="author" content="{escape(text.author)}"><link rel="canonical" href="{_here(site, around, text)}">'
    )
    inside = f"""<header><a class="logo" href="/">{escape(site.name)}</a><nav><ul>{navigation(site)}</ul></nav></header>
<div class="crumbs"><a href="/">首页</a> &gt; <a href="/{around.section_path}/">{escape(around.section)}</a> &gt; 正文</div>
<article><h1>{escape(text.title)}</h1>
<div class="article-info"><span class="time">{minute}</span> <span class="source">来源：{escape(site.name)}</span>
 <span class="author">记者 {escape(text.author)}</span> <span class="share">分享到：微信 微博</span></div>
<div class="article-content">
{paragraphs(text.body)}
</div><div class="editor">责任编辑：方知夏 值班主任：乔木</div></article>
<aside><h3>相关阅读</h3><ul>{links(around.related)}</ul><h3>点击排行</h3><ol>{links(around.latest)}</ol></aside>
<section id="comments"><h3>网友评论</h3><p>评论功能维护中</p></section>
<footer>{site.footer}</footer>"""
    return document(site, f"{text.title} - {around.section} - {site.name}", inside, head)


def _here(site: Site, around: Surroundings, text: Manuscript) -> str:
    return f"http://{site.host}/{around.section_path}/{text.slug}.html"


def office(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A public office: tables for layout, index number, print and close."""
    inside = f"""<table class="top" width="1000"><tr><td><img src="/logo.gif" alt="{escape(site.name)}"></td></tr>
<tr><td><ul>{navigation(site)}</ul></td></tr></table>
<table width="1000"><tr><td>当前位置：<a href="/">首页</a>&nbsp;&gt;&nbsp;<a href="/{around.section_path}/">{escape(around.section)}</a></td></tr>
<tr><td align="center"><h2>{escape(text.title)}</h2></td></tr>
<tr><td align="center">发布时间：{text.date}&nbsp;&nbsp;发布机构：{escape(text.author)}&nbsp;&nbsp;【字体：大 中 小】</td></tr>
<tr><td class="TRS_Editor">{paragraphs(text.body)}</td></tr>
<tr><td align="right">【打印本页】【关闭窗口】</td></tr></table>
<table width="1000"><tr><td>{site.footer}</td></tr></table>"""
    return document(site, text.title, inside)


def company(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A firm or a magazine of today: semantic elements and JSON-LD."""
    head = (
        '<meta name="viewport" content="width=device-width"><script type="application/ld+json">'
        f'{{"@context":"https://schema.org","@type":"Article","headline":"{text.title}",'
        f'"datePublished":"{text.date.replace(" ", "T")}","author":{{"@type":"Person","name":"{text.author}"}}}}</script>'
    )
    following = "".join(
        f'<p class="pager"><a class="next" href="{href}">{words}</a></p>' for href, words in around.following
    )
    inside = f"""<header class="site"><strong>{escape(site.name)}</strong><nav><ul>{navigation(site)}</ul></nav></header>
<main><article><header><h1>{escape(text.title)}</h1>
<p class="meta"><span class="byline">{escape(text.author)}</span> · <time datetime="{text.date.replace(" ", "T")}">{text.date[:10]}</time></p></header>
<div class="entry-content">
{paragraphs(text.body)}
</div>{following}</article>
<section class="related"><h2>延伸阅读</h2><ul>{links(around.related)}</ul></section></main>
<footer>{site.footer}</footer>"""
    return document(site, f"{text.title} | {site.name}", inside, head)


def traditional(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A Hong Kong or Taiwan site."""
    inside = f"""<div id="header"><a href="/">{escape(site.name)}</a><ul>{navigation(site)}</ul></div>
<div id="content"><h1>{escape(text.title)}</h1><p class="date">{text.date}　文／{escape(text.author)}</p>
<div class="post-body">
{paragraphs(text.body)}
</div></div>
<div id="sidebar"><h3>延伸閱讀</h3><ul>{links(around.related)}</ul></div>
<div id="footer">{site.footer}</div>"""
    return document(site, f"{text.title} - {site.name}", inside)


def forum(site: Site, text: Manuscript, around: Surroundings) -> str:
    """A thread with its replies, as board software lays it out. Replies stand after ">> name | time" lines."""
    opening, *replies = text.body.split("\n>> ")
    posts = [(text.author, text.date, opening)]
    for reply in replies:
        line, words = reply.split("\n", 1)
        name, time = line.split(" | ")
        posts.append((name, time, words))
    floors = "".join(
        f'<div id="post_{number}" class="plhin"><div class="pls"><a class="xw1">{escape(name)}</a><p>积分 {number * 37 + 12}</p></div>'
        f'<div class="plc"><em>发表于 {time}</em><div class="t_f" id="postmessage_{number}">'
        f'{"<br>".join(escape(line) for line in words.splitlines())}</div><div class="po">回复 举报</div></div></div>'
        for number, (name, time, words) in enumerate(posts, 1)
    )
    inside = f"""<div id="hd"><a href="/">{escape(site.name)}</a><ul>{navigation(site)}</ul></div>
<div id="pt">论坛 › {escape(around.section)} › {escape(text.title)}</div>
<div id="ct"><h1><span id="thread_subject">{escape(text.title)}</span></h1>
<div id="postlist">{floors}</div></div>
<div class="pgs">返回列表</div><ul>{links(around.latest)}</ul><div id="ft">{site.footer} Powered by Board</div>"""
    return document(site, f"{text.title} - {around.section} - {site.name}", inside)
