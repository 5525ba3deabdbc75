// SPDX-License-Identifier: GPL-3.0-or-later
// Numbered migrations; released ones never change. PRAGMA user_version: last one; application_id:
// ours. See store/rows.h.
#include "store/db.h"

#define APPLICATION_ID 0x6d616a6c // "majl"

static const char *const migrations[] = {
    // 1: people, invitations, sign-ins, sessions
    "CREATE TABLE people ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE COLLATE NOCASE, entity TEXT,"
    "  role TEXT NOT NULL, disabled INTEGER NOT NULL, created_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE sessions ("
    "  id TEXT PRIMARY KEY, series TEXT, title_ar TEXT, title_en TEXT, speakers TEXT NOT NULL,"
    "  source TEXT, access TEXT NOT NULL, state TEXT NOT NULL, starts_us INTEGER NOT NULL,"
    "  duration_minutes INTEGER NOT NULL, epoch_us INTEGER NOT NULL, live_us INTEGER NOT NULL,"
    "  ended_us INTEGER NOT NULL, demo INTEGER NOT NULL, created_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE invitations ("
    "  id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,"
    "  role TEXT NOT NULL, session TEXT REFERENCES sessions ON DELETE CASCADE,"
    "  code_hash BLOB NOT NULL UNIQUE CHECK (length(code_hash) = 32),"
    "  revoked INTEGER NOT NULL, created_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX invitations_session ON invitations (session);"
    "CREATE INDEX invitations_person ON invitations (person);"
    "CREATE TABLE tokens ("
    "  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),"
    "  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE, role TEXT NOT NULL,"
    "  session TEXT REFERENCES sessions ON DELETE CASCADE,"
    "  created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX tokens_person ON tokens (person);"
    "CREATE INDEX tokens_session ON tokens (session);",
    // 2: questions, votes
    "CREATE TABLE questions ("
    "  id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    "  person TEXT NOT NULL REFERENCES people, text TEXT NOT NULL, original TEXT,"
    "  anonymous INTEGER NOT NULL, starred INTEGER NOT NULL, state TEXT NOT NULL,"
    "  merged_into TEXT REFERENCES questions ON DELETE SET NULL, at_us INTEGER NOT NULL,"
    "  media_us INTEGER NOT NULL, on_air_us INTEGER NOT NULL,"
    "  answered_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX questions_session ON questions (session, at_us);"
    "CREATE INDEX questions_person ON questions (person);"
    "CREATE INDEX questions_merged ON questions (merged_into) WHERE merged_into IS NOT NULL;"
    "CREATE TABLE votes ("
    "  question TEXT NOT NULL REFERENCES questions ON DELETE CASCADE,"
    "  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,"
    "  PRIMARY KEY (question, person)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX votes_person ON votes (person);",
    // 3: agenda, chapters, retention
    "ALTER TABLE sessions ADD COLUMN agenda TEXT NOT NULL DEFAULT '[]';"
    "ALTER TABLE sessions ADD COLUMN made TEXT;"
    "ALTER TABLE sessions ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN deleted_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN deleted_by TEXT;"
    "ALTER TABLE sessions ADD COLUMN deleted_why TEXT;"
    "CREATE TABLE chapters ("
    "  id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    "  title_ar TEXT NOT NULL, title_en TEXT NOT NULL, media_us INTEGER NOT NULL,"
    "  created_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX chapters_session ON chapters (session, media_us);",
    // 4: last look at the clock
    "CREATE TABLE clock ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1), seen_us INTEGER NOT NULL,"
    "  doubted_until_us INTEGER NOT NULL) STRICT;",
    // 5: boot clock of a session
    "ALTER TABLE sessions ADD COLUMN boot TEXT;"
    "ALTER TABLE sessions ADD COLUMN boot_us INTEGER NOT NULL DEFAULT 0;",
    // 6: presenter messages
    "CREATE TABLE presenter_messages ("
    "  session TEXT PRIMARY KEY REFERENCES sessions ON DELETE CASCADE, id TEXT NOT NULL,"
    "  text TEXT NOT NULL, sender TEXT, at_us INTEGER NOT NULL,"
    "  acknowledged_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    // 7: are askers shown?
    "ALTER TABLE sessions ADD COLUMN show_names INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE questions ADD COLUMN named INTEGER NOT NULL DEFAULT 0;",
    // 8: moderators' acts, for undo; votes of merged questions
    "ALTER TABLE questions ADD COLUMN act TEXT;"
    "ALTER TABLE votes ADD COLUMN against INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE question_acts ("
    "  n INTEGER PRIMARY KEY, act TEXT NOT NULL,"
    "  question TEXT NOT NULL REFERENCES questions ON DELETE CASCADE,"
    "  person TEXT NOT NULL, text TEXT NOT NULL, original TEXT, starred INTEGER NOT NULL,"
    "  state TEXT NOT NULL, merged_into TEXT, on_air_us INTEGER NOT NULL,"
    "  answered_us INTEGER NOT NULL, former TEXT, UNIQUE (act, question)) STRICT;"
    "CREATE INDEX question_acts_question ON question_acts (question);",
    // 9: calendar revision
    "ALTER TABLE sessions ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;",
    // 10: last change of the hold
    "ALTER TABLE sessions ADD COLUMN hold_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN hold_by TEXT;"
    "ALTER TABLE sessions ADD COLUMN hold_why TEXT;",
    // 11: rename of inputs_hash
    "ALTER TABLE sessions RENAME COLUMN made TO inputs_hash;",
    // 12: search (search/index.c); triggers name what is out of date, whoever wrote it
    "CREATE TABLE search_rows ("
    "  n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, part INTEGER NOT NULL,"
    "  session TEXT NOT NULL, need INTEGER NOT NULL, person TEXT) STRICT;"
    "CREATE INDEX search_rows_id ON search_rows (id);"
    "CREATE VIRTUAL TABLE search_words USING fts5 ("
    "  title, heading, text, asker, tokenize = 'ascii', prefix = '2 3');"
    "CREATE TABLE search_stale ("
    "  kind TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
    "INSERT INTO search_stale SELECT 'session', id FROM sessions;"
    "INSERT INTO search_stale SELECT 'chapter', id FROM chapters;"
    "INSERT INTO search_stale SELECT 'question', id FROM questions;"
    "CREATE TRIGGER search_session_new AFTER INSERT ON sessions BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('session', new.id); END;"
    "CREATE TRIGGER search_session AFTER UPDATE OF title_ar, title_en, speakers, agenda"
    "  ON sessions WHEN old.title_ar IS NOT new.title_ar OR old.title_en IS NOT new.title_en"
    "  OR old.speakers <> new.speakers OR old.agenda <> new.agenda BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('session', new.id); END;"
    "CREATE TRIGGER search_session_gone AFTER DELETE ON sessions BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('session', old.id); END;"
    "CREATE TRIGGER search_chapter_new AFTER INSERT ON chapters BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('chapter', new.id); END;"
    "CREATE TRIGGER search_chapter AFTER UPDATE OF title_ar, title_en ON chapters BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('chapter', new.id); END;"
    "CREATE TRIGGER search_chapter_gone AFTER DELETE ON chapters BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('chapter', old.id); END;"
    "CREATE TRIGGER search_question_new AFTER INSERT ON questions BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('question', new.id); END;"
    "CREATE TRIGGER search_question AFTER UPDATE OF text, state, person ON questions"
    "  WHEN old.text <> new.text OR old.state <> new.state OR old.person <> new.person BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('question', new.id); END;"
    "CREATE TRIGGER search_question_gone AFTER DELETE ON questions BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('question', old.id); END;"
    "CREATE TRIGGER search_asker AFTER UPDATE OF name, entity ON people"
    "  WHEN old.name <> new.name OR old.entity IS NOT new.entity BEGIN"
    "  INSERT OR IGNORE INTO search_stale"
    "    SELECT 'question', id FROM questions WHERE person = new.id; END;",
};

const char *store_migration(int version)
{
    return version <= (int)G_N_ELEMENTS(migrations) ? migrations[version - 1] : NULL;
}

static bool read_int(StoreDb *db, const char *sql, int64_t *out, GError **error)
{
    StoreQuery query = store_query(db, sql);
    if (store_query_step(&query, error) <= 0) {
        return false;
    }
    *out = store_take_int(&query);
    store_query_end(&query);
    return true;
}

static bool check_ours(StoreDb *db, GError **error)
{
    int64_t tables, application;
    if (!read_int(db, "SELECT count(*) FROM sqlite_schema", &tables, error) ||
        !read_int(db, "PRAGMA application_id", &application, error)) {
        return false;
    }
    if (tables > 0 && application != APPLICATION_ID) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "the file is the database of another program: name another file");
        return false;
    }
    return true;
}

static bool apply(StoreDb *db, int version, GError **error)
{
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %d; PRAGMA application_id = %d",
                                            version, APPLICATION_ID);
    return store_db_exec(db, store_migration(version), error) && store_db_exec(db, mark, error);
}

bool store_migrate_check(StoreDb *db, int64_t *out_version, GError **error)
{
    if (!check_ours(db, error) || !read_int(db, "PRAGMA user_version", out_version, error)) {
        return false;
    }
    const int newest = G_N_ELEMENTS(migrations);
    if (*out_version > newest || *out_version < 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "the database has version %d and this majlis knows %d: install the newer "
                    "majlis, or restore a copy of the database from before it",
                    (int)*out_version, newest);
        return false;
    }
    return true;
}

/* Reads the version inside the transaction, for concurrent programs. */
static bool step(StoreDb *db, bool *out_more, GError **error)
{
    int64_t version;
    if (!store_migrate_check(db, &version, error)) {
        return false;
    }
    *out_more = version < (int)G_N_ELEMENTS(migrations);
    return !*out_more || apply(db, (int)version + 1, error);
}

bool store_migrate(StoreDb *db, GError **error)
{
    bool more = true;
    while (more) {
        if (!store_db_begin(db, error)) {
            return false;
        }
        if (!step(db, &more, error) || !store_db_commit(db, error)) {
            store_db_rollback(db);
            return false;
        }
    }
    return true;
}
