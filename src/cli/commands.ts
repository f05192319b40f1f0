// The commands: one table, which the parser and the help read. One row, and one line in main.ts, add a command.
import type { MessageName } from '../config/schema.ts';
import { memorySize } from './memory-size.ts';

export interface Option {
  readonly name: string;
  readonly letter?: string;
  /** What stands for the value in the help; absent: a switch. */
  readonly value?: string;
  readonly legal?: { readonly text: string; readonly fits: (value: string) => boolean };
  /** It may be given several times: its values, separated by commas, add up. */
  readonly many?: true;
  readonly about: string;
}

export interface Command {
  readonly name: string;
  readonly about: string;
  readonly usage: readonly string[];
  readonly examples: readonly (readonly [string, string])[];
  /** What words without dashes are; absent: there are none. */
  readonly words?: string;
  readonly options: readonly Option[];
  /** The message of the schema whose flags it takes. */
  readonly message?: MessageName;
  /** The command whose help lists these flags; absent: its own. */
  readonly settingsIn?: string;
}

const help: Option = { name: 'help', letter: 'h', about: 'Show this.' };
const workspace: Option = { name: 'workspace', value: 'DIR', about: 'Folder of axbuild.yaml and of the cache. Default: the working directory.' };
const manifest: Option = { name: 'manifest', value: 'FILE', about: 'Another manifest than the axbuild.yaml of the workspace (docs/manifests.md).' };
const tag: Option = { name: 'tag', value: 'TAG', many: true, about: 'Only goals that have this tag; several (--tag a --tag b, --tag a,b): any of them.' };
const cache: Option = { name: 'cache', value: 'DIR', about: 'Folder of the cache. Default: .axbuild/cache in the workspace.' };
const config: Option = { name: 'config', value: 'FILE', about: 'Configuration file (.json, .yaml), for a build without a manifest.' };
const target: Option = { name: 'target', value: 'FILE', about: 'A chip described in a YAML file, in place of target_hardware (docs/targets.md).' };
export const logFormats = ['plain', 'json', 'tui', 'github'] as const;
export type LogFormat = (typeof logFormats)[number];
const json: Option = { name: 'json', about: 'One JSON object, for programs.' };

/** The first is the default. */
export const graphFormats = ['dot', 'mermaid', 'json'] as const;

const jobs: Option = { name: 'jobs', letter: 'j', value: 'N', about: 'Jobs at a time. Default: the number of cores.', legal: { text: 'a whole number from 1', fits: (value) => /^[1-9]\d{0,3}$/.test(value) } };

/** Of what builds. */
const building: readonly Option[] = [
  tag, manifest, config, workspace, cache, target, jobs,
  { name: 'memory', value: 'SIZE', about: 'What all running jobs together may take, e.g. 4G or 512M. Default: three quarters of the machine.', legal: { text: 'a number with K, M, G or T, e.g. 4G', fits: (value) => memorySize(value) !== undefined } },
  { name: 'keep-going', letter: 'k', about: 'Go on with what does not depend on a job that failed.' },
  { name: 'log-format', value: 'plain|json|tui|github', about: 'Lines for people; one JSON event a line (docs/events.md); a screen with keys (docs/tui.md); lines with annotations for GitHub Actions. Default: the screen on a terminal, else plain.', legal: { text: logFormats.join(', '), fits: (value) => logFormats.some((format) => format === value) } },
];
const trace: Option = { name: 'trace', value: 'FILE', about: 'Write what ran when, with the critical path, as a Chrome trace (chrome://tracing, ui.perfetto.dev).' };

export const commands: readonly Command[] = [
  {
    name: 'build',
    about: 'Build models into compiled.axmodel, running only what changed.',
    usage: ['axbuild build [goal…] [options]', 'axbuild build --input MODEL --output_dir DIR --config FILE [options]'],
    examples: [
      ['axbuild build', 'every model of axbuild.yaml'],
      ['axbuild build det --compiler.check 2', 'one of them, one setting changed'],
      ["axbuild build 'det@*' --tag nightly", 'cells of a matrix, by pattern and tag (docs/manifests.md)'],
      ['axbuild build --input det.onnx --output_dir output --config det.json', 'without a manifest, as the vendor\'s tool'],
    ],
    words: 'goal',
    options: [...building, trace, help],
    message: 'BuildConfig',
  },
  {
    name: 'watch',
    about: 'Build, and build again whenever a source changes.',
    usage: ['axbuild watch [goal…] [options]', 'axbuild watch --input MODEL --output_dir DIR --config FILE [options]'],
    examples: [
      ['axbuild watch det', 'edit det.json in another window: each save builds what it changes'],
      ['axbuild watch --log-format json', 'for programs: one event a line; lines r, c and q on stdin rebuild, cancel, quit'],
    ],
    words: 'goal',
    options: [...building, help],
    message: 'BuildConfig',
    settingsIn: 'build',
  },
  {
    name: 'run',
    about: 'Run a compiled.axmodel on the simulator.',
    usage: ['axbuild run --model FILE --input_dir DIR --output_dir DIR'],
    examples: [
      ['axbuild run --model output/det/compiled.axmodel --input_dir in --output_dir out', 'in/x.bin or in/x.npy -> out/<output>.bin'],
      ['axbuild run --model compiled.axmodel --input_dir in --output_dir out --list cases.txt', 'a folder of in and out for each line of cases.txt'],
    ],
    options: [help],
    message: 'RunConfig',
  },
  {
    name: 'plan',
    about: 'Show what a build would run, without running it.',
    usage: ['axbuild plan [goal…] [options]', 'axbuild plan --input MODEL --output_dir DIR --config FILE [options]'],
    examples: [
      ['axbuild plan', 'what hits, what will run, and what may run if that gives new bytes'],
      ['axbuild plan det --npu_mode NPU3 --all', 'with a setting changed; every job by its name'],
    ],
    words: 'goal',
    options: [tag, manifest, config, workspace, cache, target, jobs, { name: 'all', letter: 'v', about: 'Name every job, not only the first twenty.' }, help],
    message: 'BuildConfig',
    settingsIn: 'build',
  },
  {
    name: 'why',
    about: 'Show why a job ran in the last build, or why it did not.',
    usage: ['axbuild why JOB [options]'],
    examples: [
      ['axbuild why tile:p2o.Conv.4', 'the task, then the job: what differs from the build before, and where that comes from'],
      ['axbuild why "check det p2o.Conv.4"', 'the job as a build prints it; any part of it that only one job has will do'],
    ],
    words: 'JOB',
    options: [manifest, workspace, cache, help],
  },
  {
    name: 'history',
    about: 'Show the builds of this workspace: what ran, and how the numbers moved.',
    usage: ['axbuild history [goal…] [options]'],
    examples: [
      ['axbuild history', 'the last twenty builds that had something to do'],
      ['axbuild history det -n 100 --json', 'of one goal, with settings and outputs, one build a line'],
    ],
    words: 'goal',
    options: [workspace, cache, { name: 'count', letter: 'n', value: 'N', about: 'How many builds. Default: 20; 1000 are kept.', legal: { text: 'a whole number from 1', fits: (value) => /^[1-9]\d{0,5}$/.test(value) } }, { ...json, about: 'One JSON object a line, for programs.' }, help],
  },
  {
    name: 'diff',
    about: 'Show what differs between two builds: settings, numbers, outputs; and what ran.',
    usage: ['axbuild diff [BUILD [BUILD]] [options]'],
    examples: [
      ['axbuild diff', 'the last build against the one before it (last~1 last)'],
      ['axbuild diff 12 last', 'by the numbers that axbuild history shows'],
    ],
    words: 'BUILD',
    options: [workspace, cache, json, help],
  },
  {
    name: 'graph',
    about: 'Draw who read whose output when a goal was last built.',
    usage: ['axbuild graph [goal] [options]'],
    examples: [
      ['axbuild graph det', 'a box a task, for Graphviz: … | dot -Tsvg > det.svg'],
      ['axbuild graph det --format mermaid', 'for Markdown'],
      ['axbuild graph det --format json', 'every job, for programs'],
    ],
    words: 'goal',
    options: [workspace, cache, { name: 'format', value: graphFormats.join('|'), about: `Default: ${graphFormats[0]}.`, legal: { text: graphFormats.join(', '), fits: (value) => graphFormats.some((one) => one === value) } }, { name: 'all', letter: 'v', about: 'A box a job, not a task.' }, help],
  },
  {
    name: 'inspect',
    about: 'Show what is in a model: .onnx or .axmodel.',
    usage: ['axbuild inspect FILE [options]'],
    examples: [
      ['axbuild inspect output/det/compiled.axmodel', 'units, programs, tensors, cycles, memory'],
      ['axbuild inspect det.onnx --json', 'inputs, outputs, operators, weights, as JSON'],
    ],
    words: 'FILE',
    options: [json, help],
  },
  {
    name: 'cache',
    about: 'Show what the cache holds, or clear it.',
    usage: ['axbuild cache stats [options]', 'axbuild cache clear [options]'],
    examples: [
      ['axbuild cache stats', 'entries and bytes by task, the cap, the last sweep'],
      ['axbuild cache clear', 'the next build runs everything; outputs stay'],
    ],
    words: 'stats|clear',
    options: [workspace, cache, { ...json, about: 'Of stats: one JSON object, for programs.' }, help],
  },
  {
    name: 'targets',
    about: 'Show the chips and their modes, each number with its source.',
    usage: ['axbuild targets [CHIP…] [options]'],
    examples: [
      ['axbuild targets', 'every chip with its modes'],
      ['axbuild targets AX650', 'all of its numbers, and where each comes from'],
    ],
    words: 'CHIP',
    options: [json, help],
  },
  {
    name: 'doctor',
    about: 'Check what axbuild needs: Node, packages, cache, terminal, disk, manifest.',
    usage: ['axbuild doctor [options]'],
    examples: [['axbuild doctor', 'what is wrong, and what to do about it; exit code 1 when something is']],
    options: [workspace, cache, help],
  },
  {
    name: 'init',
    about: 'Write a first axbuild.yaml from ONNX models, each line explained.',
    usage: ['axbuild init MODEL.onnx… [options]'],
    examples: [
      ['axbuild init models/det.onnx', 'reads its inputs, asks nothing; then say where the calibration data are'],
      ['axbuild init det.onnx cls.onnx --manifest product/axbuild.yaml', 'several models, another place'],
    ],
    words: 'MODEL',
    options: [{ ...manifest, about: 'Where to write it. Default: axbuild.yaml in the workspace.' }, workspace, { name: 'force', about: 'Overwrite a manifest that is there.' }, help],
  },
  {
    name: 'schema',
    about: 'Show the JSON Schema of the manifest or of a configuration, for editors.',
    usage: ['axbuild schema [manifest|config]'],
    examples: [
      ['axbuild schema > axbuild.schema.json', 'of axbuild.yaml; its first line: # yaml-language-server: $schema=axbuild.schema.json'],
      ['axbuild schema config', 'of a configuration file'],
    ],
    words: 'manifest|config',
    options: [help],
  },
  {
    name: 'completion',
    about: 'Show a script that completes commands, flags, values and goals in a shell.',
    usage: ['axbuild completion bash|zsh|fish', 'axbuild completion goals [options]'],
    examples: [
      ['axbuild completion bash', 'in ~/.bashrc: source <(axbuild completion bash)'],
      ['axbuild completion fish', 'in ~/.config/fish/config.fish: axbuild completion fish | source'],
      ['axbuild completion goals', 'the names of all goals, which the scripts ask for'],
    ],
    words: 'bash|zsh|fish',
    options: [manifest, workspace, help],
  },
  {
    name: 'help',
    about: 'Show the help of a command.',
    usage: ['axbuild help [command]'],
    examples: [['axbuild help build', 'the same as axbuild build --help']],
    words: 'command',
    options: [help],
  },
  {
    name: 'version',
    about: 'Show the versions of axbuild, of its code, and of what runs it.',
    usage: ['axbuild version'],
    examples: [['axbuild version', 'what a report of a bug should have']],
    options: [help],
  },
];
