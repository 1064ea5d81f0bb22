/**
 * How parameters are cut in blocks, so that several functions average a part each. Whoever cuts and whoever puts together
 * has to agree on it, so it stands here alone.
 */
import * as z from 'zod';
import { digestSchema } from './ids.ts';
import { parameterNames } from './parameters.ts';

/**
 * A vector of parameters is cut in halves, each of them in halves, and so on, down to so many stripes. A block is one piece
 * on the way. Sums over all parameters are formed stripe by stripe and put together in their order, so that they too are
 * the same bits for every number of blocks.
 */
export const STRIPES = 64;

/** K: every number of pieces on the way to the stripes. */
export const BLOCK_COUNTS = [1, 2, 4, 8, 16, 32, 64] as const;
export type BlockCount = (typeof BLOCK_COUNTS)[number];

/** Elements `start` up to `end` of a flat vector. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Lengths of 1, 2, 4, … `count` pieces: of two halves the second may be longer by one. */
function pieceLengths(length: number, count: number): number[] {
  if (count === 1) return [length];
  const first = Math.floor(length / 2);
  return [...pieceLengths(first, count / 2), ...pieceLengths(length - first, count / 2)];
}

function piecesOf(length: number, count: number): Range[] {
  let end = 0;
  return pieceLengths(length, count).map((pieceLength) => {
    const start = end;
    end += pieceLength;
    return { start, end };
  });
}

/** The elements of each block of a vector. */
export const blockRanges = (length: number, blocks: BlockCount): Range[] => piecesOf(length, blocks);

/** The elements of each stripe of one block, counted from its beginning. */
export const stripeRanges = (blockLength: number, blocks: BlockCount): Range[] =>
  piecesOf(blockLength, STRIPES / blocks);

/** Name and shape of a float32 tensor. */
const tensorSchema = z.strictObject({ name: z.enum(parameterNames), shape: z.array(z.int().min(0)) });
export type TensorForm = z.output<typeof tensorSchema>;

/** What a parameter set in blocks is made of: the tensors that follow each other, and the digest of each block's bytes. */
export const blockManifestSchema = z.strictObject({
  schema: z.literal(1),
  tensors: z.array(tensorSchema).min(1),
  blocks: z.array(digestSchema).min(2).max(STRIPES),
});
export type BlockManifest = z.output<typeof blockManifestSchema>;
