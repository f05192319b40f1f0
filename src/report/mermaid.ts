// A drawing as a Mermaid flowchart, which GitHub and many editors show.
import type { Drawing, Look } from './drawing.ts';

const styles: Readonly<Record<Look, string>> = {
  ran: 'fill:#cfe8cf,stroke:#333,color:#000',
  found: 'stroke-dasharray:4',
  failed: 'fill:#f2c4c4,stroke:#333,stroke-width:3px,color:#000',
  given: 'fill:#eee,stroke:#999,color:#000',
};

export function mermaidText({ title, boxes, arrows }: Drawing): string {
  // Mermaid's names are words: boxes get numbers.
  const numbers = new Map(boxes.map(({ id }, i) => [id, `n${i}`]));
  const used = new Set(boxes.map(({ look }) => look));
  return [
    '---',
    `title: ${JSON.stringify(title)}`,
    '---',
    'flowchart LR',
    ...boxes.map(({ id, lines, look }) => `  ${numbers.get(id)!}["${lines.map(escaped).join('<br>')}"]:::${look}`),
    ...arrows.map(({ from, to, label }) => `  ${numbers.get(from)!} ${label === '' ? '-->' : `-->|"${escaped(label)}"|`} ${numbers.get(to)!}`),
    ...Object.entries(styles).filter(([look]) => used.has(look as Look)).map(([look, style]) => `  classDef ${look} ${style}`),
    '',
  ].join('\n');
}

/** Inside of quotes: entities for what Mermaid would read as its own. */
function escaped(line: string): string {
  return line.replace(/[\r\n]+/g, ' ').replace(/[#"&<>`]/g, (sign) => `#${sign.charCodeAt(0)};`);
}
