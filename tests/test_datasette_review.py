"""Moderators' pages: who gets in, what a ruling changes at once, and that taking it back leaves no trace in the corpus."""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from datasette_auth_passwords.utils import hash_password

from classify.commands import train as train_command
from classify.model_file import PACKAGED, load
from corpus import warc
from corpus.article_cases import Agreement, agreement, kappa
from corpus.decisions import open_decisions
from corpus.errors import InputError
from corpus.records import Decision
from crawler.serving import metadata
from tests.asked import ask
from tests.sample_corpus import HOSTILE_URL, sample_corpus

__all__ = ["sample_corpus"]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def workspace(sample_corpus: Path, tmp_path: Path) -> Path:
    """A copy of the sample corpus that may be ruled on."""
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(sample_corpus / "corpus.db", tmp_path / "corpus.db")
    return tmp_path


class Visitor:
    """Somebody with a browser: keeps cookies, fills in the token of the form it last saw."""

    def __init__(self, datasette: Any, name: str = "", role: str = "") -> None:
        self.datasette, self.cookies, self.token = datasette, {}, ""
        if name:
            self.cookies["ds_actor"] = datasette.sign({"a": {"id": name, "role": role}}, "actor")

    async def get(self, path: str) -> Any:
        answer = await self.datasette.client.get(path, cookies=self.cookies)
        self.cookies.update(answer.cookies)
        found = re.search(r'name="csrftoken" value="([^"]+)"', answer.text)
        self.token = found.group(1) if found else self.token
        return answer

    async def post(self, path: str, **fields: str) -> Any:
        return await self.datasette.client.post(path, data={"csrftoken": self.token, **fields}, cookies=self.cookies)


def dump(workspace: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of corpus.db, in order."""
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        names = sorted(row[0] for row in tables)
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def item_of(text: str) -> str:
    found = re.findall(r'name="article" value="([0-9a-f]{16})"', text)
    assert found
    return str(found[-1])


@pytest.mark.parametrize("path", ["/-/review", "/-/review/sites", "/-/review/history"])
@pytest.mark.parametrize(
    ("name", "role"), [("", ""), ("zhao", "reader"), ("zhao", "")], ids=["anonymous", "reader", "no role"]
)
def test_readers_get_403_from_moderators_pages(workspace: Path, path: str, name: str, role: str) -> None:
    async def work(datasette: Any) -> list[int]:
        visitor = Visitor(datasette, name, role)
        return [(await visitor.get(path)).status_code, (await visitor.post(path, ruling="spam")).status_code]

    assert ask(workspace, work) == [403, 403]
    assert not (workspace / "decisions.db").exists()


def test_a_reviewer_may_not_rule_on_sites(workspace: Path) -> None:
    async def work(datasette: Any) -> int:
        return int((await Visitor(datasette, "wu", "reviewer").get("/-/review/sites")).status_code)

    assert ask(workspace, work) == 403


def test_a_post_without_its_token_or_from_another_host_is_refused(workspace: Path) -> None:
    async def work(datasette: Any) -> list[int]:
        visitor = Visitor(datasette, "li", "moderator")
        article = item_of((await visitor.get("/-/review")).text)
        good, visitor.token = visitor.token, "x"
        no_token = await visitor.post("/-/review", article=article, ruling="spam")
        foreign = await datasette.client.post(
            "/-/review", data={"csrftoken": good, "article": article, "ruling": "spam"}, cookies=visitor.cookies,
            headers={"origin": "http://evil.example"},
        )  # fmt: skip
        return [no_token.status_code, foreign.status_code]

    assert ask(workspace, work) == [403, 403]


def test_a_ruling_takes_effect_at_once_and_undone_leaves_every_page_as_it_was(workspace: Path) -> None:
    before = dump(workspace)

    async def work(datasette: Any) -> None:
        visitor = Visitor(datasette, "li", "moderator")
        readable = "/corpus/corpus_articles.json?_shape=array&_size=max&_col=id&_nofacet=1"
        shown = [row["id"] for row in (await datasette.client.get(readable)).json()]
        queue = await visitor.get("/-/review")
        article = shown[0]
        page = (await datasette.client.get(f"/-/article/{article}", follow_redirects=True)).text
        await visitor.post("/-/review", article=article, ruling="spam", why="测试")
        assert article not in {row["id"] for row in (await datasette.client.get(readable)).json()}
        search = (await datasette.client.get("/-/search?q=spam:0-3")).text
        assert "show what moderators ruled out" in search
        assert "人工裁定" in (await datasette.client.get(f"/-/article/{article}", follow_redirects=True)).text
        history = (await visitor.get("/-/review/history")).text
        assert "测试" in history
        assert ">li<" in history
        await visitor.post("/-/review", article=article, ruling="undo")
        assert [row["id"] for row in (await datasette.client.get(readable)).json()] == shown
        assert (await datasette.client.get(f"/-/article/{article}", follow_redirects=True)).text == page
        assert queue.status_code == 200

    ask(workspace, work)
    assert dump(workspace) == before
    with open_decisions(workspace) as decisions:
        assert [row[0] for row in decisions.execute("SELECT ruling FROM decisions")] == ["spam", "undo"]
    with open_decisions(workspace, write=True) as decisions, pytest.raises(sqlite3.IntegrityError):
        decisions.execute("DELETE FROM decisions")


def test_a_site_ruling_hides_its_pages_and_undone_leaves_the_corpus_as_it_was(workspace: Path) -> None:
    before = dump(workspace)

    async def work(datasette: Any) -> None:
        visitor = Visitor(datasette, "li", "moderator")
        listed = await visitor.get("/-/review/sites")
        assert "yuqibang.example" in listed.text
        flagged = await visitor.post("/-/review/sites", site="yuqibang.example", ruling="flag", why="批量拼接")
        assert "已认定为垃圾网站" in flagged.text
        count = "/corpus.json?sql=select count(*) from corpus_articles where site = 'yuqibang.example'&_shape=arrays"
        assert (await datasette.client.get(count)).json()["rows"] == [[0]]
        search = "/-/search.json?q=site:yuqibang.example"
        hidden, shown = [(await datasette.client.get(search + more)).json() for more in ("", "&ruled_out=1")]
        assert (hidden["count"], hidden["results"], hidden["left_out"]) == (0, [], shown["count"])
        assert {result["hidden"][-1] for result in shown["results"]} == {"flagged"}
        await visitor.post("/-/review/sites", site="yuqibang.example", ruling="undo", why="")

    ask(workspace, work)
    assert dump(workspace) == before


def test_two_people_do_not_get_the_same_item_and_skipped_ones_wait(workspace: Path) -> None:
    async def work(datasette: Any) -> None:
        li, wu = Visitor(datasette, "li2", "moderator"), Visitor(datasette, "wu2", "reviewer")
        first, second = item_of((await li.get("/-/review")).text), item_of((await wu.get("/-/review")).text)
        assert first != second
        after = await li.post("/-/review", article=first, ruling="skip")
        assert item_of(after.text) not in (first, second)

    ask(workspace, work)


def test_moderators_see_contacts_and_reviewers_do_not(workspace: Path) -> None:
    async def work(datasette: Any) -> tuple[bool, bool]:
        sql = f"select number from articles where url = '{HOSTILE_URL}'"
        number = (await datasette.client.get(f"/corpus.json?sql={sql}&_shape=arrays")).json()["rows"][0][0]
        texts = [
            (await Visitor(datasette, "li", role).get(f"/corpus/articles/{number}")).text
            for role in ("moderator", "reviewer")
        ]
        return "13900007654" in texts[0], "13900007654" in texts[1]

    assert ask(workspace, work) == (True, False)


def test_accounts_come_from_the_environment_and_sign_in(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUISHOU_ACCOUNTS", "li:moderator")
    monkeypatch.setenv("CUISHOU_PASSWORD_HASH_LI", hash_password("korrekt"))

    async def work(datasette: Any) -> list[int]:
        visitor = Visitor(datasette)
        await visitor.get("/-/login")
        wrong = await visitor.post("/-/login", username="li", password="falsch")
        right = await visitor.post("/-/login", username="li", password="korrekt")
        visitor.cookies.update(right.cookies)
        return [wrong.status_code, right.status_code, (await visitor.get("/-/review")).status_code]

    assert ask(workspace, work) == [200, 302, 200]


@pytest.mark.parametrize("accounts", ["li", "li:king", "li:moderator", "l i:reader"])
def test_a_wrong_account_is_named_before_serving(accounts: str) -> None:
    with pytest.raises(InputError, match="CUISHOU_"):
        metadata({"CUISHOU_ACCOUNTS": accounts})


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "a"), ("a", "a")], 1.0),
        ([("a", "b"), ("b", "a")], -1.0),
        ([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15, 0.4),
        ([("a", "a")], None),
    ],
    ids=["all agree", "one value", "all differ", "textbook", "too few"],
)
def test_kappa(pairs: list[tuple[str, str]], expected: float | None) -> None:
    found = kappa(pairs)
    assert found == (None if expected is None else pytest.approx(expected))


def test_disagreements_are_listed() -> None:
    def said(serial: int, who: str, what: str) -> Decision:
        return Decision(serial, NOON, who, "article", "a", what)

    found: Agreement = agreement(
        {"a": [said(1, "li", "spam"), said(2, "wu", "relevant")], "b": [said(3, "li", "spam")]}
    )
    assert (found.articles, found.agreed) == (1, 0)
    assert [vote.moderator for vote in found.disagreements[0][1]] == ["li", "wu"]


def test_what_the_queue_ruled_is_what_training_learns_from(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: dict[str, str] = {}

    async def work(datasette: Any) -> None:
        li, wu = Visitor(datasette, "li", "moderator"), Visitor(datasette, "wu", "reviewer")
        for ruling in ("irrelevant", "spam", "relevant", "unsure", "irrelevant"):
            article = item_of((await li.get("/-/review")).text)
            chosen[ruling if ruling not in chosen else "taken back"] = article
            await li.post("/-/review", article=article, ruling=ruling)
        await li.post("/-/review", article=chosen["taken back"], ruling="undo")
        await wu.get("/-/review")
        await wu.post("/-/review", article=chosen["irrelevant"], ruling="irrelevant")

    ask(workspace, work)
    taught: list[Any] = []

    def fit(passages: Any, *, version: str) -> Any:
        taught.extend(each for each in passages if each.family.startswith("ruling/"))
        return load(PACKAGED)

    monkeypatch.setattr(train_command, "fit", fit)
    done = CliRunner().invoke(train_command.command, [], obj=workspace)
    assert done.exit_code == 0, done.output
    assert "3 texts with rulings" in done.output
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        texts = {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, clean_text, scope FROM articles")}
    kept = texts[chosen["relevant"]][1]
    relevant = kept if kept in ("core", "edge") else "core"
    assert {each.id: dict(each.labels) for each in taught} == {
        chosen["irrelevant"]: {"scope": "out"}, chosen["spam"]: {"spam": "2"}, chosen["relevant"]: {"scope": relevant},
    }  # fmt: skip
    assert all(each.text == texts[each.id][0][:6_000] for each in taught)


def test_captures_are_given_to_moderators_as_they_were_archived_and_to_nobody_else(
    sample_corpus: Path, workspace: Path
) -> None:
    shutil.copytree(sample_corpus / "archive", workspace / "archive", dirs_exist_ok=True)
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        capture, body, article = connection.execute(
            "SELECT c.id, c.body_sha256, a.article_id FROM captures c JOIN article_captures a ON a.capture_id = c.id "
            "WHERE c.url = ?",
            (HOSTILE_URL,),
        ).fetchone()
    paths = (f"/-/capture/{capture}.warc.gz", f"/-/pack/{article}.zip")

    async def work(datasette: Any) -> list[Any]:
        for name, role in (("", ""), ("zhao", "reader"), ("wu", "reviewer")):
            visitor = Visitor(datasette, name, role)
            assert [(await visitor.get(path)).status_code for path in paths] == [403, 403]
            page = await visitor.get(f"/-/article/{article}")
            page = await datasette.client.get(page.headers["location"], cookies=visitor.cookies)
            assert "warc.gz" not in page.text.replace("cuishou-sample-00000.warc.gz", "")
        li = Visitor(datasette, "li", "moderator")
        missing = [
            await li.datasette.client.get(p, cookies=li.cookies)
            for p in ("/-/capture/0.warc.gz", "/-/pack/ffffffff.zip")
        ]
        assert [answer.status_code for answer in missing] == [404, 404]
        return [await datasette.client.get(path, cookies=li.cookies) for path in paths]

    record, pack = ask(workspace, work)
    assert record.headers["content-disposition"].startswith("attachment")
    assert record.headers["content-type"] == "application/warc"
    found = tmp_warc(workspace, record.content)
    assert [page.sha256 for page in found] == [body]
    with zipfile.ZipFile(io.BytesIO(pack.content)) as packed:
        assert packed.read("record-1.warc.gz") == record.content


def tmp_warc(workspace: Path, data: bytes) -> list[Any]:
    """The pages of a WARC file of these bytes, read as any archive is."""
    path = workspace / "one.warc.gz"
    path.write_bytes(data)
    return list(warc.read(path))


def test_every_byte_of_every_page_is_the_same_after_a_ruling_was_taken_back(workspace: Path) -> None:
    from tests.test_accessibility import pages

    before = (workspace / "corpus.db").read_bytes()
    rows = dump(workspace)

    async def work(datasette: Any) -> None:
        async def texts() -> dict[str, str]:
            paths = [path for name, path in pages(workspace).items() if name not in ("forbidden", "not found")]
            paths += [
                "/-/search.json?q=催收",
                "/-/search.csv?q=催收",
                "/-/search.atom?q=催收",
                "/corpus/corpus_articles.csv?_size=max",
            ]
            found = {path: await datasette.client.get(path, follow_redirects=True) for path in paths}
            # What Datasette says of its own speed, and its token against forgery, differ with every answer.
            changing = r"(Query took|Queries took) &nbsp;[\d.]+ms|name=\"csrftoken\" value=\"[^\"]*\"|[\d.]+ms"
            return {path: re.sub(changing, "", answer.text) for path, answer in found.items()}

        shown = await texts()
        visitor = Visitor(datasette, "li", "moderator")
        await visitor.get("/-/review")
        readable = (await datasette.client.get("/corpus/corpus_articles.json?_shape=array&_size=40&_nofacet=1")).json()
        for row in readable[::4]:
            await visitor.post("/-/review", article=row["id"], ruling="irrelevant")
        ruled = await texts()
        assert {path for path in shown if shown[path] != ruled[path]} >= {
            "/",
            "/-/search?q=催收",
            "/corpus/corpus_articles",
        }
        for row in readable[::4]:
            await visitor.post("/-/review", article=row["id"], ruling="undo")
        assert await texts() == shown

    ask(workspace, work)
    assert dump(workspace) == rows
    assert (workspace / "corpus.db").read_bytes() == before
