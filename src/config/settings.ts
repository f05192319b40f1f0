// What a configuration says beyond the defaults, one dotted path a value: what two builds are compared by.
import { canonical, type Json } from '../base/canonical.ts';
import { defaultOf, type Field } from './field.ts';
import { fieldsOf, messageOf, type MessageName } from './schema.ts';

/** `effective`: a configuration in force, as text. Paths as in `quant.layer_configs[2].data_type`, in the schema's order. */
export function settingsOf(effective: string): Readonly<Record<string, Json>> {
  return Object.fromEntries(beyondDefaults(JSON.parse(effective) as JsonRecord, 'BuildConfig', '')); // effectiveConfig wrote it
}

type JsonRecord = Readonly<Record<string, Json>>;

function beyondDefaults(values: JsonRecord, message: MessageName, prefix: string): [string, Json][] {
  return Object.entries(fieldsOf(message)).flatMap(([name, field]): [string, Json][] => {
    const value = values[name];
    const path = prefix + name;
    if (value === undefined || isDefault(value, field)) return [];
    if (field.type !== 'message') return [[path, value]];
    const inside = messageOf(field);
    const rows = field.repeated ? (value as readonly JsonRecord[]).map((row, i) => [row, `${path}[${i}].`] as const) : [[value as JsonRecord, `${path}.`] as const];
    return rows.flatMap(([row, at]) => beyondDefaults(row, inside, at));
  });
}

function isDefault(value: Json, field: Field): boolean {
  const byDefault = defaultOf(field);
  return byDefault !== undefined && canonical(value) === canonical(byDefault);
}
