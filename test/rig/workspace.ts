// A workspace in a folder of its own, built in this process: manifest, model, calibration data. Scenes edit it and build again.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openMemoryStore } from '../../cache/memory-store.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { goalNamed, readManifest, resolveGoal } from '../../src/config/index.ts';
import { writeNpy } from '../../src/dataset/npy.ts';
import { bytesOf } from '../../src/base/bytes.ts';
import type { Event, Tally } from '../../src/engine/events.ts';
import { inProcess } from '../../src/engine/executor.ts';
import { pastAfter, type Past } from '../../src/engine/past.ts';
import { startPlan, type Plan } from '../../src/engine/plan.ts';
import type { CodeDigests } from '../../src/engine/recipe.ts';
import { startBuild } from '../../src/engine/start.ts';
import type { Store } from '../../src/engine/store.ts';
import { targets } from '../../src/targets/index.ts';
import type { Target } from '../../src/targets/target.ts';
import { tasks } from '../../tasks/index.ts';
import { buildModel } from '../../tasks/pipeline.ts';
import { inputShape, smallImage } from './network.ts';
import { tarOf } from './tar.ts';

export interface Built {
  /** Labels of jobs that ran, by task, each list sorted: what the acceptance table talks about. */
  readonly ran: Readonly<Record<string, readonly string[]>>;
  readonly tally: Tally;
  /** Digest of every published file. */
  readonly digests: Readonly<Record<string, Digest>>;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly events: readonly Event[];
  readonly numbers: Readonly<Record<string, number>>;
}

export interface BuildHow {
  readonly code?: CodeDigests;
  readonly target?: Target;
  /** An empty cache of its own instead of the workspace's. */
  readonly cold?: boolean;
}

/** Every task and every member known, by a digest that `changed` names differ in. */
export function codeDigests(changed: readonly string[] = []): CodeDigests {
  const table = new Proxy<Record<string, Digest>>({}, {
    get: (_, name) => digestOf(`${String(name)}${changed.includes(String(name)) ? ' edited' : ''}`),
    has: () => true,
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: '' }),
  });
  return { tasks: table, members: table };
}

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'axbuild-test-'));
  readonly store: Store = openMemoryStore();
  /** What is remembered of the builds so far, cold ones excepted. */
  past: Past | undefined;

  write(name: string, content: string | Uint8Array): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  /** Calibration images by number, as an archive of .npy files. */
  images(numbers: readonly number[]): void {
    this.write('images.tar', tarOf(numbers.map((i) => [`image_${String(i).padStart(3, '0')}.npy`, writeNpy({ dtype: 'FP32', shape: [...inputShape], data: bytesOf(smallImage(i)) })] as const)));
  }

  async build({ code = codeDigests(), target = ax650(), cold = false }: BuildHow = {}): Promise<Built> {
    const resolved = resolveGoal(goalNamed(readManifest(join(this.folder, 'axbuild.yaml')), 'small'));
    const store = cold ? openMemoryStore() : this.store;
    const events: Event[] = [];
    const build = startBuild({ store, code, executor: inProcess({ store, tasks }), workspace: this.folder, emit: (event) => void events.push(event) });
    let complete = false;
    try {
      const { published, numbers } = await buildModel(build, { name: 'small', target, ...resolved });
      const ran: Record<string, string[]> = {};
      for (const event of events) {
        if (event.event === 'finished' && event.outcome === 'built') (ran[event.task] ??= []).push(event.label.replace(/^small ?/, ''));
      }
      for (const labels of Object.values(ran)) labels.sort();
      const files: Record<string, Uint8Array> = {};
      for (const [path, made] of Object.entries(published)) files[path] = made instanceof Uint8Array ? made : Uint8Array.from(await build.read(made));
      const digests = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, digestOf(bytes)]));
      complete = true;
      return { ran, tally: build.tally(), digests, files, events, numbers };
    } catch (error) {
      const fault = events.find((event) => event.event === 'fault');
      if (fault?.event === 'fault') throw new Error(fault.text, { cause: error });
      throw error;
    } finally {
      await build.close();
      if (!cold) this.past = pastAfter(this.past, { workspace: this.folder, goal: 'small', place: 'output' }, { at: 0, complete, ...build.asked() });
    }
  }

  /** What a build would do now. */
  async plan({ code = codeDigests(), target = ax650() }: Omit<BuildHow, 'cold'> = {}): Promise<Plan> {
    const resolved = resolveGoal(goalNamed(readManifest(join(this.folder, 'axbuild.yaml')), 'small'));
    return startPlan({ store: this.store, code, workspace: this.folder }).follow((build) => buildModel(build, { name: 'small', target, ...resolved }), this.past);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function ax650(): Target {
  return targets.find((target) => target.name === 'AX650')!;
}
