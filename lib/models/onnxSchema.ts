/**
 * The part of ONNX's messages that an exported model needs.
 *
 * Source: ONNX, `onnx/onnx.proto3`, IR version 8.
 */
import protobuf from 'protobufjs/light.js';

const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id }) as const;
const one = (type: string, id: number) => ({ type, id });

export const ModelProto = protobuf.Root.fromJSON({
  nested: {
    Dimension: {
      fields: { dimValue: one('int64', 1), dimParam: one('string', 2) },
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
    },
    TensorShapeProto: { fields: { dim: repeated('Dimension', 1) } },
    TensorType: { fields: { elemType: one('int32', 1), shape: one('TensorShapeProto', 2) } },
    TypeProto: { fields: { tensorType: one('TensorType', 1) } },
    ValueInfoProto: { fields: { name: one('string', 1), type: one('TypeProto', 2) } },
    TensorProto: {
      fields: {
        dims: repeated('int64', 1),
        dataType: one('int32', 2),
        name: one('string', 8),
        rawData: one('bytes', 9),
      },
    },
    AttributeProto: {
      fields: {
        name: one('string', 1),
        i: one('int64', 3),
        g: one('GraphProto', 6),
        ints: repeated('int64', 8),
        type: one('int32', 20),
      },
    },
    NodeProto: {
      fields: {
        input: repeated('string', 1),
        output: repeated('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: repeated('AttributeProto', 5),
      },
    },
    GraphProto: {
      fields: {
        node: repeated('NodeProto', 1),
        name: one('string', 2),
        initializer: repeated('TensorProto', 5),
        input: repeated('ValueInfoProto', 11),
        output: repeated('ValueInfoProto', 12),
      },
    },
    OperatorSetIdProto: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    StringStringEntryProto: { fields: { key: one('string', 1), value: one('string', 2) } },
    ModelProto: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        producerVersion: one('string', 3),
        graph: one('GraphProto', 7),
        opsetImport: repeated('OperatorSetIdProto', 8),
        metadataProps: repeated('StringStringEntryProto', 14),
      },
    },
  },
}).lookupType('ModelProto');

/** `TensorProto.DataType`. */
export const ElementType = { float: 1, int64: 7 } as const;
/** `AttributeProto.AttributeType`. */
const AttributeType = { int: 2, graph: 5, ints: 7 } as const;

export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly object[];
  readonly initializer?: readonly object[];
  readonly input: readonly object[];
  readonly output: readonly object[];
}

export const intAttribute = (name: string, i: number) => ({ name, i, type: AttributeType.int });
export const intsAttribute = (name: string, ints: readonly number[]) => ({
  name,
  ints,
  type: AttributeType.ints,
});
export const graphAttribute = (name: string, g: OnnxGraph) => ({ name, g, type: AttributeType.graph });

/** One operation; its name is that of its first output. */
export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly object[] = [],
) => ({ opType, input, output, name: output[0], attribute });

/** A tensor's name and shape; a size that is a word is known when the model runs. */
export const valueInfo = (name: string, elemType: number, shape: readonly (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: {
        dim: shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })),
      },
    },
  },
});

/** A constant. */
export function constant(name: string, dims: readonly number[], data: Float32Array | BigInt64Array) {
  const dataType = data instanceof Float32Array ? ElementType.float : ElementType.int64;
  return { name, dims, dataType, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}
