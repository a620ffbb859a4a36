"""A filled PostgreSQL database used again by the next test: emptied and filled anew inside it, cheaper than a copy."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.services import administer, empty_database

KEPT = "kept"  # the schema beside `public` that holds the rows every test begins with
TABLES = (
    "SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    " AND a.attgenerated = '' GROUP BY c.relname ORDER BY c.relname"
)
SHAPE = (  # whatever a test can change beside rows: tables, columns, rights, triggers, functions
    "SELECT md5(concat("
    "(SELECT string_agg(concat(oid, relname, relowner, relacl), ',' ORDER BY oid) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace),"
    "(SELECT string_agg(concat(attrelid, attname, atttypid, attnotnull, attisdropped), ',' ORDER BY attrelid, attnum)"
    " FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'),"
    "(SELECT string_agg(concat(oid, tgrelid, tgenabled), ',' ORDER BY oid) FROM pg_trigger WHERE NOT tgisinternal),"
    "(SELECT string_agg(concat(oid, prosrc), ',' ORDER BY oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace)))"
)
ALWAYS = (  # these refuse a deletion even to a replica's session
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE t.tgenabled = 'A' AND c.relnamespace = 'public'::regnamespace ORDER BY t.oid"
)
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
SEQUENCES = (
    "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences WHERE schemaname = 'public'"
)


class Pool:
    """The databases made from one template; each knows how to begin anew, or is given up when its shape changed."""

    def __init__(self, server: str, template: str) -> None:
        self.server, self.template = server, template
        self.free: list[str] = []
        self.shape = self.again = ""

    def settle(self, url: str) -> None:
        """Keeps the rows of the filled template beside its tables, and the statements that bring them back."""
        with psycopg.connect(plain(url), autocommit=True) as store:
            tables, guards = store.execute(TABLES).fetchall(), store.execute(ALWAYS).fetchall()
            sequences = store.execute(SEQUENCES).fetchall()
            store.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(KEPT)))
            words: list[sql.Composable] = [sql.SQL("SET LOCAL session_replication_role = replica")]
            words += [guard("DISABLE", *one) for one in guards]
            for table, columns in tables:
                names = sql.SQL(", ").join(map(sql.Identifier, columns))
                here, there = sql.Identifier("public", table), sql.Identifier(KEPT, table)
                store.execute(sql.SQL("CREATE TABLE {} AS SELECT {} FROM {}").format(there, names, here))
                words.append(sql.SQL("DELETE FROM {}").format(here))
                if store.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(there)).fetchone():
                    bring = "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}"
                    words.append(sql.SQL(bring).format(here, names, names, there))
            for name, last, called in sequences:
                back = sql.SQL("SELECT setval({}, {}, {})")
                words.append(back.format(sql.Literal(f'public."{name}"'), sql.Literal(last), sql.Literal(called)))
            words += [guard("ENABLE ALWAYS", *one) for one in guards]
            self.again = sql.SQL("; ").join(words).as_string(store)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """A database like the template; yields its SQLAlchemy address."""
        name = self.free.pop() if self.free else ""
        if not name or not self.fresh(name):
            with empty_database(self.server, template=self.template, keep=True) as url:
                name = url.rsplit("/", 1)[1]
        yield self.url(name)
        self.free.append(name)

    def fresh(self, name: str) -> bool:
        """Brings a used database back to its beginning; one whose shape a test has changed is dropped instead."""
        with psycopg.connect(plain(self.url(name)), autocommit=True) as store:
            store.execute(OTHERS, [store.info.backend_pid])
            if not self.shape:
                with psycopg.connect(plain(self.url(self.template))) as template:
                    self.shape = shape(template)
            if shape(store) == self.shape:
                store.execute(f"BEGIN; {self.again}; COMMIT")
                return True
        administer(plain(self.server), f"DROP DATABASE {name} WITH (FORCE)")
        return False

    def url(self, name: str) -> str:
        """The address of one of them."""
        return f"{self.server.rsplit('/', 1)[0]}/{name}"


def guard(how: str, table: str, trigger: str) -> sql.Composed:
    """The statement that lets a trigger rest or stand guard again."""
    said = sql.SQL("ALTER TABLE {} {} TRIGGER {}")
    return said.format(sql.Identifier("public", table), sql.SQL(how), sql.Identifier(trigger))  # type: ignore[arg-type]


def shape(store: psycopg.Connection) -> str:
    """A fingerprint of everything in the database but its rows."""
    found = store.execute(SHAPE).fetchone()
    assert found is not None
    return str(found[0])


def plain(url: str) -> str:
    """The address as the driver reads it."""
    return url.replace("+psycopg", "", 1)
