/** A model as an ONNX graph, which ONNX Runtime and others compute without this project. */
import packageJson from '../../package.json' with { type: 'json' };
import { parameterNames } from '../protocol/parameters.ts';
import { isPadded, outputSize } from '../rnn/shape.ts';
import type { Model } from './model.ts';
import {
  constant,
  ElementType,
  graphAttribute,
  intAttribute,
  intsAttribute,
  ModelProto,
  node,
  type OnnxGraph,
  valueInfo,
} from './onnxSchema.ts';

const IR_VERSION = 8;
const OPSET_VERSION = 17;
/** Samples: as many as the model is given. */
const BATCH = 'samples';

/** x_t U + b of all steps, (B, T, H): rows of U where inputs are ids. */
function driveNodes({ shape }: Model): object[] {
  if (shape.input.kind === 'oneHot') {
    return [node('Gather', ['U', 'inputs'], ['products']), node('Add', ['products', 'b'], ['drives'])];
  }
  return [
    node('Mul', ['inputs', 'scale'], ['scaled']),
    node('MatMul', ['scaled', 'U'], ['products']),
    node('Add', ['products', 'b'], ['drives']),
  ];
}

/** h_0 = 0, (B, H). */
const initialStateNodes = (): object[] => [
  node('Shape', ['inputs'], ['batch'], [intAttribute('start', 0), intAttribute('end', 1)]),
  node('Concat', ['batch', 'hiddenUnits'], ['stateShape'], [intAttribute('axis', 0)]),
  node('ConstantOfShape', ['stateShape'], ['h0']),
];

/** One step: h_t = f(drive_t + h_{t−1} W), or h_{t−1} where the input is padding. */
function stepGraph({ shape, config }: Model): OnnxGraph {
  const H = config.hiddenUnits;
  const padded = isPadded(shape);
  const every = shape.readout === 'every';
  const state = (name: string) => valueInfo(name, ElementType.float, [BATCH, H]);
  return {
    name: 'step',
    node: [
      node('MatMul', ['h', 'W'], ['recurrent']),
      node('Add', ['drive', 'recurrent'], ['preActivation']),
      node(config.cell === 'tanh' ? 'Tanh' : 'Relu', ['preActivation'], [padded ? 'moved' : 'next']),
      ...(padded
        ? [
            node('Greater', ['id', 'padding'], ['isStep']),
            node('Unsqueeze', ['isStep', 'lastAxis'], ['isStepOfSample']),
            node('Where', ['isStepOfSample', 'moved', 'h'], ['next']),
          ]
        : []),
      ...(every ? [node('Identity', ['next'], ['shown'])] : []),
    ],
    input: [state('h'), state('drive'), ...(padded ? [valueInfo('id', ElementType.int64, [BATCH])] : [])],
    output: [state('next'), ...(every ? [state('shown')] : [])],
  };
}

/** The steps in time, and what is read out of them: (B, H), or (B, T, H). */
function scanNode(model: Model): object {
  const scanned = isPadded(model.shape) ? ['drives', 'inputs'] : ['drives'];
  const every = model.shape.readout === 'every';
  return node('Scan', ['h0', ...scanned], every ? ['last', 'top'] : ['top'], [
    graphAttribute('body', stepGraph(model)),
    intAttribute('num_scan_inputs', scanned.length),
    intsAttribute(
      'scan_input_axes',
      scanned.map(() => 1),
    ),
    ...(every ? [intsAttribute('scan_output_axes', [1])] : []),
  ]);
}

function readoutNodes({ shape }: Model): object[] {
  const isClasses = shape.target.kind === 'classes';
  return [
    node('MatMul', ['top', 'V'], ['weighted']),
    node('Add', ['weighted', 'c'], [isClasses ? 'logits' : 'outputs']),
    ...(isClasses ? [node('Softmax', ['logits'], ['outputs'], [intAttribute('axis', -1)])] : []),
  ];
}

function constantsOf({ shape, config, parameters }: Model): object[] {
  const { input } = shape;
  return [
    ...parameterNames.map((name) => {
      const { shape: sizes = [], data = [] } = parameters.get(name) ?? {};
      return constant(name, sizes, Float32Array.from(data));
    }),
    constant('hiddenUnits', [1], BigInt64Array.of(BigInt(config.hiddenUnits))),
    ...(input.kind === 'dense' ? [constant('scale', [], Float32Array.of(input.scale))] : []),
    ...(isPadded(shape)
      ? [constant('padding', [], BigInt64Array.of(0n)), constant('lastAxis', [1], BigInt64Array.of(1n))]
      : []),
  ];
}

function graphOf(model: Model): OnnxGraph {
  const { input, timeSteps, readout } = model.shape;
  const inputs =
    input.kind === 'dense'
      ? valueInfo('inputs', ElementType.float, [BATCH, timeSteps, input.features])
      : valueInfo('inputs', ElementType.int64, [BATCH, timeSteps]);
  const steps = readout === 'every' ? [timeSteps] : [];
  return {
    name: 'network',
    node: [...driveNodes(model), ...initialStateNodes(), scanNode(model), ...readoutNodes(model)],
    initializer: constantsOf(model),
    input: [inputs],
    output: [valueInfo('outputs', ElementType.float, [BATCH, ...steps, outputSize(model.shape)])],
  };
}

/**
 * Encodes a model as ONNX (opset 17). It takes `inputs` as the dataset stores them, (samples, T, n) float32 or (samples, T)
 * int64 ids, and gives `outputs`: probabilities of classes, or the values themselves. Equal models give equal bytes.
 *
 * Source of the format: ONNX, `docs/IR.md` and `docs/Operators.md` (Scan-16).
 */
export function exportOnnx(model: Model): Uint8Array {
  const { run, version, digest, dataset, shape, vocabulary, classNames, metrics } = model;
  const description = JSON.stringify({
    run,
    version,
    digest,
    dataset,
    shape,
    vocabulary,
    classNames,
    metrics,
  });
  const message = ModelProto.fromObject({
    irVersion: IR_VERSION,
    producerName: 'padmm',
    producerVersion: packageJson.version,
    graph: graphOf(model),
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    metadataProps: [{ key: 'description', value: description }],
  });
  return ModelProto.encode(message).finish();
}
