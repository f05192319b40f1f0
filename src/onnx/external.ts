// Weights that a model keeps in files beside it. A location is a relative path that stays in the model's folder, links included.
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { byCodeUnit } from '../base/canonical.ts';
import { Fault } from '../base/fault.ts';
import { attributeType, dataLocation, decodeModel, onnx } from './codec.ts';

export interface ExternalPiece {
  /** Relative to the model's folder, with '/' between its parts. */
  readonly location: string;
  readonly offset: number;
  /** Undefined: as long as the tensor's type says. */
  readonly length: number | undefined;
}

/** The pieces of other files that a model's tensors are kept in, by location and offset. Throws a Fault on a location that leaves the folder. */
export function externalFiles(bytes: Uint8Array, file: string): readonly ExternalPiece[] {
  const { graph } = decodeModel(bytes, file);
  return tensorsOf(graph)
    .filter((tensor) => tensor.dataLocation === dataLocation.EXTERNAL)
    .map((tensor) => externalOf(tensor, tensor.name, file))
    .sort((a, b) => byCodeUnit(a.location, b.location) || a.offset - b.offset);
}

/** The path of an external file. Throws a Fault if there is none, or if a link on the way leads out of the model's folder. */
export function resolveExternal(folder: string, location: string, file: string): string {
  checkLocation(location, file);
  const path = join(folder, location);
  const fault = (what: string, why: string): Fault => new Fault({ place: { file }, what, facts: [['file', location], ['try', why]] });
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw fault('the model keeps weights in a file that is not there', 'put it beside the model');
  const inside = relative(realpathSync(folder), realpathSync(path));
  if (leaves(inside)) throw fault("the model keeps weights in a file outside of its folder", 'a copy in place of the link');
  return path;
}

/** What a tensor's external_data entries say. */
export function externalOf(tensor: onnx.TensorProto, name: string, file: string): ExternalPiece {
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get('location') ?? '';
  const whole = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined || text === '') return undefined;
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) throw new Fault({ place: { file }, what: `tensor "${name}" is kept in another file at an impossible ${key}`, facts: [[key, JSON.stringify(text)]] });
    return value;
  };
  checkLocation(location, file);
  return { location, offset: whole('offset') ?? 0, length: whole('length') };
}

function checkLocation(location: string, file: string): void {
  const parts = location.split(/[\\/]/);
  if (location !== '' && !isAbsolute(location) && !/^[A-Za-z]:/.test(location) && !location.includes('\0') && !parts.includes('..') && parts[0] !== '') return;
  throw new Fault({
    place: { file },
    what: 'the model keeps weights in a file outside of its folder',
    facts: [['file', JSON.stringify(location)], ['allowed', 'a relative path without ".."']],
  });
}

function leaves(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

function tensorsOf(graph: onnx.GraphProto): onnx.TensorProto[] {
  const inAttributes = graph.node.flatMap((node) => node.attribute.flatMap((attribute) => (attribute.type === attributeType.TENSOR && attribute.t ? [attribute.t] : [])));
  return [...graph.initializer, ...inAttributes];
}
