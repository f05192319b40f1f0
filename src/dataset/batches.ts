// Samples of several inputs that belong together: the same file name without folder and extension, in the order of the names.
import { Fault } from '../base/fault.ts';
import { byCodeUnit } from '../base/canonical.ts';

export interface Samples {
  /** The model's input. */
  readonly tensor: string;
  /** What Faults call the archive. */
  readonly archive: string;
  /** Entry names in order. */
  readonly names: readonly string[];
}

/** Entry names by input, one record a batch, no more than `most` (-1: all). With one input every entry is a batch of its own. */
export function pairSamples(inputs: readonly Samples[], most = -1): readonly Readonly<Record<string, string>>[] {
  const [first, ...others] = inputs;
  if (first === undefined) return [];
  if (others.length === 0) return usedNames(first.names, { most, paired: false }).map((name) => ({ [first.tensor]: name }));
  const byStem = inputs.map((input) => ({ ...input, stems: stemsOf(input) }));
  const all = [...new Set(byStem.flatMap(({ stems }) => [...stems.keys()]))].sort(byCodeUnit);
  const batches = all.map((stem) => Object.fromEntries(byStem.map(({ tensor, archive, stems }) => {
    const name = stems.get(stem);
    if (name === undefined) {
      const other = byStem.find((input) => input.stems.has(stem));
      throw new Fault({ what: `${archive}: no sample "${stem}" for input ${tensor}`, facts: [['but', `${other?.archive} has ${other?.stems.get(stem)} for input ${other?.tensor}`]] });
    }
    return [tensor, name];
  })));
  return batches.slice(0, most < 0 ? undefined : most);
}

/** The names of one input that batches will hold, where pairSamples finds no fault with them. */
export function usedNames(names: readonly string[], { most, paired }: { readonly most: number; readonly paired: boolean }): readonly string[] {
  const ordered = paired ? [...names].sort((a, b) => byCodeUnit(stemOf(a), stemOf(b))) : names;
  return ordered.slice(0, most < 0 ? undefined : most);
}

function stemsOf({ archive, names }: Samples): ReadonlyMap<string, string> {
  const stems = new Map<string, string>();
  for (const name of names) {
    const stem = stemOf(name);
    const before = stems.get(stem);
    if (before !== undefined) throw new Fault({ what: `${archive}: "${before}" and "${name}" have the same file name, which is what pairs the samples of several inputs` });
    stems.set(stem, name);
  }
  return stems;
}

function stemOf(name: string): string {
  return name.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}
