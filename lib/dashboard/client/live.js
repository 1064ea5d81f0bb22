// Streams of events from the server. The browser connects again by itself when one breaks; the server then begins anew.

/**
 * Follows a stream until what is returned is called.
 * @param {string} path
 * @param {Record<string, (data: any) => void>} handlers by the event's name; `open` when a stream begins, `broken` when
 * it does not come or breaks.
 */
export function follow(path, { open, broken, ...handlers }) {
  const source = new EventSource(path);
  source.addEventListener('open', () => open?.(null));
  source.addEventListener('error', () => broken?.(source.readyState === EventSource.CLOSED));
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  return () => source.close();
}

/** What a view says of its stream. */
export class Connection {
  /** What keeps the page from being up to date; empty where nothing does. */
  message = '';
  /** @type {() => void} */
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {string} message */
  say(message) {
    this.message = message;
    this.#changed();
  }

  /** Handlers that every stream has. @param {() => void} begin when a stream begins, which tells all anew. */
  handlers(begin = () => {}) {
    return {
      open: () => {
        begin();
        this.say('');
      },
      broken: (/** @type {boolean} */ refused) =>
        this.say(
          refused ? 'The dashboard refused this page.' : 'The dashboard does not answer; trying again …',
        ),
      trouble: (/** @type {string} */ message) => this.say(message),
    };
  }
}
