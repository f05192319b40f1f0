// Which data lies in which of a buffer's slots, while code is being written.

/** Remembers what `count` equal slots hold. A new item takes the slot after the last one used, so the data of the current tile stays. */
export class Slots<Item> {
  readonly #items: (Item | undefined)[];
  readonly #same: (a: Item, b: Item) => boolean;
  #last: number;

  constructor(count: number, same: (a: Item, b: Item) => boolean) {
    this.#items = new Array<Item | undefined>(count).fill(undefined);
    this.#same = same;
    this.#last = count - 1;
  }

  /** The slot that holds the item, or undefined: then `take` gives it one. */
  find(item: Item): number | undefined {
    for (let slot = 0; slot < this.#items.length; slot++) {
      const held = this.#items[slot];
      if (held !== undefined && this.#same(held, item)) return (this.#last = slot);
    }
    return undefined;
  }

  take(item: Item): number {
    this.#last = (this.#last + 1) % this.#items.length;
    this.#items[this.#last] = item;
    return this.#last;
  }
}
