import * as z from 'zod';
import { runConfigSchema } from '../protocol/config.ts';

/**
 * The JSON Schema (draft 2020-12) of a run config as a user writes it: fields with a default may be left out.
 * Made from the definitions that validate a config, so it cannot say anything else.
 */
export function runConfigJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(runConfigSchema, { io: 'input', target: 'draft-2020-12' });
}
