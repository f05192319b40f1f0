// The whole text of what `act` throws.
import assert from 'node:assert/strict';
import { Fault, Faults } from '../../src/base/fault.ts';

export function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (fault) {
    assert.ok(fault instanceof Fault || fault instanceof Faults, String(fault));
    return fault.message;
  }
  throw new Error('nothing was thrown');
}
