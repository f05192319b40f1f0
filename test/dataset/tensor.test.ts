import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf, utf8 } from '../../src/base/bytes.ts';
import { dtypes, type DType } from '../../src/base/dtype.ts';
import { Fault } from '../../src/base/fault.ts';
import { pairSamples, usedNames } from '../../src/dataset/batches.ts';
import { readNpy, writeNpy } from '../../src/dataset/npy.ts';
import { binaryTensor, fileStem, numpyTensor } from '../../src/dataset/tensor.ts';

const wanted = { tensor: 'x', dtype: 'FP32', shape: [2, 3], name: 'd.tar: 1.npy' } as const;
const sixFloats = bytesOf(Float32Array.of(0, 1, 2, 3, 4, 5));

/** A .npy file as numpy would write it, with any header. */
function npy(header: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const text = utf8(`${header}\n`);
  const length = version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...utf8('NUMPY'), version, 0, ...length, ...text, ...data]);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

test('what is written is read again, for every element type and rank', () => {
  for (const dtype of Object.keys(dtypes) as DType[]) {
    for (const shape of [[], [4], [2, 3], [1, 2, 1, 3]]) {
      const count = shape.reduce((product, size) => product * size, 1);
      const data = Uint8Array.from({ length: count * dtypes[dtype].bytes }, (_, i) => (i * 37) & 0xff);
      const file = writeNpy({ dtype, shape, data });
      assert.deepEqual(readNpy(file, 'x.npy'), { dtype, shape, data });
      assert.equal((file.length - data.length) % 64, 0, 'data start where numpy aligns them');
    }
  }
});

test('a file of numpy\'s own is read, byte for byte', () => {
  // numpy.save(f, numpy.arange(6, dtype='<f4').reshape(2, 3))
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117);
  assert.deepEqual(writeNpy({ dtype: 'FP32', shape: [2, 3], data: sixFloats }), npy(header, sixFloats));
});

test('formats 1 to 3, both byte orders, both memory orders', () => {
  const expected = { dtype: 'FP32', shape: [2, 3], data: sixFloats };
  for (const version of [1, 2, 3] as const) assert.deepEqual(readNpy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", sixFloats, version), 'x'), expected);
  const swapped = Uint8Array.from(sixFloats, (_, i) => sixFloats[i - (i % 4) + 3 - (i % 4)]!);
  assert.deepEqual(readNpy(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}", swapped), 'x'), expected);
  const columns = bytesOf(Float32Array.of(0, 3, 1, 4, 2, 5));
  assert.deepEqual(readNpy(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", columns), 'x'), expected);
  const cube = Uint8Array.from({ length: 24 }, (_, i) => i);
  const position = (i: number): number => (i % 2) * 12 + (Math.floor(i / 2) % 3) * 4 + Math.floor(i / 6);
  const fortran = Uint8Array.from({ length: 24 }, (_, i) => position(i));
  assert.deepEqual(readNpy(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4)}", fortran), 'x').data, cube);
});

test('files that are no arrays are refused', () => {
  const says = (file: Uint8Array): string => refusal(() => readNpy(file, 'd.tar: 1.npy'));
  const head = 'd.tar: 1.npy: not a .npy file that can be read\n   because  ';
  assert.equal(says(utf8('hello')), `${head}it does not start with \\x93NUMPY`);
  assert.equal(says(npy('', sixFloats, 1).with(6, 9)), `${head}its format version is 9; known are 1 to 3`);
  assert.equal(says(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", sixFloats).subarray(0, 30)), `${head}it is truncated`);
  assert.equal(says(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}", sixFloats)), `${head}24 bytes follow its header, [2,4] of FP32 has 32`);
  assert.equal(says(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}", sixFloats)), `${head}it holds elements of type "<c8"`);
  assert.equal(says(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", sixFloats)), `${head}it holds records`);
  assert.equal(says(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}", sixFloats)), `${head}its header has no fortran_order or no shape`);
  assert.equal(says(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999, 999999999)}", sixFloats)), `${head}its shape is [999999999,999999999]`);
  assert.equal(says(npy("{'descr': '|O', 'fortran_order': False, 'shape': ()}", sixFloats)), 'd.tar: 1.npy: Python objects in a .npy file are not built yet\n   built  arrays of numbers');
});

test('a sample of another shape or type is refused with both', () => {
  assert.equal(refusal(() => numpyTensor(writeNpy({ dtype: 'FP32', shape: [3, 2], data: sixFloats }), wanted)), 'd.tar: 1.npy: not what input x takes\n   holds        FP32 [3,2]\n   input takes  FP32 [2,3]');
  assert.equal(refusal(() => numpyTensor(writeNpy({ dtype: 'U8', shape: [2, 3], data: new Uint8Array(6) }), wanted)), 'd.tar: 1.npy: not what input x takes\n   holds        U8 [2,3]\n   input takes  FP32 [2,3]');
  assert.equal(refusal(() => binaryTensor(new Uint8Array(25), { ...wanted, name: 'in/x.bin' })), 'in/x.bin: not what input x takes\n   holds        25 bytes\n   input takes  FP32 [2,3]: 24 bytes');
  assert.deepEqual(numpyTensor(writeNpy({ dtype: 'FP32', shape: [2, 3], data: sixFloats }), wanted), sixFloats);
  assert.deepEqual(binaryTensor(sixFloats, wanted), sixFloats);
});

test('numbers that are not finite are refused where they stand', () => {
  const with32 = (value: number): string => refusal(() => numpyTensor(writeNpy({ dtype: 'FP32', shape: [2, 3], data: bytesOf(Float32Array.of(0, 1, 3.4e38, -0, value, NaN)) }), wanted));
  assert.equal(with32(NaN), 'd.tar: 1.npy: NaN at [1,1]\n   allowed  finite numbers only');
  assert.equal(with32(-Infinity), 'd.tar: 1.npy: -Infinity at [1,1]\n   allowed  finite numbers only');
  const f64 = { ...wanted, dtype: 'FP64', shape: [2] } as const;
  assert.equal(refusal(() => binaryTensor(bytesOf(Float64Array.of(1.7e308, Infinity)), f64)), 'd.tar: 1.npy: Infinity at [1]\n   allowed  finite numbers only');
  const f16 = { ...wanted, dtype: 'FP16', shape: [2] } as const;
  assert.equal(refusal(() => binaryTensor(Uint8Array.of(0xff, 0x7b, 0x01, 0xfe), f16)), 'd.tar: 1.npy: NaN at [1]\n   allowed  finite numbers only');
  assert.equal(refusal(() => binaryTensor(Uint8Array.of(0xff, 0x7b, 0x00, 0xfc), f16)), 'd.tar: 1.npy: -Infinity at [1]\n   allowed  finite numbers only');
  assert.deepEqual(binaryTensor(Uint8Array.of(0xff, 0xff, 0xff, 0xff), { ...wanted, dtype: 'S32', shape: [1] }).length, 4, 'whole numbers are always finite');
});

test('samples of several inputs pair by file name', () => {
  const a = { tensor: 'a', archive: 'a.tar', names: ['in/1.npy', 'in/2.npy', 'in/3.npy'] };
  const b = { tensor: 'b', archive: 'b.tar', names: ['1.npy', '2.npy', '3.npy'] };
  assert.deepEqual(pairSamples([a, b], 2), [{ a: 'in/1.npy', b: '1.npy' }, { a: 'in/2.npy', b: '2.npy' }]);
  assert.deepEqual(pairSamples([{ ...a, names: ['x/1.png', 'y/1.png'] }]), [{ a: 'x/1.png' }, { a: 'y/1.png' }], 'one input needs no pairs');
  assert.equal(refusal(() => pairSamples([a, { ...b, names: ['1.npy', '2.npy'] }])), 'b.tar: no sample "3" for input b\n   but  a.tar has in/3.npy for input a');
  assert.equal(refusal(() => pairSamples([{ ...a, names: ['x/1.npy', 'y/1.npy'] }, b])), 'a.tar: "x/1.npy" and "y/1.npy" have the same file name, which is what pairs the samples of several inputs');
});

test('of each input, those entries are used that batches hold', () => {
  const a = { tensor: 'a', archive: 'a.tar', names: ['a/3.npy', 'b/1.npy', 'c/2.npy'] };
  const b = { tensor: 'b', archive: 'b.tar', names: ['1.npy', '2.npy', '3.npy'] };
  for (const most of [-1, 0, 1, 2, 3, 4]) {
    const used = ({ names }: { names: readonly string[] }, paired: boolean): readonly string[] => usedNames(names, { most, paired });
    assert.deepEqual(pairSamples([a, b], most), used(a, true).map((name, i) => ({ a: name, b: used(b, true)[i] })));
    assert.deepEqual(pairSamples([a], most), used(a, false).map((name) => ({ a: name })));
  }
  assert.deepEqual(usedNames(a.names, { most: 2, paired: true }), ['b/1.npy', 'c/2.npy']);
  assert.deepEqual(usedNames(a.names, { most: 2, paired: false }), ['a/3.npy', 'b/1.npy']);
});

test('the file of a tensor keeps letters, digits, _ and -', () => {
  assert.equal(fileStem('op_37:AxQuantizedConv.out/x-1'), 'op_37_AxQuantizedConv_out_x-1');
});
