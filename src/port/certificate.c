// SPDX-License-Identifier: GPL-3.0-or-later
// Watches the certificate's files and reloads them.
#include "port/certificate.h"

#include "base/clock.h"

#include <gio/gio.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

/* From stat(); zero if missing. */
typedef struct {
    uint64_t device, inode, size;
    int64_t changed_s, changed_ns;
} Stamp;

typedef struct {
    Stamp certificate, key;
} Stamps;

struct PortCertificate {
    unsigned refs; // owner and running poll
    char *files[2];
    void (*changed)(void *data, PortTls *tls); // NULL after the owner is gone
    void *data;
    GSource *timer;
    Stamps used, seen; // last read, last poll
    bool looking, wanted;
};

typedef struct {
    PortCertificate *certificate;
    char *files[2];
    Stamps used, seen; // then this poll's
    bool forced, read;
    PortTls *tls;
    GError *error;
    atomic_bool handed; // for ThreadSanitizer; GTask orders it too
} Look;

static Stamp stamp_of(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return (Stamp){0};
    }
    return (Stamp){.device = status.st_dev,
                   .inode = status.st_ino,
                   .size = (uint64_t)status.st_size,
                   .changed_s = status.st_ctim.tv_sec,
                   .changed_ns = status.st_ctim.tv_nsec};
}

static Stamps look_at(char *const files[2])
{
    return (Stamps){.certificate = stamp_of(files[0]), .key = stamp_of(files[1])};
}

static bool same(const Stamps *a, const Stamps *b)
{
    return memcmp(a, b, sizeof *a) == 0; // no padding
}

static void unref(PortCertificate *certificate)
{
    if (--certificate->refs == 0) {
        g_free(certificate->files[0]);
        g_free(certificate->files[1]);
        g_free(certificate);
    }
}

void port_certificate_warn(const PortTls *tls)
{
    g_autofree char *root = NULL;
    g_autofree char *fault = port_tls_chain_fault(tls, base_wall_us(), &root);
    if (fault != NULL) {
        g_warning("[server] tls_certificate: %s", fault);
    }
}

static void look_on_worker(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Look *look = data;
    atomic_load_explicit(&look->handed, memory_order_acquire);
    Stamps now = look_at(look->files);
    // files change one after the other
    bool rests = same(&now, &look->seen);
    look->read = look->forced || (rests && !same(&now, &look->used));
    look->seen = now;
    if (look->read) {
        look->tls = port_tls_new(look->files[0], look->files[1], &look->error);
    }
    if (look->tls != NULL) {
        port_certificate_warn(look->tls);
    }
    atomic_store_explicit(&look->handed, true, memory_order_release);
    g_task_return_boolean(task, TRUE);
}

static void start_look(PortCertificate *certificate, bool forced);

static void tell(PortCertificate *certificate, const Look *look)
{
    if (look->tls == NULL) {
        g_warning("%s. The certificate that was in use before stays in use.", look->error->message);
    } else {
        certificate->changed(certificate->data, look->tls);
        g_info("the certificate was reloaded");
    }
}

static void on_looked(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object;
    (void)result;
    Look *look = data;
    atomic_load_explicit(&look->handed, memory_order_acquire);
    PortCertificate *certificate = look->certificate;
    certificate->looking = false;
    certificate->seen = look->seen;
    if (look->read) {
        certificate->used = look->seen;
    }
    if (look->read && certificate->changed != NULL) {
        tell(certificate, look);
    }
    if (certificate->wanted && certificate->changed != NULL) {
        certificate->wanted = false;
        start_look(certificate, true);
    }
    port_tls_unref(look->tls);
    g_clear_error(&look->error);
    g_free(look->files[0]);
    g_free(look->files[1]);
    g_free(look);
    unref(certificate);
}

static void start_look(PortCertificate *certificate, bool forced)
{
    Look *look = g_new(Look, 1);
    *look = (Look){.certificate = certificate,
                   .files = {g_strdup(certificate->files[0]), g_strdup(certificate->files[1])},
                   .used = certificate->used,
                   .seen = certificate->seen,
                   .forced = forced};
    certificate->refs++;
    certificate->looking = true;
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_looked, look);
    g_task_set_task_data(task, look, NULL);
    atomic_store_explicit(&look->handed, true, memory_order_release);
    g_task_run_in_thread(task, look_on_worker);
}

static gboolean on_timer(gpointer data)
{
    PortCertificate *certificate = data;
    if (!certificate->looking) {
        start_look(certificate, false);
    }
    return G_SOURCE_CONTINUE;
}

void port_certificate_reload(PortCertificate *certificate)
{
    if (certificate->looking) {
        certificate->wanted = true;
    } else {
        start_look(certificate, true);
    }
}

PortCertificate *port_certificate_new(const char *certificate, const char *key,
                                      GMainContext *context, void (*changed)(void *data, PortTls *),
                                      void *data)
{
    PortCertificate *made = g_new0(PortCertificate, 1);
    made->refs = 1;
    made->files[0] = g_strdup(certificate);
    made->files[1] = g_strdup(key);
    made->changed = changed;
    made->data = data;
    made->used = made->seen = look_at(made->files);
    made->timer = g_timeout_source_new_seconds(PORT_CERTIFICATE_LOOK_S);
    g_source_set_callback(made->timer, on_timer, made, NULL);
    g_source_attach(made->timer, context);
    return made;
}

void port_certificate_free(PortCertificate *certificate)
{
    if (certificate != NULL) {
        certificate->changed = NULL;
        g_source_destroy(certificate->timer);
        g_clear_pointer(&certificate->timer, g_source_unref);
        unref(certificate);
    }
}
