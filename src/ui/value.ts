// Values of settings, as people write them.
import type { Json } from '../base/canonical.ts';

export function valueText(value: Json | undefined): string {
  if (value === undefined) return 'none';
  const text = written(value);
  return text.length > valueMax ? `${text.slice(0, valueMax - 1)}…` : text;
}

const valueMax = 80;

/** As in a configuration file; of a record only what says something. */
function written(value: Json): string {
  if (typeof value === 'string') return /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one: Json) => written(one)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, one]) => one !== undefined && one !== '' && !(Array.isArray(one) && one.length === 0));
  return `{ ${members.map(([key, one]) => `${key}: ${written(one as Json)}`).join(', ')} }`;
}
