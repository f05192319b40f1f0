// channel_params of conv and dwconv: 16 bytes a channel: s64 bias, s32 multiplier, s32 shift; of those that write FP32: s64 bias, f32 unit, 0.
import type { Params } from '../../ops/group.ts';
import { arrayOf } from './operands.ts';

export const channelParamBytes = 16;

export function packChannelParams(params: Params, channels: number): Uint8Array {
  const bias = arrayOf(params, 'bias');
  const unit = params.arrays['unit'];
  const [multiplier, shift] = unit === undefined ? [arrayOf(params, 'multiplier'), arrayOf(params, 'shift')] : [];
  const bytes = new Uint8Array(channels * channelParamBytes);
  const view = new DataView(bytes.buffer);
  for (let channel = 0; channel < channels; channel++) {
    const at = channel * channelParamBytes;
    view.setBigInt64(at, BigInt(bias[channel]!), true);
    if (unit !== undefined) {
      view.setFloat32(at + 8, Number(unit[channel]), true);
      continue;
    }
    view.setInt32(at + 8, Number(multiplier![channel]), true);
    view.setInt32(at + 12, Number(shift![channel]), true);
  }
  return bytes;
}
