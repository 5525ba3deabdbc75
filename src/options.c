// SPDX-License-Identifier: GPL-3.0-or-later
// Parses command lines by the table of commands; --help; what commands share.
#include "options.h"

#include "backup/backup.h"
#include "capture/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void options_complain(const char *text)
{
    fprintf(stderr, "majlis: %s\n", text);
}

char *options_share(const char *name)
{
    const char *share = g_getenv("MAJLIS_SHARE");
    return g_build_filename(share != NULL ? share : MAJLIS_SHARE, name, NULL);
}

static bool not_empty(const char *option, const char *value)
{
    if (value == NULL || value[0] != '\0') {
        return true;
    }
    g_autofree char *text = g_strdup_printf(
        "--%s is empty. Name something after it, or leave it out; perhaps a variable in a script "
        "is not set.",
        option);
    options_complain(text);
    return false;
}

char *options_nearest_folder(const char *folder)
{
    char *at = g_canonicalize_filename(folder, NULL);
    while (!g_file_test(at, G_FILE_TEST_EXISTS)) {
        char *above = g_path_get_dirname(at);
        g_free(at);
        at = above;
    }
    return at;
}

/* 0 or an errno. */
static int try_folder(const char *folder, bool make)
{
    if (make && g_mkdir_with_parents(folder, 0700) != 0) {
        return errno;
    }
    g_autofree char *nearest = options_nearest_folder(folder);
    if (!g_file_test(nearest, G_FILE_TEST_IS_DIR)) {
        return ENOTDIR;
    }
    return access(nearest, W_OK | X_OK) == 0 ? 0 : errno;
}

static bool need_folder(const char *folder, bool make, const char *mend, GError **error)
{
    int code = try_folder(folder, make);
    if (code == 0) {
        return true;
    }
    g_autofree char *allow =
        code != EROFS ? g_strdup("")
                      : g_strdup_printf(" For a server that systemd runs: systemctl edit majlis, "
                                        "then under [Service] ReadWritePaths=%s.",
                                        folder);
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                "the folder %s cannot be made or written: %s. Make it for this user (chown), %s.%s",
                folder, g_strerror(code), mend, allow);
    return false;
}

bool options_restored(const Conf *conf, GError **error)
{
    g_autofree char *mark = g_build_filename(conf->data_dir, BACKUP_RESTORING_NAME, NULL);
    if (access(mark, F_OK) != 0) {
        return true;
    }
    g_set_error(
        error, BASE_ERROR, BASE_ERROR_FAILED,
        "the data folder %s holds a backup that is not restored completely: wait for `majlis "
        "restore`, or, if it was interrupted, remove the folder and restore again",
        conf->data_dir);
    return false;
}

bool options_need_folders(const Conf *conf, bool make, GError **error)
{
    return (!make || options_restored(conf, error)) &&
           need_folder(conf->data_dir, make, "or choose another with --data DIR", error) &&
           need_folder(conf->archive_directory, make,
                       "mount its disk, or name another under [archive] directory", error);
}

bool options_locked(const Conf *conf)
{
    g_autofree char *path = g_build_filename(conf->data_dir, "lock", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0) {
        close(fd);
    }
    return locked;
}

/* A restore may have begun meanwhile. */
static bool keep_lock(int fd, const Conf *conf, GError **error)
{
    bool restored = options_restored(conf, error);
    if (!restored) {
        close(fd);
    }
    return restored;
}

bool options_lock(const Conf *conf, GError **error)
{
    if (!options_restored(conf, error)) {
        return false;
    }
    g_autofree char *path = g_build_filename(conf->data_dir, "lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return keep_lock(fd, conf, error);
    }
    int code = errno;
    if (fd >= 0 && code == EWOULDBLOCK) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "the data folder %s is in use by another majlis. Stop that one, or choose "
                    "another folder with --data DIR.",
                    conf->data_dir);
    } else if (fd < 0 && code == ENOENT) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "there is no data folder %s. Name the right one with --data DIR.",
                    conf->data_dir);
    } else {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "the data folder %s cannot be locked: %s. Choose another with --data DIR.",
                    conf->data_dir, g_strerror(code));
    }
    if (fd >= 0) {
        close(fd);
    }
    return false;
}

#define MAX_SOURCE_BYTES 4096

static bool set(Conf *conf, const char *section, const char *key, const char *value,
                const char *option, GError **error)
{
    return value == NULL || conf_set(conf, section, key, value, option, error);
}

/* Relative to this working directory, also for later starts. */
static char *absolute_source(const char *source)
{
    g_autofree char *file = g_strdup(source);
    char *query = file != NULL ? strstr(file, "?loop=") : NULL;
    if (query != NULL) {
        *query = '\0';
    }
    if (file == NULL || !g_file_test(file, G_FILE_TEST_EXISTS)) {
        return g_strdup(source);
    }
    g_autofree char *whole = g_canonicalize_filename(file, NULL);
    return g_strconcat(whole, source + strlen(file), NULL);
}

static bool has_secret(const char *source)
{
    const char *address = strstr(source, "://");
    return address != NULL &&
           (strchr(address, '@') != NULL || strstr(address, "passphrase=") != NULL);
}

/* Command lines are public; `--source @FILE` hides the address. */
static void hide_addresses(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (has_secret(argv[i])) {
            char *from = strstr(argv[i], "://") + 3;
            memset(from, '*', strlen(from));
            options_complain("note: the address on the command line holds a password, which others "
                             "on this machine could read until now, and the shell's history keeps. "
                             "Write it in a file and give --source @FILE (@- reads standard "
                             "input), or set [programme] source in the configuration.");
        }
    }
}

/* First line of the file, or of standard input ("@-"). */
static char *read_source_file(const char *name, GError **error)
{
    bool input = strcmp(name, "-") == 0;
    char line[MAX_SOURCE_BYTES] = "";
    struct stat status = {0};
    FILE *file = input ? stdin : fopen(name, "re");
    if (file == NULL || fstat(fileno(file), &status) != 0 ||
        (fgets(line, sizeof line, file) == NULL && ferror(file))) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "--source @%s cannot be read: %s. Name a file whose first line is the source.",
                    name, g_strerror(errno));
    } else if (g_strstrip(line)[0] == '\0') {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "--source @%s: its first line is empty. Write the source there.", name);
    } else if (has_secret(line) && S_ISREG(status.st_mode) && (status.st_mode & 0137) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "--source @%s holds a password and may be read by others: chmod 600 %s.", name,
                    name);
        line[0] = '\0';
    }
    if (file != NULL && !input) {
        fclose(file);
    }
    return line[0] != '\0' ? g_strdup(line) : NULL;
}

/* Inline or from a file. NULL without error: not given. */
static char *read_source(const char *source, GError **error)
{
    if (source == NULL || source[0] != '@') {
        return absolute_source(source);
    }
    g_autofree char *read = read_source_file(source + 1, error);
    return absolute_source(read);
}

/* `entries`: OPTION_COUNT + 1. */
static void fill_entries(Options *options, GOptionEntry *entries)
{
    unsigned taken = options->command->needed | options->command->allowed;
    size_t count = 0;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        bool path = strcmp(info->argument, "FILE") == 0 || strcmp(info->argument, "DIR") == 0;
        if ((taken >> i & 1) != 0) {
            entries[count++] =
                (GOptionEntry){info->name, 0, 0, path ? G_OPTION_ARG_FILENAME : G_OPTION_ARG_STRING,
                               &options->values[i]};
        }
    }
}

/* Takes the options out of `words`. */
static bool parse_words(Options *options, int *argc, char ***words, GError **error)
{
    GOptionEntry entries[OPTION_COUNT + 1] = {0};
    fill_entries(options, entries);
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    return g_option_context_parse(context, argc, words, error);
}

static bool check_values(const Options *options)
{
    const Command *command = options->command;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const OptionInfo *info = &command_options[i];
        if ((command->needed >> i & 1) != 0 && options->values[i] == NULL) {
            g_autofree char *text = g_strdup_printf("%s needs --%s %s; see majlis --help",
                                                    command->name, info->name, info->argument);
            options_complain(text);
            return false;
        }
        // of other options "" can be meant: --email ""
        bool place = i <= OPTION_FROM || i == OPTION_KEY || i == OPTION_USER;
        if (place && !not_empty(info->name, options->values[i])) {
            return false;
        }
    }
    if (command->words == NULL && options->word_count > 0) {
        g_autofree char *word = capture_redact(options->words[0]);
        g_autofree char *text = g_strdup_printf("unexpected word \"%s\"; see majlis --help", word);
        options_complain(text);
        return false;
    }
    return true;
}

Options *options_parse(const Command *command, int argc, char **argv)
{
    g_autoptr(Options) options = g_new0(Options, 1);
    g_autoptr(GError) error = NULL;
    options->command = command;
    g_auto(GStrv) copies = g_strdupv(argv);
    // the parser removes words from its array
    g_autofree char **rest = g_memdup2(copies, ((gsize)argc + 1) * sizeof *copies);
    hide_addresses(argc, argv);
    if (!parse_words(options, &argc, &rest, &error)) {
        options_complain(error->message);
        return NULL;
    }
    options->words = g_strdupv(rest + 1);
    options->word_count = (unsigned)argc - 1;
    return check_values(options) ? g_steal_pointer(&options) : NULL;
}

void options_free(Options *options)
{
    if (options == NULL) {
        return;
    }
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        g_free(options->values[i]);
    }
    g_strfreev(options->words);
    g_free(options);
}

Conf *options_conf(const Options *options, int *out_status)
{
    char *const *values = options->values;
    g_autoptr(GError) error = NULL;
    *out_status = EXIT_FAILED;
    g_autofree char *source = read_source(values[OPTION_SOURCE], &error);
    g_autoptr(Conf) conf =
        error == NULL ? conf_new(values[OPTION_CONFIG], values[OPTION_DATA], &error) : NULL;
    if (conf == NULL) {
        options_complain(error->message);
        return NULL;
    }
    if (!set(conf, "server", "listen", values[OPTION_LISTEN], "--listen", &error) ||
        !set(conf, "programme", "source", source, "--source", &error)) {
        options_complain(error->message);
        *out_status = EXIT_USAGE;
        return NULL;
    }
    return g_steal_pointer(&conf);
}
