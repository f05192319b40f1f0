// `axbuild doctor`: what axbuild needs to work here, a line each, and what to do where something is wrong.
import { Fault, Faults } from '../base/fault.ts';
import { tableLines } from '../ui/table.ts';
import type { Arguments } from './arguments.ts';
import { ask } from './ask.ts';
import { checkups, lineOf, type Finding } from './checkups.ts';

export async function doctor(given: Arguments, home: string): Promise<0 | 1> {
  const asked = ask(given, home);
  const findings: Finding[] = [];
  const rows: string[][] = [];
  for (const [name, look] of Object.entries(checkups)) {
    const finding = await found(() => look(asked));
    findings.push(finding);
    rows.push([finding.level, name, finding.text], ...(finding.todo ?? []).map((todo) => ['', '', `- ${todo}`]));
  }
  const failed = findings.filter(({ level }) => level === 'fail').length;
  process.stdout.write(`${[...tableLines(rows, 0), failed === 0 ? 'nothing is in the way of a build' : `${failed} of ${findings.length} must be mended before a build can work`, ''].join('\n')}`);
  return failed === 0 ? 0 : 1;
}

async function found(look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const faults = error instanceof Faults ? error.faults : error instanceof Fault ? [error] : undefined;
    if (faults === undefined) return { level: 'fail', text: lineOf(error instanceof Error ? error.message : String(error)) };
    const [{ place, what, facts = [] }] = faults.map(({ parts }) => parts) as [Fault['parts'], ...Fault['parts'][]]; // a Faults has at least two
    const at = place === undefined ? '' : `${place.file}${place.line === undefined ? '' : `:${place.line}:${place.column}`}  `;
    return { level: 'fail', text: `${at}${what}`, todo: [...facts.map(([name, value]) => `${name}: ${lineOf(value)}`), ...(faults.length > 1 ? [`and ${faults.length - 1} more`] : [])] };
  }
}
