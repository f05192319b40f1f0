// Runs the benchmarks named on the command line, or all of them.
const benches: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  det: () => import('./det.ts'),
  kernels: () => import('./kernels.ts'),
  accuracy: () => import('./accuracy.ts'),
  plan: () => import('./plan.ts'),
};

const wanted = process.argv.slice(2);
for (const [name, load] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n# ${name}`);
  await (await load()).run();
}
