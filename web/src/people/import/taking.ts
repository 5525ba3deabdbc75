// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a roster is being taken: the page stays until its outcome is there.
import { signal } from '@preact/signals';

export const taking = signal(false);
