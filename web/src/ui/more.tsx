// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a list that comes page by page: its next page, or why that failed.
import type { Pages } from './hooks/use-pages';
import { ErrorBox } from './parts';

export function More({
    pages: { found, problem, waiting, more },
    label,
    testId,
}: {
    pages: Pages<{ items: unknown[]; next: string | null }>;
    label: string;
    testId: string;
}) {
    if (problem.value) {
        return <ErrorBox problem={problem.value} retry={more} />;
    }
    return found.value?.next ? (
        <button
            type="button"
            class="btn w-fit"
            data-testid={testId}
            aria-disabled={waiting.value}
            onClick={() => {
                if (!waiting.value) {
                    more();
                }
            }}
        >
            {label}
        </button>
    ) : null;
}
