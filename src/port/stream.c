// SPDX-License-Identifier: GPL-3.0-or-later
// GIOStream for libsoup, our only GObject types.
#include "port/stream.h"

#include <errno.h>

#define TYPE_READER (reader_get_type())
G_DECLARE_FINAL_TYPE(Reader, reader, PORT, READER, GInputStream)
#define TYPE_WRITER (writer_get_type())
G_DECLARE_FINAL_TYPE(Writer, writer, PORT, WRITER, GOutputStream)
#define TYPE_STREAM (stream_get_type())
G_DECLARE_FINAL_TYPE(Stream, stream, PORT, STREAM, GIOStream)

struct _Reader {
    GInputStream parent;
    PortWire *wire;
    PortReader *requests;
};

struct _Writer {
    GOutputStream parent;
    PortWire *wire;
};

struct _Stream {
    GIOStream parent;
    PortReader *requests;
    GInputStream *reader;
    GOutputStream *writer;
};

static gssize result(ssize_t done, GError **error)
{
    if (done == -EAGAIN) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "not now");
    } else if (done < 0) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                            "the peer closed the connection");
    }
    return done < 0 ? -1 : done;
}

static gboolean ready(PortWire *wire, GIOCondition to)
{
    int fd = port_wire_fd(wire);
    GIOCondition wait = port_wire_waits(wire, to);
    GPollFD poll = {.fd = fd, .events = (gushort)wait};
    return wait == 0 || g_poll(&poll, 1, 0) != 0;
}

/* Reading */

static gssize reader_read(GInputStream *stream, void *to, gsize size, GCancellable *cancellable,
                          GError **error)
{
    (void)cancellable;
    return result(port_reader_read(PORT_READER(stream)->requests, to, size), error);
}

static gssize reader_read_now(GPollableInputStream *stream, void *to, gsize size, GError **error)
{
    return result(port_reader_read(PORT_READER(stream)->requests, to, size), error);
}

static gboolean reader_is_readable(GPollableInputStream *stream)
{
    const Reader *reader = PORT_READER(stream);
    return port_reader_pending(reader->requests) || ready(reader->wire, G_IO_IN);
}

static GSource *reader_source(GPollableInputStream *stream, GCancellable *cancellable)
{
    const Reader *reader = PORT_READER(stream);
    g_autoptr(GSource) source = port_reader_pending(reader->requests)
                                    ? port_wire_idle_source()
                                    : port_reader_source(reader->requests);
    return g_pollable_source_new_full(G_OBJECT(stream), source, cancellable);
}

static void reader_pollable_init(GPollableInputStreamInterface *interface)
{
    interface->is_readable = reader_is_readable;
    interface->create_source = reader_source;
    interface->read_nonblocking = reader_read_now;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(Reader, reader, G_TYPE_INPUT_STREAM,
                              G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM,
                                                    reader_pollable_init))

static void reader_finalize(GObject *object)
{
    port_wire_unref(PORT_READER(object)->wire);
    port_reader_unref(PORT_READER(object)->requests);
    G_OBJECT_CLASS(reader_parent_class)->finalize(object);
}

static void reader_class_init(ReaderClass *class)
{
    G_OBJECT_CLASS(class)->finalize = reader_finalize;
    G_INPUT_STREAM_CLASS(class)->read_fn = reader_read;
}

static void reader_init(Reader *reader)
{
    (void)reader;
}

/* Writing */

static gssize writer_write(GOutputStream *stream, const void *from, gsize size,
                           GCancellable *cancellable, GError **error)
{
    (void)cancellable;
    return result(port_wire_write(PORT_WRITER(stream)->wire, from, size), error);
}

static gssize writer_write_now(GPollableOutputStream *stream, const void *from, gsize size,
                               GError **error)
{
    return result(port_wire_write(PORT_WRITER(stream)->wire, from, size), error);
}

static gboolean writer_is_writable(GPollableOutputStream *stream)
{
    return ready(PORT_WRITER(stream)->wire, G_IO_OUT);
}

static GSource *writer_source(GPollableOutputStream *stream, GCancellable *cancellable)
{
    g_autoptr(GSource) source = port_wire_source(PORT_WRITER(stream)->wire, G_IO_OUT);
    return g_pollable_source_new_full(G_OBJECT(stream), source, cancellable);
}

static void writer_pollable_init(GPollableOutputStreamInterface *interface)
{
    interface->is_writable = writer_is_writable;
    interface->create_source = writer_source;
    interface->write_nonblocking = writer_write_now;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(Writer, writer, G_TYPE_OUTPUT_STREAM,
                              G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                    writer_pollable_init))

static void writer_finalize(GObject *object)
{
    port_wire_unref(PORT_WRITER(object)->wire);
    G_OBJECT_CLASS(writer_parent_class)->finalize(object);
}

static void writer_class_init(WriterClass *class)
{
    G_OBJECT_CLASS(class)->finalize = writer_finalize;
    G_OUTPUT_STREAM_CLASS(class)->write_fn = writer_write;
}

static void writer_init(Writer *writer)
{
    (void)writer;
}

/* Both */

G_DEFINE_FINAL_TYPE(Stream, stream, G_TYPE_IO_STREAM)

static GInputStream *stream_reader(GIOStream *stream)
{
    return PORT_STREAM(stream)->reader;
}

static GOutputStream *stream_writer(GIOStream *stream)
{
    return PORT_STREAM(stream)->writer;
}

static gboolean stream_close(GIOStream *stream, GCancellable *cancellable, GError **error)
{
    (void)cancellable;
    (void)error;
    port_reader_close(PORT_STREAM(stream)->requests);
    return TRUE;
}

static void stream_finalize(GObject *object)
{
    Stream *stream = PORT_STREAM(object);
    g_object_unref(stream->reader);
    g_object_unref(stream->writer);
    port_reader_unref(stream->requests);
    G_OBJECT_CLASS(stream_parent_class)->finalize(object);
}

static void stream_class_init(StreamClass *class)
{
    G_OBJECT_CLASS(class)->finalize = stream_finalize;
    G_IO_STREAM_CLASS(class)->get_input_stream = stream_reader;
    G_IO_STREAM_CLASS(class)->get_output_stream = stream_writer;
    G_IO_STREAM_CLASS(class)->close_fn = stream_close;
}

static void stream_init(Stream *stream)
{
    (void)stream;
}

GIOStream *port_stream_new(PortWire *wire, PortReader *requests)
{
    Stream *stream = g_object_new(TYPE_STREAM, NULL);
    Reader *reader = g_object_new(TYPE_READER, NULL);
    Writer *writer = g_object_new(TYPE_WRITER, NULL);
    stream->requests = port_reader_ref(requests);
    reader->requests = port_reader_ref(requests);
    reader->wire = port_wire_ref(wire);
    writer->wire = port_wire_ref(wire);
    stream->reader = G_INPUT_STREAM(reader);
    stream->writer = G_OUTPUT_STREAM(writer);
    return G_IO_STREAM(stream);
}
