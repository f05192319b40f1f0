// One round handed over to another, as watch does it: in this process, with the workers of dist/.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { Event } from '../../src/engine/events.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { ask } from '../../src/cli/ask.ts';
import { goalsOf } from '../../src/cli/goals.ts';
import { runRound, type Round } from '../../src/cli/round.ts';
import { startWorkers } from '../../src/cli/workers.ts';
import { openWorkshop } from '../../src/cli/workshop.ts';
import { plain, put } from '../pipeline/scene.ts';
import { jobs, makeScene } from './rig.ts';

test('a round that is taken over writes nothing of a goal; the next ends right', async (t) => {
  const other = { ...plain, layers: [{ layer_name: 'branch_node', data_type: 'U16' }] };
  const [right, scene] = [makeScene(t, other), makeScene(t)];
  await right.make();
  const asked = ask(parseArguments(['build', '--workspace', scene.folder]), join(import.meta.dirname, '../../dist'));
  const workers = startWorkers(asked);
  const workshop = await openWorkshop(asked, workers);
  const takeover = new AbortController();
  let next: Promise<Round> | undefined;
  const round = (see: (event: Event) => void, more: object): Promise<Round> => runRound(workshop, { goals: goalsOf(asked), began: Date.now(), signal: new AbortController().signal, see, ...more });
  try {
    const left: Event[] = [];
    const first = await round((event) => {
      left.push(event);
      if (next !== undefined || event.event !== 'started' || event.task !== 'observe') return;
      put(scene, other);
      takeover.abort();
      next = round(() => undefined, {});
    }, { takeover: takeover.signal });
    const second = await next!;
    assert.deepEqual([first.exit, first.outcomes, second.exit, second.outcomes], [130, { small: 'interrupted' }, 0, { small: 'built' }]);
    const ended = left.find((event) => event.event === 'goal');
    assert.deepEqual(ended?.event === 'goal' && ended.written, []);
  } finally {
    await workshop.close();
    await workers.pool.close();
  }
  assert.deepEqual(scene.digests(), right.digests());
  assert.equal(jobs(await scene.make()).built, 0);
});
