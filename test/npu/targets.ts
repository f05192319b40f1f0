// Small chips for tests.
import { ax650 } from '../../src/targets/ax650.ts';
import type { Target } from '../../src/targets/target.ts';

/** An AX650 with this much on-chip memory in its only mode, NPU1. */
export function chipOf(ocmBytes: number): Target {
  return { ...ax650, name: `chip with ${ocmBytes} bytes`, modes: [{ name: 'NPU1', engineSets: 1, ocmBytes }] };
}
