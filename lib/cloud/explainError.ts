/**
 * What an error of the SDK means to a person, where it is about their account, their network or their rights and not
 * about this program.
 *
 * Source: AWS General Reference, "Common errors"; credential providers of the AWS SDK for JavaScript.
 */
import { EnvironmentError } from '../errors.ts';

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError']);
const REFUSED_CREDENTIALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'TimeoutError',
]);

const LOG_IN = 'set them up with: aws configure sso, aws sso login, or AWS_PROFILE';

/**
 * An EnvironmentError that says what to do about an error of the SDK; any other error as it came.
 *
 * @param where what was asked, for the message: `stack padmm in us-east-1`.
 */
export function explainError(error: unknown, where: string): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const told = (expected: string, remedy: string) =>
    new EnvironmentError(`${where}: expected ${expected}, received ${name}: ${message}; ${remedy}`, {
      cause: error,
    });
  if (NO_CREDENTIALS.has(name)) return told('AWS credentials', LOG_IN);
  if (REFUSED_CREDENTIALS.has(name)) return told('AWS credentials that are valid', LOG_IN);
  if (DENIED.has(name)) return told('leave to do this', 'ask for the action that the message names');
  if (UNREACHABLE.has(name) || UNREACHABLE.has(code)) {
    return told('an answer', 'look at the network, the region and --endpoint');
  }
  return error;
}
