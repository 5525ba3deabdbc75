// SPDX-License-Identifier: GPL-3.0-or-later
import { signal } from '@preact/signals';
import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, test } from 'vitest';
import { Tabs, tabStep } from '../src/ui/tabs';

test('arrows follow the reading direction and go round, Home and End to the ends', () => {
    expect(tabStep('ArrowRight', 0, 3, false)).toBe(1);
    expect(tabStep('ArrowRight', 0, 3, true)).toBe(2);
    expect(tabStep('ArrowLeft', 0, 3, true)).toBe(1);
    expect(tabStep('ArrowLeft', 0, 3, false)).toBe(2);
    expect(tabStep('Home', 2, 3, true)).toBe(0);
    expect(tabStep('End', 0, 3, false)).toBe(2);
    expect(tabStep('x', 0, 3, false)).toBeNull();
    expect(tabStep('End', -1, 0, false)).toBeNull();
});

test('one tab stop; a panel stays once it was shown, with what was typed in it', () => {
    const root = document.createElement('div');
    document.body.append(root);
    const value = signal('a');
    const items = ['a', 'b', 'c'].map((name) => ({
        name,
        label: name,
        content: () => h('input', { id: `field-${name}` }),
    }));
    act(() => render(h(Tabs, { label: 'x', items, value }), root));
    const tabs = () => [...root.querySelectorAll<HTMLElement>('[role=tab]')];
    const stops = () => tabs().filter((tab) => tab.tabIndex === 0);
    expect(stops().map((tab) => tab.id)).toEqual(['tab-a']);
    expect(root.querySelector('#field-b')).toBeNull();
    (root.querySelector('#field-a') as HTMLInputElement).value = 'draft';
    act(() => {
        tabs()[0]?.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
    });
    expect(value.value).toBe('c');
    expect(document.activeElement?.id).toBe('tab-c');
    expect(stops().map((tab) => tab.id)).toEqual(['tab-c']);
    expect((root.querySelector('#panel-a') as HTMLElement).hidden).toBe(true);
    expect((root.querySelector('#field-a') as HTMLInputElement).value).toBe('draft');
    act(() => {
        value.value = 'gone';
    });
    expect(stops().map((tab) => tab.id)).toEqual(['tab-a']);
    render(null, root);
});
