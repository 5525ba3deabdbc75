// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the server's routes, one a line, for integration/contract.spec.ts.
#include "http/resources.h"

#include <stdio.h>

int main(void)
{
    for (size_t i = 0; i < http_router.count; i++) {
        printf("%s %s\n", http_router.routes[i].method, http_router.routes[i].pattern);
    }
    return 0;
}
