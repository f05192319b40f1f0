import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { pack, type Header } from 'tar-stream';
import { textOf, utf8 } from '../../src/base/bytes.ts';
import { Fault } from '../../src/base/fault.ts';
import { readArchive } from '../../src/dataset/archive.ts';
import { limits, type Limits } from '../../src/dataset/limits.ts';

type File = readonly [name: string, content: string | Uint8Array, header?: Partial<Header>];

async function tarOf(...files: readonly File[]): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, content, header] of files) tar.entry({ name, ...header }, Buffer.from(content));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

function zipOf(files: Readonly<Record<string, string | Uint8Array>>, level: 0 | 6 = 6): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, typeof content === 'string' ? utf8(content) : content])), { level });
}

async function read(bytes: Uint8Array, at: Partial<Limits> = {}): Promise<string[]> {
  return (await readArchive(bytes, 'data.tar', { ...limits, ...at })).map(({ name, bytes: content }) => `${name}=${textOf(content)}`);
}

async function refusal(bytes: Uint8Array, at: Partial<Limits> = {}): Promise<string> {
  const error: unknown = await read(bytes, at).then((names) => new Error(`accepted: ${names.join()}`), (thrown: unknown) => thrown);
  if (error instanceof Fault) return error.message;
  throw error;
}

test('tar, tar.gz and zip give the same samples in the order of their names', async () => {
  const files = { 'b/2.png': 'two', 'a.png': 'one', 'B.png': 'big', 'ä.png': 'umlaut' };
  const tar = await tarOf(['b', '', { type: 'directory' }], ...Object.entries(files), ['./c.png', 'dot']);
  const expected = ['B.png=big', 'a.png=one', 'b/2.png=two', 'c.png=dot', 'ä.png=umlaut'];
  assert.deepEqual(await read(tar), expected);
  assert.deepEqual(await read(new Uint8Array(gzipSync(tar))), expected);
  for (const level of [0, 6] as const) assert.deepEqual(await read(zipOf({ 'b/': '', ...files, './c.png': 'dot' }, level)), expected);
});

test('hidden and metadata files are left out', async () => {
  const files: readonly File[] = [['a/._1.png', ''], ['.DS_Store', ''], ['__MACOSX/1.png', ''], ['.hidden/1.png', ''], ['a/1.png', 'kept']];
  assert.deepEqual(await read(await tarOf(...files)), ['a/1.png=kept']);
  assert.deepEqual(await read(zipOf(Object.fromEntries(files.map(([name, content]) => [name, content])))), ['a/1.png=kept']);
});

test('long names and pax headers are read', async () => {
  const name = `${'deep/'.repeat(60)}1.png`;
  assert.deepEqual(await read(await tarOf([name, 'x', { pax: { comment: 'y' } }])), [`${name}=x`]);
});

test('an archive that holds nothing is refused', async () => {
  assert.equal(await refusal(new Uint8Array(0)), 'data.tar: empty, 0 bytes');
  assert.equal(await refusal(await tarOf()), 'data.tar: no files in this archive');
  assert.equal(await refusal(await tarOf(['only', '', { type: 'directory' }])), 'data.tar: no files in this archive');
  assert.equal(await refusal(zipOf({})), 'data.tar: no files in this archive');
  assert.equal(await refusal(new Uint8Array(gzipSync(new Uint8Array(1024)))), 'data.tar: no files in this archive');
});

test('what is no archive is refused', async () => {
  assert.equal(await refusal(utf8('hello'.repeat(500))), 'data.tar: not an archive\n   known  .zip, .tar.gz, .tar');
  assert.equal(await refusal(new Uint8Array(gzipSync(utf8('hello')))), 'data.tar: no .tar inside of this .gz');
});

test('a truncated archive is refused, wherever it was cut', async () => {
  const tar = await tarOf(['1.png', 'x'.repeat(700)], ['2.png', 'y']);
  const zip = zipOf({ '1.png': 'x'.repeat(700), '2.png': 'y' });
  const gz = new Uint8Array(gzipSync(tar));
  for (const whole of [tar, zip, gz]) {
    for (let length = 1; length < whole.length - (whole === tar ? 512 : 0); length += 7) {
      assert.match(await refusal(whole.subarray(0, length)), /^data\.tar: (truncated or corrupt\n {3}because {2}.+|not an archive\n.+)$/s, `${length} of ${whole.length}`);
    }
  }
  assert.equal(await refusal(tar.subarray(0, 1536)), 'data.tar: truncated or corrupt\n   because  the end-of-archive mark is missing');
});

test('a byte changed on the way is noticed', async () => {
  const zip = zipOf({ '1.png': 'hello there' }, 0);
  const at = Buffer.from(zip).indexOf('there');
  assert.equal(await refusal(zip.with(at, 0x54)), 'data.tar: truncated or corrupt\n   because  the checksum of entry "1.png" is wrong');
  const tar = await tarOf(['1.png', 'a'], ['2.png', 'b']);
  assert.equal(await refusal(tar.with(1030, 0x54)), 'data.tar: truncated or corrupt\n   because  Invalid tar header. Maybe the tar is corrupted or it needs to be gunzipped?');
  const gz = new Uint8Array(gzipSync(tar));
  assert.equal(await refusal(gz.with(gz.length - 6, gz[gz.length - 6]! ^ 1)), 'data.tar: truncated or corrupt\n   because  incorrect data check');
});

test('names that leave the archive\'s folder are refused', async () => {
  const names: readonly (readonly [string, string])[] = [
    ['../1.png', 'it climbs out of its folder'], ['a/../../1.png', 'it climbs out of its folder'], ['a\\..\\1.png', 'it climbs out of its folder'],
    ['.hidden/../1.png', 'it climbs out of its folder'], ['/etc/1.png', 'it is absolute'], ['\\\\host\\1.png', 'it is absolute'], ['C:\\1.png', 'it names a drive'],
  ];
  for (const [name, why] of names) {
    const says = `data.tar: entry "${name}" is refused: ${why}`;
    assert.equal(await refusal(await tarOf([name, 'x'])), says);
    assert.equal(await refusal(zipOf({ [name]: 'x' })), says);
  }
});

test('links and devices are refused', async () => {
  assert.equal(await refusal(await tarOf(['1.png', '', { type: 'symlink', linkname: '/etc/passwd' }])), 'data.tar: entry "1.png" is refused: it is a symlink to "/etc/passwd"\n   allowed  files and folders');
  assert.equal(await refusal(await tarOf(['1.png', '', { type: 'link', linkname: '2.png' }])), 'data.tar: entry "1.png" is refused: it is a link to "2.png"\n   allowed  files and folders');
  assert.equal(await refusal(await tarOf(['1.png', '', { type: 'fifo' }])), 'data.tar: entry "1.png" is refused: it is a fifo\n   allowed  files and folders');
  const zip = zipSync({ '1.png': [utf8('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] });
  assert.equal(await refusal(zip), 'data.tar: entry "1.png" is refused: it is a symlink\n   allowed  files and folders');
});

test('two samples of one name are refused', async () => {
  assert.equal(await refusal(await tarOf(['1.png', 'a'], ['./1.png', 'b'])), 'data.tar: two entries "1.png"');
});

test('an archive can not grow without end', async () => {
  const tar = await tarOf(['1.png', 'x'.repeat(10_000)], ['2.png', 'y'.repeat(10_000)]);
  const zip = zipOf({ '1.png': 'x'.repeat(10_000), '2.png': 'y'.repeat(10_000) });
  const gz = new Uint8Array(gzipSync(tar));
  assert.equal(await refusal(tar, { entries: 1 }), 'data.tar: more than 1 entries');
  assert.equal(await refusal(zip, { entries: 1 }), 'data.tar: more than 1 entries');
  assert.equal(await refusal(tar, { entryBytes: 9999 }), 'data.tar: entry "1.png" has 10000 bytes\n   at most  9999');
  assert.equal(await refusal(zip, { entryBytes: 9999 }), 'data.tar: entry "1.png" has 10000 bytes\n   at most  9999');
  assert.equal(await refusal(tar, { totalBytes: 19_999 }), 'data.tar: more than 19999 bytes in all');
  const tight = { ratio: 2, ratioFreeBytes: 100 };
  assert.equal(await refusal(zip, tight), `data.tar: unpacks to more than ${2 * zip.length} bytes\n   packed  ${zip.length} bytes`);
  assert.equal(await refusal(gz, tight), `data.tar: unpacks to more than ${2 * gz.length} bytes\n   packed  ${gz.length} bytes`);
});

test('a zip that lies about its sizes is refused without unpacking more', async () => {
  const zip = zipOf({ '1.png': 'x'.repeat(100_000) });
  const directory = Buffer.from(zip).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  const lying = zip.slice();
  for (const at of [22, directory + 24]) new DataView(lying.buffer).setUint32(at, 50, true);
  assert.match(await refusal(lying), /^data\.tar: truncated or corrupt\n/);
});

test('an encrypted zip is refused', async () => {
  const zip = zipOf({ '1.png': 'x' });
  const directory = Buffer.from(zip).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  assert.equal(await refusal(zip.with(directory + 8, 1)), 'data.tar: entry "1.png" is encrypted');
});
