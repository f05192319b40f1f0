// A worker of the synthetic plan. Argument: the cache folder.
import { openLmdbStore } from '../../cache/lmdb-store.ts';
import { serve } from '../../src/engine/serve.ts';
import { mix } from './mix.ts';

serve({ store: openLmdbStore({ folder: process.argv[2]!, role: 'worker' }), tasks: Promise.resolve({ mix: async () => mix }) });
