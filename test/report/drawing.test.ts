// Diagrams, read back by what their languages allow.
import assert from 'node:assert/strict';
import test from 'node:test';
import { dotText } from '../../src/report/dot.ts';
import type { Drawing } from '../../src/report/drawing.ts';
import { mermaidText } from '../../src/report/mermaid.ts';

const names = ['plain', 'two words', 'quo"te', 'back\\slash', 'a -> b;', '<b>&amp;</b>', '#35;', 'line\nbreak', 'p2o.Conv.4', '[x](y) | {z}'];
const drawing: Drawing = {
  title: 'det "1"',
  boxes: names.map((name, i) => ({ id: name, lines: [name, `${i}`], look: (['ran', 'found', 'failed', 'given'] as const)[i % 4]! })),
  arrows: names.slice(1).map((name, i) => ({ from: names[i]!, to: name, label: i === 0 ? '' : name })),
};

const text = '"((?:[^"\\\\]|\\\\.)*)"';
const plain = (quoted: string): string => quoted.replace(/\\(.)/g, '$1');

test('dot: every line is a header, a default, a box or an arrow; names come back as they were', () => {
  const lines = dotText(drawing).trimEnd().split('\n');
  assert.match(lines[0]!, new RegExp(`^digraph ${text} \\{$`));
  assert.equal(lines.at(-1), '}');
  const body = lines.slice(1, -1);
  const boxes = body.flatMap((line) => new RegExp(`^  ${text} \\[label=${text}, shape=[^"]*(?:"[^"]*"[^"]*)*\\];$`).exec(line)?.[1] ?? []);
  const arrows = body.flatMap((line) => { const found = new RegExp(`^  ${text} -> ${text} \\[label=${text}\\];$`).exec(line); return found === null ? [] : [[plain(found[1]!), plain(found[2]!)]]; });
  const oneLine = (name: string): string => name.replace('\n', ' ');
  assert.deepEqual(boxes.map(plain), names.map(oneLine));
  assert.deepEqual(arrows, drawing.arrows.map(({ from, to }) => [oneLine(from), oneLine(to)]));
  assert.equal(boxes.length + arrows.length + 3, body.length);
});

test('mermaid: boxes by number, labels without a sign that ends them, arrows between known boxes', () => {
  const lines = mermaidText(drawing).trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 4), ['---', 'title: "det \\"1\\""', '---', 'flowchart LR']);
  const boxes = lines.flatMap((line) => /^  (n\d+)\["([^"]*)"\]:::(ran|found|failed|given)$/.exec(line)?.slice(1, 3) ?? []);
  const unescaped = (label: string): string => label.replace(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  assert.deepEqual(boxes, names.flatMap((_, i) => [`n${i}`, boxes[2 * i + 1]]));
  assert.deepEqual(names.map((_, i) => unescaped(boxes[2 * i + 1]!.split('<br>')[0]!)), names.map((name) => name.replace('\n', ' ')));
  const arrows = lines.flatMap((line) => { const found = /^  (n\d+) -->(?:\|"[^"]*"\|)? (n\d+)$/.exec(line); return found === null ? [] : [[found[1], found[2]]]; });
  assert.deepEqual(arrows, names.slice(1).map((_, i) => [`n${i}`, `n${i + 1}`]));
  assert.deepEqual(lines.filter((line) => line.startsWith('  classDef')).length, 4);
});

test('what is not there has no style', () => {
  assert.doesNotMatch(mermaidText({ ...drawing, boxes: drawing.boxes.slice(0, 1), arrows: [] }), /failed/);
});
