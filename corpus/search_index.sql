-- The objects of the full-text index, in order of creation; read by corpus/search_index.py.
-- Triggers use no function of ours, so that any program can write the tables they watch.
CREATE TABLE search_state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Articles to look at: new, changed or gone since the index last saw them.
CREATE TABLE search_queue (number INTEGER PRIMARY KEY);

-- One row per indexed article. title and text: as indexed, kept from the moment the article changes until the index follows;
-- NULL: as in articles.
CREATE TABLE search_documents (
  number INTEGER PRIMARY KEY, title TEXT, text TEXT, holes TEXT NOT NULL, marks TEXT NOT NULL);

-- The latest first_captured among 512 articles, or a later one: tells when a search newest first may stop.
CREATE TABLE search_blocks (block INTEGER PRIMARY KEY, latest TEXT NOT NULL);

-- What a search needs of each hit, without its long row.
CREATE INDEX search_rows ON articles(
  number, first_captured, published, cluster_id, is_canonical, spam, topic, genre, site);

CREATE VIEW article_fts_content AS
  SELECT d.number AS number, zh_tokens(coalesce(d.text, a.clean_text, ''), 'text') AS text,
    zh_tokens(coalesce(d.title, a.clean_title, ''), 'title') AS title, zh_tokens(d.holes, 'holes') AS holes, d.marks AS marks
  FROM search_documents d LEFT JOIN articles a ON a.number = d.number;

-- content is a view, so that 'rebuild' by any tool gives our tokens again; the comment lets Datasette and sqlite-utils, which look
-- for content="…" in this text, find the index of the table articles.
CREATE VIRTUAL TABLE article_fts USING fts5 /* content="articles" */
  (text, title, holes, marks, content="article_fts_content", content_rowid="number", tokenize="ascii");

CREATE TRIGGER search_article_inserted AFTER INSERT ON articles BEGIN
  INSERT INTO search_queue(number) SELECT NEW.number WHERE NOT EXISTS (SELECT 1 FROM search_queue WHERE number = NEW.number);
  UPDATE search_blocks SET latest = NEW.first_captured WHERE block = NEW.number >> 9 AND latest < NEW.first_captured;
  INSERT INTO search_blocks(block, latest) SELECT NEW.number >> 9, NEW.first_captured
    WHERE NOT EXISTS (SELECT 1 FROM search_blocks WHERE block = NEW.number >> 9);
END;

-- INSERT OR REPLACE deletes the old row without a word (recursive_triggers off): keep its text before that happens.
CREATE TRIGGER search_article_inserting BEFORE INSERT ON articles BEGIN
  UPDATE search_documents SET title = a.clean_title, text = a.clean_text FROM articles a
    WHERE search_documents.number = a.number AND search_documents.text IS NULL
      AND (a.id = NEW.id OR a.url = NEW.url OR a.number = NEW.number);
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE (a.id = NEW.id OR a.url = NEW.url OR a.number = NEW.number)
      AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_article_updating BEFORE UPDATE OF number, clean_title, clean_text ON articles
  WHEN OLD.clean_title IS NOT NEW.clean_title OR OLD.clean_text IS NOT NEW.clean_text OR OLD.number IS NOT NEW.number BEGIN
  UPDATE search_documents SET title = OLD.clean_title, text = OLD.clean_text WHERE number = OLD.number AND text IS NULL;
END;

-- UPDATE OR REPLACE, too, takes another row's place without a word.
CREATE TRIGGER search_article_moving BEFORE UPDATE OF number, id, url ON articles
  WHEN OLD.number IS NOT NEW.number OR OLD.id IS NOT NEW.id OR OLD.url IS NOT NEW.url BEGIN
  UPDATE search_documents SET title = a.clean_title, text = a.clean_text FROM articles a
    WHERE search_documents.number = a.number AND search_documents.text IS NULL
      AND (a.id = NEW.id OR a.url = NEW.url OR a.number = NEW.number);
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE (a.id = NEW.id OR a.url = NEW.url OR a.number = NEW.number)
      AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_article_updated AFTER UPDATE OF
  number, id, url, site, host, clean_title, clean_text, published, first_captured, topic, genre, intent, scope, spam
  ON articles BEGIN
  INSERT INTO search_queue(number) SELECT OLD.number WHERE NOT EXISTS (SELECT 1 FROM search_queue WHERE number = OLD.number);
  INSERT INTO search_queue(number) SELECT NEW.number WHERE NOT EXISTS (SELECT 1 FROM search_queue WHERE number = NEW.number);
  UPDATE search_blocks SET latest = NEW.first_captured WHERE block = NEW.number >> 9 AND latest < NEW.first_captured;
  INSERT INTO search_blocks(block, latest) SELECT NEW.number >> 9, NEW.first_captured
    WHERE NOT EXISTS (SELECT 1 FROM search_blocks WHERE block = NEW.number >> 9);
END;

CREATE TRIGGER search_article_deleting BEFORE DELETE ON articles BEGIN
  UPDATE search_documents SET title = OLD.clean_title, text = OLD.clean_text WHERE number = OLD.number AND text IS NULL;
  INSERT INTO search_queue(number) SELECT OLD.number WHERE NOT EXISTS (SELECT 1 FROM search_queue WHERE number = OLD.number);
END;

CREATE TRIGGER search_holes_inserted AFTER INSERT ON holes BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (NEW.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_holes_deleted AFTER DELETE ON holes BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (OLD.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_holes_updated AFTER UPDATE ON holes BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (OLD.article_id, NEW.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_facets_inserted AFTER INSERT ON facets BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (NEW.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_facets_deleted AFTER DELETE ON facets BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (OLD.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_facets_updated AFTER UPDATE ON facets BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (OLD.article_id, NEW.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_labels_inserted AFTER INSERT ON labels BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (NEW.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_labels_deleted AFTER DELETE ON labels BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (OLD.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;

CREATE TRIGGER search_labels_updated AFTER UPDATE ON labels BEGIN
  INSERT INTO search_queue(number) SELECT a.number FROM articles a
    WHERE a.id IN (OLD.article_id, NEW.article_id) AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number);
END;
