// Records the events of a cold build of examples/, each with the time at which it came, for replay.ts and the frames in docs/frames:
//   node --import tsx test/ui/record.ts
// Keys are numbered, so that the file packs well.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'axbuild-record-'));
cpSync(join(root, 'axbuild.yaml'), join(folder, 'axbuild.yaml'));
for (const name of ['examples', 'node_modules']) symlinkSync(join(root, name), join(folder, name));

const child = spawn(process.execPath, [join(root, 'dist/axbuild.js'), 'build', '--log-format', 'json'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
const keys = new Map<string, string>();
const began = Date.now();
const lines: string[] = [];
for await (const line of createInterface({ input: child.stdout })) {
  const event = JSON.parse(line) as { key?: string };
  if (event.key !== undefined && !keys.has(event.key)) keys.set(event.key, `k${keys.size}`);
  lines.push(JSON.stringify({ at: Date.now() - began, ...event, ...(event.key !== undefined && { key: keys.get(event.key) }) }).replaceAll(folder, '/w'));
}
rmSync(folder, { recursive: true, force: true });
writeFileSync(join(import.meta.dirname, 'recorded/examples-cold.jsonl.gz'), gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
