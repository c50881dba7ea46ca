import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { ROOT } from './workspace.ts';

/* Schemas of others that judge what we write; `test/judges/schemas/README.md` says where they come from. */

function validatorOf(name: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
  addFormats.default(ajv);
  // SARIF's schema is of draft 4, whose own keywords for name and draft ajv does not take; it uses nothing else of it.
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(path.join(ROOT, 'test/judges/schemas', name), 'utf8'));
  return ajv.compile(schema);
}

/** NIST's schema of all OSCAL models. */
export function oscalValidator(): ValidateFunction {
  return validatorOf('oscal_complete_schema_1.2.1.json');
}

/** The schema of SARIF. */
export function sarifValidator(): ValidateFunction {
  return validatorOf('sarif-schema-2.1.0.json');
}
