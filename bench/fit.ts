// Fits the AX650's rates that nobody publishes to the latencies of boards: networks are lowered whole once, then timed again under other numbers
// until the errors stop falling. Prints the table beside two models that know nothing of the chip, each network's error when it is left out of the
// fit, and whether the row of src/targets is what this would fit. Plans follow from the row, so a new row is written and fitted again until it stays.
import { ax650 } from '../src/targets/ax650.ts';
import type { Target } from '../src/targets/target.ts';
import { hold } from './bars.ts';
import { ax650Rows, type Row } from './boards.ts';
import { timed, type Timed } from './timed.ts';

/** What is fitted, to how many significant digits: more would say more than twelve latencies know. */
const fitted = ['resultBytes', 'vectorLanes', 'ddrBytesPerCycle', 'handoverCycles'] as const;
const digits = 2;
/** Nearer than this is the same number: plans follow from the row, so the last digit never comes to rest. */
const same = 0.05;

type Rates = Pick<Target, (typeof fitted)[number]>;

interface Sample extends Row {
  readonly timed: Timed;
}

export async function run(): Promise<void> {
  const samples: Sample[] = [];
  for (const row of ax650Rows) samples.push({ ...row, timed: await timed(row.network, { target: ax650, mode: row.mode }) });

  const model = (sample: Sample): number => sample.timed.ms(ax650);
  const line = lineFit(samples);
  const third = (sample: Sample): number => (sample.mode === 'NPU1' ? NaN : samples.find(({ network, mode }) => network === sample.network && mode === 'NPU1')!.ms / 2.25);
  console.log(`${'network'.padEnd(15)} mode  board ms  model ms   error   overhead + MACs / rate   NPU1 / 2.25   left out`);
  const without = new Map([...new Set(samples.map(({ network }) => network))].map((network) => [network, fit(samples.filter((sample) => sample.network !== network))]));
  const leftOut = (sample: Sample): number => sample.timed.ms({ ...ax650, ...without.get(sample.network)! });
  for (const sample of samples) {
    const error = (of: (sample: Sample) => number): string => (Number.isNaN(of(sample)) ? '' : percent(errorOf(sample, of)));
    console.log(`${sample.network.padEnd(15)} ${sample.mode} ${sample.ms.toFixed(3).padStart(9)} ${model(sample).toFixed(3).padStart(9)} ${error(model).padStart(7)} ${error(line).padStart(24)} ${error(third).padStart(13)} ${error(leftOut).padStart(10)}`);
  }

  const worst = (of: (sample: Sample) => number): number => 100 * Math.max(...errors(samples, of));
  const median = (of: (sample: Sample) => number): number => 100 * medianOf(errors(samples, of));
  hold('fit, AX650: median error', median(model), { atMost: Number(Math.min(10, median(line), median(third)).toFixed(1)), unit: '%', digits: 1, note: `overhead + MACs / rate ${median(line).toFixed(1)} %, NPU1 / 2.25 ${median(third).toFixed(1)} %, left out ${median(leftOut).toFixed(1)} %` });
  hold('fit, AX650: worst error', worst(model), { atMost: Number(Math.min(20, worst(line)).toFixed(1)), unit: '%', digits: 1, note: `overhead + MACs / rate ${worst(line).toFixed(1)} %, NPU1 / 2.25 ${worst(third).toFixed(1)} %, left out ${worst(leftOut).toFixed(1)} %` });

  const best = fit(samples);
  for (const name of fitted) {
    const isSame = Math.abs(best[name] / ax650[name] - 1) <= same;
    console.log(`${name.padEnd(18)} ${String(ax650[name]).padStart(8)} in the row, fitted ${String(best[name]).padStart(8)}${isSame ? '' : '  differs'}`);
  }
}

function errorOf(sample: Sample, of: (sample: Sample) => number): number {
  return of(sample) / sample.ms - 1;
}

/** Of the rows that a model says something of. */
function errors(samples: readonly Sample[], of: (sample: Sample) => number): number[] {
  return samples.map((sample) => Math.abs(errorOf(sample, of))).filter((error) => !Number.isNaN(error));
}

function medianOf(numbers: readonly number[]): number {
  const ordered = numbers.toSorted((a, b) => a - b);
  const middle = ordered.length / 2;
  return (ordered[Math.ceil(middle) - 1]! + ordered[Math.floor(middle)]!) / 2;
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}

/** Coordinate descent on the squared errors of logarithms, in smaller and smaller steps; from the row, so that it is the same every time. */
function fit(samples: readonly Sample[]): Rates {
  const loss = (rates: Rates): number => samples.reduce((sum, { timed: network, ms }) => sum + Math.log(network.ms({ ...ax650, ...rates }) / ms) ** 2, 0);
  let best: Rates = Object.fromEntries(fitted.map((name) => [name, ax650[name]])) as unknown as Rates; // the names that it is made of
  let least = loss(best);
  for (const step of [1.3, 1.1, 1.04, 1.015]) {
    for (let moved = true; moved;) {
      moved = false;
      for (const name of fitted) {
        for (const factor of [step, 1 / step]) {
          const tried = { ...best, [name]: best[name] * factor };
          const found = loss(tried);
          if (found >= least) continue;
          [best, least, moved] = [tried, found, true];
        }
      }
    }
  }
  return Object.fromEntries(fitted.map((name) => [name, Number(best[name].toPrecision(digits))])) as unknown as Rates; // as above
}

/** latency = overhead + MACs / rate, both fitted for each mode by least squares of relative errors. */
function lineFit(samples: readonly Sample[]): (sample: Sample) => number {
  const lines = new Map([...new Set(samples.map(({ mode }) => mode))].map((mode) => {
    let [ss, sm, mm, s, m] = [0, 0, 0, 0, 0];
    for (const { ms, timed: { macs } } of samples.filter((sample) => sample.mode === mode)) {
      const [one, slope] = [1 / ms, macs / ms];
      ss += one * one;
      sm += one * slope;
      mm += slope * slope;
      s += one;
      m += slope;
    }
    const rate = (m * ss - s * sm) / (mm * ss - sm * sm);
    return [mode, { overhead: (s - rate * sm) / ss, rate }];
  }));
  return ({ mode, timed: { macs } }) => lines.get(mode)!.overhead + lines.get(mode)!.rate * macs;
}
