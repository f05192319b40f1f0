// docs/events.md lists every event with its fields.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Fault, Faults } from '../../src/base/fault.ts';
import { JobFailed } from '../../src/engine/build.ts';
import { exitOf, faultOf } from '../../src/engine/exit.ts';

const root = join(import.meta.dirname, '../..');

/** { finished: ['task', …] }: from the union's interfaces, in the order written. */
function declared(): Record<string, string[]> {
  const code = readFileSync(join(root, 'src/engine/events.ts'), 'utf8');
  const events: Record<string, string[]> = {};
  for (const [body] of code.matchAll(/export interface \w+ \{[^}]*readonly event: '[^}]*\}/g)) {
    const fields = [...body.matchAll(/readonly (\w+)\??:/g)].map((match) => match[1]!);
    events[/event: '(\w+)'/.exec(body)![1]!] = fields.filter((field) => field !== 'event');
  }
  return events;
}

test('the page documents every event, and every field of it', () => {
  const page = readFileSync(join(root, 'docs/events.md'), 'utf8');
  const rows = Object.fromEntries([...page.matchAll(/^\| `(\w+)` \| [^|]* \| ([^|]*) \|$/gm)].map((match) => [match[1]!, match[2]!]));
  const events = declared();
  assert.deepEqual(Object.keys(rows).sort(), Object.keys(events).sort());
  for (const [event, fields] of Object.entries(events)) {
    for (const field of fields) assert.match(rows[event]!, new RegExp(`\`${field}\``), `${event} has the field ${field}`);
  }
});

test('errors have exit codes, and one text each', () => {
  const failed = new JobFailed({ task: 'tile', label: 'x', outcome: 'failed', exit: 1 });
  assert.deepEqual([exitOf(failed), faultOf(failed)], [1, undefined]);
  const fault = new Fault({ what: 'wrong', exit: 2 });
  assert.deepEqual([exitOf(fault), faultOf(fault)], [2, { event: 'fault', text: 'wrong', exit: 2 }]);
  assert.equal(exitOf(new Faults([new Fault({ what: 'a' }), fault])), 2);
  const bug = new Error('BUG: impossible');
  assert.equal(exitOf(bug), 70);
  assert.deepEqual(faultOf(bug), { event: 'fault', exit: 70, text: `${bug.stack}\n   this is a bug of axbuild; please report it with the lines above` });
});
