"""Feeds are well-formed whatever the pages hold, and a copy changes nothing that a reader takes for news."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ElementTree

import feedparser
import pytest

from corpus import search_index
from corpus.feeds import atom, feed_of, json_feed
from corpus.match import Reach
from corpus.saved_searches import SavedSearch
from tests.search_corpus import add, empty_corpus

WATCH = SavedSearch("催收<&>", "催收", Reach(), "2024-06-01T00:00:00Z")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def corpus() -> sqlite3.Connection:
    connection = empty_corpus()
    add(connection, 1, "<script>alert(1)</script>催收 & ]]> \x00\x0b\ufffe", "标题<b>催收</b>", published="2024-05-06")
    add(connection, 2, "1. 阶段", "第二篇")
    connection.execute("INSERT INTO holes VALUES('article-2', 'text', 3, '催收', 0.9, 'rule')")
    search_index.update(connection)
    return connection


def test_atom_is_well_formed_and_read_by_a_feed_reader(corpus: sqlite3.Connection) -> None:
    text = atom(feed_of(corpus, WATCH, base_url="https://host.example/corpus/articles/"))
    root = ElementTree.fromstring(text)
    assert [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")] == ["第二篇", "标题<b>催收</b>"]
    parsed = feedparser.parse(text)
    assert not parsed.bozo
    assert parsed.entries[0].link == "https://host.example/corpus/articles/article-2"
    assert parsed.entries[1].updated == "2024-01-01T00:00:01Z"
    html = root.findall(f"{ATOM}entry")[1].findtext(f"{ATOM}content") or ""
    assert "<mark>催收</mark>" in html
    assert "<script" not in html


def test_json_feed_has_the_members_that_version_1_1_demands(corpus: sqlite3.Connection) -> None:
    feed = json.loads(json_feed(feed_of(corpus, WATCH)))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert all(item["id"] and item["content_html"] for item in feed["items"])
    assert feed["items"][1]["url"] == "https://www.site1.example/1.html"


def test_entries_say_why_they_matched(corpus: sqlite3.Connection) -> None:
    entries = feed_of(corpus, WATCH).entries
    assert "probably deleted by a filter" in entries[0].text
    assert "matched: 催收" in entries[1].text


def test_a_new_copy_changes_no_entry_id(corpus: sqlite3.Connection) -> None:
    before = {entry.id for entry in feed_of(corpus, WATCH).entries}
    add(corpus, 3, "催收 的副本", "标题")
    corpus.execute("INSERT INTO clusters VALUES('c', 'article-3', 2, 2, '', '', '', '')")
    corpus.execute("UPDATE articles SET cluster_id = 'c', is_canonical = number = 3 WHERE number IN (1, 3)")
    search_index.update(corpus)
    after = feed_of(corpus, WATCH).entries
    assert {entry.id for entry in after} == before
    assert len(after) == 2


def test_a_feed_without_entries_is_valid(corpus: sqlite3.Connection) -> None:
    empty = feed_of(corpus, SavedSearch("x", "没有这个", Reach(), "2024-06-01T00:00:00Z"))
    assert feedparser.parse(atom(empty)).feed.updated == "2024-06-01T00:00:00Z"
    assert json.loads(json_feed(empty))["items"] == []
