import { z } from 'zod';
import { firstIssue } from '../../schema.ts';
import type { Area } from '../../terms.ts';
import type { EvaluationContext, Question } from '../context.ts';
import { unchangedUnknown } from '../freshness.ts';
import { notAssessed, type Outcome } from '../outcome.ts';

/** A named condition over observations that is not a comparison of one measurement. */
interface CheckDefinition<Parameters> {
  name: string;
  /** What it judges, where that is no safeguard. */
  about?: Area;
  /** Whether a pass of it says that nothing was changed since. */
  restsOnChanges?: boolean;
  parameters: z.ZodType<Parameters>;
  evaluate(
    parameters: Parameters,
    question: Question,
    context: EvaluationContext,
    maxAgeDays: number | undefined,
  ): Outcome;
}

/** A check with its parameter type hidden, so that all stand in one list. */
export interface Check {
  name: string;
  /** What it judges. */
  about: Area;
  /** The first thing wrong with a criterion's `with`, or undefined. */
  problem(parameters: unknown): string | undefined;
  /** What `with` may hold, as a JSON Schema. */
  schema(): { properties?: unknown };
  evaluate(
    parameters: unknown,
    question: Question,
    context: EvaluationContext,
    maxAgeDays: number | undefined,
  ): Outcome;
}

/** What is not known to have been unchanged passes nothing by that. */
function known(
  { restsOnChanges }: Pick<CheckDefinition<unknown>, 'restsOnChanges'>,
  outcome: Outcome,
  { changesUnknown }: EvaluationContext,
): Outcome {
  if (!restsOnChanges || changesUnknown === undefined || outcome.state !== 'satisfied') return outcome;
  const { state: _state, basis: _basis, ...fields } = outcome;
  const why = unchangedUnknown(changesUnknown);
  return notAssessed('incomplete', {
    ...fields,
    detail: `${fields.detail} But ${why}.`,
  });
}

export function defineCheck<Parameters>(definition: CheckDefinition<Parameters>): Check {
  return {
    name: definition.name,
    about: definition.about ?? 'safeguards',
    problem(parameters) {
      const parsed = definition.parameters.safeParse(parameters);
      if (parsed.success) return undefined;
      const { pointer, message } = firstIssue(parsed.error);
      return pointer ? `with${pointer}: ${message}` : message;
    },
    schema: () => z.toJSONSchema(definition.parameters, { io: 'input', unrepresentable: 'any' }),
    evaluate: (parameters, question, context, maxAgeDays) =>
      known(
        definition,
        definition.evaluate(definition.parameters.parse(parameters), question, context, maxAgeDays),
        context,
      ),
  };
}
