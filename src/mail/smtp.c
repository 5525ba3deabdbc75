// SPDX-License-Identifier: GPL-3.0-or-later
// The connection to the relay.
#include "mail/smtp.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_LIMIT_S 20L
#define ANSWER_LIMIT_S 120L
#define QUIT_LIMIT_S 3L
#define STOP_US (2 * BASE_US_PER_S) // for a mail under way
#define REPLY_MAX_BYTES 400

/* What of one mail is sent. */
typedef enum {
    CONNECTING,
    SENDER,    // MAIL FROM
    RECIPIENT, // RCPT TO, DATA, the mail
} Phase;

struct Smtp {
    CURL *curl;
    const atomic_bool *stop;
    char *from;
    int fd;     // -1: none
    bool tried; // libcurl uses such a connection for nothing else
    char error[CURL_ERROR_SIZE];

    // of one mail
    const GString *message;
    size_t given; // bytes
    Phase phase;
    int code;       // of the last command's answer; 0: none yet
    GString *reply; // its words
    bool over;      // what follows belongs to no mail
    int64_t stopped_us;
};

/* libcurl's callbacks */

static size_t on_read(char *out, size_t size, size_t count, void *data)
{
    Smtp *smtp = data;
    size_t left = smtp->message->len - smtp->given;
    size_t bytes = MIN(left, size * count);
    memcpy(out, smtp->message->str + smtp->given, bytes);
    smtp->given += bytes;
    if (bytes == left) { // the end follows: what comes now answers the whole mail
        smtp->code = 0;
        g_string_truncate(smtp->reply, 0);
    }
    return bytes;
}

static void note_command(Smtp *smtp, const char *command, size_t size)
{
    smtp->over = smtp->over || (size >= 4 && strncmp(command, "QUIT", 4) == 0);
    if (smtp->over) {
        return; // libcurl closes the connection after a refusal
    }
    smtp->code = 0;
    g_string_truncate(smtp->reply, 0);
    if (size >= 5 && strncmp(command, "MAIL ", 5) == 0) {
        smtp->phase = SENDER;
    } else if (size >= 5 && strncmp(command, "RCPT ", 5) == 0) {
        smtp->phase = RECIPIENT;
    }
}

/* A line; "250-" goes on, "250 " ends. */
static void note_reply(Smtp *smtp, const char *line, size_t size)
{
    if (smtp->over || size < 3 || !g_ascii_isdigit(line[0]) || !g_ascii_isdigit(line[1]) ||
        !g_ascii_isdigit(line[2])) {
        return;
    }
    if (smtp->reply->len < REPLY_MAX_BYTES) {
        gsize most = MIN(size, REPLY_MAX_BYTES - smtp->reply->len);
        g_string_append_len(smtp->reply, line, (gssize)most);
    }
    if (size == 3 || line[3] != '-') {
        smtp->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    }
}

/* Commands (also of signing in) and answers; neither is kept but the last answer. */
static int on_debug(CURL *curl, curl_infotype type, char *text, size_t size, void *data)
{
    (void)curl;
    if (type == CURLINFO_HEADER_OUT) {
        note_command(data, text, size);
    } else if (type == CURLINFO_HEADER_IN) {
        note_reply(data, text, size);
    }
    return 0;
}

static size_t on_nothing(char *text, size_t size, size_t count, void *data)
{
    (void)text, (void)data;
    return size * count;
}

static int on_progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    Smtp *smtp = data;
    if (!atomic_load(smtp->stop)) {
        return 0;
    }
    int64_t now_us = base_clock_us();
    if (smtp->stopped_us == 0) {
        smtp->stopped_us = now_us;
    }
    bool begun = smtp->phase == RECIPIENT;
    return !begun || now_us - smtp->stopped_us > STOP_US;
}

static int on_socket(void *data, curl_socket_t fd, curlsocktype purpose)
{
    (void)purpose;
    ((Smtp *)data)->fd = fd;
    return CURL_SOCKOPT_OK;
}

static int on_close(void *data, curl_socket_t fd)
{
    Smtp *smtp = data;
    if (smtp->fd == fd) {
        smtp->fd = -1;
    }
    return close(fd);
}

/* The connection */

static void set_security(CURL *curl, const MailConfig *config)
{
    if (config->security != MAIL_PLAIN) {
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    }
    if (config->ca_file[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (config->user[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_USERNAME, config->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, config->password);
    }
}

static void set_callbacks(Smtp *smtp)
{
    CURL *curl = smtp->curl;
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_nothing);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); // to on_debug() alone
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->error);
}

Smtp *smtp_new(const MailConfig *config, const atomic_bool *stop)
{
    Smtp *smtp = g_new0(Smtp, 1);
    smtp->stop = stop;
    smtp->fd = -1;
    smtp->reply = g_string_new(NULL);
    smtp->from = g_strdup_printf("<%s>", config->from);
    smtp->curl = curl_easy_init();
    if (smtp->curl == NULL) {
        g_error("libcurl: out of memory");
    }
    CURL *curl = smtp->curl;
    // the name in EHLO follows the slash
    g_autofree char *url =
        g_strdup_printf("%s://%s/%s", config->security == MAIL_TLS ? "smtps" : "smtp",
                        config->relay, strrchr(config->from, '@') + 1);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); // waits for no resolver
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_LIMIT_S);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, ANSWER_LIMIT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SMTP_LIMIT_S);
    set_security(curl, config);
    set_callbacks(smtp);
    return smtp;
}

static void begin(Smtp *smtp, const GString *message)
{
    smtp->message = message;
    smtp->given = 0;
    smtp->phase = CONNECTING;
    smtp->over = false;
    smtp->code = 0;
    smtp->stopped_us = 0;
    smtp->error[0] = '\0';
    g_string_truncate(smtp->reply, 0);
}

/* libcurl's own QUIT waits for two minutes. */
static void quit(Smtp *smtp)
{
    begin(smtp, NULL);
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, "QUIT");
    curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, QUIT_LIMIT_S);
    curl_easy_perform(smtp->curl);
}

void smtp_free(Smtp *smtp)
{
    if (smtp == NULL) {
        return;
    }
    if (smtp->fd >= 0 && !smtp->tried && !atomic_load(smtp->stop)) {
        quit(smtp);
    }
    if (smtp->fd >= 0 && !smtp->tried) {
        shutdown(smtp->fd, SHUT_RDWR);
    }
    curl_easy_cleanup(smtp->curl);
    g_string_free(smtp->reply, TRUE);
    g_free(smtp->from);
    g_free(smtp);
}

/* The result */

static const char *reason_of(CURLcode result)
{
    switch (result) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return "certificate";
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
        return "no-tls";
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
        return "login";
    default:
        return "unreachable";
    }
}

static SmtpResult judge(const Smtp *smtp, CURLcode result, const char **out_reason)
{
    bool whole = smtp->message != NULL && smtp->given == smtp->message->len;
    bool passing = smtp->code / 100 == 4, permanent = smtp->code / 100 == 5;
    if (result == CURLE_OK) {
        *out_reason = NULL;
        return SMTP_SENT;
    }
    if (whole && !passing && !permanent) {
        *out_reason = "interrupted";
        return SMTP_INTERRUPTED;
    }
    if (result == CURLE_ABORTED_BY_CALLBACK) {
        *out_reason = "interrupted";
        return SMTP_STOPPED;
    }
    if (smtp->phase == RECIPIENT && smtp->code != 421 && (passing || permanent)) {
        *out_reason = permanent ? "refused" : "later";
        return permanent ? SMTP_REFUSED : SMTP_LATER;
    }
    *out_reason = smtp->phase != CONNECTING && permanent ? "sender"
                  : passing                              ? "later"
                                                         : reason_of(result);
    return SMTP_NO_RELAY;
}

/* One line in UTF-8 without `secret` (nullable), which a relay may quote. */
static char *words_of(const Smtp *smtp, CURLcode result, const char *secret)
{
    const char *text = smtp->code >= 400        ? smtp->reply->str
                       : smtp->error[0] != '\0' ? smtp->error
                                                : curl_easy_strerror(result);
    g_autofree char *line = g_utf8_make_valid(text, -1);
    for (char *at = line; *at != '\0'; at++) {
        *at = (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
    }
    g_strstrip(line);
    g_auto(GStrv) pieces = g_strsplit(line, secret != NULL ? secret : "\n", -1);
    return g_strjoinv("…", pieces);
}

static SmtpResult perform(Smtp *smtp, const char *secret, const char **out_reason, char **out_error)
{
    CURLcode result = curl_easy_perform(smtp->curl);
    SmtpResult judged = judge(smtp, result, out_reason);
    *out_error = judged == SMTP_SENT ? NULL : words_of(smtp, result, secret);
    return judged;
}

SmtpResult smtp_send(Smtp *smtp, const char *to, const GString *message, const char *secret,
                     const char **out_reason, char **out_error)
{
    CURL *curl = smtp->curl;
    begin(smtp, message);
    g_autofree char *recipient = g_strdup_printf("<%s>", to);
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message->len);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, smtp->from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    SmtpResult result = perform(smtp, secret, out_reason, out_error);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    smtp->message = NULL;
    return result;
}

bool smtp_try(Smtp *smtp, const char **out_reason, char **out_error)
{
    begin(smtp, NULL);
    smtp->tried = true;
    curl_easy_setopt(smtp->curl, CURLOPT_CONNECT_ONLY, 1L);
    return perform(smtp, NULL, out_reason, out_error) == SMTP_SENT;
}
