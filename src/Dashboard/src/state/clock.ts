import { signal } from '@preact/signals';

/** The browser's clock, Unix milliseconds, moved on once a second. */
export const now = signal(Date.now());

setInterval(() => { now.value = Date.now(); }, 1000);
