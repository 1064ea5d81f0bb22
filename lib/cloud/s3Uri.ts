/** Objects of a bucket below one prefix, as a folder is. */
export interface S3Folder {
  readonly bucket: string;
  /** Ends with a slash. */
  readonly prefix: string;
}

/** What is expected of one, for messages. */
export const S3_URI_FORM = 's3://BUCKET/PREFIX';

/** Amazon S3 User Guide, "General purpose bucket naming rules". */
const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
/** A part of a key, of signs that mean nothing to IAM, whose policies name prefixes with * and ${} as wildcards. */
const SEGMENT = "(?!\\.{1,2}(?:/|$))[\\w!.'()=+@:,&-]+";
const URI = new RegExp(`^s3://(${BUCKET})/(${SEGMENT}(?:/${SEGMENT})*)/?$`);

/** Whether a text is meant as the URI of a place in S3 and not as a path of this machine. */
export const looksLikeS3Uri = (text: string): boolean => /^s3:/i.test(text);

/** The folder that a URI names; null where it is not of the form s3://BUCKET/PREFIX. A whole bucket is none. */
export function parseS3Uri(uri: string): S3Folder | null {
  const [, bucket, prefix] = URI.exec(uri) ?? [];
  return bucket === undefined || prefix === undefined ? null : { bucket, prefix: `${prefix}/` };
}
