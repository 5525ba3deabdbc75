#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""older-database.py DATABASE VERSION: makes the database one of an earlier schema, by the statements that src/store/migrate.c
keeps of it, with the rows that fit; prints the newest version."""
import os
import re
import sqlite3
import sys

path, version = sys.argv[1], int(sys.argv[2])
source = open(os.path.join(os.path.dirname(__file__), "../../src/store/migrate.c"), encoding="utf-8").read()
table = re.search(r"migrations\[\] = \{(.*?)\n\};", source, re.S).group(1)
steps = ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', step)) for step in re.split(r"\n    // \d+: .*", table)[1:]]
application = int(re.search(r"APPLICATION_ID (0x[0-9a-f]+)", source).group(1), 16)

with sqlite3.connect(path) as new:
    new.execute("PRAGMA journal_mode = DELETE")
old = sqlite3.connect(path + ".older")
for step in steps[:version]:
    old.executescript(step)
old.executescript(f"PRAGMA user_version = {version}; PRAGMA application_id = {application}; PRAGMA foreign_keys = OFF")
old.execute("ATTACH ? AS new", (path,))


def columns(schema, table):
    return [row[1] for row in old.execute(f"PRAGMA {schema}.table_info({table})")]


for (name,) in old.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
    both = ", ".join(one for one in columns("main", name) if one in columns("new", name))
    old.execute(f"INSERT INTO main.{name} ({both}) SELECT {both} FROM new.{name}")
old.commit()
old.close()
status = os.stat(path)
os.chown(path + ".older", status.st_uid, status.st_gid)
os.chmod(path + ".older", status.st_mode & 0o777)
os.replace(path + ".older", path)
print(len(steps))
