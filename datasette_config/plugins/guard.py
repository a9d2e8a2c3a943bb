"""Readers' connections: contact points masked whatever the SQL, and the tables still known by their own keys.

The masked views that ``corpus.masking`` lays over the tables have no primary keys; Datasette must therefore be told to
look at the tables themselves when it asks for keys and columns.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import hookimpl
from datasette.database import Database

from corpus.masking import guard
from datasette_config.rulings import standing_rulings

CORPUS = "corpus"
COUNTED = 10_000  # rows of a table that are counted


class CorpusDatabase(Database):
    """A database whose tables lie under views of the same names."""

    async def primary_keys(self, table: str) -> list[str]:
        columns = await self.execute_fn(lambda connection: main_columns(connection, table))
        return [name for name, key in sorted(columns, key=lambda column: column[1]) if key]

    async def table_columns(self, table: str) -> list[str]:
        columns = await self.execute_fn(lambda connection: main_columns(connection, table))
        return [name for name, _ in columns]

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:  # noqa: ARG002 - Datasette's signature
        """Return the rows of every table that is not hidden, None where there are more than COUNTED.

        Datasette counts every table for 5 ms; SQLite looks at the clock between its instructions, and counting is one:
        at 200,000 articles that took 0.7 s, most of it in the blocks of the full-text index.
        """
        hidden = set(await self.hidden_table_names())
        names = [name for name in await self.table_names() if name not in hidden]
        counts: dict[str, int | None] = await self.execute_fn(
            lambda connection: {name: rows_of(connection, name) for name in names}
        )
        return counts

    async def attached_databases(self) -> list[Any]:
        """Return what is attached beside the file: not the temporary views that mask it."""
        return [found for found in await super().attached_databases() if found.name != "temp"]


def main_columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, int]]:
    """The columns of a table or view of the file: (name, place in the primary key or 0)."""
    quoted = table.replace('"', '""')
    return [(row[1], row[5]) for row in connection.execute(f'PRAGMA main.table_info("{quoted}")')]


def rows_of(connection: sqlite3.Connection, table: str) -> int | None:
    """How many rows a table or view of the file has, None for more than COUNTED. Raises: sqlite3.Error, when there is none."""
    quoted = table.replace('"', '""')
    sql = f'SELECT count(*) FROM (SELECT 1 FROM main."{quoted}" LIMIT {COUNTED + 1})'
    found = int(connection.execute(sql).fetchone()[0])
    return found if found <= COUNTED else None


@hookimpl
def startup(datasette: Any) -> None:
    """Put our kind of database in the place of Datasette's."""
    found = datasette.databases.get(CORPUS)
    if found is not None and type(found) is Database:
        ours = CorpusDatabase(datasette, path=found.path, is_mutable=found.is_mutable)
        datasette.remove_database(CORPUS)
        datasette.add_database(ours, name=CORPUS)


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Mask what readers read; last, when the functions are registered."""
    if database == CORPUS:
        path = next(row[2] for row in conn.execute("PRAGMA database_list") if row[1] == "main")
        guard(conn, lambda: standing_rulings(path).hidden)
