"""The unit over HTTP: a Flask page of fifty rows from sqlite3, and a POST that commits one row (synchronous FULL)."""

import os
import sqlite3
import threading

from flask import Flask, request

app = Flask("bare")
local = threading.local()
ROWS = "".join(f"<td>{{{{ row[{n}] }}}}</td>" for n in range(8))
PAGE = "<!doctype html><title>rows</title><table>{% for row in rows %}<tr>" + ROWS + "</tr>{% endfor %}</table>"
TEMPLATE = app.jinja_env.from_string(PAGE)


def store() -> sqlite3.Connection:
    """This thread's connection to a store of ten thousand rows."""
    if not hasattr(local, "store"):
        local.store = sqlite3.connect(os.environ["BARE_STORE"], isolation_level=None, timeout=20)
        local.store.execute("PRAGMA journal_mode=WAL")
        local.store.execute("PRAGMA synchronous=FULL")
    found: sqlite3.Connection = local.store
    return found


@app.get("/")
def page() -> str:
    """Fifty rows of eight columns, the nearest first."""
    rows = store().execute("SELECT * FROM line ORDER BY press LIMIT 50").fetchall()
    return TEMPLATE.render(rows=rows)


@app.post("/")
def keep() -> str:
    """One row, committed."""
    store().execute("BEGIN IMMEDIATE")
    store().execute("INSERT INTO note(words) VALUES(?)", (request.form["words"],))
    store().execute("COMMIT")
    return "kept"


def fill(path: str) -> None:
    """Makes the store."""
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE line(press INTEGER PRIMARY KEY, a, b, c, d, e, f, g)")
    words = ("CS2611-0473", "总部专线全部中断，财务系统无法登录", "华岳物流集团", "in_work", "陈浩", "P1", "hotline")
    made.executemany("INSERT INTO line VALUES(?,?,?,?,?,?,?,?)", ((n, *words) for n in range(10_000)))
    made.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, words TEXT)")
    made.commit()
    made.close()
