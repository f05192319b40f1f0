// The keys of axbuild.yaml: what the reader knows, what its faults list, and what its JSON Schema says of them.

type Keys = Readonly<Record<string, string>>;

export const rootKeys = {
  extends: 'Another manifest, whose content this one lies over. Relative paths in it start at its own folder.',
  environment: 'Variables of the environment that ${NAME} may name in texts of this file: name and default; without a default it must be set. Their values are part of what decides whether anything changed.',
  defaults: 'Settings of every model, under its own.',
  matrix: 'Several goals of every model: one for each combination of values. A model\'s own matrix lies over it.',
  models: 'Models by name.',
  manifests: 'More manifests of the workspace, below this folder. Their goals are named by their folder: cameras/det.',
} as const satisfies Keys;

export const defaultsKeys = {
  input: 'The model: an ONNX file.',
  config: 'A configuration in the vendor\'s format: a file, or the same settings right here.',
  overrides: 'Settings by dotted path, over the configuration: compiler.check: 2, quant.layer_configs[0].data_type: U16.',
  tags: 'Words that --tag selects goals by. Those of defaults, of the model and of a cell add up.',
} as const satisfies Keys;

export const modelKeys = {
  ...defaultsKeys,
  output_dir: 'Folder for everything that is built. Default: output/<goal>.',
  matrix: 'One goal for each combination of values, named model@values. false: none, also if the manifest has a matrix.',
} as const satisfies Keys;

/** Beside the axes. */
export const matrixKeys = {
  exclude: 'Combinations that are left out: each entry names values of some axes.',
  include: 'Each entry adds settings, tags or a name to the combinations that its values of axes fit, or else is one more combination.',
} as const satisfies Keys;

/** Of an entry of include, beside settings. */
export const includeKeys = {
  name: 'The name behind the @, in place of the values.',
  tags: 'Words that --tag selects this combination by.',
} as const satisfies Keys;
