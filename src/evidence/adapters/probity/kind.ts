import type { z } from 'zod';
import { check } from '../../../schema.ts';
import type { AdapterContext, Reading } from '../../adapter.ts';

/** One of Probity's own evidence kinds: its schema and what its documents say. */
export interface EvidenceKind<Document> {
  kind: string;
  schema: z.ZodType<Document>;
  observe(document: Document, context: AdapterContext, reading: Reading): void;
}

/** A kind with its document type hidden, so that kinds of different types stand in one list. */
export interface AnyKind {
  kind: string;
  schema: z.ZodType;
  /** Validates and observes. Returns the first thing wrong instead when the document does not fit. */
  read(document: unknown, context: AdapterContext, reading: Reading): z.ZodError | undefined;
}

export function evidenceKind<Document>(definition: EvidenceKind<Document>): AnyKind {
  return {
    kind: definition.kind,
    schema: definition.schema,
    read(document, context, reading) {
      const parsed = check(definition.schema, document);
      if (!parsed.success) return parsed.error;
      definition.observe(parsed.data, context, reading);
      return undefined;
    },
  };
}
