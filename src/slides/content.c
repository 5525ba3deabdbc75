// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a PNG, JPEG or text.
#include "base/bytes.h"
#include "base/text.h"
#include "slides/message.h"

#include <glib.h>

#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"
#define PNG_CRC_BYTES 4
#define JPEG_SOS 0xda
#define JPEG_SOF_MASK 0xfd // SOF0 and SOF2

/* PNG 3rd edition, 5.3. */
bool slides_is_png(const uint8_t *bytes, size_t size, unsigned width, unsigned height)
{
    BaseReader png = base_reader(bytes, size);
    const uint8_t *signature = base_read_bytes(&png, strlen(PNG_SIGNATURE));
    if (signature == NULL || memcmp(signature, PNG_SIGNATURE, strlen(PNG_SIGNATURE)) != 0) {
        return false;
    }
    for (bool first = true; !png.failed; first = false) {
        uint32_t length = base_read_u32(&png);
        const uint8_t *type = base_read_bytes(&png, 4);
        const uint8_t *data = base_read_bytes(&png, length);
        base_read_bytes(&png, PNG_CRC_BYTES);
        bool head = type != NULL && memcmp(type, "IHDR", 4) == 0;
        if (png.failed || head != first) {
            return false;
        }
        if (first &&
            (length < 8 || base_get_u32(data) != width || base_get_u32(data + 4) != height)) {
            return false;
        }
        if (memcmp(type, "IEND", 4) == 0) {
            return length == 0 && png.left == 0;
        }
    }
    return false;
}

/* ITU-T T.81 B.1. */
bool slides_is_jpeg(const uint8_t *bytes, size_t size, unsigned width, unsigned height)
{
    BaseReader jpeg = base_reader(bytes, size);
    bool framed = false;
    if (base_read_u16(&jpeg) != 0xffd8 || size < 4 || base_get_u16(bytes + size - 2) != 0xffd9) {
        return false;
    }
    while (!jpeg.failed) {
        uint16_t marker = base_read_u16(&jpeg);
        uint16_t length = base_read_u16(&jpeg);
        const uint8_t *data = base_read_bytes(&jpeg, length >= 2 ? length - 2U : 0);
        if (jpeg.failed || length < 2 || marker >> 8 != 0xff) {
            return false;
        }
        if (marker == (0xff00 | JPEG_SOS)) {
            return framed;
        }
        if ((marker & JPEG_SOF_MASK) == 0xc0) {
            framed = !framed && length >= 7 && base_get_u16(data + 1) == height &&
                     base_get_u16(data + 3) == width;
        }
    }
    return false;
}

bool slides_is_text(const uint8_t *bytes, size_t size)
{
    if (!g_utf8_validate_len((const char *)bytes, size, NULL)) {
        return false;
    }
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool clean = true;
    for (char **line = lines; clean && *line != NULL; line++) {
        g_autofree char *cleaned = base_text_clean(*line);
        clean = strcmp(*line, cleaned) == 0;
    }
    return clean;
}
