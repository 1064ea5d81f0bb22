/** Interleaved repetitions: whatever the machine does meanwhile, it does to all that is compared. */

/** Measures every one of `rates` once a repetition, in turn; gives a list of one number a repetition for each. */
export async function interleave<Name extends string>(
  repetitions: number,
  rates: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(rates) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    // Every other time the other way round: none always comes after the same one.
    for (const name of repetition % 2 === 0 ? names : names.toReversed()) {
      measured[name].push(await rates[name]());
    }
  }
  return measured;
}

/** One ratio a repetition. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.map((value, repetition) => value / (below[repetition] ?? Number.NaN));
}

/** The greatest of several measurements, repetition by repetition. */
export function fastest(...measured: readonly (readonly number[])[]): number[] {
  return (measured[0] ?? []).map((_, repetition) =>
    Math.max(...measured.map((values) => values[repetition] ?? Number.NaN)),
  );
}
