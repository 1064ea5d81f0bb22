/**
 * The broadcast point z̃_{k+1} = z_{k+1} + μ · velocity_k with velocity_k = z̃_k − z̃_{k−1}: heavy-ball momentum on the
 * consensus variable, restated from two stored versions so that no velocity needs to be kept.
 *
 * @param broadcast z̃_k.
 * @param previous z̃_{k−1}; null at the first update, where the velocity is zero.
 */
export function extrapolate(
  z: Float32Array<ArrayBuffer>,
  broadcast: Float32Array,
  previous: Float32Array | null,
  momentum: number,
): Float32Array<ArrayBuffer> {
  if (momentum === 0 || previous === null) return z;
  const extrapolated = z.slice();
  for (let i = 0; i < z.length; i++) {
    const velocity = (broadcast[i] as number) - (previous[i] as number);
    extrapolated[i] = (z[i] as number) + momentum * velocity;
  }
  return extrapolated;
}
