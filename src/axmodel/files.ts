// Names of the files that `run` reads and writes: one a tensor.
import { Fault } from '../base/fault.ts';

/** The tensor's name with every character outside of [A-Za-z0-9_-] as '_', and the extension. */
export function fileNameOf(tensor: string, extension: '.bin' | '.npy'): string {
  return tensor.replace(/[^A-Za-z0-9_-]/g, '_') + extension;
}

/** File names of several tensors. Throws a Fault when two of them would share one. */
export function fileNamesOf(tensors: readonly string[], extension: '.bin' | '.npy'): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const tensor of tensors) {
    const file = fileNameOf(tensor, extension);
    const owner = owners.get(file);
    if (owner !== undefined) {
      throw new Fault({ what: `two tensors would share the file ${file}`, facts: [['tensors', `${owner}, ${tensor}`], ['try', 'rename one in the model']] });
    }
    owners.set(file, tensor);
  }
  return new Map([...owners].map(([file, tensor]) => [tensor, file]));
}
