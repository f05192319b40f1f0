// Jobs see neither paths nor the user's configuration: a fault of theirs names a setting ('quant.layer_configs[2]') or the model by its
// base name. Here such names become the line that the user wrote, and the path.
import { basename } from 'node:path';
import type { ModelGoal } from '../../tasks/goal.ts';
import type { Place } from '../base/fault.ts';
import { shortPath } from './short-path.ts';

const settingPath = /^(quant|compiler|input_processors)(\.|\[)/;

export function locate(place: Place, { config, placeOf }: ModelGoal): Place {
  if (settingPath.test(place.file)) return placeOf(place.file) ?? place;
  return place.file === basename(config.input) ? { ...place, file: shortPath(config.input) } : place;
}
