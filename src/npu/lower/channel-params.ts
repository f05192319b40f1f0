// channel_params of conv and dwconv: 16 bytes a channel: s64 bias, s32 multiplier, s32 shift.
import type { Params } from '../../ops/group.ts';
import { arrayOf } from './operands.ts';

export const channelParamBytes = 16;

export function packChannelParams(params: Params, channels: number): Uint8Array {
  const [bias, multiplier, shift] = ['bias', 'multiplier', 'shift'].map((name) => arrayOf(params, name));
  const bytes = new Uint8Array(channels * channelParamBytes);
  const view = new DataView(bytes.buffer);
  for (let channel = 0; channel < channels; channel++) {
    const at = channel * channelParamBytes;
    view.setBigInt64(at, BigInt(bias![channel]!), true);
    view.setInt32(at + 8, Number(multiplier![channel]), true);
    view.setInt32(at + 12, Number(shift![channel]), true);
  }
  return bytes;
}
