// A drawing in Graphviz' language: axbuild graph | dot -Tsvg.
import type { Drawing, Look } from './drawing.ts';

const looks: Readonly<Record<Look, string>> = {
  ran: 'shape=box, style=filled, fillcolor="#cfe8cf"',
  found: 'shape=box, style=dashed',
  failed: 'shape=box, style="filled,bold", fillcolor="#f2c4c4"',
  given: 'shape=note',
};

export function dotText({ title, boxes, arrows }: Drawing): string {
  return [
    `digraph ${quoted(title)} {`,
    '  rankdir=LR;',
    '  node [fontname="sans-serif", fontsize=11];',
    '  edge [fontname="sans-serif", fontsize=9];',
    ...boxes.map(({ id, lines, look }) => `  ${quoted(id)} [label=${quoted(...lines)}, ${looks[look]}];`),
    ...arrows.map(({ from, to, label }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}];`),
    '}',
    '',
  ].join('\n');
}

/** Lines between quotes. Only quotes and backslashes mean something there. */
function quoted(...lines: readonly string[]): string {
  return `"${lines.map((line) => line.replace(/[\\"]/g, '\\$&').replace(/[\r\n]+/g, ' ')).join('\\n')}"`;
}
