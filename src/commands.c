// SPDX-License-Identifier: GPL-3.0-or-later
// The table of commands and options.
#include "commands.h"

#define BIT(option) (1U << OPTION_##option)
#define PLACE (BIT(CONFIG) | BIT(DATA))
#define SERVER (PLACE | BIT(LISTEN) | BIT(SOURCE))

const OptionInfo command_options[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"config", "FILE",
                       "The configuration, see majlis.conf(5). Without it all keys have their "
                       "defaults."},
    [OPTION_DATA] = {"data", "DIR",
                     "The data folder: database, keys and, unless moved, recordings. Default: "
                     "./majlis-data."},
    [OPTION_LISTEN] = {"listen", "ADDRESS:PORT",
                       "Where to listen, instead of [server] listen; port 0 takes any free one."},
    [OPTION_SOURCE] = {"source", "NAME|FILE|URL|@FILE",
                       "The programme, instead of [programme] source: a name from "
                       "pipelines/sources, a media file, or a URL. FILE?loop=0 ends the session "
                       "with the file; a single picture stands until staff end it. @FILE has the "
                       "source as its first line, @- is standard input: a URL with a password "
                       "belongs there, since everybody on the machine can read a command line."},
    [OPTION_TO] = {"to", "DIR", "The folder to write to, made if it is missing."},
    [OPTION_FROM] = {"from", "DIR",
                     "A backup's folder, or the folder of all backups: then the newest is taken."},
    [OPTION_KEEP] =
        {"keep", "COUNT",
         "After a whole backup remove older ones, so that COUNT are left. Without it all "
         "are kept."},
    [OPTION_DAMAGED] = {"damaged", "refuse|allow",
                        "refuse, the default: nothing of a damaged backup is restored; allow: all "
                        "that is whole, and what of recordings and configuration is damaged as it "
                        "is, if it can be read; each is named, and the exit status is 1. Manifest, "
                        "database and keys must be whole."},
    [OPTION_QUESTIONS] = {"questions", "public|all",
                          "public, the default: the questions and names that attendees saw; all: "
                          "also pending, rejected and merged ones, and who asked unless "
                          "anonymously."},
    [OPTION_KEY] = {"key", "FILE",
                    "The server's public key, keys/signing.pub of its data folder. Without it any "
                    "key that the manifest names is taken."},
    [OPTION_NAME] = {"name", "NAME", "The person's name."},
    [OPTION_EMAIL] = {"email", "ADDRESS", "The person's e-mail address."},
    [OPTION_ENTITY] = {"entity", "NAME", "The organisation that the person is from."},
    [OPTION_ROLE] =
        {"role", "officer|moderator|staff|admin",
         "The role on the whole server. A moderator moderates every session's "
         "questions, staff prepare and run every session, an admin also changes staff and "
         "settings; officer: none. Without it the first one added is admin, others are staff."},
    [OPTION_USER] = {"user", "NAME",
                     "The system's user to look as, for root alone. Default: the one that "
                     "majlis.service runs as, if systemd has that unit."},
};

const Command commands[COMMAND_COUNT] = {
    [COMMAND_SERVE] = {"serve", .allowed = SERVER, .summary = "Runs the server.",
                       .text =
                           "Prints \"ready URL\" on standard output once it takes requests, and "
                           "logs to standard error. SIGTERM ends it in good order within five "
                           "seconds; sessions that are on resume at the next start. SIGHUP "
                           "reads certificate and configuration again; the log names "
                           "what changed."},
    [COMMAND_DEMO] = {"demo", .allowed = SERVER,
                      .summary = "Runs a server with a session that is live at once, and prints "
                                 "four links: attendee, presenter, staff, admin."},
    [COMMAND_CHECK] = {"check", .allowed = SERVER | BIT(USER),
                       .summary = "Says what would keep the server from running, and how to mend "
                                  "it.",
                       .text = "Run by root, it looks as the user that majlis.service runs as, "
                               "with its limit of open files and its right to low ports, since "
                               "root may write where that user may not; the first line says so. "
                               "Source and encoder are tried in the sandbox that a session's "
                               "decoder has."},
    [COMMAND_RECOVER] = {"recover", .allowed = SERVER,
                         .summary = "Without a server: ends sessions that a crash interrupted and "
                                    "whose time is over, and finishes their recordings; a line for "
                                    "each."},
    [COMMAND_USER] = {"user", "add|list|role|disable [PERSON]",
                      .allowed = PLACE | BIT(NAME) | BIT(EMAIL) | BIT(ENTITY) | BIT(ROLE),
                      .summary = "Adds, lists or disables people, or changes a role; add prints a "
                                 "personal link.",
                      .text = "A running server applies the change within a second. Anyone who has "
                              "the link signs in as that person until it is revoked."},
    [COMMAND_REPLY] = {"reply", .allowed = PLACE,
                       .summary = "Takes a calendar's answer to an invitation from standard input.",
                       .text =
                           "Standard input is the mail (or the .ics file) that a calendar sends "
                           "when somebody accepts, perhaps accepts or declines. It counts for "
                           "the invited person whose address it names, unless that person has "
                           "answered since. Prints session, person and answer. The exit status "
                           "is also 0 for a mail that is no such answer, or answers nothing "
                           "here: standard error says why. It is 1 where the database failed, "
                           "so that the mail can be tried again."},
    [COMMAND_BACKUP] =
        {"backup", .needed = BIT(TO), .allowed = PLACE | BIT(KEEP),
         .summary = "Makes a backup in DIR, also while the server runs.",
         .text = "Each backup is a folder of its own, DIR/majlis-TIME, with the "
                 "database, the recordings, the keys, the configuration with the files "
                 "that it names, and a signed manifest of digests. Files that an "
                 "earlier backup in DIR has are hard links to it, and are not read "
                 "again: majlis verify reads all of a backup. Files of finished "
                 "recordings are hard links to the recording where DIR is on the same "
                 "file system. What is missing or damaged in one copy of a recording is "
                 "taken from the other ([archive] second_directory). A recording that "
                 "is still running is copied as far as its journal goes. The exit status "
                 "is 3 where files or recordings are damaged or missing: they are named, and "
                 "--keep removes nothing. It stays 3 until they are restored or, by staff on "
                 "the recording's page, deleted. It is 1 where none of the recordings is "
                 "there.\n\n"
                 "A backup has its name only once all of it is on the disk: an "
                 "interrupted one is none, and the next run removes what it left. The "
                 "times of the last one and of the last whole one are kept in "
                 "last-backup.json in the data folder. The backup holds secrets "
                 "(keys, sign-ins, questions): only its owner can read it."},
    [COMMAND_RESTORE] = {"restore", .needed = BIT(FROM) | BIT(DATA),
                         .allowed = BIT(CONFIG) | BIT(DAMAGED),
                         .summary = "Checks a backup and puts it into an empty data folder.",
                         .text = "First every digest is compared with the manifest; a damaged "
                                 "backup is refused, naming the file. Nothing that exists is "
                                 "overwritten. Recordings and database go where the configuration "
                                 "says, else into the data folder; the backed-up majlis.conf and "
                                 "the files that it names go to DIR/configuration."},
    [COMMAND_EXPORT] = {"export", "SESSION", .needed = BIT(TO), .allowed = PLACE | BIT(QUESTIONS),
                        .summary = "Writes one session as files that open without majlis.",
                        .text = "DIR then has index.html, which plays the session offline in a "
                                "browser, recording.mp4, audio.m4a, chapters as WebVTT, questions "
                                "as CSV and JSON, session.json, and a signed manifest. DIR must "
                                "not exist yet. SESSION is the id in the session's "
                                "address. A backup can be named as the data folder."},
    [COMMAND_VERIFY] = {"verify", "DIR", .allowed = BIT(KEY),
                        .summary = "Says whether a recording, a backup or an export is what a "
                                   "server signed.",
                        .text = "Without majlis: openssl pkeyutl -verify -pubin -rawin -inkey "
                                "signing.pub -in manifest.json -sigfile manifest.sig"},
};
