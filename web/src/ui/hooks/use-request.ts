// SPDX-License-Identifier: GPL-3.0-or-later
// One request of a button or a list at a time, its failure beside it. Forms have useAct() of form.tsx.
import { useSignal } from '@preact/signals';
import { asProblem, type Problem } from '../../core/api';

export function useRequest(after?: () => unknown) {
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    /** Runs `work`, then `after`. Resolves with whether both succeeded; false at once while another
     *  request is under way. */
    const run = async (work: () => Promise<unknown>): Promise<boolean> => {
        if (busy.value) {
            return false;
        }
        busy.value = true;
        problem.value = null;
        try {
            await work();
            await after?.();
            return true;
        } catch (error) {
            problem.value = asProblem(error);
            return false;
        } finally {
            busy.value = false;
        }
    };
    return { busy, problem, run };
}
