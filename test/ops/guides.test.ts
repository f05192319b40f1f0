// The guides quote the code: every block that names a file must be found in it, so that they can't rot.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const root = join(import.meta.dirname, '../..');

for (const guide of ['docs/add-an-operator.md', 'docs/add-a-pass.md']) {
  test(`${guide} quotes what is there`, () => {
    const blocks = [...readFileSync(join(root, guide), 'utf8').matchAll(/^```ts (\S+)\n([\s\S]*?)^```$/gm)];
    assert.ok(blocks.length > 2);
    for (const [, file, code] of blocks) assert.ok(readFileSync(join(root, file!), 'utf8').includes(code!), `${file} has no\n${code}`);
  });
}
