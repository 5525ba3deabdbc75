// SPDX-License-Identifier: GPL-3.0-or-later
// The programme's sound between mixer and encoders, judged by libebur128 on signals that are made here.
#include "base/clock.h"
#include "capture/grid.h"
#include "capture/sound/level.h"
#include "capture/sound/sound.h"

#include <ebur128.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#define TARGET (-23.0)
#define FRAME (CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS)

typedef struct {
    int16_t *samples;
    int seconds;
} Take;

static Take take_new(int seconds)
{
    size_t count = (size_t)seconds * CAPTURE_RATE * CAPTURE_CHANNELS;
    return (Take){.samples = g_new0(int16_t, count), .seconds = seconds};
}

static void take_clear(Take *take)
{
    g_clear_pointer(&take->samples, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Take, take_clear)

static int16_t *second_of(const Take *take, int second)
{
    return take->samples + (size_t)second * CAPTURE_RATE * CAPTURE_CHANNELS;
}

typedef struct {
    double lufs, dbtp; // integrated loudness, true peak
} Measured;

static Measured measure(const Take *take, int from, int to)
{
    ebur128_state *meter =
        ebur128_init(CAPTURE_CHANNELS, CAPTURE_RATE, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
    ebur128_add_frames_short(meter, second_of(take, from), (size_t)(to - from) * CAPTURE_RATE);
    Measured found = {.lufs = -HUGE_VAL, .dbtp = -HUGE_VAL};
    ebur128_loudness_global(meter, &found.lufs);
    for (unsigned c = 0; c < CAPTURE_CHANNELS; c++) {
        double peak = 0;
        ebur128_true_peak(meter, c, &peak);
        found.dbtp = fmax(found.dbtp, 20 * log10(peak));
    }
    ebur128_destroy(&meter);
    return found;
}

static uint32_t seed = 1;

/* -1 to 1. */
static double noise(void)
{
    seed = seed * 1664525 + 1013904223;
    return (int32_t)seed / 2147483648.0;
}

static void put(int16_t *at, double value)
{
    at[0] = at[1] = (int16_t)lrint(fmax(INT16_MIN, fmin(INT16_MAX, value)));
}

/* Four syllables a second, a pause after three seconds. */
static double speech_envelope(double t)
{
    double syllable = fabs(sin(M_PI * 4 * t)) * (0.4 + 0.6 * fabs(sin(M_PI * 0.7 * t)));
    return fmod(t, 3.7) < 3 ? syllable : 0;
}

static void speak(Take *take, int from, int to, double factor)
{
    double soft = 0;
    int16_t *at = second_of(take, from);
    for (int i = 0; i < (to - from) * CAPTURE_RATE; i++) {
        soft += 0.15 * (noise() - soft);
        put(at + (size_t)i * CAPTURE_CHANNELS,
            factor * soft * speech_envelope((double)i / CAPTURE_RATE));
    }
}

/* At an integrated loudness. */
static void speak_at(Take *take, int from, int to, double lufs)
{
    speak(take, from, to, 10000);
    double off = lufs - measure(take, from, to).lufs;
    speak(take, from, to, 10000 * pow(10, off / 20));
}

static void hiss(Take *take, int from, int to, double lufs)
{
    g_auto(Take) trial = take_new(4);
    for (int i = 0; i < 4 * CAPTURE_RATE; i++) {
        put(trial.samples + (size_t)i * 2, 1000 * noise());
    }
    double factor = 1000 * pow(10, (lufs - measure(&trial, 0, 4).lufs) / 20);
    for (int i = 0; i < (to - from) * CAPTURE_RATE; i++) {
        put(second_of(take, from) + (size_t)i * 2, factor * noise());
    }
}

static void run_second(CaptureSound *sound, const int16_t *in, int16_t *out,
                       CaptureSoundState state)
{
    for (int i = 0; i < CAPTURE_FPS; i++) {
        capture_sound_run(sound, in + (size_t)i * FRAME, out + (size_t)i * FRAME, state);
    }
}

static const CaptureSoundState playing = {.playing = true};

static MediaSound told_by(CaptureSound *sound)
{
    MediaSound told;
    capture_sound_tell(sound, &told);
    return told;
}

/* Full ownership; `gains`, nullable: at the end of each second. */
static Take process(const Take *in, double target, float *gains)
{
    CaptureSound *sound = capture_sound_new(target);
    Take out = take_new(in->seconds);
    for (int s = 0; s < in->seconds; s++) {
        run_second(sound, second_of(in, s), second_of(&out, s), playing);
        float gain_db = told_by(sound).gain_db;
        if (gains != NULL) {
            gains[s] = gain_db;
        }
    }
    capture_sound_free(sound);
    return out;
}

static void expect_level(const Take *out, int from, int to)
{
    Measured found = measure(out, from, to);
    g_test_message("second %d to %d: %.2f LUFS, true peak %.2f dBTP", from, to, found.lufs,
                   found.dbtp);
    g_assert_cmpfloat(fabs(found.lufs - TARGET), <=, 1);
    g_assert_cmpfloat(found.dbtp, <=, CAPTURE_LIMIT_DBTP + 0.2);
}

static void test_speech(gconstpointer data)
{
    double lufs = *(const double *)data;
    g_auto(Take) in = take_new(60);
    speak_at(&in, 0, 60, lufs);
    g_test_message("in: %.2f LUFS", measure(&in, 0, 60).lufs);
    float gains[60];
    g_auto(Take) out = process(&in, TARGET, gains);
    g_test_message("gain %.1f dB after 5 s, %.1f after 10 s, %.1f after 60 s", (double)gains[4],
                   (double)gains[9], (double)gains[59]);
    expect_level(&out, 30, 60);
    for (int s = 0; s < 59; s++) { // slowly, and slower in the end
        g_assert_cmpfloat(fabsf(gains[s + 1] - gains[s]), <=, s < 15 ? 4.1 : 1);
    }
}

static void test_step(gconstpointer data)
{
    const double *lufs = data;
    g_auto(Take) in = take_new(120);
    speak_at(&in, 0, 60, lufs[0]);
    speak_at(&in, 60, 120, lufs[1]);
    g_auto(Take) out = process(&in, TARGET, NULL);
    expect_level(&out, 30, 60);
    expect_level(&out, 90, 120);
}

/* Nothing in, nothing out; the gain stands. */
static void test_silence(void)
{
    g_auto(Take) in = take_new(90);
    speak_at(&in, 10, 40, -35);
    float gains[90];
    g_auto(Take) out = process(&in, TARGET, gains);
    const int16_t zeros[CAPTURE_RATE * CAPTURE_CHANNELS] = {0};
    for (int s = 0; s < 90; s++) {
        bool silent = s < 10 || s > 40;
        g_assert_true(!silent || memcmp(second_of(&out, s), zeros, sizeof zeros) == 0);
    }
    g_assert_cmpfloat(gains[9], ==, 0);
    g_assert_cmpfloat_with_epsilon(gains[41], 12, 1.5);
    g_assert_cmpfloat(gains[89], ==, gains[41]);
}

/* Neither before anybody speaks nor in a long pause. */
static void test_noise(void)
{
    g_auto(Take) in = take_new(160);
    hiss(&in, 0, 30, -50);
    speak_at(&in, 30, 70, -28);
    hiss(&in, 70, 160, -48);
    float gains[160];
    g_auto(Take) out = process(&in, TARGET, gains);
    g_test_message("gain %.1f dB with noise, %.1f after speech, %.1f after 90 s of noise",
                   (double)gains[29], (double)gains[69], (double)gains[159]);
    g_assert_cmpfloat(gains[29], ==, 0);
    g_assert_cmpfloat_with_epsilon(gains[69], 5, 1);
    g_assert_cmpfloat_with_epsilon(gains[159], gains[69], 1);
}

typedef double (*Wave)(int i);

static double square(int i)
{
    return i % 48 < 24 ? INT16_MAX : INT16_MIN;
}

/* Its samples lie 3 dB below its peaks. */
static double between(int i)
{
    return INT16_MAX * (sin(M_PI_2 * i + M_PI_4) > 0 ? 1 : -1);
}

static double wild(int i)
{
    (void)i;
    return INT16_MAX * (noise() > 0 ? 1 : -1);
}

static double clicks(int i)
{
    return i % 4801 == 0 ? INT16_MAX : i % 4801 == 1 ? INT16_MIN : 300 * noise();
}

static void test_limit(gconstpointer data)
{
    const Wave *wave = data;
    g_auto(Take) in = take_new(4), out = take_new(4);
    size_t count = (size_t)in.seconds * CAPTURE_RATE;
    g_autofree float *samples = g_new(float, count *CAPTURE_CHANNELS);
    for (size_t i = 0; i < count; i++) {
        put(in.samples + i * 2, (*wave)((int)i));
        samples[2 * i] = samples[2 * i + 1] = (float)in.samples[2 * i] / 32768;
    }
    CaptureLimit *limit = capture_limit_new();
    capture_limit_run(limit, samples, out.samples, count, false);
    capture_limit_free(limit);
    Measured before = measure(&in, 0, 4), after = measure(&out, 0, 4);
    g_test_message("true peak %.2f dBTP, limited %.2f", before.dbtp, after.dbtp);
    g_assert_cmpfloat(before.dbtp, >, -0.1);
    g_assert_cmpfloat(after.dbtp, <=, CAPTURE_LIMIT_DBTP + 0.2);
    g_assert_cmpfloat(after.dbtp, >=, CAPTURE_LIMIT_DBTP - 1); // not crushed
}

static void expect_unchanged(const Take *in, const Take *out)
{
    size_t delay = CAPTURE_LIMIT_DELAY * CAPTURE_CHANNELS;
    size_t count = (size_t)in->seconds * CAPTURE_RATE * CAPTURE_CHANNELS - delay;
    g_assert_true(memcmp(in->samples, out->samples + delay, count * sizeof(int16_t)) == 0);
}

static void test_unchanged(void)
{
    g_auto(Take) in = take_new(12);
    speak_at(&in, 0, 12, -12);
    g_auto(Take) out = process(&in, 0, NULL); // off
    expect_unchanged(&in, &out);
    CaptureSound *sound = capture_sound_new(TARGET);
    CaptureSoundState marked = {.playing = true, .marked = true};
    g_auto(Take) second = take_new(12);
    for (int s = 0; s < 12; s++) {
        run_second(sound, second_of(&in, s), second_of(&second, s), marked);
    }
    expect_unchanged(&in, &second);
    g_assert_cmpfloat(told_by(sound).gain_db, ==, 0);
    capture_sound_free(sound);
}

static void test_told(void)
{
    g_auto(Take) in = take_new(40);
    speak_at(&in, 0, 40, -30);
    CaptureSound *sound = capture_sound_new(TARGET);
    g_auto(Take) out = take_new(40);
    MediaSound told = told_by(sound);
    g_assert_cmpfloat(told.loudness, ==, MEDIA_SOUND_NONE);
    g_assert_cmpfloat(told.peak_db[0], ==, MEDIA_SOUND_NONE);
    for (int s = 0; s < 40; s++) {
        run_second(sound, second_of(&in, s), second_of(&out, s), playing);
    }
    for (int i = 0; i < 10; i++) { // measured once in ten times
        told = told_by(sound);
    }
    run_second(sound, second_of(&in, 39), second_of(&out, 39), playing);
    g_assert_cmpfloat_with_epsilon(told_by(sound).loudness, measure(&out, 0, 40).lufs, 0.2);
    g_assert_cmpfloat(told_by(sound).short_term, >, -26);
    g_assert_cmpfloat(told_by(sound).short_term, <, -20);
    capture_sound_free(sound);
}

typedef enum { NOTHING, BOTH, LEFT, RIGHT, CLIPPED, PEAKS, CLICK } Kind;

static void fill(int16_t *out, Kind kind)
{
    for (int i = 0; i < CAPTURE_RATE; i++) {
        double tone = sin(2 * M_PI * 440 * i / CAPTURE_RATE);
        double left = kind == CLIPPED ? 60000 * tone : kind == PEAKS ? 32767 * tone : 4000 * tone;
        bool has_left = kind != NOTHING && kind != RIGHT && (kind != CLICK || i < 48);
        bool has_right = kind != NOTHING && kind != LEFT && (kind != CLICK || i < 48);
        put(out + (size_t)i * 2, left);
        out[2 * i] = has_left ? out[2 * i] : 3; // a cable that hums softly
        out[2 * i + 1] = has_right ? out[2 * i + 1] : 3;
    }
}

static void play(CaptureSound *sound, Kind kind, int seconds, CaptureSoundState state)
{
    g_auto(Take) in = take_new(1), out = take_new(1);
    fill(in.samples, kind);
    for (int s = 0; s < seconds; s++) {
        run_second(sound, in.samples, out.samples, state);
    }
}

/* Seconds: none yet, `alarm`, none again. */
static void check_alarm(Kind kind, int before, int after, MediaSoundAlarm alarm, int ends)
{
    CaptureSound *sound = capture_sound_new(TARGET);
    play(sound, BOTH, 3, playing);
    play(sound, kind, before, playing);
    g_assert_cmpint(told_by(sound).alarm, ==, MEDIA_SOUND_GOOD);
    play(sound, kind, after - before, playing);
    g_assert_cmpint(told_by(sound).alarm, ==, alarm);
    play(sound, BOTH, ends, playing);
    g_assert_cmpint(told_by(sound).alarm, ==, MEDIA_SOUND_GOOD);
    capture_sound_free(sound);
}

static void test_alarms(void)
{
    check_alarm(NOTHING, 9, 11, MEDIA_SOUND_SILENT, 1);
    check_alarm(LEFT, 9, 11, MEDIA_SOUND_LEFT_ONLY, 1);
    check_alarm(RIGHT, 9, 11, MEDIA_SOUND_RIGHT_ONLY, 1);
    check_alarm(CLIPPED, 0, 1, MEDIA_SOUND_CLIPPING, 6);
    check_alarm(BOTH, 20, 30, MEDIA_SOUND_GOOD, 1);
    check_alarm(PEAKS, 20, 30, MEDIA_SOUND_GOOD, 1); // full scale, but not cut off
}

static void test_no_alarm(void)
{
    CaptureSound *sound = capture_sound_new(TARGET);
    play(sound, NOTHING, 30, (CaptureSoundState){.playing = false}); // the slate is silent
    g_assert_cmpint(told_by(sound).alarm, ==, MEDIA_SOUND_GOOD);
    play(sound, NOTHING, 11, playing);
    play(sound, CLICK, 1, playing); // no speech
    g_assert_cmpint(told_by(sound).alarm, ==, MEDIA_SOUND_SILENT);
    play(sound, NOTHING, 1, (CaptureSoundState){.playing = false});
    g_assert_cmpint(told_by(sound).alarm, ==, MEDIA_SOUND_GOOD);
    capture_sound_free(sound);
}

static void test_cost(void)
{
    g_auto(Take) in = take_new(60);
    speak_at(&in, 0, 60, -20);
    int64_t begin_us = base_clock_us();
    g_auto(Take) out = process(&in, TARGET, NULL);
    g_test_message("60 s of sound took %.0f ms: %.2f %% of a core",
                   (double)(base_clock_us() - begin_us) / 1000,
                   (double)(base_clock_us() - begin_us) / 60e4);
    g_assert_cmpint(base_clock_us() - begin_us, <, 30 * BASE_US_PER_S);
}

int main(int argc, char **argv)
{
    static const double levels[] = {-40, -30, -23, -10};
    static const double steps[][2] = {{-18, -38}, {-38, -14}};
    static const Wave waves[] = {square, between, wild, clicks};
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        g_autofree char *path = g_strdup_printf("/capture/sound/speech/%d", (int)-levels[i]);
        g_test_add_data_func(path, &levels[i], test_speech);
    }
    g_test_add_data_func("/capture/sound/step/down", steps[0], test_step);
    g_test_add_data_func("/capture/sound/step/up", steps[1], test_step);
    g_test_add_func("/capture/sound/silence", test_silence);
    g_test_add_func("/capture/sound/noise", test_noise);
    g_test_add_data_func("/capture/sound/limit/square", &waves[0], test_limit);
    g_test_add_data_func("/capture/sound/limit/between", &waves[1], test_limit);
    g_test_add_data_func("/capture/sound/limit/wild", &waves[2], test_limit);
    g_test_add_data_func("/capture/sound/limit/clicks", &waves[3], test_limit);
    g_test_add_func("/capture/sound/unchanged", test_unchanged);
    g_test_add_func("/capture/sound/told", test_told);
    g_test_add_func("/capture/sound/alarms", test_alarms);
    g_test_add_func("/capture/sound/no-alarm", test_no_alarm);
    g_test_add_func("/capture/sound/cost", test_cost);
    return g_test_run();
}
