/** The largest α of θ_i = z̃ + α δ that a search for it takes: see stepLength.ts. Apart, so that a config can be held to it. */
export const LONGEST_STEP = 1.5;
