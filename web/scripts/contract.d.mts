// SPDX-License-Identifier: GPL-3.0-or-later
import type { Plugin } from 'vite';

type Json = Record<string, unknown>;

export interface OpenApi {
    paths: Record<string, Json>;
    components: { schemas: Record<string, Json> };
}

export function openapi(): OpenApi;
export function messages(): { $defs: Record<string, Json> };
export function contract(): Plugin;
