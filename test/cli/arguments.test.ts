import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../src/base/fault.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { helpText } from '../../src/cli/help.ts';
import { flagsOf } from '../../src/config/schema.ts';

const refusal = (...argv: string[]): string => {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof Fault && error.exit === 2) return error.message;
    throw error;
  }
  throw new Error('accepted');
};

test('goals, options and settings are told apart', () => {
  const { command, words, options, flags } = parseArguments([
    'build', 'cls', '-j4', '--workspace', 'there', '--quant.precision_analysis', 'det', '--compiler.check=2', '--log-format', 'json',
    '--quant.refine_weight_threshold', '-1', '--compiler.static_batch_sizes', '1', '2', '4', '--onnx_opt.model_check', 'true', '--', '--odd',
  ]);
  assert.equal(command.name, 'build');
  assert.deepEqual(words, ['cls', 'det', '--odd']);
  assert.deepEqual(options, { jobs: '4', workspace: 'there', 'log-format': 'json' });
  assert.deepEqual(flags, {
    'quant.precision_analysis': [],
    'compiler.check': ['2'],
    'quant.refine_weight_threshold': ['-1'],
    'compiler.static_batch_sizes': ['1', '2', '4'],
    'onnx_opt.model_check': ['true'],
  });
});

test('the vendor\'s command lines are read', () => {
  const line = 'build --target_hardware AX650 --input path/to/model.onnx --config path/to/config.json --output_dir output --quant.precision_analysis 1 --input_shapes data:1x3x384x384';
  const { options, flags } = parseArguments(line.split(' '));
  assert.deepEqual(options, { config: 'path/to/config.json' });
  assert.deepEqual(flags['quant.precision_analysis'], ['1']);
  assert.deepEqual(flags['input_shapes'], ['data:1x3x384x384']);
  assert.deepEqual(Object.keys(parseArguments('run --model a --input_dir b --output_dir c --list d'.split(' ')).flags), ['model', 'input_dir', 'output_dir', 'list']);
});

test('help and version are asked for in the usual ways', () => {
  assert.deepEqual([[], ['--help'], ['-h'], ['help', 'build']].map((argv) => parseArguments(argv).command.name), ['help', 'help', 'help', 'help']);
  assert.equal(parseArguments(['--version']).command.name, 'version');
  assert.deepEqual([['build', '--help'], ['build', 'det', '-h'], ['build']].map((argv) => parseArguments(argv).wantsHelp), [true, true, false]);
});

test('what is not known is refused with the nearest that is', () => {
  assert.equal(refusal('bild'), 'unknown command "bild"\n   try  build');
  assert.equal(refusal('make'), 'unknown command "make"\n   known  build, watch, run, plan, why, history, diff, graph, inspect, cache, targets, doctor, init, schema, completion, help, version');
  assert.equal(refusal('build', '--quant.calibration_metod', 'KL'), 'unknown flag --quant.calibration_metod\n   try  --quant.calibration_method');
  assert.equal(refusal('build', '--frobnicate'), 'unknown flag --frobnicate\n   try  --help');
  assert.equal(refusal('build', '-x'), 'unknown flag -x\n   try  --help');
  assert.equal(refusal('run', 'det'), 'axbuild run takes no word "det"\n   usage  axbuild run --model FILE --input_dir DIR --output_dir DIR');
});

test('values that are missing or make no sense are refused', () => {
  assert.equal(refusal('build', '--cache'), '--cache needs a value\n   like  --cache DIR');
  assert.equal(refusal('build', '--input', '--config', 'x'), '--input needs a value');
  assert.equal(refusal('build', '--compiler.static_batch_sizes'), '--compiler.static_batch_sizes needs a value');
  assert.equal(refusal('build', '-j', '0'), '--jobs "0" makes no sense\n   known  a whole number from 1');
  assert.equal(refusal('build', '--log-format', 'xml'), '--log-format "xml" makes no sense\n   known  plain, json, tui, github');
});

test('the help of a command has an example, and every flag that it takes', () => {
  for (const command of commands) {
    const text = helpText(command);
    const isElsewhere = command.settingsIn !== undefined;
    if (isElsewhere) assert.ok(text.includes(`axbuild ${command.settingsIn} --help`));
    const flags = command.message === undefined || isElsewhere ? [] : flagsOf(command.message).map(({ path }) => path);
    if (command.name === 'help') continue; // shows all commands instead
    for (const name of [...command.options.map((option) => option.name), ...flags]) assert.ok(text.includes(`--${name}`), `${command.name} --${name}`);
    assert.ok(command.examples.every(([line]) => text.includes(line)));
    assert.ok(text.split('\n').every((line) => line.length <= 110 && line === line.trimEnd()));
  }
});

test('the examples of the help are themselves readable', () => {
  for (const [line] of commands.flatMap((command) => command.examples)) parseArguments(line.split(' ').slice(1));
});

test('help without a command shows them all', () => {
  assert.equal(helpText().split('\n').slice(0, 22).join('\n'), `
axbuild: make for neural-network accelerators

usage  axbuild <command> [options]

  build       Build models into compiled.axmodel, running only what changed.
  watch       Build, and build again whenever a source changes.
  run         Run a compiled.axmodel on the simulator.
  plan        Show what a build would run, without running it.
  why         Show why a job ran in the last build, or why it did not.
  history     Show the builds of this workspace: what ran, and how the numbers moved.
  diff        Show what differs between two builds: settings, numbers, outputs; and what ran.
  graph       Draw who read whose output when a goal was last built.
  inspect     Show what is in a model: .onnx or .axmodel.
  cache       Show what the cache holds, or clear it.
  targets     Show the chips and their modes, each number with its source.
  doctor      Check what axbuild needs: Node, packages, cache, terminal, disk, manifest.
  init        Write a first axbuild.yaml from ONNX models, each line explained.
  schema      Show the JSON Schema of the manifest or of a configuration, for editors.
  completion  Show a script that completes commands, flags, values and goals in a shell.
  help        Show the help of a command.
  version     Show the versions of axbuild, of its code, and of what runs it.
`.slice(1));
});
