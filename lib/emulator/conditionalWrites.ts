/**
 * Conditional writes for fauxqs, which ignores If-Match and If-None-Match of PutObject and CompleteMultipartUpload.
 *
 * Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes".
 */
import { currentObject, type FauxqsApp, type S3Store } from './fauxqs.ts';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const PRECONDITION_FAILED: Refusal = {
  status: 412,
  code: 'PreconditionFailed',
  message: 'At least one of the pre-conditions you specified did not hold',
};
const NO_SUCH_KEY: Refusal = {
  status: 404,
  code: 'NoSuchKey',
  message: 'The specified key does not exist.',
};
const NOT_IMPLEMENTED: Refusal = {
  status: 501,
  code: 'NotImplemented',
  message: 'A header you provided implies functionality that is not implemented',
};

/** The part of a request that decides whether, and how, it is a conditional write. */
interface WriteRequest {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: { readonly bucket?: string; readonly '*'?: string };
}

const makesObject = ({ method, query }: WriteRequest): boolean =>
  (method === 'PUT' && !('partNumber' in query)) || (method === 'POST' && 'uploadId' in query);

/** Why the write must not happen, or null where it may. */
function refusalOf(request: WriteRequest, s3: S3Store): Refusal | null {
  const { bucket, '*': key } = request.params;
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  if (!key || (ifMatch ?? ifNoneMatch) === undefined || !makesObject(request)) return null;
  // The write itself answers for a bucket that is not there.
  if (bucket === undefined || !s3.hasBucket(bucket)) return null;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') return NOT_IMPLEMENTED;
  const etag = currentObject(s3, bucket, key)?.etag ?? null;
  if (ifNoneMatch !== undefined && etag !== null) return PRECONDITION_FAILED;
  if (ifMatch === undefined) return null;
  if (etag === null) return NO_SUCH_KEY;
  return etag.replaceAll('"', '') === String(ifMatch).replaceAll('"', '') ? null : PRECONDITION_FAILED;
}

/**
 * Answers 412, 404 or 501 where S3 would. The decision and the write it allows happen in one turn of the event loop: no
 * hook runs after this one, and the handler of fauxqs is synchronous. So no other write comes between.
 */
export function mendConditionalWrites(app: FauxqsApp, s3: S3Store): void {
  app.addHook('preHandler', (request, reply, done) => {
    const refusal = refusalOf(request as WriteRequest, s3);
    if (refusal === null) {
      done();
      return;
    }
    const { status, code, message } = refusal;
    reply
      .code(status)
      .header('content-type', 'application/xml')
      .send(
        `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
      );
  });
}
