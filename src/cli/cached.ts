// Loads a bundled file of ours with the machine code that V8 kept of it when the package was built: compiling a megabyte of text anew
// takes longer than most of what a small build does. The code lies beside the bundle and is trusted as the bundle is; V8 refuses it by
// itself when text or version differ, and the text is compiled as ever.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** What `file` (CommonJS) exports. */
export function loadCached(file: string): Record<string, unknown> {
  const text = readFileSync(file, 'utf8');
  const kept = `${file}.code`;
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    ...(existsSync(kept) && { cachedData: readFileSync(kept) }),
  });
  const isMaking = process.env['AXBUILD_KEEP_CODE'] === '1'; // set by scripts/build.js alone
  if (isMaking && script.cachedDataRejected === true) throw new Error(`BUG: V8 refuses the code that it kept of ${file}: its flags were others when it was made`);
  const module = { exports: {} as Record<string, unknown> };
  const wrapped = script.runInThisContext() as (...given: unknown[]) => void; // the function expression above
  wrapped(module.exports, createRequire(file), module, file, dirname(file));
  // After a run, functions that were needed are part of the code.
  if (isMaking) process.on('exit', () => writeFileSync(kept, script.createCachedData()));
  return module.exports;
}
