/** Names by which a rule picks the events of this project out. */
export const EVENT_SOURCE = 'padmm';
export const RUN_ENDED = 'Run ended';
