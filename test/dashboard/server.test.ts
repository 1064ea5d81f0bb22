/** Who may read and who may change what the dashboard shows; and what it answers to requests that are wrong. */
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { startDashboard } from '../../lib/dashboard/server.ts';
import type { RunSource } from '../../lib/dashboard/source.ts';
import { UsageError } from '../../lib/errors.ts';

const RUN = 'digits-01JT00000000000000000000AB';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

async function dashboard(ask: RunSource['ask'] = async () => {}) {
  const asked: string[] = [];
  const source: RunSource = {
    name: 'memory',
    pollMs: 10,
    isLive: async () => true,
    look: (work) => work({ store: new MemoryObjectStore(), queueDepths: null }),
    log: async (task) => ({ elsewhere: JSON.stringify(task) }),
    async ask(run, action) {
      asked.push(`${action} ${run}`);
      await ask(run, action);
    },
  };
  const logged: string[] = [];
  const { url, token, close } = await startDashboard({ source, port: 0, log: (line) => logged.push(line) });
  onTestFinished(close);
  const { port, host } = new URL(url);
  /** As a browser sends it: `fetch` would not let Host and Origin be chosen. */
  const send = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    new Promise<Answer>((settle, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers: { host, ...headers } });
      sent.on('error', reject).on('response', async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        settle({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
      sent.end(body);
    });
  const control = (headers: Record<string, string>, body = JSON.stringify({ action: 'stop' }), run = RUN) =>
    send('POST', `/api/runs/${run}/control`, { 'content-type': 'application/json', ...headers }, body);
  return { asked, logged, url, host, token, send, control };
}

test('a change with the token, from this page, is made', async () => {
  const { asked, host, token, control } = await dashboard();
  const answer = await control({ origin: `http://${host}`, 'x-padmm-token': token });
  expect(answer.status).toBe(202);
  expect(JSON.parse(answer.body)).toEqual({ run: RUN, action: 'stop' });
  expect(asked).toEqual([`stop ${RUN}`]);
});

test.for([
  ['a foreign origin', { origin: 'https://example.com' }, true],
  ['an origin without a name', { origin: 'null' }, true],
  ['this machine on another port', { origin: 'http://127.0.0.1:1' }, true],
  ['another name for this machine', { host: 'evil.example:80' }, true],
  ['no token', {}, false],
  ['a wrong token', { 'x-padmm-token': 'A'.repeat(32) }, false],
] as const)('a change from %s is refused', async ([, headers, withToken]) => {
  const { asked, token, control } = await dashboard();
  const answer = await control({ ...(withToken ? { 'x-padmm-token': token } : {}), ...headers });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body).error).toMatch(/expected .*/);
  expect(asked).toEqual([]);
});

test('reading is refused to other origins and under other names, too', async () => {
  const { send, host } = await dashboard();
  for (const path of ['/', '/api/place', '/api/events/runs', '/assets/app.js']) {
    expect((await send('GET', path, { origin: 'https://example.com' })).status).toBe(403);
    expect((await send('GET', path, { host: 'evil.example' })).status).toBe(403);
  }
  expect((await send('GET', '/', { origin: `http://${host}` })).status).toBe(200);
});

test('the page may load nothing from elsewhere, carries no token, and is kept nowhere', async () => {
  const { send, token } = await dashboard();
  const { headers, body } = await send('GET', '/');
  expect(headers['content-security-policy']).toMatch(/default-src 'none'.*connect-src 'self'/);
  expect(headers['content-security-policy']).not.toMatch(/https?:|\*/);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).not.toContain(token);
  expect(`${body}`).not.toMatch(/(src|href)="https?:/);
});

test.for([
  ['no JSON', 'stop', RUN, 400, 'expected JSON'],
  ['an unknown action', '{"action":"explode"}', RUN, 400, 'action: expected'],
  ['an unknown field', '{"action":"stop","now":true}', RUN, 400, 'now: expected'],
  ['a name that is no run', '{"action":"stop"}', '..%2Fx', 400, 'run: expected'],
] as const)(
  'a change that is %s is refused, and nothing is asked',
  async ([, body, run, status, message]) => {
    const { asked, token, control } = await dashboard();
    const answer = await control({ 'x-padmm-token': token }, body, run);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).error).toContain(message);
    expect(asked).toEqual([]);
  },
);

test('what cannot be asked is answered with the reason; what breaks is logged', async () => {
  const refusing = await dashboard(async () => {
    throw new UsageError('it has ended');
  });
  const refused = await refusing.control({ 'x-padmm-token': refusing.token });
  expect({ status: refused.status, body: JSON.parse(refused.body) }).toEqual({
    status: 409,
    body: { error: 'it has ended' },
  });
  expect(refusing.logged).toEqual([]);
  const broken = await dashboard(async () => {
    throw new Error('socket hang up');
  });
  expect((await broken.control({ 'x-padmm-token': broken.token })).status).toBe(500);
  expect(broken.logged.join()).toContain('socket hang up');
});

test.for([
  ['/api/events/run/nonsense', 'run: expected'],
  [`/api/events/run/${RUN}?axis=moons`, 'axis: expected'],
  ['/api/events/compare?runs=', 'runs'],
  ['/api/events/compare', 'runs: expected'],
  [`/api/runs/${RUN}/log`, 'version: expected'],
  [`/api/runs/${RUN}/log?version=1&shard=x`, 'shard: expected'],
  ['/api/runs/nonsense/log?version=1', 'run: expected'],
] as const)('%s is refused before a stream begins', async ([path, message]) => {
  const { send } = await dashboard();
  const answer = await send('GET', path);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body).error).toContain(message);
});

test('the log of a task is asked for by run, version and shard', async () => {
  const { send } = await dashboard();
  const told = async (query: string) =>
    JSON.parse(JSON.parse((await send('GET', `/api/runs/${RUN}/log?${query}`)).body).elsewhere);
  expect(await told('version=3&shard=2')).toEqual({ run: RUN, version: 3, shard: 2 });
  expect(await told('version=3')).toEqual({ run: RUN, version: 3, shard: null });
});
