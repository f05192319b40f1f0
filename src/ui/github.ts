// Annotations for GitHub Actions: the place of a fault becomes a mark in the diff of a pull request.
// docs.github.com/actions: "Workflow commands", "Setting an error message"; what is escaped is what actions/toolkit escapes.
import type { FaultSeen } from '../engine/events.ts';

/** One line. `file` must be relative to the repository. */
export function annotationOf({ text, place }: Pick<FaultSeen, 'text' | 'place'>): string {
  const properties: readonly (readonly [string, string | number | undefined])[] = [['file', place?.file], ['line', place?.line], ['col', place?.column]];
  const given = properties.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escapedProperty(String(value))}`]));
  return `::error${given.length === 0 ? '' : ` ${given.join(',')}`}::${escaped(text)}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
