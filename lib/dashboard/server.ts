/** The dashboard as an HTTP server on the loopback of this machine. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import * as z from 'zod';
import { ConfigError, EnvironmentError, PadmmError } from '../errors.ts';
import { axisNames } from '../observe/report/axis.ts';
import { runIdSchema } from '../protocol/ids.ts';
import { parseInput } from '../protocol/validate.ts';
import { type FeedEvent, Feeds } from './feeds.ts';
import { sameOriginOnly, tokenOnly } from './guard.ts';
import { importMapSource, readAssets, shell } from './page.ts';
import { controlActions, type RunSource } from './source.ts';

export interface DashboardOptions {
  readonly source: RunSource;
  /** 0 for a free one. */
  readonly port: number;
  /** Takes a line about a request that failed for a reason that is not the client's. */
  readonly log: (line: string) => void;
}

/** A dashboard that is up. */
export interface Dashboard {
  /** Where the page is. */
  readonly url: string;
  /** What changes need, and `url` brings along in its fragment, which no request carries. */
  readonly token: string;
  /** Ends it with all streams. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const TOKEN_BYTES = 24;
/** Runs that are compared at once: more curves cannot be told apart. */
const MAX_COMPARED = 8;

const axisSchema = z.object({ axis: z.enum(axisNames).default('rounds') });
const runSchema = z.object({ run: runIdSchema });
const comparedSchema = z.object({
  runs: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(runIdSchema).min(1).max(MAX_COMPARED)),
});
const loggedSchema = z.object({
  version: z.coerce.number().int().min(0),
  shard: z.coerce.number().int().min(0).nullable().default(null),
});
const controlSchema = z.strictObject({ action: z.enum(controlActions) });

/** What may be loaded: this server's files, and the import map that the page carries. */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", importMapSource],
    // uPlot and the browser's own parts place things by style attributes; they carry no text of a run.
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ['data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/** Streams events until the page goes away; one that says what the last of its kind said is left out. */
function stream(
  context: Context,
  ending: AbortSignal,
  feed: (signal: AbortSignal) => AsyncIterable<FeedEvent>,
) {
  return streamSSE(context, async (out) => {
    const gone = new AbortController();
    out.onAbort(() => gone.abort());
    const said = new Map<string, string>();
    for await (const { event, data } of feed(AbortSignal.any([gone.signal, ending]))) {
      const text = JSON.stringify(data);
      if (said.get(event) === text) continue;
      said.set(event, text);
      // A page that sees again has no trouble any more.
      if (event !== 'trouble') said.delete('trouble');
      await out.writeSSE({ event, data: text });
    }
  });
}

async function readControl(context: Context) {
  const body: unknown = await context.req.json().catch((error: unknown) => {
    throw new HTTPException(400, { message: `control: expected JSON, received ${error}` });
  });
  return parseInput(controlSchema, body, 'control');
}

/** The routes of a dashboard. @param ending ends the streams. */
function createApp(options: DashboardOptions, token: string, port: () => number, ending: AbortSignal): Hono {
  const { source, log } = options;
  const feeds = new Feeds(source);
  const assets = readAssets();
  const app = new Hono();
  app.use(sameOriginOnly(port), headers);
  app.get('/', (context) => context.html(shell, 200, { 'cache-control': 'no-store' }));
  app.get('/assets/:name', (context) => {
    const asset = assets.get(context.req.param('name'));
    if (asset === undefined) return context.notFound();
    return context.body(asset.body, 200, { 'content-type': asset.type, 'cache-control': 'no-store' });
  });
  app.get('/api/place', (context) => context.json({ name: source.name }));
  app.get('/api/events/runs', (context) => stream(context, ending, (signal) => feeds.list(signal)));
  app.get('/api/events/run/:run', (context) => {
    const { run } = parseInput(runSchema, context.req.param(), 'request');
    const { axis } = parseInput(axisSchema, context.req.query(), 'request');
    return stream(context, ending, (signal) => feeds.run(run, axis, signal));
  });
  app.get('/api/events/compare', (context) => {
    const { runs } = parseInput(comparedSchema, context.req.query(), 'request');
    const { axis } = parseInput(axisSchema, context.req.query(), 'request');
    return stream(context, ending, (signal) => feeds.compare([...new Set(runs)], axis, signal));
  });
  app.get('/api/runs/:run/log', async (context) => {
    const { run } = parseInput(runSchema, context.req.param(), 'request');
    const task = parseInput(loggedSchema, context.req.query(), 'request');
    return context.json(await source.log({ run, ...task }));
  });
  app.post('/api/runs/:run/control', tokenOnly(token), async (context) => {
    const { run } = parseInput(runSchema, context.req.param(), 'request');
    const { action } = await readControl(context);
    await source.ask(run, action);
    return context.json({ run, action }, 202);
  });
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
    if (error instanceof ConfigError) return context.json({ error: error.message }, 400);
    if (error instanceof PadmmError) return context.json({ error: error.message }, 409);
    log(`${context.req.method} ${context.req.path}: ${error.stack}`);
    return context.json({ error: String(error) }, 500);
  });
  return app;
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new EnvironmentError(`port ${port}: expected a port of ${HOST} that is free, received ${error}`, {
      cause: error,
    });
  }
  return (server.address() as AddressInfo).port;
}

/**
 * Starts a dashboard on the loopback of this machine.
 *
 * @throws EnvironmentError where the port is taken.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const ending = new AbortController();
  let port = options.port;
  const app = createApp(options, token, () => port, ending.signal);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  port = await listen(server, options.port);
  return {
    url: `http://${HOST}:${port}/#token=${token}`,
    token,
    async close() {
      ending.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
