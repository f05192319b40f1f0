// `axbuild cache stats` and `axbuild cache clear`.
import { clearCache, inventoryOf, type Inventory } from '../../cache/inventory.ts';
import { Fault, nearest } from '../base/fault.ts';
import { bytesOf, countOf } from '../ui/amounts.ts';
import { tableLines } from '../ui/table.ts';
import type { Arguments } from './arguments.ts';
import { foldersOf } from './ask.ts';
import { shortPath } from './short-path.ts';

const acts: Readonly<Record<string, (folder: string, json: boolean) => Promise<string>>> = {
  stats: async (folder, json) => {
    const inventory = await inventoryOf(folder);
    return json ? `${JSON.stringify(inventory)}\n` : statsText(shortPath(folder), inventory, Date.now());
  },
  clear: async (folder) => {
    const { files, bytes } = clearCache(folder);
    return `${shortPath(folder)}  cleared: ${countOf(files, 'file')}, ${bytesOf(bytes)}\n`;
  },
};

export async function cache(given: Arguments): Promise<0> {
  const [word = '', ...more] = given.words;
  const act = Object.hasOwn(acts, word) ? acts[word] : undefined;
  if (act === undefined || more.length > 0) {
    const near = nearest(word, Object.keys(acts));
    throw new Fault({ exit: 2, what: more.length > 0 ? `axbuild cache ${word} takes no word "${more[0]}"` : word === '' ? 'axbuild cache needs a word' : `unknown word "${word}"`, facts: [['known', Object.keys(acts).join(', ')], ...(near === undefined || more.length > 0 ? [] : [['try', near] as const])] });
  }
  process.stdout.write(await act(foldersOf(given).cache, 'json' in given.options));
  return 0;
}

/** `now`: milliseconds of the clock. */
export function statsText(folder: string, { receipts, blobs, bytes, keptBytes, capBytes, disk, sweptAt, tasks }: Inventory, now: number): string {
  const share = (keptBytes / capBytes) * 100;
  return [
    folder,
    ...tableLines([
      ['jobs kept', `${receipts}`],
      ['blobs', `${blobs}, ${bytesOf(bytes)}`],
      ['on disk', `${countOf(disk.files, 'file')}, ${bytesOf(disk.bytes)}`],
      ['cap', `${bytesOf(capBytes)}, ${share < 10 ? share.toFixed(1) : share.toFixed(0)} % of it in use`],
      ['last sweep', sweptAt === undefined ? 'none yet' : agoOf((now - sweptAt) / 1000)],
    ]),
    ...tableLines([['task', 'jobs', 'blobs', 'bytes'], ...tasks.map(({ task, ...own }) => [task, own.receipts, own.blobs, bytesOf(own.bytes)])]),
    '  a blob that several tasks pass on counts for each of them',
    '',
  ].join('\n');
}

function agoOf(seconds: number): string {
  if (seconds < 60) return 'less than a minute ago';
  const [count, unit] = seconds < 3600 ? [seconds / 60, 'minute'] : seconds < 86_400 ? [seconds / 3600, 'hour'] : [seconds / 86_400, 'day'];
  return `${countOf(Math.floor(count), unit)} ago`;
}
