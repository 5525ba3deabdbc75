// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The table of commands and options, for the parser, --help, majlis(1) and the bash completion.
// Static; any thread.

typedef enum {
    OPTION_CONFIG,
    OPTION_DATA,
    OPTION_LISTEN,
    OPTION_SOURCE,
    OPTION_TO,
    OPTION_FROM,
    OPTION_KEEP,
    OPTION_DAMAGED,
    OPTION_QUESTIONS,
    OPTION_KEY,
    OPTION_NAME,
    OPTION_EMAIL,
    OPTION_ENTITY,
    OPTION_ROLE,
    OPTION_USER,
    OPTION_COUNT,
} OptionId;

typedef struct {
    const char *name;     // without "--"
    const char *argument; // "FILE", "DIR": a path; "A|B": one of these
    const char *text;
} OptionInfo;

typedef enum {
    COMMAND_SERVE,
    COMMAND_DEMO,
    COMMAND_CHECK,
    COMMAND_RECOVER,
    COMMAND_USER,
    COMMAND_REPLY,
    COMMAND_BACKUP,
    COMMAND_RESTORE,
    COMMAND_EXPORT,
    COMMAND_VERIFY,
    COMMAND_COUNT,
} CommandId;

typedef struct {
    const char *name;
    const char *words;   // nullable: operands, as "SESSION"
    unsigned needed;     // bit set of OptionId
    unsigned allowed;    // bit set of OptionId, without `needed`
    const char *summary; // completes "majlis NAME …"; one sentence
    const char *text;    // nullable: paragraphs of the man page, separated by blank lines
} Command;

extern const OptionInfo command_options[OPTION_COUNT];
extern const Command commands[COMMAND_COUNT];
