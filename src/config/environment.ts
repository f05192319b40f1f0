// Variables of the environment, declared in the manifest: only these can be named in its texts, as ${NAME}, and their values are part of
// what decides whether anything changed.
import { nearest, type Fault } from '../base/fault.ts';
import { faultAt } from './faults.ts';
import { mapAt } from './shape.ts';
import { valueOf, type Tree } from './tree.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Environment {
  /** What stands for each declared variable: its value, or else its default. */
  readonly values: ReadonlyMap<string, string>;
  /** What the process was given for each; '' for what isn't set. */
  readonly given: Readonly<Record<string, string>>;
}

/** A variable that is set to nothing counts as one that isn't set. */
export function readEnvironment(tree: Tree | undefined, variables: Variables, faults: Fault[]): Environment {
  const values = new Map<string, string>();
  const given: Record<string, string> = {};
  for (const { key, keySpan, value } of mapAt(tree, 'environment', faults).entries) {
    if (!/^[A-Za-z_]\w*$/.test(key)) faults.push(faultAt(keySpan, `"${key}" can't be the name of a variable`, [['names', 'letters, digits and _ after a letter or _']]));
    if (value.kind !== 'scalar') faults.push(faultAt(value.span, `the default of ${key} is a single value`));
    const standard = value.kind === 'scalar' && value.value !== null ? String(value.value) : undefined;
    given[key] = variables[key] ?? '';
    const inForce = given[key] === '' ? standard : given[key];
    if (inForce === undefined) faults.push(faultAt(keySpan, `the environment variable ${key} is not set, and has no default`, [['try', `${key}=… axbuild build`], ['or', `${key}: its default`]]));
    values.set(key, inForce ?? '');
  }
  return { values, given };
}

/** `tree` with every ${NAME} in a text replaced; $${NAME} stands for ${NAME} itself. Keys stay as they are. */
export function substitute(tree: Tree, environment: Environment['values'], faults: Fault[]): Tree {
  if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => substitute(item, environment, faults)) };
  if (tree.kind === 'map') return { ...tree, entries: tree.entries.map((entry) => ({ ...entry, value: substitute(entry.value, environment, faults) })) };
  const text = valueOf(tree);
  if (typeof text !== 'string' || !text.includes('${')) return tree;
  const value = text.replace(/\$?\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const found = environment.get(name);
    if (found === undefined) {
      const near = nearest(name, environment.keys());
      faults.push(faultAt(tree.span, `the variable ${name} is not declared`, [['try', near === undefined ? `environment: { ${name}: a default }` : `\${${near}}`], ['or', `$\${${name}}, if no variable is meant`]]));
    }
    return found ?? '';
  });
  return { ...tree, value };
}
