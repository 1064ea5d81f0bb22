/**
 * The broadcast point z̃_{k+1} = z_{k+1} + μ · velocity_k with velocity_k = z̃_k − z̃_{k−1}: heavy-ball momentum on the
 * consensus variable, restated from two stored versions so that no velocity needs to be kept.
 *
 * @param broadcast z̃_k.
 * @param previous z̃_{k−1}.
 * @param extrapolated z̃_{k+1}, which is written, all of it.
 */
export function extrapolate(
  z: Float32Array,
  broadcast: Float32Array,
  previous: Float32Array,
  momentum: number,
  extrapolated: Float32Array,
): void {
  for (let i = 0; i < z.length; i++) {
    const velocity = (broadcast[i] as number) - (previous[i] as number);
    extrapolated[i] = (z[i] as number) + momentum * velocity;
  }
}
