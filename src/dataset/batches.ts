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
  /** How many to use; -1 for all. */
  readonly most: number;
}

/** Entry names by input, one record a batch. With one input every entry is a batch of its own. */
export function pairSamples(inputs: readonly Samples[]): readonly Readonly<Record<string, string>>[] {
  const [first, ...others] = inputs;
  if (first === undefined) return [];
  const most = Math.min(...inputs.map((input) => (input.most < 0 ? Infinity : input.most)));
  if (others.length === 0) return first.names.slice(0, most).map((name) => ({ [first.tensor]: name }));
  const byStem = inputs.map((input) => ({ ...input, stems: stemsOf(input) }));
  const all = [...new Set(byStem.flatMap(({ stems }) => [...stems.keys()]))].sort(byCodeUnit);
  return all.map((stem) => Object.fromEntries(byStem.map(({ tensor, archive, stems }) => {
    const name = stems.get(stem);
    if (name === undefined) {
      const other = byStem.find((input) => input.stems.has(stem));
      throw new Fault({ what: `${archive}: no sample "${stem}" for input ${tensor}`, facts: [['but', `${other?.archive} has ${other?.stems.get(stem)} for input ${other?.tensor}`]] });
    }
    return [tensor, name];
  }))).slice(0, most);
}

function stemsOf({ archive, names }: Samples): ReadonlyMap<string, string> {
  const stems = new Map<string, string>();
  for (const name of names) {
    const stem = name.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
    const before = stems.get(stem);
    if (before !== undefined) throw new Fault({ what: `${archive}: "${before}" and "${name}" have the same file name, which is what pairs the samples of several inputs` });
    stems.set(stem, name);
  }
  return stems;
}
