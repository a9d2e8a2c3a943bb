"""What the lines around a text say of who wrote it, edited it, and where it was taken from."""

from __future__ import annotations

import pytest

from crawler.authors import BylineLine, find_names, is_person, without_place
from crawler.line_rules import fold


def line(words: str, place: str = "head", links: tuple[str, ...] = (), people: tuple[str, ...] = ()) -> BylineLine:
    return BylineLine(fold(words), words, place, False, links, people)


@pytest.mark.parametrize(
    ("words", "author", "editor", "source"),
    [
        pytest.param("来源：证券导报 作者：罗小川", "罗小川", "", "证券导报", id="a source that begins like running text"),
        pytest.param("作者：和风细雨", "和风细雨", "", "", id="a labelled name that begins so"),
        pytest.param("记者从法院获悉，该案已经开庭审理。", "", "", "", id="running text"),
        pytest.param("发布者: 管理员小蔡|查看: 12|原作者: 蔡文思", "蔡文思", "", "", id="the author before who posted it"),
        pytest.param("楼主：北岸灯火 时间：2016-05-06", "北岸灯火", "", "", id="who began a thread"),
        pytest.param("posted @ 2019-05-06 10:20 江边老刘 阅读(321) 评论(2)", "江边老刘", "", "", id="between time and readers"),
        pytest.param("（島嶼社記者王大川台北6日電）", "王大川", "", "", id="before a place"),
        pytest.param("來源：中央島嶼社 編輯：李小溪", "", "李小溪", "中央島嶼社", id="Traditional"),
        pytest.param("来源：岭南消费观察发布于：广东省", "", "", "岭南消费观察", id="two labels without a space"),
        pytest.param("作者：谢临川 ▪ 孟雨    责编：罗兰", "谢临川 ▪ 孟雨", "罗兰", "", id="names behind bullets"),
        pytest.param("作者：谢临川 孟雨 新闻来源：岭南检察报", "谢临川 孟雨", "", "岭南检察报", id="names before another label"),
        pytest.param("界缅新闻记者 | 谢临川", "谢临川", "", "", id="a reporter behind a bar"),
        pytest.param("作者 谢临川", "谢临川", "", "", id="a label without a colon"),
        pytest.param("作者 观点仅供参考", "", "", "", id="no person without a colon"),
        pytest.param("Powered by Xiuno BBS 4.0.4", "", "", "", id="software"),
        pytest.param("文/方可心律师 · 2022年5月6日 · 阅读 321", "方可心律师", "", "", id="a name before a point"),
        pytest.param("文/约翰·史密斯 2022年5月6日", "约翰·史密斯", "", "", id="a name with a point"),
        pytest.param("来源 | 岭南法院", "", "", "岭南法院", id="a source behind a bar"),
        pytest.param("编辑 | 罗兰", "", "罗兰", "", id="an editor behind a bar"),
        pytest.param("来源：江湾市消费者委员会字号：[ 大 中 小 ]", "", "", "江湾市消费者委员会", id="the size of type"),
        pytest.param("作者：佚名 来源：网络", "", "", "", id="nobody"),
    ],
)  # fmt: skip
def test_a_line_names_its_people(words: str, author: str, editor: str, source: str) -> None:
    found = find_names([line(words)])
    assert (found.author, found.editor, found.source_name) == (author, editor, source)


def test_a_name_ends_where_its_link_ends() -> None:
    words = "2022-06-07 09:11:12 来源: 岭南消费观察广东 举报"
    assert find_names([line(words, links=("岭南消费观察", "举报"))]).source_name == "岭南消费观察"
    assert find_names([line(words)]).source_name == "岭南消费观察广东"


def test_the_name_of_a_link_to_somebodys_page_is_believed_when_no_line_says_more() -> None:
    assert find_names([line("阿宁的账本 关注", people=("阿宁的账本",))]).author == "阿宁的账本"
    assert find_names([line("阿宁的账本", people=("阿宁的账本",)), line("作者：罗小川")]).author == "罗小川"


@pytest.mark.parametrize("words", ["关注他", "名片", "我的日志", "个人主页", "查看", "12", "申请转载"])
def test_the_buttons_of_a_profile_are_no_names(words: str) -> None:
    assert find_names([line(words, people=(words,))]).author == ""


def test_a_place_after_a_reporter_is_no_part_of_the_name() -> None:
    assert without_place("王大川台", "北") == "王大川"
    assert without_place("王大川", "摄") == "王大川"
    assert is_person("王大川")
