// Runs a process to its end, with the peak of the resident memory of it and all its children.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Ran {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly status: number | null;
  readonly output: string;
}

export async function runProcess(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const start = process.hrtime.bigint();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let peakBytes = 0;
  const timer = setInterval(() => (peakBytes = Math.max(peakBytes, treeBytes(child.pid!))), 50);
  const status = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(timer);
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, peakBytes, status, output };
}

/** Resident bytes of a process and its descendants (Linux; 0 elsewhere). Pages shared between them count once each: an upper bound. */
function treeBytes(root: number): number {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  try {
    for (const entry of readdirSync('/proc')) {
      const pid = Number(entry);
      if (!Number.isInteger(pid)) continue;
      const stat = readStat(pid);
      if (stat === undefined) continue;
      parents.set(pid, stat.parent);
      sizes.set(pid, stat.bytes);
    }
  } catch {
    return 0; // no /proc: memory is not measured
  }
  let sum = 0;
  for (const [pid, bytes] of sizes) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root) at = parents.get(at);
    if (at === root) sum += bytes;
  }
  return sum;
}

function readStat(pid: number): { parent: number; bytes: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), bytes: Number(fields[21]) * 4096 };
  } catch {
    return undefined; // it ended between the listing and the reading
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
