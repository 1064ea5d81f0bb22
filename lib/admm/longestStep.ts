/** α of θ_i = z̃ + α δ where the step is not bad: see stepLength.ts. Apart, so that a config can be held to it. */
export const LONGEST_STEP = 1.2;
