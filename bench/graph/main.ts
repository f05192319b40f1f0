// The synthetic plan as a program of its own, made like `axbuild build`: the goal record decides by stats, and only if something
// changed is what builds loaded. Arguments: the folder, the number of tasks. Prints what ran and the peak of its resident memory.
import { join } from 'node:path';
import { digestOf } from '../../src/base/digest.ts';
import { goalPath, isUnchanged, readGoal, type Circumstances } from '../../src/engine/goal.ts';

const [folder = '', count = ''] = process.argv.slice(2);
const circumstances: Circumstances = { code: digestOf('graph'), versions: { node: process.version }, command: [count], environment: {} };
const cache = join(folder, 'cache');
const path = goalPath({ cache, workspace: folder, goal: 'graph' });
const record = readGoal(path);
const isSame = record !== undefined && isUnchanged(record, circumstances);
const built = isSame ? 0 : await (await import('./build.ts')).build({ folder, cache, tasks: Number(count), circumstances, path, ...(record && { previous: record.outputs }) });
console.log(JSON.stringify({ built, peakBytes: process.resourceUsage().maxRSS * 1024 }));
