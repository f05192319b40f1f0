// Chips for whole networks, as a user would write them: a YAML file on the row of the AX650.
import { readTarget } from '../../src/targets/read.ts';
import type { Target } from '../../src/targets/target.ts';

export function chipWith({ kib, unsupported = [] }: { kib?: number; unsupported?: readonly string[] }): Target {
  const modes = kib === undefined ? '' : `modes: [{ name: NPU1, engineSets: 1, ocmBytes: ${kib * 1024} }]\n`;
  return readTarget(`base: AX650\nname: of a test\n${modes}unsupported: [${unsupported.join(', ')}]\n`, 'chip.yaml');
}
