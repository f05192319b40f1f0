// A chip is a row of data; each number has a source. Shared code asks for a capability, never for a name.
export interface Mode {
  readonly name: string;
  /** Engine sets (conv + teng + cv + sdma) this mode gives; on-chip memory in bytes. */
  readonly engineSets: number;
  readonly ocmBytes: number;
}

export interface Target {
  readonly name: string;
  readonly about: string;
  readonly modes: readonly Mode[];
  readonly clockMhz: number;
  /**
   * A multiply-accumulate array: output positions x output channels x depth (input channels and taps) a cycle, at 8 bit; 16 bit takes `wideFactor`
   * as long. A set has `arrays` of them; products of two activations take `matmulFactor` as long.
   */
  readonly array: { readonly positions: number; readonly outChannels: number; readonly inChannels: number; readonly wideFactor: number };
  readonly arrays: number;
  readonly matmulFactor: number;
  /** Bytes a cycle of one set: results leaving its arrays, its vector engine, its shape engine. */
  readonly resultBytes: number;
  readonly vectorLanes: number;
  readonly moveBytes: number;
  /** DDR bytes a cycle, all sets together; cycles to start a transfer / an instruction. */
  readonly ddrBytesPerCycle: number;
  readonly dmaStartCycles: number;
  readonly instructionStartCycles: number;
  /** Cycles from one group's computing to that of another that comes behind it. */
  readonly handoverCycles: number;
  /** Constants that may lie on chip ahead of their use, in bytes: the same in every mode. */
  readonly weightWindowBytes: number;
  /** ONNX operator types this chip lacks although axbuild can lower them: they run on the CPU. */
  readonly unsupported: readonly string[];
  /** Where each number comes from, by field. "assumed" is an honest source. */
  readonly sources: Readonly<Record<string, string>>;
}
