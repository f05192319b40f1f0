// Shows a stream of events on the real screen, in the terminal it is started in, as it stood at one moment; then its keys work. The clock
// stands still at that moment, so that a frame is the same every time.
//   node --import tsx test/ui/replay.ts STREAM [MS]      STREAM: a name of streams.ts; MS: the moment, default: the end
import { emptyView, fold } from '../../src/ui/view.ts';
import { openScreen } from '../../src/ui/tui/screen.ts';
import { streams } from './streams.ts';

const [name = '', until = 'Infinity'] = process.argv.slice(2);
const events = streams[name]!().filter(({ at }) => at <= Number(until));
const last = events.at(-1)?.at ?? 0;
const now = until === 'Infinity' ? last : Number(until);
const screen = openScreen({
  stdin: process.stdin,
  stdout: process.stdout,
  now: () => now,
  view: events.reduce((view, { at, event }) => fold(view, event, at), emptyView),
  actions: {
    cancel: () => {},
    rebuild: () => {},
    async quit() {
      await screen.close();
      console.log(`seen ${events.length} events`);
    },
    why: async ({ task, label }) => `${task} ${label}  ran in the last build\n  input structure: other bytes from resolve det\nbecause\n  resolve det  quant.layer_configs[2].data_type: U8 -> U16  examples/det.json:20\n`,
  },
});
