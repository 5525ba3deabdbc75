// SPDX-License-Identifier: GPL-3.0-or-later
// The RFCs' vectors, and libsrtp2 as the receiver.
#include "tests.h"

#include "base/bytes.h"
#include "protocol/srtp.h"

#include <errno.h>
#include <srtp2/srtp.h>

#define TAGS_BACK (PROTOCOL_SRTP_KEPT_TAGS - 1)

static size_t unhex(const char *text, uint8_t *out)
{
    size_t n = 0;
    for (; *text != '\0'; text += 2) {
        out[n++] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
    }
    return n;
}

static void check_derived(const ProtocolSrtpMaster *master, uint8_t label, const char *expected)
{
    uint8_t want[32], got[32];
    size_t size = unhex(expected, want);
    protocol_srtp_derive(master, label, got, size);
    g_assert_cmpmem(got, size, want, size);
}

static void test_derivation(void) // RFC 3711 B.3
{
    ProtocolSrtpMaster master = {.profile = PROTOCOL_SRTP_CM};
    unhex("e1f97a0d3e018be0d64fa32c06de4139", master.key);
    unhex("0ec675ad498afeebb6960b3aabe6", master.salt);
    check_derived(&master, 0, "c61e7a93744f39ee10734afe3ff7a087");
    check_derived(&master, 2, "30cbbc08863d8c85d49db34a9ae1");
    check_derived(&master, 1, "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

static ProtocolSrtpOut *vector_context(void)
{
    ProtocolSrtpSession session = {0};
    unhex("000102030405060708090a0b0c0d0e0f", session.cipher);
    unhex("517569642070726f2071756f", session.salt);
    return protocol_srtp_out_new_session(PROTOCOL_SRTP_GCM, &session, &session, 0x5d4);
}

static void test_gcm_rtp(void) // RFC 7714 16.1.1
{
    g_autoptr(ProtocolSrtpOut) srtp = vector_context();
    uint8_t packet[128], expected[128];
    static const char text[] = "Gallia est omnis divisa in partes tres";
    unhex("8040f17b8041f8d35501a0b2", packet);
    size_t want =
        unhex("8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5"
              "f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
              expected);
    size_t got = protocol_srtp_protect(srtp, 0xf17b, PROTOCOL_RTP_HEADER_BYTES, NULL, 0,
                                       (const uint8_t *)text, strlen(text), packet);
    g_assert_cmpmem(packet, got, expected, want);
}

static void test_gcm_rtcp(void) // RFC 7714 17.1
{
    g_autoptr(ProtocolSrtpOut) srtp = vector_context();
    uint8_t packet[128], expected[128];
    size_t size =
        unhex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdead"
              "beefdeadbeefdeadbeefdeadbeef",
              packet);
    size_t want =
        unhex("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d"
              "6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4",
              expected);
    size_t got = protocol_srtp_protect_rtcp(srtp, packet, size);
    g_assert_cmpmem(packet, got, expected, want);
}

static srtp_t referee(const ProtocolSrtpMaster *master, srtp_ssrc_type_t type)
{
    static bool ready;
    if (!ready) {
        ProtocolSrtpMaster none = {0};
        protocol_srtp_in_free(protocol_srtp_in_new(&none)); // initialises libsrtp2
        ready = true;
    }
    uint8_t key[30];
    memcpy(key, master->key, 16);
    memcpy(key + 16, master->salt, 14);
    srtp_policy_t policy = {.ssrc.type = type, .key = key, .window_size = 128};
    if (master->profile == PROTOCOL_SRTP_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    srtp_t context;
    g_assert_cmpint(srtp_create(&context, &policy), ==, srtp_err_status_ok);
    return context;
}

static ProtocolSrtpMaster random_master(ProtocolSrtpProfile profile)
{
    ProtocolSrtpMaster master = {.profile = profile};
    for (unsigned i = 0; i < 16; i++) {
        master.key[i] = (uint8_t)g_random_int();
    }
    for (unsigned i = 0; i < protocol_srtp_salt_bytes(profile); i++) {
        master.salt[i] = (uint8_t)g_random_int();
    }
    return master;
}

/* Across the sequence wrap, in every length, with and without extension and RTX. */
static void test_referee_rtp(gconstpointer data)
{
    ProtocolSrtpMaster master = random_master(GPOINTER_TO_INT(data));
    g_autoptr(ProtocolSrtpOut) srtp = protocol_srtp_out_new(&master);
    srtp_t check = referee(&master, ssrc_any_inbound);
    for (uint64_t index = 65000; index < 65536 + 700; index++) {
        uint8_t packet[1300] = {0x80, 102}, payload[1180], prefix[2] = {0x12, (uint8_t)index};
        size_t size = 1 + (size_t)(index * 7919 % sizeof payload);
        size_t header = index % 2 == 0 ? 12 : 20, before = index % 3 == 0 ? 2 : 0;
        memset(payload, (int)index, size);
        base_put_u16(packet + 2, (uint16_t)index);
        base_put_u32(packet + 4, (uint32_t)index * 3000);
        base_put_u32(packet + 8, 0xcafe0001);
        if (header == 20) {
            packet[0] |= 0x10;
            memcpy(packet + 12, (uint8_t[]){0xbe, 0xde, 0, 1, 0x31, 7, (uint8_t)index, 0}, 8);
        }
        uint8_t clear[20];
        memcpy(clear, packet, sizeof clear);
        int length = (int)protocol_srtp_protect(srtp, index, header, before > 0 ? prefix : NULL,
                                                before, payload, size, packet);
        g_assert_cmpint(length, <=,
                        (int)(header + before + size + PROTOCOL_SRTP_MAX_TRAILER_BYTES));
        g_assert_cmpmem(packet, header, clear, header);
        g_assert_cmpint(srtp_unprotect(check, packet, &length), ==, srtp_err_status_ok);
        g_assert_cmpmem(packet, header, clear, header);
        g_assert_cmpmem(packet + header, before, prefix, before);
        g_assert_cmpmem(packet + header + before, (size_t)length - header - before, payload, size);
    }
    srtp_dealloc(check);
}

static size_t protect_one(ProtocolSrtpOut *srtp, uint64_t index, uint8_t transport, uint8_t fill)
{
    uint8_t packet[256] = {0x90, 102}, payload[100];
    memset(payload, fill, sizeof payload);
    base_put_u16(packet + 2, (uint16_t)index);
    base_put_u32(packet + 8, 0xcafe0001);
    memcpy(packet + 12, (uint8_t[]){0xbe, 0xde, 0, 1, 0x31, 0, transport, 0}, 8);
    return protocol_srtp_protect(srtp, index, 20, NULL, 0, payload, sizeof payload, packet);
}

/* Misuses, each in a process that must abort. */
static void misuse(ProtocolSrtpProfile profile, const char *how)
{
    ProtocolSrtpMaster master = random_master(profile);
    g_autoptr(ProtocolSrtpOut) srtp = protocol_srtp_out_new(&master);
    for (uint64_t index = 65000; index < 65000 + 2 * PROTOCOL_SRTP_KEPT_TAGS; index++) {
        if (index % 5 != 0) { // skipped: may be used once later
            protect_one(srtp, index, 1, 2);
        }
    }
    uint64_t last = 65000 + 2 * PROTOCOL_SRTP_KEPT_TAGS - 1;
    protect_one(srtp, last, 1, 2);
    protect_one(srtp, last - TAGS_BACK, 1, 2);
    protect_one(srtp, last - 2, 1, 2);
    protect_one(srtp, 66995, 1, 9);
    protect_one(srtp, 66995, 1, 9);
    if (strcmp(how, "payload") == 0) {
        protect_one(srtp, last, 1, 3);
    } else if (strcmp(how, "header") == 0) {
        protect_one(srtp, last - 2, 4, 2);
    } else if (strcmp(how, "late") == 0) {
        protect_one(srtp, 66995, 1, 8);
    } else if (strcmp(how, "old") == 0) {
        protect_one(srtp, last - TAGS_BACK - 1, 1, 2);
    }
}

static void test_two_plaintexts(gconstpointer data)
{
    static const char *const misuses[] = {"payload", "header", "late", "old"};
    const char *kind = g_getenv("MAJLIS_TEST_MISUSE");
    if (g_test_subprocess()) {
        misuse(GPOINTER_TO_INT(data), kind);
        return;
    }
    misuse(GPOINTER_TO_INT(data), "none");
    for (unsigned i = 0; i < G_N_ELEMENTS(misuses); i++) {
        g_setenv("MAJLIS_TEST_MISUSE", misuses[i], TRUE);
        g_test_trap_subprocess(NULL, 0, 0);
        g_test_trap_assert_failed();
        g_test_trap_assert_stderr("*check_reuse*");
    }
    g_unsetenv("MAJLIS_TEST_MISUSE");
}

static void test_referee_rtcp(gconstpointer data)
{
    ProtocolSrtpMaster master = random_master(GPOINTER_TO_INT(data));
    g_autoptr(ProtocolSrtpOut) srtp = protocol_srtp_out_new(&master);
    srtp_t check = referee(&master, ssrc_any_inbound);
    for (unsigned i = 0; i < 200; i++) {
        size_t size = 8 + 4 * (size_t)(i % 12);
        g_autofree uint8_t *packet = g_malloc0(size + PROTOCOL_SRTCP_MAX_TRAILER_BYTES); // exactly
        memcpy(packet, (uint8_t[]){0x80, 200, 0, 0, 1, 2, 3, 4}, 8);
        memset(packet + 8, (int)i, size - 8);
        g_autofree uint8_t *plain = g_memdup2(packet, size);
        int length = (int)protocol_srtp_protect_rtcp(srtp, packet, size);
        g_assert_cmpint(srtp_unprotect_rtcp(check, packet, &length), ==, srtp_err_status_ok);
        g_assert_cmpmem(packet, (size_t)length, plain, size);
    }
    srtp_dealloc(check);
}

static int protect(srtp_t from, uint32_t ssrc, uint8_t out[64])
{
    int size = 12;
    memset(out, 0, 64);
    memcpy(out, (uint8_t[]){0x80, 201, 0, 2}, 4);
    base_put_u32(out + 4, ssrc);
    g_assert_cmpint(srtp_protect_rtcp(from, out, &size), ==, srtp_err_status_ok);
    return size;
}

/* Refuses flipped bits, replays, foreign keys and too many senders. */
static void test_incoming(gconstpointer data)
{
    ProtocolSrtpMaster master = random_master(GPOINTER_TO_INT(data));
    ProtocolSrtpMaster stranger = random_master(GPOINTER_TO_INT(data));
    g_autoptr(ProtocolSrtpIn) in = protocol_srtp_in_new(&master);
    srtp_t peer = referee(&master, ssrc_any_outbound),
           other = referee(&stranger, ssrc_any_outbound);
    uint8_t packet[64], copy[64];
    int size = protect(peer, 1, packet);
    for (int bit = 0; bit < 8 * size; bit++) {
        memcpy(copy, packet, sizeof copy);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_cmpint(protocol_srtp_unprotect_rtcp(in, copy, (size_t)size), ==, -EBADMSG);
    }
    memcpy(copy, packet, sizeof copy);
    g_assert_cmpint(protocol_srtp_unprotect_rtcp(in, copy, (size_t)size), ==, 12);
    memcpy(copy, packet, sizeof copy);
    g_assert_cmpint(protocol_srtp_unprotect_rtcp(in, copy, (size_t)size), ==, -EBADMSG);
    size = protect(other, 1, packet);
    g_assert_cmpint(protocol_srtp_unprotect_rtcp(in, packet, (size_t)size), ==, -EBADMSG);
    for (uint32_t ssrc = 2; ssrc <= PROTOCOL_SRTP_MAX_SENDERS + 1; ssrc++) {
        size = protect(peer, ssrc, packet);
        int expected = ssrc <= PROTOCOL_SRTP_MAX_SENDERS ? 12 : -EBADMSG;
        g_assert_cmpint(protocol_srtp_unprotect_rtcp(in, packet, (size_t)size), ==, expected);
    }
    for (size_t cut = 0; cut < 28; cut++) {
        g_autofree uint8_t *exact = g_malloc0(cut + 1);
        g_assert_cmpint(protocol_srtp_unprotect_rtcp(in, exact, cut), ==, -EBADMSG);
    }
    srtp_dealloc(peer);
    srtp_dealloc(other);
}

void add_srtp_tests(void)
{
    g_test_add_func("/protocol/srtp/derivation", test_derivation);
    g_test_add_func("/protocol/srtp/gcm-rtp", test_gcm_rtp);
    g_test_add_func("/protocol/srtp/gcm-rtcp", test_gcm_rtcp);
    gconstpointer gcm = GINT_TO_POINTER(PROTOCOL_SRTP_GCM), cm = GINT_TO_POINTER(PROTOCOL_SRTP_CM);
    g_test_add_data_func("/protocol/srtp/referee-rtp-gcm", gcm, test_referee_rtp);
    g_test_add_data_func("/protocol/srtp/referee-rtp-cm", cm, test_referee_rtp);
    g_test_add_data_func("/protocol/srtp/referee-rtcp-gcm", gcm, test_referee_rtcp);
    g_test_add_data_func("/protocol/srtp/referee-rtcp-cm", cm, test_referee_rtcp);
    g_test_add_data_func("/protocol/srtp/two-plaintexts-gcm", gcm, test_two_plaintexts);
    g_test_add_data_func("/protocol/srtp/two-plaintexts-cm", cm, test_two_plaintexts);
    g_test_add_data_func("/protocol/srtp/incoming-gcm", gcm, test_incoming);
    g_test_add_data_func("/protocol/srtp/incoming-cm", cm, test_incoming);
}
