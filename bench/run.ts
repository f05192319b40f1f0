// Runs the benchmarks named on the command line, or all of them in their short form.
import { sumUp } from './bars.ts';
import type { How } from './how.ts';

const benches: Readonly<Record<string, () => Promise<{ run(how: How): Promise<void> }>>> = {
  start: () => import('./start.ts'),
  engine: () => import('./engine.ts'),
  graph: () => import('./graph.ts'),
  simulator: () => import('./simulator.ts'),
  det: () => import('./det.ts'),
  afternoon: () => import('./afternoon.ts'),
  plan: () => import('./plan.ts'),
  fit: () => import('./fit.ts'),
  accuracy: () => import('./accuracy.ts'),
  qdq: () => import('./qdq.ts'),
  sizes: () => import('./sizes.ts'),
  networks: () => import('./networks.ts'),
  tui: () => import('./tui.ts'),
  kernels: () => import('./kernels.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) throw new Error(`no benchmark "${unknown}"; known: ${Object.keys(benches).join(', ')}`);
for (const [name, load] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n# ${name}`);
  await (await load()).run({ short: wanted.length === 0 });
}
sumUp();
