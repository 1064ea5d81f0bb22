/**
 * CPU time of this process so far, in milliseconds: of a trial on one thread nearly the wall-clock time of an idle
 * machine, and hardly changed by whatever else the machine does.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
