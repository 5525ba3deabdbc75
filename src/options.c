// SPDX-License-Identifier: GPL-3.0-or-later
// Parses the command lines of serve, demo, check, recover and user.
#include "options.h"

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

bool options_not_empty(const char *option, const char *value)
{
    if (value == NULL || value[0] != '\0') {
        return true;
    }
    g_autofree char *text = g_strdup_printf(
        "%s is empty. Name something after it, or leave it out; perhaps a variable in a script "
        "is not set.",
        option);
    options_complain(text);
    return false;
}

static bool make_folder(const char *folder, const char *mend, GError **error)
{
    if (g_mkdir_with_parents(folder, 0700) == 0 && access(folder, W_OK | X_OK) == 0) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                "the folder %s cannot be made or written: %s. Make it for this user (chown), %s.",
                folder, g_strerror(errno), mend);
    return false;
}

bool options_make_folders(const Conf *conf, GError **error)
{
    return make_folder(conf->data_dir, "or choose another with --data DIR", error) &&
           make_folder(conf->archive_directory,
                       "mount its disk, or name another under [archive] directory", error);
}

bool options_lock(const Conf *conf, GError **error)
{
    g_autofree char *path = g_build_filename(conf->data_dir, "lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return true; // keeps it open
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

/* Command lines are public on the machine; `--source @FILE` hides the address. */
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

Conf *options_read(int argc, char **argv, int *out_status)
{
    g_autofree char *config = NULL;
    g_autofree char *data = NULL;
    g_autofree char *listen = NULL;
    g_autofree char *source = NULL;
    g_autoptr(GError) error = NULL;
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Data folder", "DIR"},
        {"listen", 0, 0, G_OPTION_ARG_STRING, &listen, "Where to listen", "ADDRESS:PORT"},
        {"source", 0, 0, G_OPTION_ARG_STRING, &source, "Programme source", "NAME|FILE|URL|@FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    *out_status = EXIT_USAGE;
    g_auto(GStrv) words = g_strdupv(argv);
    // the parser removes words from its array
    g_autofree char **rest = g_memdup2(words, ((gsize)argc + 1) * sizeof *words);
    hide_addresses(argc, argv);
    if (!g_option_context_parse(context, &argc, &rest, &error)) {
        options_complain(error->message);
        return NULL;
    }
    if (argc > 1) {
        g_autofree char *word = capture_redact(rest[1]);
        g_autofree char *text = g_strdup_printf("unexpected word \"%s\"; see majlis --help", word);
        options_complain(text);
        return NULL;
    }
    if (!options_not_empty("--config", config) || !options_not_empty("--data", data) ||
        !options_not_empty("--listen", listen) || !options_not_empty("--source", source)) {
        return NULL;
    }
    *out_status = EXIT_FAILED;
    g_autofree char *whole_source = read_source(source, &error);
    g_autoptr(Conf) conf = error == NULL ? conf_new(config, data, &error) : NULL;
    if (conf == NULL) {
        options_complain(error->message);
        return NULL;
    }
    if (!set(conf, "server", "listen", listen, "--listen", &error) ||
        !set(conf, "programme", "source", whole_source, "--source", &error)) {
        options_complain(error->message);
        *out_status = EXIT_USAGE;
        return NULL;
    }
    return g_steal_pointer(&conf);
}
