// Where everything that a tiling needs lies in the group's arena.
import { alignUp } from './lowering.ts';
import { volume } from './plane.ts';
import type { Tiled } from './tiled.ts';
import { countsOf, type Tiling } from './tiles.ts';

/** `slots` equal pieces of the arena. */
export interface Region {
  readonly offset: number;
  readonly slotBytes: number;
  readonly slots: number;
}

export interface InputRegions {
  /** Every tile reads about all of it: it is fetched whole, once. */
  readonly whole: boolean;
  /** As loaded; absent when the edge is on chip. */
  readonly loaded?: Region;
  readonly entered?: Region;
  readonly ordered?: Region;
}

export interface Arrangement {
  readonly bytes: number;
  readonly inputs: readonly InputRegions[];
  readonly output: { readonly computed?: Region; readonly stored?: Region };
  /** One region for all of them, or one a constant. */
  readonly constants: Region | ReadonlyMap<string, Region>;
  readonly constantBytes: number;
  readonly scratch: Region;
}

export function arrange(tiled: Tiled, onChip: readonly boolean[], { tile, double, keep }: Tiling): Arrangement {
  let end = 0;
  const take = (bytes: number, slots: number): Region => {
    const region = { offset: end, slotBytes: alignUp(bytes), slots };
    end += region.slotBytes * slots;
    return region;
  };
  const counts = countsOf(tiled.domain, tile);
  const pair = double ? 2 : 1;

  const constantBytes = tiled.constants.reduce((sum, spec) => sum + alignUp(spec.bytes), 0);
  const constants = counts.channels === 1
    ? take(constantBytes, 1)
    : new Map(tiled.constants.map(({ name, bytes, slices }) => [
        name,
        slices === undefined ? take(bytes, 1) : take(slices.rows * slices.perChannel * tile.channels, keep ? counts.channels : pair),
      ]));

  const inputs = tiled.inputs.map((input, i): InputRegions => {
    const elements = volume(input.reach(tile));
    const whole = elements === volume(input.plane) && input.plane.batch === 1;
    const slots = whole ? 1 : pair;
    const bytes = elements * (input.entry?.bytes ?? input.plane.bytes);
    return {
      whole,
      ...(!onChip[i]! && { loaded: take(elements * input.plane.bytes, slots) }),
      ...(input.entry !== undefined && { entered: take(bytes, slots) }),
      ...(input.order !== undefined && { ordered: take(bytes, slots) }),
    };
  });

  const bytes = volume(tiled.output.reach(tile)) * tiled.output.plane.bytes;
  const output = {
    ...(tiled.output.order !== undefined && { computed: take(bytes, pair) }),
    ...(!onChip.at(-1)! && { stored: take(bytes, pair) }),
  };
  const scratch = take(tiled.scratch?.(tile) ?? 0, 1);
  return { bytes: end, inputs, output, constants, constantBytes, scratch };
}
