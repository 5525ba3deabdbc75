// SPDX-License-Identifier: GPL-3.0-or-later
// libsoup and nothing else: serves the files of a folder from memory. What majlis costs beyond this
// is majlis's own; what this costs beyond nginx is libsoup's. bare-soup DIR; prints "ready PORT".
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

static GHashTable *files; // "/NAME" -> GBytes

static void on_request(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer data)
{
    (void)server;
    (void)query;
    (void)data;
    GBytes *bytes = g_hash_table_lookup(files, path);
    if (bytes == NULL) {
        soup_server_message_set_status(message, 404, NULL);
        return;
    }
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(headers, "Cache-Control", "private, max-age=60, immutable");
    soup_message_headers_set_content_type(
        headers, g_str_has_suffix(path, "m3u8") ? "application/vnd.apple.mpegurl" : "video/mp4",
        NULL);
    soup_message_body_append_bytes(soup_server_message_get_response_body(message), bytes);
    soup_server_message_set_status(message, 200, NULL);
}

static void load(const char *folder)
{
    files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_assert(dir != NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        char *text;
        gsize size;
        if (g_file_get_contents(path, &text, &size, NULL)) {
            g_hash_table_insert(files, g_strconcat("/", name, NULL), g_bytes_new_take(text, size));
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bare-soup DIR\n");
        return 2;
    }
    load(argv[1]);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
    g_assert_no_error(error);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", 0);
    g_socket_set_listen_backlog(socket, 1024);
    g_socket_bind(socket, address, TRUE, &error);
    g_assert_no_error(error);
    g_socket_listen(socket, &error);
    g_assert_no_error(error);
    g_autoptr(SoupServer) server = soup_server_new(NULL, NULL);
    soup_server_add_handler(server, NULL, on_request, NULL, NULL);
    soup_server_listen_socket(server, socket, 0, &error);
    g_assert_no_error(error);
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(socket, NULL);
    printf("ready %u\n", g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
    fflush(stdout);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_main_loop_run(loop);
    return 0;
}
