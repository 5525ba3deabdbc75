// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Refusals; the pages' codes-ar.ts and codes-en.ts translate "code_" + text. Columns: NAME, text,
// BaseError, parameters.

// clang-format off
#define BASE_CODES(CODE) \
 \
    CODE(FAILED, "failed", FAILED, "") \
    CODE(INVALID, "invalid", INVALID, "") \
    CODE(NOT_FOUND, "not-found", NOT_FOUND, "") \
    CODE(DENIED, "denied", DENIED, "") \
    CODE(SIGNED_OUT, "signed-out", SIGNED_OUT, "") \
    CODE(CONFLICT, "conflict", CONFLICT, "") \
    CODE(LIMIT, "limit", LIMIT, "") \
    CODE(UNAVAILABLE, "unavailable", UNAVAILABLE, "") \
    CODE(FULL, "full", FULL, "") \
    CODE(NO_PLACE, "no-place", NO_PLACE, "") \
    CODE(GONE, "gone", GONE, "") \
    CODE(UPGRADE, "upgrade", UPGRADE, "") \
    /* Requests. */ \
    CODE(METHOD, "method", INVALID, "") \
    CODE(TOO_LARGE, "too-large", INVALID, "") \
    CODE(ADDRESS_TOO_LONG, "address-too-long", INVALID, "") \
    CODE(MEDIA_TYPE, "media-type", INVALID, "") \
    CODE(EXPECTATION, "expectation", INVALID, "") \
    CODE(HEAD_TOO_LARGE, "head-too-large", INVALID, "") \
    CODE(NOT_IMPLEMENTED, "not-implemented", INVALID, "") \
    CODE(VERSION, "version", INVALID, "") \
    /* Fields. */ \
    CODE(REQUIRED, "required", INVALID, "") \
    CODE(BLANK, "blank", INVALID, "") \
    CODE(TOO_LONG, "too-long", INVALID, "max") \
    CODE(TOO_MANY_ITEMS, "too-many-items", INVALID, "max") \
    CODE(TOO_MANY_MARKS, "too-many-marks", INVALID, "max") \
    CODE(BAD_VALUE, "bad-value", INVALID, "allowed") \
    CODE(OUT_OF_RANGE, "out-of-range", INVALID, "min max") \
    CODE(BAD_TIME, "bad-time", INVALID, "") \
    CODE(UNKNOWN_FIELD, "unknown-field", INVALID, "allowed") \
    CODE(BAD_JSON, "bad-json", INVALID, "") \
    /* Sessions. */ \
    CODE(NO_SESSION, "no-session", NOT_FOUND, "") \
    CODE(CHANGED, "changed", CONFLICT, "") \
    CODE(STARTED, "started", CONFLICT, "state") \
    CODE(STATE_CHANGE, "state-change", CONFLICT, "from to allowed") \
    CODE(BUSY, "busy", CONFLICT, "") \
    CODE(SOURCE_ENDED, "source-ended", CONFLICT, "") \
    CODE(TOO_MANY_SESSIONS, "too-many-sessions", LIMIT, "") \
    CODE(DISK_LOW, "disk-low", FULL, "free_bytes needed_bytes") \
    CODE(WAS_LIVE, "was-live", CONFLICT, "") \
    CODE(NUMBER_TAKEN, "number-taken", CONFLICT, "number") \
    /* Series and speakers. */ \
    CODE(UNKNOWN_REFERENCE, "unknown-reference", INVALID, "") \
    CODE(SERIES_IN_USE, "series-in-use", CONFLICT, "count") \
    CODE(COLOUR_TOO_LIGHT, "colour-too-light", INVALID, "") \
    CODE(FILE_TYPE, "file-type", INVALID, "allowed") \
    CODE(FILE_CUT, "file-cut", INVALID, "") \
    CODE(TOO_MANY_FILES, "too-many-files", LIMIT, "max") \
    CODE(NO_FILE, "no-file", NOT_FOUND, "") \
    CODE(PLANS_CLOSED, "plans-closed", CONFLICT, "") \
    /* Slides. */ \
    CODE(SLIDES_ENCRYPTED, "slides-encrypted", INVALID, "") \
    CODE(SLIDES_BROKEN, "slides-broken", INVALID, "") \
    CODE(SLIDES_TOO_MANY_PAGES, "slides-too-many-pages", INVALID, "") \
    CODE(SLIDES_TOO_HEAVY, "slides-too-heavy", INVALID, "") \
    CODE(SLIDES_FAILED, "slides-failed", FAILED, "") \
    /* Captions. */ \
    CODE(NO_SPEAKER, "no-speaker", NOT_FOUND, "") \
    CODE(QUESTION_NOT_ON_AIR, "question-not-on-air", CONFLICT, "") \
    CODE(CAPTIONS_OVER, "captions-over", CONFLICT, "") \
    /* Recordings and chapters. */ \
    CODE(NOT_ENDED, "not-ended", CONFLICT, "") \
    CODE(FILES_BEING_MADE, "files-being-made", CONFLICT, "") \
    CODE(HELD, "held", CONFLICT, "") \
    CODE(DELETED, "deleted", CONFLICT, "") \
    CODE(END_BEFORE_START, "end-before-start", INVALID, "") \
    CODE(OUTSIDE_RECORDING, "outside-recording", INVALID, "") \
    CODE(NOTHING_LEFT, "nothing-left", INVALID, "") \
    CODE(NO_CHAPTER, "no-chapter", NOT_FOUND, "") \
    CODE(TOO_MANY_CHAPTERS, "too-many-chapters", LIMIT, "") \
    CODE(CHAPTER_OF_QUESTION, "chapter-of-question", CONFLICT, "") \
    CODE(NOT_ON, "not-on", INVALID, "") \
    CODE(STEP_FAILED, "step-failed", FAILED, "") \
    CODE(STEP_FULL, "step-full", FULL, "") \
    /* Sources. */ \
    CODE(SOURCE_FAILED, "source-failed", UNAVAILABLE, "") \
    CODE(SOURCE_SILENT, "source-silent", UNAVAILABLE, "") \
    CODE(SOURCE_NO_PICTURE, "source-no-picture", UNAVAILABLE, "") \
    CODE(SOURCE_NO_SOUND, "source-no-sound", UNAVAILABLE, "") \
    CODE(SOURCE_STOPPED, "source-stopped", UNAVAILABLE, "") \
    CODE(SOURCE_EMPTY, "source-empty", UNAVAILABLE, "") \
    CODE(SOURCE_UNREADABLE, "source-unreadable", UNAVAILABLE, "") \
    CODE(CAPTURE_FAILED, "capture-failed", UNAVAILABLE, "") \
    /* People. */ \
    CODE(LINK_BROKEN, "link-broken", SIGNED_OUT, "") \
    CODE(LINK_UNKNOWN, "link-unknown", SIGNED_OUT, "") \
    CODE(LINK_REVOKED, "link-revoked", SIGNED_OUT, "") \
    CODE(NO_PASSWORDS, "no-passwords", SIGNED_OUT, "") \
    CODE(LINK_TOO_OFTEN, "link-too-often", LIMIT, "") \
    CODE(TOO_MANY_ATTEMPTS, "too-many-attempts", LIMIT, "") \
    CODE(PATH_EXPIRED, "path-expired", DENIED, "") \
    CODE(STAFF_OF_ALL, "staff-of-all", INVALID, "") \
    CODE(ONLY_STAFF, "only-staff", INVALID, "") \
    CODE(NO_INVITATION, "no-invitation", NOT_FOUND, "") \
    CODE(NO_PERSON, "no-person", NOT_FOUND, "") \
    CODE(NO_ENTITY, "no-entity", NOT_FOUND, "") \
    CODE(BAD_EMAIL, "bad-email", INVALID, "") \
    CODE(EMAIL_TAKEN, "email-taken", CONFLICT, "name") \
    CODE(CODE_TAKEN, "code-taken", CONFLICT, "") \
    CODE(UNKNOWN_ENTITY, "unknown-entity", INVALID, "") \
    CODE(ENTITY_HAS_PEOPLE, "entity-has-people", CONFLICT, "count") \
    CODE(OWN_PERSON, "own-person", CONFLICT, "") \
    CODE(ADMIN_ONLY, "admin-only", DENIED, "") \
    CODE(LAST_ADMIN, "last-admin", CONFLICT, "") \
    CODE(NAME_DIFFERS, "name-differs", INVALID, "") \
    CODE(NO_ROLE, "no-role", CONFLICT, "") \
    /* Exports. */ \
    CODE(EXPORT_OFF, "export-off", CONFLICT, "") \
    CODE(EXPORT_FOLDER, "export-folder", CONFLICT, "folder") \
    CODE(EXPORT_THERE, "export-there", CONFLICT, "folder") \
    /* Rosters. */ \
    CODE(ROSTER_EMPTY, "roster-empty", INVALID, "") \
    CODE(ROSTER_NOT_TEXT, "roster-not-text", INVALID, "") \
    CODE(ROSTER_TOO_LONG, "roster-too-long", INVALID, "max") \
    CODE(ROSTER_NO_NAMES, "roster-no-names", INVALID, "") \
    CODE(ROSTER_TWICE, "roster-twice", INVALID, "line") \
    CODE(ROSTER_CONTROLS, "roster-controls", INVALID, "") \
    CODE(ROSTER_UNCLOSED, "roster-unclosed", INVALID, "") \
    /* Mail. */ \
    CODE(MAIL_OFF, "mail-off", CONFLICT, "") \
    CODE(MAILED, "mailed", CONFLICT, "") \
    CODE(INVITED_ALREADY, "invited-already", CONFLICT, "") \
    CODE(NO_MAIL, "no-mail", NOT_FOUND, "") \
    CODE(MAIL_STATE, "mail-state", CONFLICT, "state") \
    CODE(NO_MAIL_TEXT, "no-mail-text", NOT_FOUND, "") \
    CODE(UNKNOWN_PLACEHOLDER, "unknown-placeholder", INVALID, "placeholder allowed") \
    CODE(LINK_MISSING, "link-missing", INVALID, "placeholder") \
    CODE(REPLY_UNREADABLE, "reply-unreadable", INVALID, "") \
    CODE(REPLY_UNKNOWN, "reply-unknown", NOT_FOUND, "") \
    CODE(REPLY_NOT_INVITED, "reply-not-invited", CONFLICT, "address") \
    CODE(REPLY_OLD, "reply-old", CONFLICT, "") \
    CODE(CHOICE_UNKNOWN, "choice-unknown", NOT_FOUND, "") \
    CODE(SESSION_OVER, "session-over", CONFLICT, "") \
    /* Registration. */ \
    CODE(REGISTRATION_OFF, "registration-off", NOT_FOUND, "") \
    CODE(REGISTRATION_OVER, "registration-over", CONFLICT, "") \
    CODE(REGISTRATION_TOO_OFTEN, "registration-too-often", LIMIT, "") \
    CODE(REGISTRATIONS_FULL, "registrations-full", LIMIT, "") \
    /* Questions and messages. */ \
    CODE(NO_QUESTION, "no-question", NOT_FOUND, "") \
    CODE(MAY_NOT_ASK, "may-not-ask", DENIED, "") \
    CODE(MAY_NOT_MODERATE, "may-not-moderate", DENIED, "") \
    CODE(NOT_YOURS, "not-yours", DENIED, "") \
    CODE(QUESTIONS_CLOSED, "questions-closed", CONFLICT, "") \
    CODE(TOO_MANY_OPEN, "too-many-open", LIMIT, "max") \
    CODE(TOO_MANY_ASKED, "too-many-asked", LIMIT, "max") \
    CODE(QUESTIONS_FULL, "questions-full", LIMIT, "max") \
    CODE(NOT_OPEN_FOR_VOTES, "not-open-for-votes", CONFLICT, "state") \
    CODE(QUESTION_MOVED, "question-moved", CONFLICT, "from to") \
    CODE(MERGE_TARGET, "merge-target", CONFLICT, "state") \
    CODE(UNDO_GONE, "undo-gone", NOT_FOUND, "") \
    CODE(UNDO_CHANGED, "undo-changed", CONFLICT, "") \
    CODE(UNDO_ON_AIR, "undo-on-air", CONFLICT, "") \
    CODE(UNDO_MERGED, "undo-merged", CONFLICT, "") \
    CODE(UNDO_OTHERS, "undo-others", DENIED, "") \
    CODE(NOT_JOINED, "not-joined", CONFLICT, "") \
    CODE(TOO_FAST, "too-fast", LIMIT, "max") \
    /* Watching. */ \
    CODE(NOT_BEGUN, "not-begun", UNAVAILABLE, "") \
    CODE(SESSION_NOT_ON, "session-not-on", UNAVAILABLE, "") \
    CODE(SOURCE_NOT_PUBLISHED, "source-not-published", UNAVAILABLE, "") \
    CODE(INPUT_TAKEN, "input-taken", CONFLICT, "") \
    CODE(NO_INPUT, "no-input", NOT_FOUND, "") \
    CODE(SLIDES_NOT_PDF, "slides-not-pdf", INVALID, "") \
    CODE(SLIDES_NOT_READY, "slides-not-ready", CONFLICT, "") \
    CODE(SLIDES_BY_STAFF, "slides-by-staff", DENIED, "") \
    CODE(OVER, "over", NOT_FOUND, "") \
    CODE(TOO_MANY_PAGES, "too-many-pages", LIMIT, "") \
    CODE(BAD_OFFER, "bad-offer", INVALID, "")
// clang-format on
