import packageJson from '../../../package.json' with { type: 'json' };

/** A part of the software and its version. */
export interface ToolVersion {
  readonly name: string;
  readonly version: string;
}

/** What wrote the report; what the workers ran on is in the fingerprints of the run. */
export function toolVersions(): ToolVersion[] {
  return [
    { name: 'padmm', version: packageJson.version },
    { name: 'Node.js', version: process.versions.node },
    { name: 'uPlot', version: packageJson.dependencies.uplot },
  ];
}
