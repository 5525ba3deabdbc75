// SPDX-License-Identifier: GPL-3.0-or-later
import type { Plugin } from 'vite';

export interface IconFile {
    fileName: string;
    source: string | Uint8Array;
}
export function iconSvg(): string;
export function iconPng(size: number, whole: boolean): Uint8Array;
export function iconFiles(): Record<
    'favicon' | 'touch' | 'small' | 'large' | 'masked' | 'manifest',
    IconFile
>;
export function icons(): Plugin;
