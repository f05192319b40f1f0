// The room's door: what others use of the configuration.
export { throwAny } from './faults.ts';
export type { FlagValues } from './flags.ts';
export { calibrationOf, normalisationOf, processorOf } from './inputs.ts';
export { configSchema, manifestSchema } from './json-schema.ts';
export { readManifest, resolveGoal, type Manifest, type ManifestGoal } from './manifest.ts';
export { resolveConfig, setting, type ResolvedConfig } from './resolve.ts';
export { resolveRun } from './run.ts';
export type { PlaceOf } from './rules.ts';
export { settingsOf } from './settings.ts';
export type { BuildConfig, CompilerConfig, InputProcessor, InputQuantConfig, LayerConfig, RunConfig, SubConfig } from './schema.ts';
export { goalNamed, selectGoals } from './select.ts';
export { parseShapes } from './shapes.ts';
