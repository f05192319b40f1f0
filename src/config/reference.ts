// docs/configuration.md, from the schema. test/config/reference.test.ts holds the file to it; UPDATE_GOLDEN=1 writes it anew.
import { enums } from './enums.ts';
import { optionsOf, type Field, type MessageTable } from './field.ts';
import { defaultWords } from './faults.ts';
import { messages } from './schema.ts';

const head = `# Configuration

Made from the schema (src/config/schema.ts) by its test; don't edit.

A configuration is the vendor's BuildConfig, unchanged: a file that works with \`pulsar2 build\` works here. What the vendor ignores in
silence is reported: unknown keys, illegal values, settings that match nothing. A value whose stage axbuild doesn't build yet is refused,
never accepted and ignored; the column *built* says what is.

**Formats.** Relaxed JSON (\`.json\`: comments with \`//\`, \`#\` and \`/* */\`, trailing commas) and YAML (\`.yaml\`, \`.yml\`: 1.2, with anchors
and \`<<\`). A bare text is accepted where a list of texts is due. \`.toml\` and \`.prototxt\` are not built yet.

**Manifest.** \`axbuild.yaml\` names the models of a workspace ([manifests.md](manifests.md)):

\`\`\`yaml
models:
  det:
    input: models/det.onnx
    config: det.json              # a file, or the same settings right here
    overrides:
      compiler.check: 2           # dotted path: value; quant.layer_configs[0].data_type reaches into a list
    output_dir: output/det        # the default
\`\`\`

**Precedence.** Flag, then the cell of a matrix, then \`overrides\` of the manifest, then the configuration file, then the default. Maps merge key by key; lists and
single values replace. Flags are dotted paths: \`--quant.calibration_method MinMax\`; a bool's value may be left out (\`true\`, \`false\`, \`1\`,
\`0\`); lists take what follows, separated by spaces.

**Paths.** Relative paths start at the folder of the manifest in which they stand, also those in a configuration file that a manifest names; without a manifest,
and in flags, at the working directory.
`;

/** The whole page. */
export function referenceText(): string {
  const tables = Object.entries(messages).filter(([name]) => name !== 'RunConfig').map(([name, message]) => section(name, message));
  const lists = Object.entries(enums).map(([name, values]) => `- **${name}**: ${Object.keys(values).join(', ')}`);
  const run = `## axbuild run\n\n${table(messages.RunConfig)}`;
  return [head, ...tables, run, `## Enums\n\n${lists.join('\n')}\n`].join('\n');
}

function section(name: string, message: MessageTable): string {
  return `## ${name}\n\n${message.about}\n\n${table(message)}`;
}

function table(message: MessageTable): string {
  const rows = Object.entries(message.fields).map(([name, field]) => `| \`${name}\` | ${kind(field)} | ${standard(field)} | ${built(field)} | ${field.flag ? 'yes' : ''} | ${cell(about(field))} |`);
  return ['| field | type | default | built | flag | meaning |', '|---|---|---|---|---|---|', ...rows, ''].join('\n');
}

function kind(field: Field): string {
  const one = field.type === 'message' ? `[${field.message}](#${field.message.toLowerCase()})` : field.type === 'enum' ? field.enum : field.type;
  return field.repeated ? `list of ${one}` : one;
}

function standard(field: Field): string {
  if (field.required) return 'required';
  return field.type === 'message' && !field.repeated ? '' : cell(defaultWords(field));
}

function built(field: Field): string {
  if (field.type === 'message' && !field.repeated) return '';
  return field.built === undefined ? 'default only' : field.built === 'all' ? 'all' : field.built.join(', ');
}

function about(field: Field): string {
  const options = optionsOf(field);
  const isPart = options !== undefined && (field.type !== 'enum' || options.length < Object.keys(enums[field.enum]).length);
  const limit = field.type === 'int' || field.type === 'float' ? field.limit : undefined;
  return [field.about, ...(isPart ? [`One of ${options.join(', ')}.`] : []), ...(limit === undefined ? [] : [`Limits: ${limit.text}.`])].join(' ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
