// A process that opens a cache: prints how long loading LMDB took, and opening.
const began = performance.now();
await import('lmdb');
const loaded = performance.now();
const { openLmdbStore } = await import('../cache/lmdb-store.ts');
const ready = performance.now();
const store = await openLmdbStore({ folder: process.argv[2]! });
console.log(JSON.stringify([loaded - began, performance.now() - ready]));
await store.close();
