// Latencies of boards, batch 1: what the cost model is fitted to on the AX650, and held to on other chips.
export interface Row {
  readonly network: string;
  readonly mode: string;
  readonly ms: number;
}

/** AX650N; ax-samples, Pulsar2 3.2. */
export const ax650Rows: readonly Row[] = ([
  ['MobileNetV1', 0.567, 0.277],
  ['MobileNetV2', 0.595, 0.282],
  ['SqueezeNet1.1', 0.471, 0.2],
  ['ResNet18', 1.269, 0.54],
  ['ResNet50', 2.867, 1.335],
  ['YOLOv5s', 6.658, 2.6],
] as const).flatMap(([network, one, three]): Row[] => [{ network, mode: 'NPU1', ms: one }, { network, mode: 'NPU3', ms: three }]);

export const otherRows: readonly (Row & { readonly chip: string })[] = [
  { chip: 'AX620E', mode: 'NPU2', network: 'MobileNetV2', ms: 0.923 },
  { chip: 'AX620E', mode: 'NPU2', network: 'ResNet18', ms: 2.54 },
  { chip: 'AX620E', mode: 'NPU2', network: 'ResNet50', ms: 5.616 },
  { chip: 'AX615', mode: 'NPU1', network: 'MobileNetV2', ms: 5.411 },
  { chip: 'AX615', mode: 'NPU1', network: 'ResNet50', ms: 22.032 },
  { chip: 'AX615', mode: 'NPU2', network: 'MobileNetV2', ms: 2.896 },
  { chip: 'AX615', mode: 'NPU2', network: 'ResNet50', ms: 11.621 },
];
