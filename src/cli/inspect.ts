// `axbuild inspect`: what is in a model, by its content: .onnx, a compiled model of ours, or the vendor's.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { inspectContainer, inspectForeign, isCompiled, isOurs } from '../axmodel/inspect.ts';
import { Fault } from '../base/fault.ts';
import { decodeModel } from '../onnx/codec.ts';
import { resolveExternal } from '../onnx/external.ts';
import { inspectOnnx, type InspectedOnnx } from '../onnx/inspect.ts';
import { bytesOf } from '../ui/amounts.ts';
import type { Arguments } from './arguments.ts';
import { readGiven } from './given-file.ts';
import { containerText, foreignText, onnxText, type Presence } from './inspect-text.ts';
import { shortPath } from './short-path.ts';

export async function inspect({ words, options }: Arguments): Promise<0> {
  const [path, ...more] = words;
  if (path === undefined || more.length > 0) throw new Fault({ exit: 2, what: path === undefined ? 'a file is missing' : `one file at a time, not "${more[0]}" as well`, facts: [['usage', 'axbuild inspect FILE']] });
  const bytes = readGiven(path, 'model');
  const { kind, facts, text } = look(bytes, path);
  const json = 'json' in options;
  process.stdout.write(json ? `${JSON.stringify({ kind, bytes: bytes.byteLength, ...facts })}\n` : `${shortPath(path)}  ${kinds[kind]}, ${bytesOf(bytes.byteLength)}\n${text()}`);
  return 0;
}

const kinds = { onnx: 'ONNX model', axmodel: 'compiled model', foreign: 'compiled model of another tool' } as const;

function look(bytes: Uint8Array, path: string): { kind: keyof typeof kinds; facts: object; text: () => string } {
  const file = shortPath(path);
  const model = decodeModel(bytes, file);
  if (!isCompiled(model)) {
    const facts = inspectOnnx(model, file);
    const presence = presenceOf(facts, path);
    return { kind: 'onnx', facts: { ...facts, externals: facts.externals.map((one, i) => ({ ...one, fileBytes: presence[i]!.bytes ?? null })) }, text: () => onnxText(facts, presence) };
  }
  if (!isOurs(model)) {
    const facts = inspectForeign(model);
    return { kind: 'foreign', facts, text: () => foreignText(facts) };
  }
  const facts = inspectContainer(bytes, file);
  return { kind: 'axmodel', facts, text: () => containerText(facts) };
}

/** Files that aren't there are told of, not refused; files outside of the folder are refused. */
function presenceOf({ externals }: InspectedOnnx, path: string): Presence[] {
  return externals.map(({ file }) => {
    const there = statSync(`${dirname(path)}/${file}`, { throwIfNoEntry: false });
    return { file, bytes: there?.isFile() === true ? statSync(resolveExternal(dirname(path), file, shortPath(path))).size : undefined };
  });
}
