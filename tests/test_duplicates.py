"""``cuishou duplicates`` over a workspace: an article, a file of a page nobody has captured, and wrong input."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks import copies
from corpus.cluster_store import update_clusters
from corpus.commands.duplicates import command
from corpus.duplicates import duplicates, find_article, without_contacts
from corpus.errors import InputError
from corpus.readable import readable
from corpus.workspace import open_corpus
from tests.duplicates_corpus import add, empty_corpus, url_of

RNG = random.Random(11)
BASE = copies.article(RNG, length=400)
PATTERN = copies.template(RNG, 400)
FILLS = [PATTERN.format(place=place, platform="花呗", days=30, percent=24) for place in ("甘肃", "湖南")]
TEXTS = [
    ("base", BASE),
    ("spun", copies.spun(RNG, BASE)),
    ("half", copies.partly(RNG, BASE, 0.5)),
    ("gansu", FILLS[0]),
    ("hunan", FILLS[1]),
    ("other", copies.article(RNG, length=400)),
]


def _filled(connection: sqlite3.Connection) -> sqlite3.Connection:
    add(connection, TEXTS[:1], published="2026-01-01")
    add(connection, TEXTS[1:], hours=30)
    update_clusters(connection)
    return connection


@pytest.fixture(scope="module")
def corpus() -> sqlite3.Connection:
    return _filled(empty_corpus())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    with open_corpus(folder, write=True) as connection:
        _filled(connection)
    return folder


def _related(connection: sqlite3.Connection, text: str, article: str = "") -> dict[str, str]:
    return {match.url: match.relation for match in duplicates(connection, text, article=article).matches}


def test_an_article_is_told_its_copies_its_cluster_and_its_source(corpus: sqlite3.Connection) -> None:
    article, text = find_article(corpus, url_of("spun"))
    answer = duplicates(corpus, text, article=article)
    assert {(match.url, match.relation) for match in answer.matches} >= {(url_of("base"), "copy")}
    assert answer.cluster is not None
    assert answer.cluster.size == 2
    assert answer.cluster.source == answer.compared_with == find_article(corpus, url_of("base"))[0]
    assert answer.cluster.source_reason == "dated"
    assert any(change.kind == "replaced" for change in answer.changes)
    assert [at for at, _ in answer.cluster.spread] == sorted(at for at, _ in answer.cluster.spread)


def test_a_text_that_is_not_in_the_corpus_is_told_what_it_copies(corpus: sqlite3.Connection) -> None:
    rng = random.Random(5)
    found = _related(corpus, copies.deleted(rng, copies.shuffled(rng, BASE), 0.02))
    assert found[url_of("base")] == "copy"
    assert url_of("other") not in found


@pytest.mark.parametrize(
    ("text", "name", "relation"),
    [
        pytest.param(BASE.replace("，", "\n"), "base", "same", id="same letters"),
        pytest.param(copies.partly(random.Random(6), BASE, 0.4), "base", "partial", id="a part of it"),
        pytest.param(
            PATTERN.format(place="四川", platform="花呗", days=7, percent=24), "gansu", "variant", id="variant"
        ),
    ],
)
def test_relation_of_a_new_text(corpus: sqlite3.Connection, text: str, name: str, relation: str) -> None:
    assert _related(corpus, text)[url_of(name)] == relation


def test_a_new_variant_is_shown_with_what_changed(corpus: sqlite3.Connection) -> None:
    text = PATTERN.format(place="四川", platform="花呗", days=30, percent=24)
    changes = duplicates(corpus, text).changes
    assert {change.after for change in changes if change.kind == "replaced"} == {"四川"}


@pytest.mark.parametrize("text", ["", "。", "网贷", "甲" * 5000, "1" * 5000, BASE[:60]], ids=len)
def test_a_text_like_no_other_has_no_matches(corpus: sqlite3.Connection, text: str) -> None:
    answer = duplicates(corpus, text)
    assert answer.matches == ()
    assert answer.changes == ()


def test_contacts_are_masked_in_what_changed(corpus: sqlite3.Connection) -> None:
    text = BASE + "\n联系电话：13900001234，微信同号。"
    assert "13900001234" not in str(duplicates(corpus, text).changes)
    assert "13900001234" in str(duplicates(corpus, text, show_contacts=True).changes)
    assert without_contacts("没有号码") == "没有号码"


@pytest.mark.parametrize("name", ["nothing", "http://nowhere.example/", "00000000ffff"])
def test_an_unknown_article_is_an_error_that_says_so(corpus: sqlite3.Connection, name: str) -> None:
    with pytest.raises(InputError, match="no article"):
        find_article(corpus, name)


def test_an_article_is_found_by_the_beginning_of_its_id(corpus: sqlite3.Connection) -> None:
    article, text = find_article(corpus, url_of("half"))
    assert find_article(corpus, article[:10]) == (article, text)
    assert find_article(corpus, article) == (article, text)


def _run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=workspace)


def test_the_command_prints_people_what_was_changed(workspace: Path) -> None:
    result = _run(workspace, url_of("spun"))
    assert result.exit_code == 0, result.output
    assert "近似重复" in result.output
    assert "可能来源" in result.output
    assert "→" in result.output


def test_the_command_shows_what_the_variants_of_a_template_put_into_its_slots(workspace: Path) -> None:
    result = _run(workspace, url_of("gansu"))
    assert "【地名 place】湖南、甘肃" in result.output
    record = json.loads(_run(workspace, url_of("gansu"), "--json").output)
    assert {"kind": "place", "values": ["湖南", "甘肃"]} in record["slots"]
    assert {match["relation"] for match in record["matches"]} == {"variant"}


def test_the_command_takes_the_id_of_a_cluster(workspace: Path) -> None:
    record = json.loads(_run(workspace, url_of("spun"), "--json").output)
    asked = json.loads(_run(workspace, record["cluster"]["id"], "--json").output)
    assert asked["article"] == record["cluster"]["canonical"]


def test_the_command_answers_for_a_file_of_html(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        f"<html><head><title>x</title><style>p{{}}</style></head><body><nav>首页</nav><p>{BASE}</p></body></html>",
        "utf-8",
    )
    record = json.loads(_run(workspace, str(page), "--json").output)
    assert record["article"] == ""
    assert {match["url"] for match in record["matches"]} >= {url_of("base"), url_of("spun")}
    assert record["counts"]["same"] == 1


def test_the_command_reads_gb18030(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_bytes(BASE.encode("gb18030"))
    assert json.loads(_run(workspace, str(page), "--json").output)["counts"]["same"] == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"\xff\xfe\xff\xff", "UTF-8 or GB18030", id="binary"),
        pytest.param(b" " * 8_000_001, "larger than 8 MB", id="too large"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(workspace: Path, tmp_path: Path, body: bytes, message: str) -> None:
    page = tmp_path / "page.txt"
    page.write_bytes(body)
    result = _run(workspace, str(page))
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("一行\n两行", "一行\n两行", id="plain text"),
        pytest.param("<p>一</p><p>二<b>三</b></p>", "一\n二三", id="blocks"),
        pytest.param("<body><script>x</script>一<br>二</body>", "一\n二", id="scripts go"),
        pytest.param("<div>" * 30_000 + "深", "", id="nested too deep"),
        pytest.param("<html></html>", "", id="empty"),
    ],
)
def test_readable_text_of_markup(markup: str, text: str) -> None:
    assert readable(markup) == text or (not text and "深" in readable(markup))
