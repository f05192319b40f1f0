// The same plan for ninja: a file a task, and a process a task, which does nothing but write it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layers, shapeOf } from './shape.ts';

/** Writes build.ninja beside the leaves. */
export function writeNinja(folder: string, tasks: number): void {
  const { width, inputsOf } = shapeOf(tasks);
  const lines = ['rule mix', '  command = echo $in > $out'];
  for (let layer = 0; layer < layers; layer++) {
    const from = layer === 0 ? 'leaves' : `ninja/${layer - 1}`;
    for (let column = 0; column < width; column++) lines.push(`build ninja/${layer}/${column}: mix ${inputsOf(column).map((input) => `${from}/${input}`).join(' ')}`);
  }
  writeFileSync(join(folder, 'build.ninja'), `${lines.join('\n')}\n`);
}
