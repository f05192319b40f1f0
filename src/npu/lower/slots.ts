// Which data lies in which of a buffer's slots, while code is being written.

/** Remembers what `count` equal slots hold. A new key takes the slot after the last one used, so the data of the current tile stays. */
export class Slots {
  readonly #keys: (string | undefined)[];
  #last: number;

  constructor(count: number) {
    this.#keys = new Array<string | undefined>(count).fill(undefined);
    this.#last = count - 1;
  }

  request(key: string): { readonly slot: number; readonly fresh: boolean } {
    const known = this.#keys.indexOf(key);
    const slot = known >= 0 ? known : (this.#last + 1) % this.#keys.length;
    this.#keys[slot] = key;
    this.#last = slot;
    return { slot, fresh: known < 0 };
  }
}
