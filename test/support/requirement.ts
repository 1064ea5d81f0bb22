import { type TestFunction, test } from 'vitest';

/** Parts that may be missing on a machine, and that a test may need. */
export type ExternalPart = 'tfjs-node' | 'chromium' | 'pypi' | 'localstack' | 'moto';

/** What becomes of a test: `null` stands for a part that is there, `required` for the text of PADMM_REQUIRE. */
export function fate(
  part: ExternalPart,
  reasonMissing: string | null,
  required: string,
): 'run' | 'skip' | 'fail' {
  if (reasonMissing === null) return 'run';
  const names = required.split(',').map((name) => name.trim());
  return names.includes(part) ? 'fail' : 'skip';
}

/**
 * `test` for what needs an external part: skipped where the part is missing, but a failure where PADMM_REQUIRE (a
 * comma-separated list) names it, so that a machine that is meant to have it cannot lose it unseen.
 *
 * @param part as PADMM_REQUIRE names it.
 * @param reasonMissing null where the part is there, else why it is not.
 */
export function requirement(part: ExternalPart, reasonMissing: string | null) {
  const decided = fate(part, reasonMissing, process.env.PADMM_REQUIRE ?? '');
  return (name: string, run: TestFunction, timeoutMs?: number): void => {
    if (decided === 'run') test(name, run, timeoutMs);
    else if (decided === 'skip') test.skip(`${name} (needs ${part}: ${reasonMissing})`, run);
    else {
      test(name, () => {
        throw new Error(`PADMM_REQUIRE names ${part}, which is missing: ${reasonMissing}`);
      });
    }
  };
}
