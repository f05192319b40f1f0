// The difference of two recipes of one task, field by field.
import { byCodeUnit, canonical, type Json } from '../base/canonical.ts';
import type { Digest } from '../base/digest.ts';
import type { Recipe } from './recipe.ts';

export interface Change {
  /** 'option': a dotted path. 'member': of an open table, 'ops/Conv'. 'code': of the task itself. */
  readonly kind: 'option' | 'member' | 'code';
  readonly name: string;
  /** Absent where there is none: the option, or the member, is new or gone. */
  readonly was?: Json;
  readonly now?: Json;
}

export interface InputChange {
  /** 'structure', 'menus[3]' */
  readonly name: string;
  readonly was: Digest | undefined;
  readonly now: Digest | undefined;
}

export function recipeChanges(was: Recipe, now: Recipe): { readonly changes: readonly Change[]; readonly inputs: readonly InputChange[] } {
  const code = was.code === now.code ? [] : [{ kind: 'code', name: now.task, was: was.code, now: now.code } as const];
  return { changes: [...optionChanges('', was.options, now.options), ...code, ...memberChanges(was.uses, now.uses)], inputs: inputChanges(was.inputs, now.inputs) };
}

function optionChanges(path: string, was: Json | undefined, now: Json | undefined): Change[] {
  if (was === undefined || now === undefined) return [{ kind: 'option', name: path, ...(was !== undefined && { was }), ...(now !== undefined && { now }) }];
  if (canonical(was) === canonical(now)) return [];
  if (isList(was) && isList(now)) {
    return Array.from({ length: Math.max(was.length, now.length) }, (_, i) => i).flatMap((i) => (i < was.length && i < now.length && canonical(was[i]!) === canonical(now[i]!) ? [] : optionChanges(`${path}[${i}]`, was[i], now[i])));
  }
  if (isRecord(was) && isRecord(now)) {
    return keysOf(was, now).flatMap((key) => (was[key] === undefined && now[key] === undefined ? [] : optionChanges(path === '' ? key : `${path}.${key}`, was[key], now[key])));
  }
  return [{ kind: 'option', name: path, was, now }];
}

function memberChanges(was: Recipe['uses'], now: Recipe['uses']): Change[] {
  return keysOf(was, now)
    .filter((name) => was[name] !== now[name])
    .map((name) => ({ kind: 'member', name, ...(was[name] !== undefined && { was: was[name] }), ...(now[name] !== undefined && { now: now[name] }) }));
}

function inputChanges(was: Recipe['inputs'], now: Recipe['inputs']): InputChange[] {
  return keysOf(was, now).flatMap((name): InputChange[] => {
    const [before, after] = [was[name], now[name]];
    if (typeof before !== 'string' && typeof after !== 'string') return listChanges(name, before ?? [], after ?? []);
    const [one, other] = [lone(before), lone(after)];
    return one === other ? [] : [{ name, was: one, now: other }];
  });
}

/** Lists of one length are compared place by place; of others, what came and what went counts. */
function listChanges(name: string, was: readonly Digest[], now: readonly Digest[]): InputChange[] {
  if (was.length === now.length) return now.flatMap((digest, i) => (digest === was[i] ? [] : [{ name: `${name}[${i}]`, was: was[i], now: digest }]));
  const [had, has] = [new Set(was), new Set(now)];
  const came = now.flatMap((digest, i) => (had.has(digest) ? [] : [{ name: `${name}[${i}]`, was: undefined, now: digest }]));
  const went = was.flatMap((digest, i) => (has.has(digest) ? [] : [{ name: `${name}[${i}]`, was: digest, now: undefined }]));
  const changed = [...came, ...went];
  // The same bytes, more or fewer times.
  return changed.length > 0 ? changed : [{ name, was: was.at(-1), now: now.at(-1) }];
}

function lone(digest: Digest | readonly Digest[] | undefined): Digest | undefined {
  return typeof digest === 'string' ? digest : undefined;
}

function keysOf(was: object, now: object): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].sort(byCodeUnit);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
