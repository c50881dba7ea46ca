import type { Control } from '../catalog/schemas.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import type { LoadedResponses, Response } from '../workspace/responses.ts';
import type { Assessment, Finding, Result } from './assessment.ts';

/** Findings with what people answered to them, and what was answered to those that there are no more. */
interface Answered {
  findings: Finding[];
  responses?: NonNullable<Assessment['responses']>;
  /** What the answers claim and the results do not show, one sentence each. */
  warnings: string[];
}

/** Brings answers to their findings. No state, count or verdict is touched by it. */
export function answered(
  findings: readonly Finding[],
  results: readonly Result[],
  controls: readonly Control[],
  given: LoadedResponses | undefined,
): Answered {
  if (given === undefined) return { findings: [...findings], warnings: [] };
  const byFinding = new Map(given.document.responses.map((response) => [response.finding, response]));
  const open = new Set(findings.map(({ id }) => id));
  const states = new Map(results.map((result) => [`${result.control}.${result.attackClass}`, result.state]));
  const titles = new Map(controls.map(({ id, title }) => [id, title]));
  const answeredFindings = findings.map((finding) => ({ ...finding, ...answersOf(byFinding.get(finding.id)) }));
  return {
    findings: answeredFindings,
    responses: {
      path: given.path,
      sha256: given.sha256,
      closed: given.document.responses
        .filter(({ finding }) => !open.has(finding))
        .map((response) => {
          const named = nameOf(response.finding);
          const title = titles.get(named.control);
          const state = states.get(response.finding);
          return {
            id: response.finding,
            ...named,
            ...(title === undefined ? {} : { title }),
            ...(state === undefined ? {} : { state }),
            ...answersOf(response),
          };
        }),
      requests: given.document.requests,
    },
    warnings: [
      ...claim(
        answeredFindings.filter(({ status }) => status === 'closed'),
        'The responses call closed what the evidence leaves open',
      ),
      ...claim(
        answeredFindings.filter(({ status }) => status === 'risk accepted'),
        'The responses call accepted what no Waiver in force accepts, and it changes nothing',
      ),
    ],
  };
}

function answersOf(response: Response | undefined): Partial<Finding> {
  if (response === undefined) return {};
  const { finding: _finding, ...answers } = response;
  return answers;
}

/** Control and attack class of a finding's id. */
function nameOf(id: string): Pick<Finding, 'control' | 'attackClass'> {
  const attackClass = ATTACK_CLASSES.find((one) => id.endsWith(`.${one}`)) ?? ATTACK_CLASSES[0];
  return { control: id.slice(0, -attackClass.length - 1), attackClass };
}

const NAMED = 8;

function claim(findings: readonly Finding[], what: string): string[] {
  if (findings.length === 0) return [];
  const more = findings.length - NAMED;
  const names = findings.slice(0, NAMED).map(({ id }) => id);
  return [`${what}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`];
}
