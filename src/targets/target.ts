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
  /** The multiply-accumulate array: output positions x output channels x input channels a cycle, at 8 bit; 16 bit takes `wideFactor` as long. */
  readonly array: { readonly positions: number; readonly outChannels: number; readonly inChannels: number; readonly wideFactor: number };
  /** Elements a cycle of the vector engine; bytes a cycle of the shape engine. */
  readonly vectorLanes: number;
  readonly moveBytes: number;
  /** DDR bytes a cycle of one sdma, and cycles to start a transfer / an instruction. */
  readonly ddrBytesPerCycle: number;
  readonly dmaStartCycles: number;
  readonly instructionStartCycles: number;
  /** ONNX operator types this chip lacks although axbuild can lower them: they run on the CPU. */
  readonly unsupported: readonly string[];
  /** Where each number comes from, by field. "assumed" is an honest source. */
  readonly sources: Readonly<Record<string, string>>;
}
