import { describe, expect, test } from 'vitest';
import { encodeSafetensors } from '../../lib/codec/safetensors.ts';
import { IntegrityError } from '../../lib/errors.ts';
import { exportSafetensors, importSafetensors } from '../../lib/models/safetensorsFile.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { syntheticModel, TASKS } from './syntheticModel.ts';

describe('a model file', () => {
  test.each(Object.entries<TaskShape>(TASKS))('gives back the model (%s)', (_, shape) => {
    const model = syntheticModel(shape);
    expect(importSafetensors(exportSafetensors(model))).toEqual(model);
  });

  test('is the same bytes for the same model', () => {
    expect(exportSafetensors(importSafetensors(exportSafetensors(syntheticModel())))).toEqual(
      exportSafetensors(syntheticModel()),
    );
  });

  test('with names for tokens gives them back', () => {
    const model = { ...syntheticModel(), vocabulary: ['', 'the', 'Käse "x"'] };
    expect(importSafetensors(exportSafetensors(model)).vocabulary).toEqual(model.vocabulary);
  });

  test('with how its dataset was made gives that back, and one without stays without', () => {
    const dataset = datasetSchema.parse({ kind: 'mnist', pixelsPerStep: 14 });
    const model = { ...syntheticModel(), source: { dataset, shards: 4, seed: 7 } };
    expect(importSafetensors(exportSafetensors(model)).source).toEqual(model.source);
    expect(importSafetensors(exportSafetensors(syntheticModel()))).not.toHaveProperty('source');
  });

  test('that is no model is refused by name', () => {
    const bytes = encodeSafetensors(syntheticModel().parameters);
    expect(() => importSafetensors(bytes, 'weights.safetensors')).toThrow(IntegrityError);
    expect(() => importSafetensors(bytes, 'weights.safetensors')).toThrow(
      /weights.safetensors.*padmm-model/s,
    );
  });

  test('whose parameters are not of the described shape is refused by tensor', () => {
    const model = syntheticModel();
    const parameters = new Map(model.parameters).set('V', { shape: [6, 3], data: new Float32Array(18) });
    expect(() => importSafetensors(exportSafetensors({ ...model, parameters }), 'model')).toThrow(
      'model: V: expected float32 of shape [6,4], received Float32Array of shape [6,3]',
    );
  });

  test.each([
    ['not JSON', '{', /metadata.description: \(top level\): expected JSON/],
    ['without a shape', '{"run":1}', /metadata.description: run/],
  ])('whose description is %s is refused by field', (_, description, message) => {
    const metadata = { format: 'padmm-model', schema: '1', description };
    const bytes = encodeSafetensors(syntheticModel().parameters, metadata);
    expect(() => importSafetensors(bytes)).toThrow(message);
  });

  test('cut short is refused', () => {
    const bytes = exportSafetensors(syntheticModel());
    expect(() => importSafetensors(bytes.subarray(0, bytes.length - 1))).toThrow(IntegrityError);
  });
});
