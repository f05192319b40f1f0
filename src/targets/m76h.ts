// M76H: by the documentation the same NPU as the AX650's.
import { ax650 } from './ax650.ts';
import type { Target } from './target.ts';

export const m76h: Target = { ...ax650, name: 'M76H', about: 'M76H: the NPU of an AX650' };
