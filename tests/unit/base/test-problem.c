// SPDX-License-Identifier: GPL-3.0-or-later
// The table of problems, by error code and by status.
#include "base/problem.h"

#include "base/error.h"

static const BaseProblem *of(GQuark domain, int code)
{
    g_autoptr(GError) error = g_error_new_literal(domain, code, "why");
    return base_problem_of(error);
}

static void test_codes(void)
{
    g_autoptr(GHashTable) types = g_hash_table_new(g_str_hash, g_str_equal);
    for (int code = BASE_ERROR_FAILED; code <= BASE_ERROR_UPGRADE; code++) {
        const BaseProblem *problem = of(BASE_ERROR, code);
        g_assert_nonnull(problem->title);
        g_assert_true(g_hash_table_add(types, (void *)problem->type));
        g_assert_cmpuint(base_problem(problem->status)->status, ==, problem->status);
    }
    g_assert_cmpstr(of(BASE_ERROR, BASE_ERROR_NO_PLACE)->type, ==, "no-place");
    g_assert_cmpstr(of(G_FILE_ERROR, BASE_ERROR_NO_PLACE)->type, ==, "failed");
}

static void test_statuses(void)
{
    static const unsigned statuses[] = {400, 401, 403, 404, 405, 409, 410, 413, 414, 415,
                                        417, 426, 429, 431, 500, 501, 503, 505, 507};
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_assert_cmpuint(base_problem(statuses[i])->status, ==, statuses[i]);
    }
    g_assert_cmpstr(base_problem(503)->type, ==, "unavailable");
    g_assert_cmpuint(base_problem(299)->status, ==, 500);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/problem/codes", test_codes);
    g_test_add_func("/base/problem/statuses", test_statuses);
    return g_test_run();
}
