// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for the invitations of a session.
#include "store/people/invitations.h"

#include "store/columns.h"
#include "store/mail/mails.h"

#include <string.h>

static const char *const show_names[STORE_SHOWS] = {
    [STORE_SHOW_ALL] = "all",           [STORE_SHOW_VALID] = "valid",
    [STORE_SHOW_UNOPENED] = "unopened", [STORE_SHOW_UNMAILED] = "unmailed",
    [STORE_SHOW_REVOKED] = "revoked",   [STORE_SHOW_UNANSWERED] = "unanswered"};

const char *store_show_name(StoreShow show)
{
    return show_names[show];
}

bool store_show_parse(const char *name, StoreShow *out)
{
    for (int i = 0; i < STORE_SHOWS; i++) {
        if (strcmp(name, show_names[i]) == 0) {
            *out = (StoreShow)i;
            return true;
        }
    }
    return false;
}

#define INVITEE(X, AND)                                                                            \
    X(text, id) AND X(text, role)                                                                  \
    AND X(text, person)                                                                            \
    AND X(text, name)                                                                              \
    AND X(text, entity)                                                                            \
    AND X(text, email)                                                                             \
    AND X(text, coming)                                                                            \
    AND X(number, disabled)                                                                        \
    AND X(number, revoked)                                                                         \
    AND X(number, created_us)                                                                      \
    AND X(number, opened_us)

void store_invitee_free(StoreInvitee *row)
{
    if (row == NULL) {
        return;
    }
    INVITEE(STORE_FREE, )
    g_free(row);
}

static void free_invitee(void *row)
{
    store_invitee_free(row);
}

static void *read_invitee(StoreQuery *query)
{
    StoreInvitee *row = g_new0(StoreInvitee, 1);
    INVITEE(STORE_READ, )
    return row;
}

#define SELECT                                                                                     \
    "SELECT i.id, iif(i.session IS NULL AND p.role <> '', p.role, i.role), i.person, p.name, "     \
    "p.entity, p.email, a.coming, p.disabled, i.revoked, "                                         \
    "i.created_us, i.opened_us FROM invitations i JOIN people p ON p.id = i.person "               \
    "LEFT JOIN attendance_plans a ON a.session = i.session AND a.person = i.person "
/* ?2: StoreShow. */
#define SHOWN                                                                                      \
    "CASE ?2 WHEN 0 THEN 1 WHEN 1 THEN NOT i.revoked "                                             \
    "WHEN 2 THEN NOT i.revoked AND i.opened_us = 0 "                                               \
    "WHEN 3 THEN NOT i.revoked AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.invitation = i.id "   \
    "AND m.kind = 'invitation' AND m.state NOT IN ('failed', 'cancelled')) "                       \
    "WHEN 4 THEN NOT i.revoked AND a.coming IS NULL ELSE i.revoked END "

GPtrArray *store_invitees_find(StoreDb *db, const StoreInviteeFind *find, GError **error)
{
    StoreQuery query = store_query(
        db, SELECT "WHERE i.session IS ?1 AND " SHOWN
                   "AND (?3 IS NULL OR i.rowid < (SELECT rowid FROM invitations WHERE id = ?3)) "
                   "AND instr(p.folded, ?4) AND instr(p.folded, ?5) AND instr(p.folded, ?6) "
                   "AND instr(p.folded, ?7) ORDER BY i.rowid DESC LIMIT ?8");
    store_put_text(&query, find->session);
    store_put_int(&query, find->show);
    store_put_text(&query, find->after);
    for (int i = 0; i < STORE_PEOPLE_WORDS; i++) {
        store_put_text(&query, find->words[i] != NULL ? find->words[i] : "");
    }
    store_put_int(&query, find->limit);
    return store_query_list(&query, read_invitee, free_invitee, error);
}

GPtrArray *store_invitees_pick(StoreDb *db, const char *session, StoreShow show, const char *ids,
                               GError **error)
{
    StoreQuery query = store_query(
        db,
        SELECT "WHERE i.session IS ?1 AND NOT i.revoked AND " SHOWN
               "AND (?3 IS NULL OR i.id IN (SELECT value FROM json_each(?3))) ORDER BY p.entity, "
               "p.name, i.id");
    store_put_text(&query, session);
    store_put_int(&query, show);
    store_put_text(&query, ids);
    return store_query_list(&query, read_invitee, free_invitee, error);
}

bool store_invitees_count(StoreDb *db, const char *session, StoreInviteeCounts *out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT count(*), coalesce(sum(NOT i.revoked), 0), "
                        "coalesce(sum(NOT i.revoked AND i.opened_us > 0), 0), "
                        "coalesce(sum(NOT i.revoked AND p.email IS NULL), 0), "
                        "coalesce(sum(NOT i.revoked AND i.role = 'attendee'), 0), "
                        "coalesce(sum(NOT i.revoked AND i.role = 'speaker'), 0) "
                        "FROM invitations i JOIN people p ON p.id = i.person WHERE i.session IS ?");
    store_put_text(&query, session);
    if (store_query_step(&query, error) <= 0) {
        return false;
    }
    *out = (StoreInviteeCounts){.all = store_take_int(&query)};
    out->valid = store_take_int(&query);
    out->opened = store_take_int(&query);
    out->without_address = store_take_int(&query);
    out->attendees = store_take_int(&query);
    out->speakers = store_take_int(&query);
    store_query_end(&query);
    return session == NULL ||
           store_mails_count_to_invite(db, session, &out->mailable, &out->unmailed, error);
}

static bool delete_links(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM invitation_links WHERE invitation = ?");
    store_put_text(&query, id);
    return store_query_run(&query, NULL, error);
}

bool store_invitation_add_link(StoreDb *db, const char *id, const uint8_t hash[STORE_HASH_BYTES],
                               GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO invitation_links (code_hash, invitation) VALUES (?, ?)");
    store_put_hash(&query, hash);
    store_put_text(&query, id);
    return store_query_run(&query, NULL, error);
}

bool store_invitation_replace_links(StoreDb *db, const char *id,
                                    const uint8_t hash[STORE_HASH_BYTES], GError **error)
{
    StoreQuery query = store_query(db, "UPDATE invitations SET code_hash = ? WHERE id = ?");
    store_put_hash(&query, hash);
    store_put_text(&query, id);
    return store_query_run_on(&query, "invitation", error) && delete_links(db, id, error);
}

bool store_invitation_opened(StoreDb *db, const char *id, int64_t now_us, GError **error)
{
    StoreQuery query =
        store_query(db, "UPDATE invitations SET opened_us = ? WHERE id = ? AND opened_us = 0");
    store_put_int(&query, now_us);
    store_put_text(&query, id);
    return store_query_run(&query, NULL, error);
}

void store_candidate_free(StoreCandidate *row)
{
    if (row != NULL) {
        g_free(row->person);
        g_free(row);
    }
}

static void free_candidate(void *row)
{
    store_candidate_free(row);
}

static void *read_candidate(StoreQuery *query)
{
    StoreCandidate *row = g_new0(StoreCandidate, 1);
    row->person = store_take_text(query);
    row->has_address = store_take_int(query);
    row->disabled = store_take_int(query);
    row->staff = store_take_int(query);
    row->invited = (StoreInvited)store_take_int(query);
    return row;
}

#define CANDIDATES                                                                                 \
    "SELECT p.id, p.email IS NOT NULL, p.disabled, p.role = 'staff' OR EXISTS (SELECT 1 FROM "     \
    "invitations v WHERE v.person = p.id AND v.session IS NULL AND NOT v.revoked), "               \
    "coalesce((SELECT 1 + min(i.revoked) FROM invitations i WHERE i.person = p.id "                \
    "AND i.session = ?1), 0) FROM people p "
#define ORDER "ORDER BY p.created_us, p.rowid"

GPtrArray *store_candidates(StoreDb *db, const char *session, StoreInviteWhom whom, const char *of,
                            GError **error)
{
    StoreQuery query =
        whom == STORE_INVITE_PEOPLE
            ? store_query(db, CANDIDATES "WHERE p.id IN (SELECT value FROM json_each(?2)) " ORDER)
        : whom == STORE_INVITE_ENTITIES
            ? store_query(db, CANDIDATES
                          "WHERE p.entity_id IN (SELECT value FROM json_each(?2)) " ORDER)
        : whom == STORE_INVITE_SESSION
            ? store_query(db, CANDIDATES
                          "WHERE p.id IN (SELECT e.person FROM invitations e WHERE e.session = ?2 "
                          "AND NOT e.revoked AND e.role = 'attendee') " ORDER)
            : store_query(db, CANDIDATES ORDER);
    store_put_text(&query, session);
    if (whom != STORE_INVITE_EVERYBODY) {
        store_put_text(&query, of);
    }
    return store_query_list(&query, read_candidate, free_candidate, error);
}
