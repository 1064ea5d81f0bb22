/** Who may ask: pages of this server on this machine, and for changes only those that know its token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';

/** Header that carries the token of this start. */
export const TOKEN_HEADER = 'x-padmm-token';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Refuses requests that a page of another origin makes, or that reach this machine under another name (DNS rebinding).
 *
 * @param port on which this server listens.
 */
export function sameOriginOnly(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host');
    if (!LOOPBACK_NAMES.some((name) => host === `${name}:${port()}`)) {
      return context.json({ error: `Host: expected this machine's loopback, received ${host}` }, 403);
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) {
      return context.json({ error: `Origin: expected http://${host}, received ${origin}` }, 403);
    }
    return next();
  };
}

/** Refuses what does not carry the token. Compares in constant time. */
export function tokenOnly(token: string): MiddlewareHandler {
  return async (context, next) => {
    const given = context.req.header(TOKEN_HEADER) ?? '';
    if (timingSafeEqual(digest(given), digest(token))) return next();
    const advice = 'open the address that this dashboard printed when it was started';
    return context.json({ error: `${TOKEN_HEADER}: expected the token of this start; ${advice}` }, 403);
  };
}
