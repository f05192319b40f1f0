// Real functions whose bits don't depend on the JavaScript engine: everything that is keyed or written uses these instead of Math.exp & co,
// which engines are free to round as they like. Made of + - * / , Math.sqrt, floor and bit patterns only; errors are below 1e-15 relative.
export { exp, log, pow, sigmoid, tanh } from './real/exponential.ts';
export { erf } from './real/erf.ts';
export { cos, sin } from './real/circular.ts';
export { roundHalfAway, roundHalfEven, scaleToMultiplier, type Multiplier } from './real/rounding.ts';
