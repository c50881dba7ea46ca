import { CONTROL_ID, FAMILIES, SUPPORTING_FAMILIES } from '../catalog/schemas.ts';
import { ProbityError } from '../errors.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import { visibleJson } from '../visible.ts';
import { jsonSchemas, modeline, schemaFile } from './jsonSchemas.ts';

/** Where the schema lies in an overlay folder; the dot keeps it out of the way. */
const SCHEMA_FOLDER = '.schemas';

/**
 * The files of a new control for an overlay folder: the control, worded to be rewritten but clean as it is, and the schema
 * by which an editor completes and checks it.
 * @throws ProbityError USAGE for an id or family that there cannot be
 */
export function newControl(id: string, family: string, title: string): Map<string, string> {
  if (!CONTROL_ID.test(id))
    throw new ProbityError('USAGE', `"${id}" cannot be the id of a control`, {
      remedy: 'Use capital letters, a dash and a number, like ORG-01',
    });
  const known = FAMILIES.find((name) => name === family);
  if (!known)
    throw new ProbityError('USAGE', `there is no family "${family}"`, { remedy: `Use one of ${FAMILIES.join(', ')}` });
  const classes = ATTACK_CLASSES.filter((name) => SUPPORTING_FAMILIES.includes(known) || name === known);
  const text = `${modeline('Control', `../${SCHEMA_FOLDER}`)}# What a control is made of: docs/catalog.md. Check it with: probity catalog lint --controls FOLDER
apiVersion: probity/v1
kind: Control
id: ${id}
title: ${visibleJson(title)}
family: ${known}
severity: medium                   # critical, high, medium or low
objective: >-
  What is true when this control is met, in one sentence.
attackClasses:
${classes
  .map(
    (name) => `  ${name}:
    consequence: What goes wrong for people when it is not met, by ${name.replace('-', ' ')}.
    criteria:
      - id: attested
        statement: Somebody who answers for it states that it is met.
        check: attested            # other checks: probity catalog show --checks
        with: {facts: {basis: true}}
        maxAge: {param: attestation-max-age}
`,
  )
  .join('')}evidence:
  - An Attestation for ${id} that names the attack class and states its basis.
frameworks: {}                     # e.g. nist-csf-2.0: {PR.AA-05: {strength: partial, part: which part, reason: why, in one line}}
remediation:
  - What to do first.
`;
  const schema = schemaFile('Control');
  return new Map([
    [`${known}/${id}.yaml`, text],
    [`${SCHEMA_FOLDER}/${schema}`, jsonSchemas().get(schema) ?? ''],
  ]);
}
