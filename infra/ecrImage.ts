/** An image in a private repository of Amazon ECR. */
export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tagOrDigest: string;
}

const FORM =
  /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(?<repository>[\w./-]+?)(?::(?<tag>[\w.-]+)|@(?<digest>sha256:[0-9a-f]{64}))$/;

/** Reads `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG`, or with `@sha256:…`; null for an image elsewhere. */
export function parseEcrImage(uri: string): EcrImage | null {
  const { account, region, repository, tag, digest } = FORM.exec(uri)?.groups ?? {};
  const tagOrDigest = tag ?? digest;
  if (!account || !region || !repository || !tagOrDigest) return null;
  return { account, region, repository, tagOrDigest };
}
