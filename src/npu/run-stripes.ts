// Writes the code of a chain, stripe by stripe: stripes.ts says which rows, stripe-layout.ts where they lie.
import { at, type Address, type Emitter } from './emit.ts';
import { space } from './isa.ts';
import { loweringOf } from './lower/index.ts';
import { packed, within, type Operand } from './lower/plane.ts';
import { emitEntry, offsetsOf } from './lower/run-tiles.ts';
import { emitMove, emitTransfer, reorder, reordered, transfer } from './lower/transfer.ts';
import { slotAddress, type Layout } from './stripe-layout.ts';
import { freshOf, type Chain, type Fresh, type StripePlan } from './stripes.ts';

export interface StripeRun {
  readonly plan: StripePlan;
  readonly layout: Layout;
  readonly onChip: readonly boolean[];
}

export function writeStripes(emitter: Emitter, chain: Chain, run: StripeRun): void {
  new StripeWriter(emitter, chain, run).write();
}

/** Stripes are numbered, and so are members and edges of the chain: s, m, e. */
class StripeWriter {
  readonly #emitter: Emitter;
  readonly #chain: Chain;
  readonly #run: StripeRun;
  /** By member: where its constants are. */
  readonly #constants: readonly ((name: string) => Address)[];

  constructor(emitter: Emitter, chain: Chain, run: StripeRun) {
    this.#emitter = emitter;
    this.#chain = chain;
    this.#run = run;
    this.#constants = chain.steps.map(({ structure, constants }) => {
      const offsets = offsetsOf(loweringOf(structure.kind).constants(structure));
      return (name) => ({ space: space.ocm, offset: run.layout.constants + constants + offsets.get(name)! });
    });
  }

  write(): void {
    const { steps, output } = this.#chain;
    const { plan: { fresh }, layout: { ahead } } = this.#run;
    // Before everything else, where link may take them into the group before.
    steps.forEach((_, m) => this.#loadConstants(m));
    this.#load(0);
    fresh.forEach((members, s) => {
      if (ahead) this.#load(s + 1);
      members.forEach((one, m) => {
        // Also where nothing new is computed: readers go on through what is there.
        if (steps[m]!.output !== output) this.#keep(steps[m]!.output, s, m);
        if (one !== undefined) this.#compute(m, one, s);
      });
      if (!ahead) this.#load(s + 1);
    });
  }

  #loadConstants(m: number): void {
    const { constants: offset, constantBytes } = this.#chain.steps[m]!;
    if (constantBytes > 0) this.#move(m, 'load', { from: { space: space.params, offset }, to: { space: space.ocm, offset: this.#run.layout.constants + offset }, run: constantBytes });
  }

  /** Everything from outside that the stripe needs and the one before didn't. */
  #load(s: number): void {
    const { inputs, steps, edges } = this.#chain;
    const { plan } = this.#run;
    if (s >= plan.fresh.length) return;
    for (const e of inputs.filter((edge) => !this.#isResident(edge))) {
      const reader = steps.findIndex((step) => step.inputs.includes(e));
      const windows = plan.windows[e];
      if (windows === undefined) {
        this.#fetchBox(e, reader, s);
        continue;
      }
      this.#keep(e, s, reader);
      const rows = freshOf(windows)[s];
      const { bytes } = edges[e]!.rows!;
      if (rows !== undefined) this.#move(reader, 'load', { from: at(this.#outside(e), rows.from * bytes), to: this.#row(e, s, rows.from), run: (rows.to - rows.from) * bytes });
    }
  }

  #fetchBox(e: number, m: number, s: number): void {
    const one = this.#run.plan.fresh[s]![m];
    if (one === undefined) return;
    const { tiled, inputs } = this.#chain.steps[m]!;
    const i = inputs.indexOf(e);
    const { plane } = tiled.inputs[i]!;
    const box = tiled.inputs[i]!.need(one.tile);
    this.#emitter.member = m;
    transfer(this.#emitter, 'load', within(plane, this.#outside(e), box), packed(box, slotAddress(this.#run.layout.staged[m]![i]!.loaded!, s), plane.bytes));
  }

  /** Takes the rows that the last window shares with this one to where they now belong. */
  #keep(e: number, s: number, member: number): void {
    const { ranges, slots } = this.#run.layout.windows[e]!;
    if (s === 0 || ranges[s]!.from === ranges[s - 1]!.from) return;
    this.#emitter.member = member;
    const [start, end] = [ranges[s]!.from, ranges[s - 1]!.to];
    // In one slot no move may write what it reads: as many rows at a time as the window moves on.
    const step = slots[s] === slots[s - 1] ? start - ranges[s - 1]!.from : Math.max(1, end - start);
    for (let from = start; from < end; from += step) {
      const size = (Math.min(end, from + step) - from) * this.#chain.edges[e]!.rows!.bytes;
      emitMove(this.#emitter, { from: this.#row(e, s - 1, from), to: this.#row(e, s, from), bytes: 1, dims: [{ size, from: 1, to: 1 }] });
    }
  }

  #compute(m: number, one: Fresh, s: number): void {
    const { steps, edges, output } = this.#chain;
    const { tiled, inputs, output: made } = steps[m]!;
    this.#emitter.member = m;
    const operands = inputs.map((_, i) => this.#operand(m, i, one, s));
    tiled.compute({
      emitter: this.#emitter, tile: one.tile, inputs: operands, constant: this.#constants[m]!, scratch: { space: space.ocm, offset: 0 },
      output: within(tiled.output.plane, this.#base(made, s), tiled.output.gives(one.tile)!),
    });
    if (made !== output || this.#isResident(output)) return;
    const { from, to } = one.range;
    const { bytes } = edges[made]!.rows!;
    this.#move(m, 'store', { from: this.#row(output, s, from), to: at(this.#outside(output), from * bytes), run: (to - from) * bytes });
  }

  /** Input i of a member as computing wants it: requantised, reordered. */
  #operand(m: number, i: number, { tile }: Fresh, s: number): Operand {
    const { tiled, inputs } = this.#chain.steps[m]!;
    const { plane, entry, order } = tiled.inputs[i]!;
    const box = tiled.inputs[i]!.need(tile);
    const { loaded, entered, ordered } = this.#run.layout.staged[m]![i]!;
    let found = loaded === undefined ? within(plane, this.#base(inputs[i]!, s), box) : packed(box, slotAddress(loaded, s), plane.bytes);
    if (entry !== undefined) {
      const to = packed(found.box, slotAddress(entered!, s), entry.bytes);
      emitEntry(this.#emitter, entry.prefix, found, to);
      found = to;
    }
    if (order !== undefined) {
      const to = packed(reordered(found.box, order), slotAddress(ordered!, s), found.bytes);
      reorder(this.#emitter, found, to, order);
      found = to;
    }
    return found;
  }

  #move(member: number, name: 'load' | 'store', { from, to, run }: { from: Address; to: Address; run: number }): void {
    this.#emitter.member = member;
    emitTransfer(this.#emitter, name, { from, to, planes: 1, rows: 1, run, fromPlane: 0, toPlane: 0, fromRow: 0, toRow: 0 });
  }

  #isResident(e: number): boolean {
    const { inputs, output } = this.#chain;
    return e === output ? this.#run.onChip.at(-1)! : this.#run.onChip[inputs.indexOf(e)] === true;
  }

  #outside(e: number): Address {
    const { inputs, output } = this.#chain;
    return { space: e === output ? space.output : space.input + inputs.indexOf(e), offset: 0 };
  }

  /** Where row 0 of an edge would be, if all of it were there. */
  #base(e: number, s: number): Address {
    if (this.#isResident(e)) return this.#outside(e);
    const { region, slots, ranges } = this.#run.layout.windows[e]!;
    return at(slotAddress(region, slots[s]!), -ranges[s]!.from * this.#chain.edges[e]!.rows!.bytes);
  }

  #row(e: number, s: number, row: number): Address {
    return at(this.#base(e, s), row * this.#chain.edges[e]!.rows!.bytes);
  }
}
