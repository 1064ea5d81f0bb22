import { type TestFunction, test } from 'vitest';

/** Tests that an emulator is known to fail, by name, each with the reason. */
export type KnownGaps = Readonly<Record<string, string>>;

/**
 * `test` for a backend with known gaps: a test that is named there is expected to fail, and a failure if it passes, so
 * that no gap stays listed that was closed.
 */
export function testWithGaps(gaps: KnownGaps) {
  return (name: string, run: TestFunction): void => {
    const reason = gaps[name];
    if (reason === undefined) test(name, run);
    else test.fails(`${name} (known gap: ${reason})`, run);
  };
}
