// Calibration data of the examples: 32 lines of text for `cls`, 32 scenes for `det`, as archives. Seeded: the same bytes at each run.
//
//   node --import tsx examples/make-data.ts [folder]
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pack } from 'tar-stream';
import { renderLine } from './line.ts';
import { renderScene } from './scene.ts';

const count = 32;

/** Writes cls-calibration.tar and det-calibration.tar into `folder`. */
export async function makeExampleData(folder = join(import.meta.dirname, 'data')): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, render] of [['cls', renderLine], ['det', renderScene]] as const) {
    const pictures: (readonly [string, Uint8Array])[] = [];
    for (let seed = 0; seed < count; seed++) {
      const { png } = await render(seed);
      pictures.push([`${String(seed).padStart(4, '0')}.png`, png]);
    }
    await writeFile(join(folder, `${name}-calibration.tar`), await makeTar(pictures));
  }
}

/** A tar whose bytes depend on names and contents only. */
export async function makeTar(files: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, bytes] of files) tar.entry({ name, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 }, Buffer.from(bytes));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer); // a pack yields Buffers
  return new Uint8Array(Buffer.concat(chunks));
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === import.meta.filename) {
  await makeExampleData(...process.argv.slice(2, 3));
}
