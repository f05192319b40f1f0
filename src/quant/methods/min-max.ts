import type { Method } from './method.ts';

export const minMax: Method = {
  name: 'MinMax',
  about: 'Everything that calibration saw: nothing clips, outliers cost resolution.',
  range: ({ min, max }) => [min, max],
};
