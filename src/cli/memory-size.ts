// Sizes of memory as people write them.
const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes of '4G', '1.5G', '512M'; undefined for anything else, and for nothing at all. */
export function memorySize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text) ?? [];
  const bytes = Number(number) * units[unit.toUpperCase()]!;
  return bytes > 0 ? bytes : undefined;
}
