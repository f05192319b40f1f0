// The open tables: their names in recipes ('ops/Conv'), where they are, and how to tell a member among a module's exports.
export interface Table {
  readonly name: string;
  readonly index: string;
  nameOf(value: unknown): string | undefined;
}

const field = (key: string, also: string) => (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || !(also in value)) return undefined;
  const name = (value as Record<string, unknown>)[key];
  return typeof name === 'string' ? name : undefined;
};

export const tables: readonly Table[] = [
  { name: 'ops', index: 'src/ops/index.ts', nameOf: field('type', 'infer') },
  { name: 'kinds', index: 'src/ops/kinds/index.ts', nameOf: field('name', 'integer') },
  { name: 'passes', index: 'src/passes/index.ts', nameOf: field('name', 'run') },
  { name: 'methods', index: 'src/quant/methods/index.ts', nameOf: field('name', 'about') },
  { name: 'lower', index: 'src/npu/lower/index.ts', nameOf: field('kind', 'kind') },
  { name: 'targets', index: 'src/targets/index.ts', nameOf: field('name', 'modes') },
];
