// npu_perf: a trace and a profile beside the compiled model, by a job of their own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readContainer } from '../../src/axmodel/read.ts';
import type { ProgramStats } from '../../src/npu/object.ts';
import { readProgram } from '../../src/npu/program.ts';
import { Workspace, type Built } from '../rig/workspace.ts';
import { plain, put, type Settings } from './scene.ts';

interface Event {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly pid: string;
  readonly tid: string;
  readonly ts: number;
  readonly dur: number;
  readonly cname?: string;
  readonly args: { readonly label: string; readonly inputs: string; readonly outputs: string; readonly cname?: string; readonly starts: number; readonly dur: number; readonly index: number; readonly dep_by: string };
}

/** Builds once without and once with the settings; the second build must equal a cold one. */
async function switched(settings: Partial<Settings>): Promise<Built> {
  const workspace = new Workspace();
  try {
    put(workspace, plain);
    await workspace.build();
    put(workspace, { ...plain, ...settings });
    const built = await workspace.build();
    assert.deepEqual((await workspace.build({ cold: true })).digests, built.digests);
    return built;
  } finally {
    workspace.remove();
  }
}

const on = { npu_perf: true };
const units = ['subgraph_npu_0', 'subgraph_npu_1', 'subgraph_npu_2'];

function eventsOf({ files }: Built, path: string): Event[] {
  return (JSON.parse(Buffer.from(files[path]!).toString()) as { traceEvents: Event[] }).traceEvents;
}

function statsOf({ files }: Built, unit: string): ProgramStats {
  const found = readContainer(files['compiled.axmodel']!, 'compiled.axmodel').chains.flatMap((chain) => chain.units).find(({ name }) => name === unit);
  assert.ok(found?.type === 'NPU');
  return readProgram(found.programs[0]!.program).stats;
}

test('switched on, it runs a job a unit and nothing else, and the model stays byte for byte', async () => {
  const workspace = new Workspace();
  try {
    put(workspace, plain);
    const before = await workspace.build();
    put(workspace, { ...plain, compiler: on });
    const after = await workspace.build();
    assert.deepEqual(after.ran, { perf: units });
    const added = units.flatMap((unit) => [`compiler/debug/${unit}/b1/op_profile.csv`, `compiler/debug/${unit}/b1/trace.json`]);
    assert.deepEqual(Object.keys(after.files).filter((path) => !(path in before.files)).sort(), added);
    assert.equal(after.digests['compiled.axmodel'], before.digests['compiled.axmodel']);
    put(workspace, plain);
    assert.deepEqual((await workspace.build()).ran, {});
  } finally {
    workspace.remove();
  }
});

test('of a sub_config it traces that unit; of several batches and shapes each program', async () => {
  const { ran } = await switched({ range: { ...plain.range!, options: on } });
  assert.deepEqual(ran, { perf: ['subgraph_npu_1'] });
  const { files } = await switched({ range: null, compiler: { ...on, static_batch_sizes: [1, 2] }, extra: [[1, 3, 16, 24]] });
  const traces = Object.keys(files).filter((path) => path.endsWith('trace.json')).sort();
  assert.deepEqual(traces, ['subgraph_npu_0/b1', 'subgraph_npu_0/b2', 'subgraph_npu_0_1/b1', 'subgraph_npu_0_1/b2'].map((place) => `compiler/debug/${place}/trace.json`));
  for (const path of traces) assert.equal(eventsOf({ files } as Built, path)[0]!.pid, path.split('/')[2]);
});

test('spans are max_cycle long, add up to what each engine is busy, and start behind what they depend on', async () => {
  const built = await switched({ compiler: on });
  for (const unit of units) {
    const events = eventsOf(built, `compiler/debug/${unit}/b1/trace.json`);
    const { cycles, busy } = statsOf(built, unit);
    assert.equal(Math.max(...events.map(({ args }) => args.starts + args.dur)), cycles);
    const lanes = { conv0: 0, teng2: 0, cv3: 0, sdma4: 0 };
    const last = new Map<string, number>();
    const byName = new Map(events.map((event) => [event.name, event]));
    assert.equal(byName.size, events.length);
    events.forEach(({ name, cat, ph, pid, tid, ts, dur, args }, index) => {
      assert.equal(ph, 'X');
      assert.equal(pid, unit);
      // 1 ns a cycle; viewers count in microseconds.
      assert.deepEqual([args.label, args.index, ts, dur], [name, index, args.starts / 1000, args.dur / 1000]);
      lanes[tid as keyof typeof lanes] += args.dur;
      assert.ok(args.starts >= (last.get(tid) ?? 0));
      last.set(tid, args.starts + args.dur);
      for (const other of cat === '' ? [] : cat.split(',')) {
        const before = byName.get(other)!;
        assert.ok(before.args.starts + before.args.dur <= args.starts, `${name} starts before ${other} ends`);
        assert.ok(before.args.dep_by.split(',').includes(name));
      }
    });
    assert.deepEqual(lanes, { conv0: busy.conv, teng2: busy.teng, cv3: busy.cv, sdma4: busy.sdma });
  }
});

test('transfers say what they move, in the words and colours of the vendor', async () => {
  const built = await switched({ compiler: on });
  const events = eventsOf(built, 'compiler/debug/subgraph_npu_0/b1/trace.json');
  const colours = { 'ld:param': 'yellow', 'ld:input': 'good', 'ld:ddr_swap': 'rail_response', 'st:ddr_swap': 'terrible', 'st:output': 'thread_state_iowait' };
  for (const { name, tid, cname, args } of events) {
    const traffic = args.cname as keyof typeof colours | undefined;
    assert.equal(tid === 'sdma4', traffic !== undefined);
    if (traffic === undefined) {
      assert.match(name, /^op_\d+:Ax\w+_\d+_\d+$/);
      assert.match(args.outputs, /^\S+ - ocm_base:\[\d+:\d+\]$/);
    } else {
      assert.equal(cname, colours[traffic]);
      assert.match(name, new RegExp(`^${traffic.slice(0, 3)}op_\\d+:Ax\\w+_\\d+_\\d+$`));
    }
  }
  const [input] = events.filter(({ args }) => args.cname === 'ld:input');
  assert.match(input!.args.inputs, /^x:raw - input:\[0:\d+\]$/);
  const [parameter] = events.filter(({ args }) => args.cname === 'ld:param');
  assert.match(parameter!.args.inputs, /^op_\d+:Ax\w+ - params$/);
  const [output] = events.filter(({ args }) => args.cname === 'st:output');
  assert.match(output!.args.outputs, /^\S+ - output:\[\d+:\d+\]$/);
});

test('the profile has a row a group, whose columns add up to what the program takes', async () => {
  const built = await switched({ compiler: on });
  for (const unit of units) {
    const [head, ...lines] = Buffer.from(built.files[`compiler/debug/${unit}/b1/op_profile.csv`]!).toString().trimEnd().split('\n');
    // Shapes hold commas, so those cells are quoted.
    const rows = lines.map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) => match[1]!));
    const column = (name: string): number => rows.reduce((sum, row) => sum + Number(row[head!.split(',').indexOf(name)]), 0);
    const { busy, ddrBytes, macs } = statsOf(built, unit);
    assert.deepEqual(['conv_cycles', 'teng_cycles', 'cv_cycles', 'sdma_cycles', 'macs'].map(column), [busy.conv, busy.teng, busy.cv, busy.sdma, macs]);
    assert.equal(column('ld_param_bytes'), ddrBytes.params);
    assert.equal(column('ld_input_bytes') + column('ld_swap_bytes'), ddrBytes.load);
    assert.equal(column('st_swap_bytes') + column('st_output_bytes'), ddrBytes.store);
    assert.equal(column('ddr_bytes'), ddrBytes.params + ddrBytes.load + ddrBytes.store);
  }
});
