/** S3 and SQS in virtual time: visibility time-outs, FIFO groups and redelivery, without waiting for any of them. */
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import type { ListedObject } from '../../lib/cloud/objectStore.ts';
import type { ReceivedMessage, ResultQueue, TaskQueue } from '../../lib/cloud/queues.ts';
import type { QueueRecord } from '../../lib/coordinator/batch.ts';

export class VirtualClock {
  nowMs = 1_000_000;
}

/** The memory store, with the dates of its objects. */
export class VirtualStore extends MemoryObjectStore {
  readonly #clock: VirtualClock;
  readonly #writtenMs = new Map<string, number>();

  constructor(clock: VirtualClock) {
    super();
    this.#clock = clock;
  }

  override async create(key: string, body: Uint8Array | string): Promise<'created' | 'exists'> {
    const outcome = await super.create(key, body);
    if (outcome === 'created') this.#writtenMs.set(key, this.#clock.nowMs);
    return outcome;
  }

  override async *list(prefix: string): AsyncIterable<ListedObject> {
    for await (const object of super.list(prefix)) {
      yield { ...object, lastModifiedMs: this.#writtenMs.get(object.key) ?? 0 };
    }
  }
}

interface Message {
  readonly id: string;
  readonly group: string;
  readonly body: string;
  visibleAtMs: number;
  received: number;
  handle: string;
}

/** What both kinds of queue have in common: messages that are hidden for a while once they were received. */
class Messages {
  readonly all: Message[] = [];
  readonly visibilityMs: number;
  readonly #clock: VirtualClock;
  #count = 0;

  constructor(clock: VirtualClock, visibilityMs: number) {
    this.#clock = clock;
    this.visibilityMs = visibilityMs;
  }

  add(group: string, body: string): void {
    this.#count += 1;
    this.all.push({ id: `m${this.#count}`, group, body, visibleAtMs: 0, received: 0, handle: '' });
  }

  isVisible = (message: Message): boolean => message.visibleAtMs <= this.#clock.nowMs;

  take(message: Message): Message {
    message.received += 1;
    message.handle = `${message.id}/${message.received}`;
    message.visibleAtMs = this.#clock.nowMs + this.visibilityMs;
    return message;
  }

  /** A handle of an earlier receive deletes the message all the same on a standard queue, as in SQS it may. */
  delete(handle: string): void {
    const at = this.all.findIndex((message) => message.handle === handle);
    if (at >= 0) this.all.splice(at, 1);
  }

  hide(handle: string, seconds: number): void {
    const message = this.all.find((each) => each.handle === handle);
    if (message) message.visibleAtMs = this.#clock.nowMs + seconds * 1000;
  }

  /** When the next hidden message comes back; infinite where none is hidden. */
  get nextMs(): number {
    return Math.min(...this.all.filter((m) => !this.isVisible(m)).map((m) => m.visibleAtMs));
  }
}

export class VirtualTaskQueue implements TaskQueue {
  readonly messages: Messages;

  constructor(clock: VirtualClock, visibilityMs = 30_000) {
    this.messages = new Messages(clock, visibilityMs);
  }

  async send(bodies: readonly string[], fairGroup = ''): Promise<void> {
    for (const body of bodies) this.messages.add(fairGroup, body);
  }

  async receive(): Promise<ReceivedMessage | null> {
    const found = this.messages.all.find(this.messages.isVisible);
    if (found === undefined) return null;
    const { body, handle: receiptHandle, id: messageId, received } = this.messages.take(found);
    return { body, receiptHandle, messageId, receiveCount: received };
  }

  async acknowledge({ receiptHandle }: ReceivedMessage): Promise<void> {
    this.messages.delete(receiptHandle);
  }

  async setVisibility({ receiptHandle }: ReceivedMessage, seconds: number): Promise<void> {
    this.messages.hide(receiptHandle, seconds);
  }

  async isEmpty(): Promise<boolean> {
    return this.messages.all.length === 0;
  }
}

/** A FIFO queue and what an event source mapping does with it: batches of one group, which is locked meanwhile. */
export class VirtualResultQueue implements ResultQueue {
  readonly messages: Messages;
  readonly #batchRecords: number;

  constructor(clock: VirtualClock, { visibilityMs = 60_000, batchRecords = 10 } = {}) {
    this.messages = new Messages(clock, visibilityMs);
    this.#batchRecords = batchRecords;
  }

  async send(run: string, body: string): Promise<void> {
    this.messages.add(run, body);
  }

  async deliverAgain(receiptHandles: readonly string[], seconds: number): Promise<void> {
    for (const handle of receiptHandles) this.messages.hide(handle, seconds);
  }

  /** The next batch, of the first group that is not locked; empty where there is none. */
  receiveBatch(): QueueRecord[] {
    const { all, isVisible } = this.messages;
    const locked = new Set(all.filter((m) => !isVisible(m)).map(({ group }) => group));
    const group = all.find((message) => !locked.has(message.group))?.group;
    const batch = all.filter((message) => message.group === group).slice(0, this.#batchRecords);
    return batch.map((message) => {
      const { id, body, handle, received } = this.messages.take(message);
      const attributes = { MessageGroupId: message.group, ApproximateReceiveCount: String(received) };
      return { messageId: id, receiptHandle: handle, body, attributes };
    });
  }

  delete(records: readonly QueueRecord[]): void {
    for (const { receiptHandle } of records) this.messages.delete(receiptHandle);
  }
}
