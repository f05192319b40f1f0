// What a worker loads while it waits for its first job: every build that changes anything checks something.
export async function preload(): Promise<void> {
  const [{ loadKernels }] = await Promise.all([
    import('../src/npu/kernels/kernels.ts'),
    import('../src/npu/simulate.ts'),
    import('../src/npu/lone-group.ts'),
    import('../src/npu/program.ts'),
    import('../src/npu/params.ts'),
    import('../src/ops/kinds/index.ts'),
    import('../src/ops/kinds/params-pack.ts'),
    import('../src/quant/codes.ts'),
    import('./check.ts'),
    import('./alone.ts'),
    import('./link-check.ts'),
  ]);
  loadKernels(new WebAssembly.Memory({ initial: 1 }));
}
