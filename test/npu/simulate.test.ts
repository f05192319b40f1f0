// What the simulator refuses, and what it reports.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { decode } from '../../src/npu/decode.ts';
import { CodeWriter, noAddress, type Address, type Operands, type Wait } from '../../src/npu/encode.ts';
import { engines, space } from '../../src/npu/isa.ts';
import { simulate, type Runnable, type SimulateOptions } from '../../src/npu/simulate.ts';
import { noTable } from './stage.ts';

const ocm = (offset: number): Address => ({ space: space.ocm, offset });
const input = (offset: number): Address => ({ space: space.input, offset });
const output = (offset: number): Address => ({ space: space.output, offset });
const line = { from_plane_pitch: 0, from_row_pitch: 0, to_plane_pitch: 0, to_row_pitch: 0, planes: 1, rows: 1 };
const copy = (from: Address, to: Address, run: number): Operands => ({ from, to, ...line, run });
const sizes = { ocmBytes: 256, paramsBytes: 64, swapBytes: 32, inputs: [{ bytes: 64 }], outputs: [{ bytes: 16 }] };

const rescale: Operands = {
  in: ocm(0), in_row_pitch: 16, in_col_pitch: 1, in_bytes: 1, in_zero: 10, multiplier: 2 ** 30, shift: 30, out: ocm(64), out_row_pitch: 16, out_col_pitch: 1, out_bytes: 1, rows: 1, cols: 16, channels: 1,
  zero: 20, lo: 0, hi: 255, ...noTable,
};

type Line = readonly [name: string, operands: Operands, wait?: Wait | undefined];

const program: readonly Line[] = [
  ['load', copy(input(0), ocm(0), 16)],
  ['rescale', rescale, [0, 0, 0, 1]],
  ['store', copy(ocm(64), output(0), 16), [0, 1, 0, 0]],
];

function assemble(lines: readonly Line[]): Runnable {
  const writer = new CodeWriter();
  for (const [name, operands, wait] of lines) writer.add(name, operands, wait);
  return { code: writer.code(), ...sizes };
}

/** The program with one line changed. */
function change(index: number, operands: Operands, wait?: Wait): Runnable {
  return assemble(program.map(([name, old, oldWait], i) => [name, i === index ? { ...old, ...operands } : old, i === index ? (wait ?? oldWait) : oldWait] as const));
}

const params = new Uint8Array(64);
const codes = Uint8Array.from({ length: 64 }, (_, i) => 3 * i);

function run(runnable: Runnable, options?: SimulateOptions): ReturnType<typeof simulate> {
  return simulate(runnable, params, [codes], options);
}

function refuses(runnable: Runnable, message: string, options?: SimulateOptions): void {
  assert.throws(() => run(runnable, options), (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.message, message);
    return true;
  });
}

test('a program turns inputs into outputs, and probes see memory as it was on the way', () => {
  const probes = [{ after: -1, space: space.ocm, offset: 0, bytes: 2 }, { after: 1, space: space.ocm, offset: 64, bytes: 3 }, { after: 0, space: space.ocm, offset: 64, bytes: 1 }, { after: 0, space: space.ocm, offset: 1, bytes: 2 }];
  const { outputs, probes: seen, saturations } = run(assemble(program), { strict: true, probes });
  assert.deepEqual(outputs, [Uint8Array.from({ length: 16 }, (_, i) => 3 * i + 10)]);
  assert.deepEqual(seen, [[0xa5, 0xa5], [10, 13, 16], [0xa5], [3, 6]].map((bytes) => Uint8Array.from(bytes)));
  assert.equal(saturations, 0);
});

test('nothing of one run is left for the next', () => {
  const strictFirst = run(assemble(program), { strict: true });
  const writer: readonly Line[] = [['store', copy(ocm(0), output(0), 16)]];
  assert.deepEqual(run(assemble(writer)).outputs, [new Uint8Array(16)]);
  assert.deepEqual(run(assemble(program), { strict: true }), strictFirst);
});

test('inputs and params must have the sizes that the program names', () => {
  const good = assemble(program);
  assert.throws(() => simulate(good, new Uint8Array(63), [codes]), { message: 'the program needs 64 bytes of params, not 63' });
  assert.throws(() => simulate(good, params, []), { message: 'the program needs 1 inputs, not 0' });
  assert.throws(() => simulate(good, params, [new Uint8Array(65)]), { message: 'input 0 needs 64 bytes, not 65' });
  refuses({ ...good, ocmBytes: 2 ** 33 }, "the program's memories are 8589934768 bytes\n   known  the simulator holds 4 GiB");
});

test('a byte that is read but was never written is poison', () => {
  const strict = { strict: true };
  refuses(change(0, { run: 15 }), 'instruction 1 (rescale): poison: in reads ocm+15, which was never written', strict);
  refuses(change(1, { in: ocm(2) }), 'instruction 1 (rescale): poison: in reads ocm+16, which was never written', strict);
  refuses(change(2, { from: ocm(65) }), 'instruction 2 (store): poison: from reads ocm+80, which was never written', strict);
  refuses(change(2, { run: 12 }), 'poison: no instruction writes output0+12', strict);
  assert.deepEqual(run(change(2, { run: 12 })).outputs[0]!.subarray(11), Uint8Array.from([43, 0, 0, 0, 0]));
});

test('engines that touch the same bytes must be ordered by waits', () => {
  const strict = { strict: true };
  refuses(change(1, {}, [0, 0, 0, 0]), 'hazard: instructions 0 (load) and 1 (rescale) touch the same bytes, and no wait orders them\n   0  to writes ocm 0 … 15\n   1  in reads ocm 0 … 15', strict);
  refuses(change(2, {}, [0, 0, 0, 0]), 'hazard: instructions 1 (rescale) and 2 (store) touch the same bytes, and no wait orders them\n   1  out writes ocm 64 … 79\n   2  from reads ocm 64 … 79', strict);
  refuses(change(2, {}, [0, 2, 0, 0]), 'instruction 2 (store): deadlock: waits for 2 instructions of teng, but only 1 come before it');
  refuses(change(0, {}, [0, 0, 0, 1]), 'instruction 0 (load): deadlock: waits for 1 instructions of sdma, but only 0 come before it');
});

test('an address outside of its memory, or in one that the engine cannot reach, is refused', () => {
  refuses(change(0, { to: ocm(241) }), 'instruction 0 (load): to reaches ocm 241 … 256\n   known  0 … 255');
  refuses(change(0, { from: input(49) }), 'instruction 0 (load): from reaches input0 49 … 64\n   known  0 … 63');
  refuses(change(0, { from: { space: space.input + 1, offset: 0 } }), "instruction 0 (load): from is in input1, which the program doesn't have");
  refuses(change(0, { from: ocm(128) }), 'instruction 0 (load): from is in ocm\n   known  DDR');
  refuses(change(0, { to: { space: space.swap, offset: 0 } }), 'instruction 0 (load): to is in swap\n   known  ocm');
  refuses(change(1, { in: input(0) }), 'instruction 1 (rescale): in is in input0\n   known  ocm');
  refuses(change(2, { to: { space: space.params, offset: 0 } }), 'instruction 2 (store): to writes params');
  refuses(change(2, { to: input(0) }), 'instruction 2 (store): to writes input0');
  refuses(change(1, { out: ocm(15) }), 'instruction 1 (rescale): out overlaps in');
  refuses(change(1, { out_col_pitch: 0 }), 'instruction 1 (rescale): out writes a byte twice');
  refuses(change(1, { in_row_pitch: 2 ** 32 - 1, rows: 2 }), 'instruction 1 (rescale): in reaches ocm 0 … 4294967310\n   known  0 … 255');
});

test('fields out of their range are refused', () => {
  const faults: readonly (readonly [Operands, string])[] = [
    [{ rows: 0 }, 'rows is 0\n   known  1 … 16777215'],
    [{ in_bytes: 4 }, 'in_bytes is 4\n   known  1, 2'],
    [{ in_zero: 256 }, 'in_zero is 256\n   known  0 … 255'],
    [{ in_zero: -1 }, 'in_zero is -1\n   known  0 … 255'],
    [{ multiplier: 2 ** 30 - 1, shift: 61 }, 'multiplier is 1073741823 at shift 61\n   known  0, 1073741824 … 2147483647; at shift 62 all from 0'],
    [{ multiplier: -1, shift: 62 }, 'multiplier is -1 at shift 62\n   known  0, 1073741824 … 2147483647; at shift 62 all from 0'],
    [{ shift: 16 }, 'shift is 16\n   known  17 … 62'],
    [{ hi: 256 }, 'hi is 256\n   known  0 … 255'],
    [{ lo: 7, hi: 6 }, 'lo is 7\n   known  0 … 6'],
    [{ zero: 256 }, 'zero is 256\n   known  0 … 255'],
    [{ value_bits: 1 }, 'value_bits is 1\n   known  0'],
    [{ table: ocm(100), index_bits: 17 }, 'index_bits is 17\n   known  1 … 16'],
    [{ table: ocm(100), index_bits: 14, fraction_bits: 15 }, 'fraction_bits is 15\n   known  1 … 14'],
    [{ table: ocm(100), index_bits: 1, fraction_bits: 1, zero: 4 - 2 ** 31 - 1 }, 'zero is -2147483645\n   known  -2147483644 … 2147483647'],
  ];
  for (const [operands, message] of faults) refuses(change(1, operands), `instruction 1 (rescale): ${message}`);
  const conv: Operands = {
    in: ocm(0), in_row_pitch: 4, in_col_pitch: 1, in_bytes: 1, in_rows: 4, in_cols: 4, in_channels: 1, in_zero: 0, weights: ocm(16), weight_bytes: 1, kernel_y: 1, kernel_x: 1, stride_y: 1, stride_x: 1,
    dilation_y: 1, dilation_x: 1, pad_top: 0, pad_left: 0, channel_params: ocm(32), out: ocm(64), out_row_pitch: 4, out_col_pitch: 1, out_bytes: 1, out_rows: 4, out_cols: 4, out_channels: 1,
    zero: 0, lo: 0, hi: 255, ...noTable,
  };
  const around = (operands: Operands): Runnable => assemble([['load', copy(input(0), ocm(0), 64)], ['conv', { ...conv, ...operands }, [0, 0, 0, 1]], ['store', copy(ocm(64), output(0), 16), [1, 0, 0, 0]]]);
  refuses(around({ stride_y: 2 ** 24 - 1, out_rows: 18, out_row_pitch: 4 }), 'instruction 1 (conv): its windows reach 285212655 positions far\n   known  below 268435456');
  refuses(around({ kernel_y: 4097 }), 'instruction 1 (conv): kernel_y is 4097\n   known  1 … 4096');
  refuses(around({ channel_params: noAddress }), 'instruction 1 (conv): channel_params has no address');
  refuses(around({}), 'instruction 1 (conv): the parameters of channel 0 can\'t be\n   known  bias within S48, multiplier 0 or 2^30 … 2^31 - 1 (at shift 62 all from 0), shift 17 … 62');
});

test('accumulators that leave their width are counted', () => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  bytes.fill(255, 0, 16);
  view.setInt8(16, 127);
  view.setBigInt64(32, 2n ** 31n - 1n - 255n * 126n, true);
  view.setInt32(40, 2 ** 30, true);
  view.setInt32(44, 53, true);
  const lines: readonly Line[] = [
    ['load', copy(input(0), ocm(0), 64)],
    ['conv', {
      in: ocm(0), in_row_pitch: 4, in_col_pitch: 1, in_bytes: 1, in_rows: 4, in_cols: 4, in_channels: 1, in_zero: 0, weights: ocm(16), weight_bytes: 1, kernel_y: 1, kernel_x: 1, stride_y: 1, stride_x: 1,
      dilation_y: 1, dilation_x: 1, pad_top: 0, pad_left: 0, channel_params: ocm(32), out: ocm(64), out_row_pitch: 4, out_col_pitch: 1, out_bytes: 1, out_rows: 4, out_cols: 4, out_channels: 1,
      zero: 0, lo: 0, hi: 255, ...noTable,
    }, [0, 0, 0, 1]],
    ['store', copy(ocm(64), output(0), 16), [1, 0, 0, 0]],
  ];
  assert.equal(simulate(assemble(lines), params, [bytes], { strict: true }).saturations, 16);
  view.setInt8(16, 126);
  assert.equal(simulate(assemble(lines), params, [bytes], { strict: true }).saturations, 0);
});

test('any change of one word is refused or shows in the output, but for words without effect', () => {
  const good = assemble(program);
  const instructions = decode(good.code);
  const expected = run(good, { strict: true }).outputs[0]!;
  const silent: string[] = [];
  instructions.forEach(({ at, form, name }) => {
    for (let word = 0; word < form.words; word++) {
      for (const delta of [1, -1, 2 ** 16, 2 ** 31]) {
        const code = good.code.slice();
        code[at + word]! += delta;
        const outcome = verdict({ ...good, code });
        if (outcome !== 'refused' && Buffer.compare(outcome, expected) === 0) silent.push(`${name} ${form.slots.findLast((slot) => slot.word <= word)?.name ?? `wait ${engines[word - 1]}`}`);
      }
    }
  });
  // Pitches of a single row or plane, a byte loaded too many, a wait that holds anyhow, limits that no value reaches, a factor 2^-30 larger.
  assert.deepEqual([...new Set(silent)].sort(), [
    'load from_plane_pitch', 'load from_row_pitch', 'load run', 'load to_plane_pitch', 'load to_row_pitch', 'rescale hi', 'rescale in_row_pitch', 'rescale lo', 'rescale multiplier', 'rescale out_row_pitch',
    'store from_plane_pitch', 'store from_row_pitch', 'store to_plane_pitch', 'store to_row_pitch', 'store wait sdma',
  ]);
});

function verdict(runnable: Runnable): Uint8Array | 'refused' {
  try {
    return run(runnable, { strict: true }).outputs[0]!;
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return 'refused';
  }
}
