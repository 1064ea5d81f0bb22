/** Memory of large arrays that nobody needs any more, for those that come: fresh memory has to be cleared by the kernel first. */
export class MemoryPool {
  readonly #capacityBytes: number;
  /** Oldest first. */
  readonly #spares: ArrayBuffer[] = [];
  #sizeBytes = 0;

  /** @param capacityBytes how much is kept at most; what was given first goes first. */
  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** A buffer of so many bytes, which may be anything, in memory that is nothing else's. */
  take(sizeBytes: number): Buffer<ArrayBuffer> {
    const at = this.#spares.findLastIndex(({ byteLength }) => byteLength === sizeBytes);
    if (at === -1) return Buffer.allocUnsafeSlow(sizeBytes);
    const [spare] = this.#spares.splice(at, 1) as [ArrayBuffer];
    this.#sizeBytes -= sizeBytes;
    return Buffer.from(spare);
  }

  /** Takes memory over: whatever lies in it is empty afterwards. */
  give({ buffer }: { readonly buffer: ArrayBuffer }): void {
    this.#spares.push(buffer.transfer());
    this.#sizeBytes += this.#spares.at(-1)?.byteLength ?? 0;
    while (this.#sizeBytes > this.#capacityBytes) {
      const oldest = this.#spares.shift() as ArrayBuffer;
      this.#sizeBytes -= oldest.byteLength;
      oldest.transfer(0);
    }
  }
}
