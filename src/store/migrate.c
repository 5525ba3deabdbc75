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
    // 13: live and ended on the timeline
    "ALTER TABLE sessions ADD COLUMN live_media_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN ended_media_us INTEGER NOT NULL DEFAULT 0;"
    "UPDATE sessions SET live_media_us = max(live_us - epoch_us, 0) WHERE live_us > 0;"
    "UPDATE sessions SET ended_media_us = max(ended_us - epoch_us, 0) WHERE ended_us > 0;",
    // 14: series, speakers; what was the series' name becomes a reference
    "CREATE TABLE series ("
    "  id TEXT PRIMARY KEY, name_ar TEXT NOT NULL, name_en TEXT NOT NULL,"
    "  description_ar TEXT NOT NULL, description_en TEXT NOT NULL,"
    "  duration_minutes INTEGER NOT NULL, access TEXT NOT NULL, show_names INTEGER NOT NULL,"
    "  agenda TEXT NOT NULL, retention_days INTEGER NOT NULL, created_us INTEGER NOT NULL,"
    "  revision INTEGER NOT NULL) STRICT;"
    "CREATE TABLE speakers ("
    "  id TEXT PRIMARY KEY, name_ar TEXT NOT NULL, name_en TEXT NOT NULL,"
    "  title_ar TEXT NOT NULL, title_en TEXT NOT NULL, organisation_ar TEXT NOT NULL,"
    "  organisation_en TEXT NOT NULL, biography_ar TEXT NOT NULL, biography_en TEXT NOT NULL,"
    "  created_us INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT;"
    "INSERT INTO series SELECT lower(hex(randomblob(6))),"
    "  iif(series GLOB '*[ء-ي]*', series, ''), iif(series GLOB '*[ء-ي]*', '', series),"
    "  '', '', 60, 'invited', 0, '[]', 0, min(created_us), 0"
    "  FROM sessions WHERE series <> '' GROUP BY series;"
    "ALTER TABLE sessions ADD COLUMN series_id TEXT REFERENCES series;"
    "ALTER TABLE sessions ADD COLUMN number INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';"
    "ALTER TABLE sessions ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 0;"
    "UPDATE sessions SET series_id = (SELECT id FROM series"
    "  WHERE sessions.series IN (name_ar, name_en)) WHERE series <> '';"
    "UPDATE series SET name_en = '60 Minutes of Communication' WHERE name_ar = '60 دقيقة اتصال';"
    "UPDATE sessions SET number = (SELECT count(*) FROM sessions other"
    "  WHERE other.series_id = sessions.series_id AND other.state <> 'cancelled'"
    "  AND (other.starts_us, other.rowid) <= (sessions.starts_us, sessions.rowid))"
    "  WHERE series_id IS NOT NULL AND state <> 'cancelled';"
    "ALTER TABLE sessions DROP COLUMN series;"
    "ALTER TABLE sessions RENAME COLUMN series_id TO series;"
    "CREATE UNIQUE INDEX sessions_number ON sessions (series, number) WHERE number > 0;"
    "CREATE INDEX sessions_series ON sessions (series);"
    "INSERT INTO search_stale SELECT 'series', id FROM series;"
    "DROP TRIGGER search_session;"
    "CREATE TRIGGER search_session AFTER UPDATE OF title_ar, title_en, speakers, agenda, tags"
    "  ON sessions WHEN old.title_ar IS NOT new.title_ar OR old.title_en IS NOT new.title_en"
    "  OR old.speakers <> new.speakers OR old.agenda <> new.agenda OR old.tags <> new.tags BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('session', new.id); END;"
    "CREATE TRIGGER search_series_new AFTER INSERT ON series BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('series', new.id); END;"
    "CREATE TRIGGER search_series AFTER UPDATE ON series BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('series', new.id); END;"
    "CREATE TRIGGER search_series_gone AFTER DELETE ON series BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('series', old.id); END;"
    "CREATE TRIGGER search_speaker_new AFTER INSERT ON speakers BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('speaker', new.id); END;"
    "CREATE TRIGGER search_speaker AFTER UPDATE ON speakers BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('speaker', new.id); END;"
    "CREATE TRIGGER search_speaker_gone AFTER DELETE ON speakers BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('speaker', old.id); END;",
    // 15: entities; a person's `entity` is the entity's name. `folded` is NULL until the store
    // thread writes it (people/fold.c)
    "CREATE TABLE entities ("
    "  id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE COLLATE NOCASE, name_ar TEXT NOT NULL,"
    "  name_en TEXT NOT NULL, domains TEXT NOT NULL, revision INTEGER NOT NULL,"
    "  created_us INTEGER NOT NULL) STRICT;"
    "ALTER TABLE people ADD COLUMN entity_id TEXT REFERENCES entities;"
    "ALTER TABLE people ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE people ADD COLUMN folded TEXT;"
    "CREATE INDEX people_entity ON people (entity_id) WHERE entity_id IS NOT NULL;"
    "CREATE INDEX people_folded ON people (folded, id);"
    "CREATE TRIGGER person_moved AFTER UPDATE OF entity_id ON people"
    "  WHEN new.entity_id IS NOT NULL BEGIN"
    "  UPDATE people SET entity = (SELECT CASE name_ar WHEN '' THEN name_en ELSE name_ar END"
    "    FROM entities WHERE id = new.entity_id) WHERE id = new.id; END;"
    "CREATE TRIGGER person_unfolded AFTER UPDATE OF name, email, entity, entity_id ON people"
    "  WHEN old.name <> new.name OR old.email IS NOT new.email OR old.entity IS NOT new.entity"
    "  OR old.entity_id IS NOT new.entity_id BEGIN"
    "  UPDATE people SET folded = NULL WHERE id = new.id; END;"
    "CREATE TRIGGER entity_renamed AFTER UPDATE OF code, name_ar, name_en ON entities BEGIN"
    "  UPDATE people SET folded = NULL,"
    "    entity = CASE new.name_ar WHEN '' THEN new.name_en ELSE new.name_ar END"
    "    WHERE entity_id = new.id; END;",
    // 16: who comes; when a person's feeds got their address
    "CREATE TABLE attendance_plans ("
    "  session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    "  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,"
    "  coming TEXT NOT NULL CHECK (coming IN ('yes', 'no', 'maybe')), at_us INTEGER NOT NULL,"
    "  PRIMARY KEY (session, person)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX attendance_plans_person ON attendance_plans (person);"
    "ALTER TABLE people ADD COLUMN feeds_us INTEGER NOT NULL DEFAULT 0;",
    // 17: mails; a further key to an invitation for each that carries its link (mail/mails.h)
    "CREATE TABLE mails ("
    "  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
    "  person TEXT NOT NULL REFERENCES people ON DELETE CASCADE,"
    "  session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    "  invitation TEXT REFERENCES invitations ON DELETE SET NULL, address TEXT NOT NULL,"
    "  once TEXT UNIQUE, message_id TEXT NOT NULL UNIQUE,"
    "  state TEXT NOT NULL CHECK (state IN ("
    "    'queued', 'sending', 'sent', 'failed', 'doubt', 'cancelled')),"
    "  attempts INTEGER NOT NULL, next_us INTEGER NOT NULL, reason TEXT, error TEXT,"
    "  told_us INTEGER NOT NULL, told_minutes INTEGER NOT NULL, created_us INTEGER NOT NULL,"
    "  sent_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX mails_session ON mails (session, n);"
    "CREATE INDEX mails_invitation ON mails (invitation);"
    "CREATE INDEX mails_person ON mails (person);"
    "CREATE INDEX mails_due ON mails (next_us) WHERE state = 'queued';"
    "CREATE TABLE mail_links ("
    "  code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),"
    "  invitation TEXT NOT NULL REFERENCES invitations ON DELETE CASCADE,"
    "  mail TEXT NOT NULL REFERENCES mails (id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
    "CREATE INDEX mail_links_invitation ON mail_links (invitation);"
    "CREATE INDEX mail_links_mail ON mail_links (mail);",
    // 18: pictures and materials (store/files/files.h); more of a series
    "ALTER TABLE series ADD COLUMN colour TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE series ADD COLUMN languages TEXT NOT NULL DEFAULT '[\"ar\",\"en\"]';"
    "ALTER TABLE series ADD COLUMN reminders TEXT;"
    "CREATE TABLE files ("
    "  id TEXT PRIMARY KEY, session TEXT REFERENCES sessions ON DELETE CASCADE,"
    "  series TEXT REFERENCES series ON DELETE CASCADE,"
    "  speaker TEXT REFERENCES speakers ON DELETE CASCADE, picture INTEGER NOT NULL,"
    "  name TEXT NOT NULL, link TEXT, digest TEXT, type TEXT, bytes INTEGER NOT NULL,"
    "  created_us INTEGER NOT NULL,"
    "  CHECK ((session IS NOT NULL) + (series IS NOT NULL) + (speaker IS NOT NULL) = 1),"
    "  CHECK ((link IS NULL) = (digest IS NOT NULL AND type IS NOT NULL))) STRICT;"
    "CREATE UNIQUE INDEX files_picture ON files (coalesce(session, series, speaker))"
    "  WHERE picture = 1;"
    "CREATE INDEX files_session ON files (session) WHERE session IS NOT NULL;"
    "CREATE INDEX files_series ON files (series) WHERE series IS NOT NULL;"
    "CREATE INDEX files_speaker ON files (speaker) WHERE speaker IS NOT NULL;",
    // 19: texts of mails, who stopped which, when a recording was published
    "ALTER TABLE sessions ADD COLUMN published_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE mails ADD COLUMN question TEXT REFERENCES questions ON DELETE SET NULL;"
    "CREATE INDEX mails_question ON mails (question) WHERE question IS NOT NULL;"
    "CREATE TABLE mail_texts ("
    "  kind TEXT NOT NULL, lang TEXT NOT NULL CHECK (lang IN ('ar', 'en')),"
    "  subject TEXT NOT NULL, body TEXT NOT NULL, changed_us INTEGER NOT NULL,"
    "  PRIMARY KEY (kind, lang)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mail_choices ("
    "  person TEXT PRIMARY KEY REFERENCES people ON DELETE CASCADE,"
    "  reminders INTEGER NOT NULL, at_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    // 20: links of an invitation beside its own, of mails or on paper; when one was first opened;
    // registration (people/registrations.h)
    "CREATE TABLE invitation_links ("
    "  code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),"
    "  invitation TEXT NOT NULL REFERENCES invitations ON DELETE CASCADE,"
    "  mail TEXT REFERENCES mails (id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
    "INSERT INTO invitation_links SELECT code_hash, invitation, mail FROM mail_links;"
    "DROP TABLE mail_links;"
    "CREATE INDEX invitation_links_invitation ON invitation_links (invitation);"
    "CREATE INDEX invitation_links_mail ON invitation_links (mail) WHERE mail IS NOT NULL;"
    "ALTER TABLE invitations ADD COLUMN opened_us INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE registration_pages ("
    "  session TEXT PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,"
    "  mode TEXT NOT NULL CHECK (mode IN ('approval', 'open')), email TEXT NOT NULL,"
    "  entity TEXT NOT NULL, job_title TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE registrations ("
    "  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    "  session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    "  name TEXT NOT NULL, email TEXT COLLATE NOCASE, entity TEXT, job_title TEXT,"
    "  entity_id TEXT REFERENCES entities ON DELETE SET NULL,"
    "  person TEXT REFERENCES people ON DELETE CASCADE,"
    "  state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),"
    "  created_us INTEGER NOT NULL, decided_us INTEGER NOT NULL,"
    "  UNIQUE (session, email)) STRICT;"
    "CREATE INDEX registrations_entity ON registrations (entity_id) WHERE entity_id IS NOT NULL;"
    "CREATE INDEX registrations_person ON registrations (person) WHERE person IS NOT NULL;",
    // 21: roles of the whole server: who has a link to it is staff, the first of them admin; erased
    // people (people/erase.c)
    "ALTER TABLE people ADD COLUMN erased_us INTEGER NOT NULL DEFAULT 0;"
    "UPDATE people SET role = CASE WHEN id IN (SELECT person FROM invitations"
    "  WHERE session IS NULL AND NOT revoked) THEN 'staff' ELSE '' END;"
    "UPDATE people SET role = 'admin' WHERE id = (SELECT id FROM people"
    "  WHERE role = 'staff' AND NOT disabled ORDER BY created_us, rowid LIMIT 1);",
    // 22: what admins set in place of majlis.conf; `value` NULL: the file's again
    "CREATE TABLE settings ("
    "  section TEXT NOT NULL, name TEXT NOT NULL, value TEXT,"
    "  person TEXT REFERENCES people ON DELETE SET NULL, revision INTEGER NOT NULL,"
    "  changed_us INTEGER NOT NULL, PRIMARY KEY (section, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX settings_person ON settings (person) WHERE person IS NOT NULL;",
    // 23: the order of a session's materials
    "ALTER TABLE files ADD COLUMN position INTEGER NOT NULL DEFAULT 0;"
    "UPDATE files SET position = (SELECT count(*) FROM files other"
    "  WHERE other.session = files.session AND other.picture = 0"
    "  AND (other.created_us, other.rowid) < (files.created_us, files.rowid))"
    "  WHERE session IS NOT NULL AND picture = 0;",
    // 24: when a session's keys for encoders were made; 0: there is none
    "ALTER TABLE sessions ADD COLUMN speaker_key_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN screen_key_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN guest_key_us INTEGER NOT NULL DEFAULT 0;",
    // 25: a session's slides, and when which page was shown; page 0: none
    "CREATE TABLE slides ("
    "  session TEXT PRIMARY KEY REFERENCES sessions ON DELETE CASCADE, digest TEXT,"
    "  page INTEGER NOT NULL, shown TEXT NOT NULL CHECK (shown IN ('off', 'full', 'corner')),"
    "  text TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE slide_turns ("
    "  id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    "  media_us INTEGER NOT NULL, digest TEXT, page INTEGER NOT NULL, text TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX slide_turns_session ON slide_turns (session, media_us);"
    "CREATE TRIGGER search_slide_new AFTER INSERT ON slide_turns"
    "  WHEN new.text <> '' AND NOT EXISTS (SELECT 1 FROM slide_turns WHERE session = new.session"
    "    AND digest = new.digest AND page = new.page AND id <> new.id) BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('slide', new.id); END;"
    "CREATE TRIGGER search_slide_gone AFTER DELETE ON slide_turns BEGIN"
    "  INSERT OR IGNORE INTO search_stale VALUES ('slide', old.id); END;",
    // 26: the caption over a session's picture: "speaker:PLACE", "question:ID"; NULL: none
    "ALTER TABLE sessions ADD COLUMN caption TEXT;",
};

const char *store_migration(int version)
{
    return version <= (int)G_N_ELEMENTS(migrations) ? migrations[version - 1] : NULL;
}

static bool read_int(StoreDb *db, const char *sql, int64_t *out, GError **error)
{
    StoreQuery query = store_query(db, sql);
    return store_query_number(&query, out, error);
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
