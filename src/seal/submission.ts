import type { Submission } from './control.ts';

/** The shares that were not taken. */
export type Refused = Submission['refused'];
