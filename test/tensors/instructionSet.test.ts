import { arch } from 'node:os';
import { expect, test } from 'vitest';
import { describeInstructionSet } from '../../lib/tensors/instructionSet.ts';

const INFORMATION = `processor\t: 0
model name\t: Some CPU @ 2.50GHz
cpu family\t: 6
model\t\t: 85
cache size\t: 36608 KB
flags\t\t: fpu sse4_2 fma avx avx2 avx512f hypervisor

processor\t: 1
model name\t: Another`;

test('names the first processor, its cache and the extensions that kernels are chosen by', () => {
  expect(describeInstructionSet(INFORMATION)).toBe(
    `${arch()}/Some-CPU-2.50GHz_6_85_36608-KB/avx+avx2+avx512f+fma+sse4_2`,
  );
});

test('another set of extensions is another name', () => {
  const without = INFORMATION.replace(' avx512f', '');
  expect(describeInstructionSet(without)).not.toBe(describeInstructionSet(INFORMATION));
});

test('reads the features of ARM', () => {
  const information = 'CPU implementer\t: 0x41\nCPU part\t: 0xd40\nFeatures\t: fp asimd sve bf16 crc32';
  expect(describeInstructionSet(information)).toBe(`${arch()}/0x41_0xd40/asimd+bf16+sve`);
});

test('this machine has a name', () => {
  expect(describeInstructionSet().startsWith(arch())).toBe(true);
});
