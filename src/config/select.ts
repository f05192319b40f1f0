// Which goals of a manifest the words of a command mean: a goal, a model (all its cells), or a pattern with * and ?; and those of a tag.
import { Fault, nearest } from '../base/fault.ts';
import type { Manifest, ManifestGoal } from './manifest.ts';

export interface Wanted {
  /** None: all goals. */
  readonly words?: readonly string[];
  /** Of these, those that have one of the tags. */
  readonly tags?: readonly string[];
}

const listed = 12;

/** In the manifest's order. Throws a Fault for a word or tag that selects nothing. */
export function selectGoals({ file, goals }: Pick<Manifest, 'file' | 'goals'>, { words = [], tags = [] }: Wanted): readonly ManifestGoal[] {
  for (const word of words) if (!goals.some((goal) => isMeant(goal, word))) throw unknownGoal(word, { file, goals });
  const known = [...new Set(goals.flatMap((goal) => goal.tags))];
  for (const tag of tags) if (!known.includes(tag)) throw unknown(`${file} has no tag "${tag}"`, { word: tag, label: 'tags', known });
  const named = words.length === 0 ? goals : goals.filter((goal) => words.some((word) => isMeant(goal, word)));
  const selected = tags.length === 0 ? named : named.filter((goal) => tags.some((tag) => goal.tags.includes(tag)));
  if (selected.length === 0) throw new Fault({ exit: 2, what: `no goal named ${words.join(' or ')} has the tag ${tags.join(' or ')}`, facts: [['named', list(named.map((goal) => goal.name))]] });
  return selected;
}

export function goalNamed({ file, goals }: Manifest, name: string): ManifestGoal {
  const goal = goals.find((one) => one.name === name);
  if (goal === undefined) throw unknownGoal(name, { file, goals });
  return goal;
}

function isMeant({ name, model }: ManifestGoal, word: string): boolean {
  if (name === word || model === word) return true;
  if (!/[*?]/.test(word)) return false;
  const pattern = word.replace(/[^*?]/g, (char) => (/\w/.test(char) ? char : `\\${char}`)).replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(name);
}

function unknownGoal(word: string, { file, goals }: Pick<Manifest, 'file' | 'goals'>): Fault {
  const what = /[*?]/.test(word) ? `no goal of ${file} is like "${word}"` : `${file} has no goal "${word}"`;
  const known = goals.map((goal) => goal.name);
  return unknown(what, { word, label: 'goals', known, more: goals.map((goal) => goal.model) });
}

function unknown(what: string, { word, label, known, more = [] }: { word: string; label: string; known: readonly string[]; more?: readonly string[] }): Fault {
  const near = nearest(word, [...known, ...more]);
  return new Fault({ exit: 2, what, facts: [[label, list(known) || 'none'], ...(near === undefined ? [] : [['try', near] as const])] });
}

function list(names: readonly string[]): string {
  return names.length <= listed ? names.join(', ') : `${names.slice(0, listed).join(', ')} and ${names.length - listed} more`;
}
