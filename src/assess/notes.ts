import { editionsText, lookUp } from '../catalog/identifiers.ts';
import { LONGEST_EXAMPLE, MOST_EXAMPLES } from '../evidence/content.ts';
import { grouped } from '../wording.ts';
import { type EvaluationContext, plural, someOf } from './context.ts';
import type { AssessInput } from './input.ts';
import type { JudgedWaiver } from './waivers.ts';

/** What a reader has to know besides results, one sentence each. */
export function notesOf(
  input: AssessInput & { ignored: ReadonlyMap<string, number> },
  context: EvaluationContext,
  waivers: readonly JudgedWaiver[],
): string[] {
  const { measurements, reach } = context;
  const notes: string[] = [];
  for (const waiver of waivers.filter((one) => !one.inForce && !one.capped))
    notes.push(
      `The risk acceptance of ${waiver.control} for ${waiver.attackClass} is not in force on ${input.asOf} (until ${waiver.ends}) and changes nothing.`,
    );
  for (const waiver of waivers.filter((one) => one.capped))
    notes.push(
      `The risk acceptance of ${waiver.control} for ${waiver.attackClass} runs until ${waiver.expires.slice(0, 10)}, longer than the profile allows (${waiver.ends}), and changes nothing.`,
    );
  const known = new Set(input.catalog.controls.map(({ document }) => document.id));
  for (const waiver of waivers.filter((one) => !known.has(one.control)))
    notes.push(`A risk acceptance names ${waiver.control}, which is no control of this catalog, and changes nothing.`);
  for (const { target, reason } of input.workspace.ignoredTargets) {
    const left = input.ignored.get(target) ?? 0;
    notes.push(`Tests of ${target} are set aside (${left} measurements): ${reason}`);
  }
  for (const { names, source } of reach.circles.slice(0, 10))
    notes.push(
      `Cyclic role assumption: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''} (${source.path}, ${source.at}). These roles are treated as one.`,
    );
  for (const { who, target, source } of reach.missing.slice(0, 10))
    notes.push(
      `${who} can become ${target}, which no inventory lists (${source.path}, ${source.at}); what it reaches by that is unknown.`,
    );
  const tested = measurements.map((m) => context.grounds.get(m.id)?.target).filter((target) => target?.matched);
  // A test of the whole application, which no single model stands for, is one of all of them.
  if (tested.length > 0 && tested.every((target) => target?.model !== undefined))
    for (const { id, version } of context.models)
      if (!tested.some((target) => target?.model === id))
        notes.push(`No test is of the model ${id} ${version}; what is satisfied by tests was shown on the others.`);
  const tools = toolsWithoutMembership(input.files);
  if (tools.length > 0)
    notes.push(
      `${tools.join(' and ')} ${tools.length > 1 ? 'carry' : 'carries'} no membership-inference test; nothing of ${tools.length > 1 ? 'theirs' : 'its'} is counted for that class.`,
    );
  notes.push(...secondHand(context));
  const undeclared = measurements.filter((m) => m.surface === 'undeclared' || m.technique === 'undeclared').length;
  for (const { control, attackClass, reason, by } of input.catalog.changes.off)
    notes.push(
      `${control} is switched off${attackClass === undefined ? '' : ` for ${attackClass}`} in this catalog and was not judged: ${reason} (${by}).`,
    );
  if (undeclared > 0)
    notes.push(`${undeclared} measurements count for no control, because nothing declares what was attacked or how.`);
  const frameworks = input.catalog.frameworks.map(({ document }) => document);
  const answers = input.workspace.cites.map((cited) => ({ cited, answer: lookUp(frameworks, cited) }));
  const unknown = answers.filter(({ answer }) => answer.kind === 'unknown').map(({ cited }) => cited);
  if (unknown.length > 0)
    notes.push(`Cited identifiers that no framework of the catalog knows: ${unknown.join(', ')}.`);
  for (const { cited, answer } of answers)
    if (answer.kind === 'wrong-edition') notes.push(`Cited: ${editionsText(cited, answer)}.`);
  if (input.contentShown)
    notes.push(
      `Examples of leaked answers are shown at measurements, on request: at most ${MOST_EXAMPLES} each, of at most ${LONGEST_EXAMPLE} characters.`,
    );
  if (!input.redacted) notes.push('Secrets and personal data in evidence were not masked, on request.');
  return notes;
}

/** What other tools found, one sentence each: counted and named, and deciding nothing. */
function secondHand(context: EvaluationContext): string[] {
  const tools = new Map<string, { checks: number; failed: string[] }>();
  for (const { tool, id, failed } of context.evidence('tool-finding')) {
    const name = tool?.name ?? 'A tool';
    const known = tools.get(name) ?? { checks: 0, failed: [] };
    tools.set(name, known);
    known.checks++;
    if (failed > 0) known.failed.push(id);
  }
  return [...tools].map(
    ([name, { checks, failed }]) =>
      `${name} reports on ${plural(checks, 'rule')} of its own, and ${failed.length === 0 ? 'found nothing by them' : `found something by ${grouped(failed.length)} (${someOf(failed.toSorted(), 5)})`}. Findings of other tools are evidence at second hand and decide no control.`,
  );
}

/** Tools whose results were read and that carry no membership inference test. */
export function toolsWithoutMembership(files: AssessInput['files']): string[] {
  return [
    ...new Set(
      files
        .filter((file) => file.accepted && (file.format === 'garak-report' || file.format === 'promptfoo-results'))
        .map((file) => file.tool?.name ?? file.format),
    ),
  ];
}

/** What somebody who assesses has most likely got wrong, one sentence each; said on the terminal as well. */
export function warningsOf(input: AssessInput, context: EvaluationContext): string[] {
  const known = new Set(input.catalog.controls.map(({ document }) => document.id));
  const strangers = new Set(
    context.evidence('attestation').flatMap(({ control }) => (known.has(control) ? [] : [control])),
  );
  const undeclared = input.files.filter(
    ({ accepted, path }) =>
      accepted &&
      context.measurements.some((m) => m.technique === 'undeclared' && m.source.some((one) => one.path === path)),
  );
  return [
    ...(input.unmatchedSources ?? []).map(
      (match) => `The entry "${match}" under sources in probity.yaml matches no evidence file.`,
    ),
    ...undeclared.map(
      ({ path }) => `${path} holds scores, and no entry under sources in probity.yaml says what they are of.`,
    ),
    ...(strangers.size > 0
      ? [
          `Attestations name what is no control of this catalog, and count for nothing: ${[...strangers].slice(0, 20).join(', ')}.`,
        ]
      : []),
  ];
}
