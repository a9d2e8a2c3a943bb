"""The tables of corpus.db, as append-only migrations.

corpus.db is derived: it can be deleted and rebuilt from the archive. Names of tables and columns are the interface;
``datasette_config/metadata.yml`` describes each, and a test demands it. A migration that has landed is never changed;
a new column or table is a new migration function at the end.

``articles.number`` is a private row number for indexes and joins; the public key is ``articles.id``. Offsets count code
points. Times are ISO 8601; capture times in UTC, published dates as the page gives them.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("cuishou")

TABLES_1 = """
CREATE TABLE runs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, code TEXT NOT NULL,
  models TEXT NOT NULL DEFAULT '', lexicons TEXT NOT NULL DEFAULT '', captures INTEGER NOT NULL DEFAULT 0,
  articles INTEGER NOT NULL DEFAULT 0, rejections INTEGER NOT NULL DEFAULT 0,
  captures_digest TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '');

CREATE TABLE archive_files (
  warc_file TEXT PRIMARY KEY, bytes_done INTEGER NOT NULL, captures INTEGER NOT NULL);

CREATE TABLE captures (
  id TEXT PRIMARY KEY, url TEXT NOT NULL, site TEXT NOT NULL, status INTEGER NOT NULL, content_type TEXT NOT NULL,
  fetched_at TEXT NOT NULL, body_sha256 TEXT NOT NULL, body_length INTEGER NOT NULL, charset TEXT NOT NULL DEFAULT '',
  charset_source TEXT NOT NULL DEFAULT '', replacement_count INTEGER NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL, referrer TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '',
  warc_file TEXT NOT NULL DEFAULT '', warc_offset INTEGER NOT NULL DEFAULT -1,
  warc_record_id TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '');
CREATE INDEX captures_url ON captures(url, fetched_at);
CREATE INDEX captures_site ON captures(site);

CREATE TABLE articles (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, site TEXT NOT NULL, host TEXT NOT NULL,
  title TEXT NOT NULL, author TEXT NOT NULL, clean_title TEXT NOT NULL, clean_author TEXT NOT NULL,
  published TEXT NOT NULL, published_precision TEXT NOT NULL, published_source TEXT NOT NULL,
  published_confidence REAL NOT NULL, published_conflict INTEGER NOT NULL, published_note TEXT NOT NULL,
  date_candidates TEXT NOT NULL, updated TEXT NOT NULL,
  first_captured TEXT NOT NULL, last_captured TEXT NOT NULL, captured TEXT NOT NULL,
  page_type TEXT NOT NULL, source_name TEXT NOT NULL, editor TEXT NOT NULL, keywords TEXT NOT NULL,
  description TEXT NOT NULL, flags TEXT NOT NULL, field_sources TEXT NOT NULL, replies TEXT NOT NULL,
  script TEXT NOT NULL, text TEXT NOT NULL, clean_text TEXT NOT NULL, length INTEGER NOT NULL,
  damage TEXT NOT NULL, topic TEXT NOT NULL DEFAULT '', genre TEXT NOT NULL DEFAULT '',
  intent TEXT NOT NULL DEFAULT '', scope TEXT NOT NULL DEFAULT '', spam INTEGER NOT NULL DEFAULT 0,
  spam_score REAL NOT NULL DEFAULT 0, cluster_id TEXT NOT NULL DEFAULT '', is_canonical INTEGER NOT NULL DEFAULT 1,
  template_id TEXT NOT NULL DEFAULT '', body_sha256 TEXT NOT NULL, text_sha256 TEXT NOT NULL,
  next_url TEXT NOT NULL DEFAULT '', extractor TEXT NOT NULL, versions TEXT NOT NULL);
CREATE UNIQUE INDEX articles_url ON articles(url);
CREATE INDEX articles_site ON articles(site);
CREATE INDEX articles_published ON articles(published);
CREATE INDEX articles_first_captured ON articles(first_captured);
CREATE INDEX articles_topic ON articles(topic);
CREATE INDEX articles_cluster ON articles(cluster_id);
CREATE INDEX articles_template ON articles(template_id);

CREATE TABLE article_captures (
  article_id TEXT NOT NULL, capture_id TEXT NOT NULL, role TEXT NOT NULL, part INTEGER NOT NULL DEFAULT 1,
  text_sha256 TEXT NOT NULL DEFAULT '', PRIMARY KEY (article_id, capture_id));
CREATE INDEX article_captures_capture ON article_captures(capture_id);

CREATE TABLE revisions (
  article_id TEXT NOT NULL, text_sha256 TEXT NOT NULL, title TEXT NOT NULL, published TEXT NOT NULL,
  text TEXT NOT NULL, clean_text TEXT NOT NULL, PRIMARY KEY (article_id, text_sha256));

CREATE TABLE article_redirects (
  old_id TEXT PRIMARY KEY, article_id TEXT NOT NULL, reason TEXT NOT NULL);

CREATE TABLE edits (
  article_id TEXT NOT NULL, field TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
  clean_start INTEGER NOT NULL, clean_end INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  rule TEXT NOT NULL, confidence REAL NOT NULL);
CREATE INDEX edits_article ON edits(article_id);

CREATE TABLE holes (
  article_id TEXT NOT NULL, field TEXT NOT NULL, start INTEGER NOT NULL, suggestion TEXT NOT NULL,
  confidence REAL NOT NULL, rule TEXT NOT NULL);
CREATE INDEX holes_article ON holes(article_id);

CREATE TABLE spans (
  article_id TEXT NOT NULL, field TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
  kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX spans_article ON spans(article_id);

CREATE TABLE removed_blocks (
  article_id TEXT NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL,
  path TEXT NOT NULL);
CREATE INDEX removed_blocks_article ON removed_blocks(article_id);

CREATE TABLE labels (
  article_id TEXT NOT NULL, scheme TEXT NOT NULL, value TEXT NOT NULL, parent TEXT NOT NULL, rank INTEGER NOT NULL,
  score REAL NOT NULL, evidence TEXT NOT NULL, annotator TEXT NOT NULL,
  PRIMARY KEY (article_id, scheme, value, annotator));
CREATE INDEX labels_value ON labels(scheme, value);

CREATE TABLE facets (
  article_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, canonical TEXT NOT NULL,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL, in_force TEXT NOT NULL);
CREATE INDEX facets_article ON facets(article_id);
CREATE INDEX facets_canonical ON facets(kind, canonical);

CREATE TABLE contacts (
  article_id TEXT NOT NULL, kind TEXT NOT NULL, raw TEXT NOT NULL, value TEXT NOT NULL, block TEXT NOT NULL,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL);
CREATE INDEX contacts_article ON contacts(article_id);
CREATE INDEX contacts_value ON contacts(kind, value);

CREATE TABLE links (
  article_id TEXT NOT NULL, target_site TEXT NOT NULL, links INTEGER NOT NULL,
  PRIMARY KEY (article_id, target_site)) WITHOUT ROWID;
CREATE INDEX links_target ON links(target_site);

CREATE TABLE fingerprints (
  article_id TEXT PRIMARY KEY, restored TEXT NOT NULL, masked TEXT NOT NULL, signature BLOB NOT NULL,
  length INTEGER NOT NULL);
CREATE INDEX fingerprints_restored ON fingerprints(restored);
CREATE INDEX fingerprints_masked ON fingerprints(masked);

CREATE TABLE clusters (
  id TEXT PRIMARY KEY, canonical_article_id TEXT NOT NULL, size INTEGER NOT NULL, sites INTEGER NOT NULL,
  first_captured TEXT NOT NULL, first_published TEXT NOT NULL, source_article_id TEXT NOT NULL DEFAULT '',
  source_reason TEXT NOT NULL DEFAULT '');
CREATE TABLE cluster_members (
  cluster_id TEXT NOT NULL, article_id TEXT NOT NULL, similarity REAL NOT NULL, containment REAL NOT NULL,
  kind TEXT NOT NULL, PRIMARY KEY (cluster_id, article_id));
CREATE INDEX cluster_members_article ON cluster_members(article_id);
CREATE TABLE templates (
  id TEXT PRIMARY KEY, size INTEGER NOT NULL, sites INTEGER NOT NULL, pattern TEXT NOT NULL, slots TEXT NOT NULL);

CREATE TABLE sites (
  site TEXT PRIMARY KEY, captures INTEGER NOT NULL, articles INTEGER NOT NULL, rejections INTEGER NOT NULL,
  first_captured TEXT NOT NULL, last_captured TEXT NOT NULL, score REAL, verdict TEXT NOT NULL DEFAULT 'insufficient',
  network_id TEXT NOT NULL DEFAULT '');
CREATE TABLE site_features (
  site TEXT NOT NULL, feature TEXT NOT NULL, value REAL NOT NULL, points REAL NOT NULL,
  evidence_zh TEXT NOT NULL, evidence_en TEXT NOT NULL, articles TEXT NOT NULL, PRIMARY KEY (site, feature));
CREATE TABLE networks (
  id TEXT PRIMARY KEY, certainty TEXT NOT NULL, sites INTEGER NOT NULL, evidence TEXT NOT NULL);
CREATE TABLE network_members (
  network_id TEXT NOT NULL, site TEXT NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (network_id, site));

CREATE TABLE rejections (
  capture_id TEXT PRIMARY KEY, url TEXT NOT NULL, site TEXT NOT NULL, fetched_at TEXT NOT NULL,
  stage TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, run TEXT NOT NULL);
CREATE INDEX rejections_reason ON rejections(reason);

CREATE VIEW corpus_articles AS
  SELECT number, id, clean_title, site, published, first_captured, topic, genre, intent, scope, spam, script,
    length, cluster_id, url
  FROM articles WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1;
"""


@migrations()
def tables_1(db: Database) -> None:
    """The walking system."""
    run_script(db.conn, TABLES_1)


DUPLICATES_1 = """
ALTER TABLE fingerprints ADD COLUMN sentences BLOB NOT NULL DEFAULT x'';

CREATE TABLE duplicate_texts (number INTEGER PRIMARY KEY, article_id TEXT NOT NULL);
CREATE TABLE bands (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE sentences (hash INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (hash, number)) WITHOUT ROWID;
CREATE TABLE similar_texts (
  "left" INTEGER NOT NULL, "right" INTEGER NOT NULL, similarity REAL NOT NULL, containment REAL NOT NULL,
  relation TEXT NOT NULL, PRIMARY KEY ("left", "right")) WITHOUT ROWID;
CREATE INDEX similar_texts_right ON similar_texts("right");
CREATE TABLE cluster_redirects (
  old_id TEXT NOT NULL, new_id TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (old_id, new_id)) WITHOUT ROWID;

CREATE TABLE duplicate_changes (
  restored TEXT NOT NULL, article_id TEXT NOT NULL, masked TEXT NOT NULL, signature BLOB NOT NULL,
  sentences BLOB NOT NULL, PRIMARY KEY (restored, article_id)) WITHOUT ROWID;
INSERT INTO duplicate_changes SELECT restored, article_id, masked, x'', x'' FROM fingerprints WHERE restored <> '';
-- An upsert's conflict clause overrides that of statements in its triggers, so INSERT OR IGNORE would not ignore: the
-- triggers ask first.
CREATE TRIGGER fingerprints_inserted AFTER INSERT ON fingerprints WHEN NEW.restored <> '' BEGIN
  INSERT INTO duplicate_changes SELECT NEW.restored, NEW.article_id, NEW.masked, x'', x''
    WHERE NOT EXISTS (
      SELECT 1 FROM duplicate_changes WHERE restored = NEW.restored AND article_id = NEW.article_id);
END;
CREATE TRIGGER fingerprints_deleted AFTER DELETE ON fingerprints WHEN OLD.restored <> '' BEGIN
  INSERT INTO duplicate_changes SELECT OLD.restored, OLD.article_id, OLD.masked, OLD.signature, OLD.sentences
    WHERE NOT EXISTS (
      SELECT 1 FROM duplicate_changes WHERE restored = OLD.restored AND article_id = OLD.article_id);
END;
CREATE TRIGGER fingerprints_updated AFTER UPDATE ON fingerprints BEGIN
  INSERT INTO duplicate_changes SELECT OLD.restored, OLD.article_id, OLD.masked, OLD.signature, OLD.sentences
    WHERE OLD.restored <> '' AND NOT EXISTS (
      SELECT 1 FROM duplicate_changes WHERE restored = OLD.restored AND article_id = OLD.article_id);
  INSERT INTO duplicate_changes SELECT NEW.restored, NEW.article_id, NEW.masked, x'', x''
    WHERE NEW.restored <> '' AND NOT EXISTS (
      SELECT 1 FROM duplicate_changes WHERE restored = NEW.restored AND article_id = NEW.article_id);
END;
CREATE TRIGGER articles_redated AFTER UPDATE OF published, published_conflict, first_captured, spam, site ON articles
WHEN (OLD.published, OLD.published_conflict, OLD.first_captured, OLD.spam, OLD.site)
  IS NOT (NEW.published, NEW.published_conflict, NEW.first_captured, NEW.spam, NEW.site) BEGIN
  INSERT INTO duplicate_changes
    SELECT restored, article_id, masked, signature, sentences FROM fingerprints f
    WHERE article_id = NEW.id AND restored <> '' AND NOT EXISTS (
      SELECT 1 FROM duplicate_changes d WHERE d.restored = f.restored AND d.article_id = f.article_id);
END;
"""


@migrations()
def duplicates_1(db: Database) -> None:
    """Index of near-duplicates, kept up to date by triggers that note what has changed since the last pass."""
    run_script(db.conn, DUPLICATES_1)


TABLES_SITES = """
ALTER TABLE sites ADD COLUMN kind TEXT NOT NULL DEFAULT 'domain';
ALTER TABLE sites ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sites ADD COLUMN points REAL NOT NULL DEFAULT 0;
ALTER TABLE sites ADD COLUMN families TEXT NOT NULL DEFAULT '';
ALTER TABLE sites ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE sites ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0;
CREATE INDEX articles_flagged ON articles(flagged) WHERE flagged = 1;
DROP VIEW corpus_articles;
CREATE VIEW corpus_articles AS
  SELECT number, id, clean_title, site, published, first_captured, topic, genre, intent, scope, spam, script,
    length, cluster_id, url
  FROM articles WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
ALTER TABLE network_members ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
CREATE INDEX sites_score ON sites(score);
CREATE INDEX sites_state ON sites(state);
CREATE INDEX articles_scope ON articles(scope);

CREATE TABLE site_pages (
  site TEXT NOT NULL, number INTEGER NOT NULL, folder TEXT NOT NULL, version TEXT NOT NULL, traits BLOB NOT NULL,
  PRIMARY KEY (site, number)) WITHOUT ROWID;
CREATE UNIQUE INDEX site_pages_number ON site_pages(number, version);

CREATE TABLE site_vendors (
  number INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (number, kind, value)) WITHOUT ROWID;

CREATE TABLE site_entities (
  site TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, layer TEXT NOT NULL, pages INTEGER NOT NULL,
  share REAL NOT NULL, kept INTEGER NOT NULL, removed INTEGER NOT NULL, scripts INTEGER NOT NULL,
  vendor INTEGER NOT NULL, suffixes TEXT NOT NULL, PRIMARY KEY (site, kind, value)) WITHOUT ROWID;
CREATE INDEX site_entities_value ON site_entities(kind, value);

CREATE TABLE site_texts (
  site TEXT PRIMARY KEY, redundancy REAL NOT NULL, funnel REAL NOT NULL, targets TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE hijacked_folders (
  site TEXT NOT NULL, folder TEXT NOT NULL, unit TEXT NOT NULL, pages INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (site, folder)) WITHOUT ROWID;

CREATE TABLE network_edges (
  network_id TEXT NOT NULL, left_site TEXT NOT NULL, right_site TEXT NOT NULL, weight REAL NOT NULL,
  types TEXT NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (network_id, left_site, right_site)) WITHOUT ROWID;

CREATE TABLE site_checks (
  site TEXT NOT NULL, checked_at TEXT NOT NULL, kind TEXT NOT NULL, verdict TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (site, checked_at, kind)) WITHOUT ROWID;
"""


@migrations()
def tables_sites(db: Database) -> None:
    """Features, entities, networks and states of sites."""
    run_script(db.conn, TABLES_SITES)


@migrations()
def tables_sites_2(db: Database) -> None:
    """Contacts that stand in a line asking for complaints or removal: 内容侵权、删帖举报联系方式."""
    db.conn.execute("ALTER TABLE site_vendors ADD COLUMN role TEXT NOT NULL DEFAULT 'vendor'")
    db.conn.execute("ALTER TABLE site_entities ADD COLUMN takedown INTEGER NOT NULL DEFAULT 0")


TABLES_PAGES = """
CREATE TABLE frames (article_id TEXT PRIMARY KEY, lines TEXT NOT NULL);
CREATE TABLE site_profiles (
  site TEXT PRIMARY KEY, pages INTEGER NOT NULL, lines TEXT NOT NULL, seen TEXT NOT NULL);
ALTER TABLE articles ADD COLUMN parts TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN site_lines TEXT NOT NULL DEFAULT '';
CREATE INDEX articles_next_url ON articles(next_url) WHERE next_url <> '';
CREATE INDEX article_captures_parts ON article_captures(capture_id) WHERE role = 'part';
"""


@migrations()
def tables_pages(db: Database) -> None:
    """What the passes that read pages again need: frames of texts, profiles of sites, parts of articles."""
    run_script(db.conn, TABLES_PAGES)


READABLE_1 = """
-- The condition is that of corpus_articles, so that its lists, counts and charts are answered by this index alone. Without
-- statistics SQLite would choose articles_scope and read every row, texts and all, to look at the other columns.
DROP INDEX articles_scope;
CREATE INDEX articles_readable ON articles(first_captured, id, topic, genre, site, published)
  WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
"""


@migrations()
def readable_1(db: Database) -> None:
    """What readers see first, in the order of capture."""
    run_script(db.conn, READABLE_1)


SUMMARIES_1 = """
-- The bars of the home page's charts; (chart, label): the articles it stands for.
CREATE TABLE summaries (
  chart TEXT NOT NULL, label TEXT NOT NULL, articles INTEGER NOT NULL, PRIMARY KEY (chart, label)) WITHOUT ROWID;
-- What moderators look at first: uncertainty of the labels times reach.
CREATE TABLE review_weights (
  number INTEGER PRIMARY KEY, weight REAL NOT NULL, uncertainty REAL NOT NULL, pages INTEGER NOT NULL);
CREATE INDEX review_weights_weight ON review_weights(weight, number);
DROP INDEX facets_canonical;
CREATE INDEX facets_canonical ON facets(kind, canonical, article_id);
CREATE INDEX articles_marks ON articles(spam, is_canonical, template_id, scope, flagged);
-- Facets and counts of corpus_articles: SQLite would else take the index in the order asked for and read every row.
CREATE INDEX articles_readable_topic ON articles(topic, genre, intent)
  WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
CREATE INDEX articles_readable_genre ON articles(genre, intent)
  WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
CREATE INDEX articles_readable_site ON articles(site, published)
  WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
CREATE INDEX articles_readable_published ON articles(published, topic)
  WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
"""


@migrations()
def summaries_1(db: Database) -> None:
    """What pages show first, worked out once a pass instead of at each visit."""
    run_script(db.conn, SUMMARIES_1)


COVERING_1 = """
-- How many other articles show a contact point, and which places, platforms and laws hits name: from the index alone.
DROP INDEX contacts_value;
CREATE INDEX contacts_value ON contacts(kind, value, article_id);
DROP INDEX facets_article;
CREATE INDEX facets_article ON facets(article_id, kind, canonical);
"""


@migrations()
def covering_1(db: Database) -> None:
    """Indexes that answer what pages ask, without the rows."""
    run_script(db.conn, COVERING_1)


ANSWERS_1 = """
-- What the canned queries of Datasette count, from indexes alone: rows of these tables hold texts.
DROP INDEX articles_readable_topic;
CREATE INDEX articles_readable_topic ON articles(topic, genre, intent, scope)
  WHERE scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0;
CREATE INDEX articles_doubtful ON articles(published_confidence)
  WHERE published_conflict OR (published != '' AND published_confidence < 0.5);
DROP INDEX labels_value;
CREATE INDEX labels_value ON labels(scheme, value, article_id);
CREATE INDEX removed_blocks_reason ON removed_blocks(reason);
CREATE INDEX edits_rule ON edits(rule, article_id, confidence);
"""


@migrations()
def answers_1(db: Database) -> None:
    """Indexes that answer what researchers ask first."""
    run_script(db.conn, ANSWERS_1)


LISTED_1 = """
-- Dates that list pages show beside links to pages of their own site.
CREATE TABLE listed_dates (
  url TEXT NOT NULL, capture_id TEXT NOT NULL, role TEXT NOT NULL, value TEXT NOT NULL, precision TEXT NOT NULL,
  text TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (url, capture_id, role)) WITHOUT ROWID;
CREATE INDEX listed_dates_capture ON listed_dates(capture_id);
-- Addresses without scheme whose articles or listed dates changed since articles were last dated.
CREATE TABLE date_changes (address TEXT PRIMARY KEY) WITHOUT ROWID;
ALTER TABLE articles ADD COLUMN published_latest TEXT NOT NULL DEFAULT '';
"""


@migrations()
def listed_1(db: Database) -> None:
    """Dates out of list pages."""
    run_script(db.conn, LISTED_1)


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Execute the statements of ``script`` one by one, inside the caller's transaction.

    ``executescript`` would commit that transaction first, and a half-applied migration could not be undone.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring corpus.db up to the newest schema; nothing happens when it is there already."""
    migrations.apply(Database(connection))
