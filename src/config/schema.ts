// The one schema: every message of BuildConfig, and of `axbuild run`'s flags. All else in this room is derived from it.
import type { Json } from '../base/canonical.ts';
import type { EnumName, EnumValue } from './enums.ts';
import type { Field, MessageTable } from './field.ts';
import { buildFields, debugFields, onnxOptFields, runFields } from './messages/build.ts';
import { compilerFields, graphFields, nodeFields, subConfigFields } from './messages/compiler.ts';
import { constProcessorFields, inputProcessorFields, opProcessorFields, outputProcessorFields, shapeFields } from './messages/processors.ts';
import { inputQuantFields, layerFields, quantFields } from './messages/quant.ts';

export const messages = {
  BuildConfig: { about: 'The root of a configuration file.', fields: buildFields },
  OnnxOptimizeOption: { about: 'What is done to the float graph.', fields: onnxOptFields },
  QuantConfig: { about: 'How the network is quantised.', fields: quantFields },
  InputQuantConfig: { about: 'Calibration data of one input.', fields: inputQuantFields },
  LayerConfig: {
    about: 'Precision of some operators. Exactly one selector: layer_name, layer_names, op_type, op_types, or start_tensor_names with end_tensor_names.',
    fields: layerFields,
  },
  InputProcessor: { about: 'Preprocessing of one input: type, normalisation and layout, in this order, before the model.', fields: inputProcessorFields },
  Shape: { about: 'A shape.', fields: shapeFields },
  OutputProcessor: { about: 'Postprocessing of one output.', fields: outputProcessorFields },
  ConstProcessor: { about: 'New content of one constant.', fields: constProcessorFields },
  OpProcessor: { about: 'New attributes of one operator.', fields: opProcessorFields },
  CompilerConfig: { about: 'How units are compiled and checked.', fields: compilerFields },
  SubConfig: { about: 'A range of the graph and its own compiler options; those left unset are the ones of `compiler`. Ranges do not nest.', fields: subConfigFields },
  Graph: { about: 'A pattern of operators.', fields: graphFields },
  Node: { about: 'One operator of a pattern.', fields: nodeFields },
  DebugConfig: { about: 'What else is written.', fields: debugFields },
  RunConfig: { about: 'Flags of `axbuild run`.', fields: runFields },
} as const satisfies Readonly<Record<string, MessageTable>>;

export type MessageName = keyof typeof messages;

type One<F> =
  F extends { type: 'string' | 'path' } ? string
  : F extends { type: 'bool' } ? boolean
  : F extends { type: 'int' | 'float' } ? number
  : F extends { type: 'enum'; enum: infer E extends EnumName } ? EnumValue<E>
  : F extends { type: 'message'; message: infer M extends MessageName } ? Message<M>
  : F extends { type: 'struct' } ? Readonly<Record<string, Json>>
  : never;

/** A message as read: every field there, those nobody set at their default. */
export type Message<M extends MessageName> = {
  readonly [K in keyof (typeof messages)[M]['fields']]:
    (typeof messages)[M]['fields'][K] extends { repeated: true }
      ? readonly One<(typeof messages)[M]['fields'][K]>[]
      : One<(typeof messages)[M]['fields'][K]>;
};

export type BuildConfig = Message<'BuildConfig'>;
export type InputQuantConfig = Message<'InputQuantConfig'>;
export type LayerConfig = Message<'LayerConfig'>;
export type InputProcessor = Message<'InputProcessor'>;
export type CompilerConfig = Message<'CompilerConfig'>;
export type SubConfig = Message<'SubConfig'>;
export type RunConfig = Message<'RunConfig'>;

/** The fields of a message, by name. */
export function fieldsOf(message: MessageName): Readonly<Record<string, Field>> {
  return messages[message].fields;
}

/** The message a field holds. */
export function messageOf(field: Field & { type: 'message' }): MessageName {
  if (!Object.hasOwn(messages, field.message)) throw new Error(`BUG: the schema names a message ${field.message} that it does not have`);
  return field.message as MessageName; // it has just been looked up
}

export interface FieldPath {
  readonly path: string;
  readonly field: Field;
}

/** Fields that can be set by a dotted path alone (no list of messages on the way), in the schema's order. */
export function* dottedFields(message: MessageName, prefix = ''): Generator<FieldPath> {
  for (const [name, field] of Object.entries(fieldsOf(message))) {
    if (field.type === 'message' && !field.repeated) yield* dottedFields(messageOf(field), `${prefix}${name}.`);
    else yield { path: prefix + name, field };
  }
}

/** Flags of a message: the dotted fields that have one. */
export function flagsOf(message: MessageName): readonly FieldPath[] {
  return [...dottedFields(message)].filter(({ field }) => field.flag);
}
