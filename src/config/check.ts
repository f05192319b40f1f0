// A tree held against the schema: every key known, every value of its type, legal and built. All faults are collected.
import type { Fault } from '../base/fault.ts';
import type { Json } from '../base/canonical.ts';
import { defaultOf, optionsOf, type Field } from './field.ts';
import { faultAt, missing, notBuilt, outOfLimits, unknownKey, unknownValue, wrongType } from './faults.ts';
import { inherit } from './merge.ts';
import { fieldsOf, messageOf, type Message, type MessageName } from './schema.ts';
import { emptyMap, entryOf, valueOf, type Mapping, type Scalar, type Span, type Tree } from './tree.ts';

export interface Checked<M extends MessageName> {
  readonly value: Message<M>;
  /** Where each value was written, by its path. Values nobody wrote have none. */
  readonly spans: ReadonlyMap<string, Span>;
  readonly faults: readonly Fault[];
}

type Value = Json | undefined;

/** Reads `tree` as a message; values nobody wrote get their defaults. With faults, `value` is what could be read. */
export function checkMessage<M extends MessageName>(tree: Tree, message: M): Checked<M> {
  const check = new Check();
  const value = check.message(tree, { message, path: '', name: '' });
  // The walk gave every field of the schema a value of the field's type (or reported a fault, after which nobody uses the value).
  return { value: value as Message<M>, spans: check.spans, faults: [...check.faults.values()] };
}

class Check {
  readonly spans = new Map<string, Span>();
  /** By text: what a sub_config inherits is checked again, but reported once. */
  readonly faults = new Map<string, Fault>();

  message(tree: Tree, { message, path, name }: { message: MessageName; path: string; name: string }): Value {
    const fields = fieldsOf(message);
    if (tree.kind !== 'map') {
      this.report(faultAt(tree.span, `${name || 'a configuration'} is a map of settings, not ${tree.kind === 'list' ? 'a list' : 'a single value'}`));
      return {};
    }
    const map = message === 'CompilerConfig' ? withInheritance(tree) : tree;
    for (const { key, keySpan } of map.entries) {
      if (!Object.hasOwn(fields, key)) this.report(unknownKey(key, keySpan, { parent: name, known: Object.keys(fields), homes: homesOf(key) }));
    }
    return Object.fromEntries(Object.entries(fields).map(([key, field]) => {
      const inside = path === '' ? key : `${path}.${key}`;
      return [key, this.field(entryOf(map, key)?.value, { field, path: inside, name: key, parent: tree })];
    }));
  }

  private field(tree: Tree | undefined, { field, path, name, parent }: { field: Field; path: string; name: string; parent: Mapping }): Value {
    // An empty YAML value (all its children commented out) is the same as none.
    if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) {
      // Of the root, `resolve` says what is missing: there it may come from several places.
      if (field.required && path !== name) this.report(missing(name, { field, span: parent.span }));
      if (field.type === 'message' && !field.repeated) return this.message(emptyMap(''), { message: messageOf(field), path, name });
      return defaultOf(field) ?? {};
    }
    this.spans.set(path, tree.span);
    return field.repeated ? this.list(tree, { field, path, name }) : this.one(tree, { field, path, name });
  }

  private list(tree: Tree, { field, path, name }: { field: Field; path: string; name: string }): Value {
    // The vendor's own samples give a bare text where a list of texts is due.
    const items = tree.kind === 'list' ? tree.items : tree.kind === 'scalar' && field.type === 'string' && typeof tree.value === 'string' ? [tree] : undefined;
    if (items === undefined) return this.refuse(wrongType(name, { field, tree }), []);
    if (items.length > 0 && field.built === undefined) return this.refuse(notBuilt(name, { field, tree }), []);
    const { repeated: _, ...element } = field;
    return items.map((item, i) => {
      this.spans.set(`${path}[${i}]`, item.span);
      return this.one(item, { field: element, path: `${path}[${i}]`, name: `${name}[${i}]` }) ?? null;
    });
  }

  private one(tree: Tree, { field, path, name }: { field: Field; path: string; name: string }): Value {
    if (field.type === 'message') return this.message(tree, { message: messageOf(field), path, name });
    if (field.type === 'struct') return tree.kind === 'map' ? valueOf(tree) : this.refuse(wrongType(name, { field, tree }), {});
    const fallback = defaultOf(field);
    if (tree.kind !== 'scalar' || !isOfType(tree.value, field)) return this.refuse(wrongType(name, { field, tree }), fallback);
    if (field.required && tree.value === '' && path !== name) return this.refuse(missing(name, { field, span: tree.span }), fallback);
    const fault = legality(name, { field, tree }) ?? (isBuilt(tree.value, field) ? undefined : notBuilt(name, { field, tree }));
    return fault === undefined ? tree.value : this.refuse(fault, fallback);
  }

  private refuse(fault: Fault, instead: Value): Value {
    this.report(fault);
    return instead;
  }

  private report(fault: Fault): void {
    this.faults.set(fault.message, fault);
  }
}

/** Each sub_config with the options of the compiler that it leaves unset. */
function withInheritance(compiler: Mapping): Mapping {
  const own = ['sub_configs', 'start_tensor_names', 'end_tensor_names'];
  return {
    ...compiler,
    entries: compiler.entries.map((entry) => {
      if (entry.key !== 'sub_configs' || entry.value.kind !== 'list') return entry;
      const items = entry.value.items.map((item) => (item.kind === 'map' ? inherit(item, compiler, own) : item));
      return { ...entry, value: { ...entry.value, items } };
    }),
  };
}

function isOfType(value: Scalar['value'], field: Field): boolean {
  if (field.type === 'bool') return typeof value === 'boolean';
  if (field.type === 'int') return Number.isSafeInteger(value);
  if (field.type === 'float') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === 'string';
}

function legality(name: string, { field, tree: { value, span } }: { field: Field; tree: Scalar }): Fault | undefined {
  const options = optionsOf(field);
  if (options !== undefined && typeof value === 'string' && !options.includes(value)) return unknownValue(name, { field, text: value, span });
  const limit = field.type === 'int' || field.type === 'float' ? field.limit : undefined;
  if (limit !== undefined && typeof value === 'number' && !limit.fits(value)) return outOfLimits(name, { text: limit.text, value, span });
  return undefined;
}

function isBuilt(value: Scalar['value'], field: Field): boolean {
  if (field.built === 'all' || value === defaultOf(field)) return true;
  return field.built !== undefined && typeof value === 'string' && field.built.includes(value);
}

/** Paths of the schema where a key of this name belongs. */
function homesOf(key: string): readonly string[] {
  const homes: string[] = [];
  const walk = (message: MessageName, path: string): void => {
    for (const [name, field] of Object.entries(fieldsOf(message))) {
      if (name === key) homes.push(path === '' ? 'the top level' : path);
      if (field.type === 'message') walk(messageOf(field), `${path === '' ? '' : `${path}.`}${name}${field.repeated ? '[]' : ''}`);
    }
  };
  walk('BuildConfig', '');
  return homes;
}
