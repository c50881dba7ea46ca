import { CLASS_TITLES, reasonAnswer, SURFACE_TITLES, stateText } from '../report/words.ts';
import type { AttackClass } from '../terms.ts';
import type { Decision, Fact, Judged, Rule } from './decide.ts';

/* What a gate says, in words. */

export const STATE_WORDS: Record<Decision['state'], string> = {
  open: 'Open',
  closed: 'Closed',
  'cannot-say': 'Cannot say',
};

export const RULE_TITLES: Record<Rule, string> = {
  signatures: 'Signatures and digests',
  signers: 'Required signers',
  artifact: 'Released artifact',
  system: 'System',
  profile: 'Profile',
  catalog: 'Catalog',
  date: 'Day of the assessment',
  age: 'Age of the assessment',
  previous: 'Previous assessment',
  class: 'Attack class',
  verdict: 'Verdict',
  severity: 'Gravest open gap',
  'new-gaps': 'New gaps',
  'untested-surface': 'Untested surfaces',
  'evidence-age': 'Age of the evidence',
  warrant: 'What passes rest on',
  acceptance: 'Accepted risks',
};

/** Why a rule holds or does not, one sentence. */
export function why({ fact }: Judged): string {
  switch (fact.is) {
    case 'unsigned':
      return 'nothing is signed, so nothing shows who made it';
    case 'signed':
      return `everything that is signed holds${fact.detail ? `; signed by ${fact.detail}` : ''}`;
    case 'no-trust':
      return 'the policy asks for trusted signers, and no certificates were given';
    case 'problem':
    case 'unmet':
      return fact.detail;
    case 'artifact':
      if (fact.found) return `the attestation speaks for ${fact.name} (sha256:${fact.sha256})`;
      if (!fact.signed) return `nothing is signed, so nothing ties it to ${fact.name}`;
      return fact.releases === 0
        ? `the attestation speaks for no artifact; this one is sha256:${fact.sha256}`
        : `the attestation speaks for ${fact.releases === 1 ? 'another artifact' : 'other artifacts'} than ${fact.name} (sha256:${fact.sha256})`;
    case 'no-artifact':
      return 'the policy asks for the artifact that is released, and none was named';
    case 'system':
      return fact.has === fact.wanted
        ? `it is ${fact.has}`
        : `it is of ${fact.has}, and the policy is about ${fact.wanted}`;
    case 'profile':
      return fact.looser.length === 0
        ? `${fact.has} asks for no less than ${fact.wanted}`
        : `the profile ${fact.has} asks for less than ${fact.wanted}: ${some(fact.looser)}`;
    case 'catalog':
      return fact.off.length + fact.replaced.length === 0
        ? 'no control was switched off or replaced'
        : `${fact.off.length > 0 ? `switched off: ${some(fact.off)}` : ''}${fact.off.length > 0 && fact.replaced.length > 0 ? '; ' : ''}${fact.replaced.length > 0 ? `replaced: ${some(fact.replaced)}` : ''}`;
    case 'date':
      return `the assessment is as of ${fact.assessed}, after the day of the decision, ${fact.asOf}`;
    case 'no-date':
      return 'the rule is about age, and no day was given';
    case 'age':
      return `the assessment is ${fact.days} days old, and may be ${fact.most}`;
    case 'no-previous':
      return 'the rule is about what is new, and no previous assessment was given';
    case 'same-previous':
      return 'the previous assessment is this one';
    case 'no-results':
      return 'no control of this class applies, so nothing was assessed';
    case 'verdict':
      return `${VERDICTS[fact.has] ?? fact.has}: ${fact.failing} not satisfied, ${fact.unassessed} not assessed`;
    case 'control':
      return `${stateText(fact.state, fact.reason).toLowerCase()} (${fact.severity})`;
    case 'gap':
      return `an open gap of severity ${fact.severity}; ${fact.tolerated === 'none' ? 'none is tolerated' : `${fact.tolerated} is tolerated`}`;
    case 'gaps':
      return fact.tolerated === 'none' ? 'no gap is open' : `no open gap is graver than ${fact.tolerated}`;
    case 'changed-gap':
      return GAP_WORDS[fact.change] ?? fact.change;
    case 'unchanged':
      return 'no gap is new or came back, and none went away with its evidence';
    case 'untested':
      return `${SURFACE_TITLES[fact.surface]} has no test that counts`;
    case 'tested':
      return 'every surface has a test that counts';
    case 'stale':
      return `${fact.probe} (${fact.surface}) is ${fact.collected === null ? 'undated' : `of ${fact.collected.slice(0, 10)}`}, and may be ${fact.most} days old`;
    case 'fresh':
      return fact.tests === 0
        ? 'no pass rests on a test'
        : `the tests behind the passes are at most ${fact.most} days old`;
    case 'weak':
      return `the pass rests on ${fact.basis === 'weak' ? 'a weak test' : 'a statement'}`;
    case 'warranted':
      return `${fact.passes === 0 ? 'no pass rests on a test' : `every pass of a test rests on ${fact.minimum} tests or better`}${fact.stated === 0 ? '' : `; resting on statements, as the policy allows: ${fact.stated}`}`;
    case 'accepted':
      return acceptance(fact);
  }
}

const VERDICTS: Partial<Record<string, string>> = {
  satisfied: 'satisfied',
  'not-satisfied': 'not satisfied',
  'not-assessed': 'not assessed',
};

const GAP_WORDS: Partial<Record<string, string>> = {
  new: 'a new gap since the previous assessment',
  reopened: 'a gap that had been closed is open again',
  'evidence-gone': 'a gap went away only because its evidence did, or because something was relabelled',
};

function acceptance({ approver, ends, problem }: Extract<Fact, { is: 'accepted' }>): string {
  switch (problem) {
    case 'none-allowed':
      return `the risk is accepted by ${approver}, and the policy takes no acceptance`;
    case 'approver':
      return `the risk is accepted by ${approver}, whom the policy does not name`;
    case 'too-long':
      return `the acceptance by ${approver} runs until ${ends}, longer than the policy allows`;
    case 'ended':
      return `the acceptance by ${approver} ended on ${ends}`;
    case 'no-acceptance':
      return 'the risk is said to be accepted, and no acceptance is in force';
    default:
      return `accepted by ${approver} until ${ends}`;
  }
}

/** What would make a rule hold, one sentence. */
export function opens({ rule, fact, control }: Judged): string {
  switch (fact.is) {
    case 'unsigned':
      return 'Sign it: probity run --identity FILE.p12';
    case 'no-trust':
      return 'Give the certificates: --trust FILE';
    case 'problem':
      if (fact.untrusted) return "Add that signer's certificate to --trust, or have a trusted person sign";
      return 'Find out what happened to the pack (probity verify), or make it anew';
    case 'unmet':
      return 'Let them sign: probity sign PACK --identity FILE.p12 --role ROLE';
    case 'artifact':
      return 'Make the pack for this artifact: probity run --subject NAME=sha256:DIGEST';
    case 'no-artifact':
      return 'Name it: --artifact FILE or --image NAME@sha256:DIGEST';
    case 'system':
      return 'Take the pack of the system that is released';
    case 'profile':
      return `Assess with --profile ${fact.wanted}`;
    case 'catalog':
      return 'Assess with the controls as the package has them';
    case 'date':
    case 'no-date':
      return 'Say the day of the decision: --as-of YYYY-MM-DD';
    case 'age':
      return 'Assess the system anew';
    case 'no-previous':
    case 'same-previous':
      return 'Name the assessment before this one: --previous FILE';
    case 'no-results':
      return 'Assess the class: let its controls apply, and hand in its evidence';
    case 'untested':
      return 'Test the surface; probity plan says with what';
    case 'stale':
      return 'Repeat the test on the system as it is now';
    case 'weak':
      if (fact.byNature) return 'Only a statement shows this; a policy takes it with statements: allowed';
      return `Show the same by a strong test; probity catalog show ${control ?? ''}`.trim();
    case 'accepted':
      return 'Close the gap, or let somebody whom the policy names accept it';
    case 'control':
      return fact.reason === undefined ? fact.remediation : reasonAnswer(fact.reason, fact.of);
    case 'verdict':
      return 'Satisfy the controls that leave the verdict open';
    default:
      return rule === 'new-gaps' || rule === 'severity'
        ? `Close ${control ?? 'the gap'}; ${control ? `probity catalog show ${control}` : 'probity catalog show'} says what would`
        : '';
  }
}

/** One action, and the reasons that it answers. */
export interface Action {
  action: string;
  answers: Judged[];
}

/**
 * What would open the gate, each action once, in the order of the first reason that it answers. A gap that several rules
 * close the gate for is closed by what its verdict asks; the verdict of a class, by what its controls ask. Every reason
 * that has an answer is named under exactly one action, with its own attack class.
 */
export function actionsOf({ judged }: Decision): Action[] {
  const reasons = judged.filter(({ holds }) => holds !== true);
  const owed = reasons.filter(({ fact }) => fact.is === 'control');
  const groups = new Map<string, Action>();
  const verdicts: Judged[] = [];
  for (const one of reasons) {
    if (one.fact.is === 'verdict' && owed.some(({ attackClass }) => attackClass === one.attackClass)) {
      verdicts.push(one);
      continue;
    }
    const same = CLOSES_GAP.has(one.fact.is)
      ? owed.find(({ control, attackClass }) => control === one.control && attackClass === one.attackClass)
      : undefined;
    const action = actionOf(same ?? one);
    if (action === '') continue;
    const group = groups.get(action) ?? { action, answers: [] };
    group.answers.push(one);
    groups.set(action, group);
  }
  const actions = [...groups.values()].map(withCommand);
  if (verdicts.length > 0)
    actions.push({ action: 'Take every action above that names a control of the class', answers: verdicts });
  return actions;
}

const CLOSES_GAP: ReadonlySet<Fact['is']> = new Set<Fact['is']>(['gap', 'changed-gap']);

/** The action of a reason, in the same words for every control that it is asked of. */
function actionOf(one: Judged): string {
  switch (one.fact.is) {
    case 'gap':
    case 'changed-gap':
      return 'Close each gap';
    case 'weak':
      return one.fact.byNature ? opens(one) : 'Show the same by a strong test';
    default:
      return opens(one);
  }
}

/** The command that says more about a control, filled in with the first of those that the action is for. */
function withCommand({ action, answers }: Action): Action {
  const controls = [...new Set(answers.flatMap(({ control }) => (control === undefined ? [] : [control])))];
  const [first] = controls;
  if (first === undefined) return { action, answers };
  const others = controls.length > 1 ? ', and so for each control named here' : '';
  return { action: `${action.replace(/\.$/, '')} (probity catalog show ${first}${others})`, answers };
}

/** The reasons that an action answers, in short: the class and rule, with the controls of each. */
export function answersInWords({ answers }: Action): string {
  const groups = Map.groupBy(
    answers,
    ({ attackClass, rule }) => `${subjectOf(attackClass)}, ${RULE_TITLES[rule].toLowerCase()}`,
  );
  return [...groups]
    .map(([about, all]) => {
      const controls = [...new Set(all.flatMap(({ control }) => (control === undefined ? [] : [control])))];
      return controls.length === 0 ? about : `${about}: ${controls.join(', ')}`;
    })
    .join('; ');
}

/** What a rule is about: a class, or the pack. */
export function subjectOf(attackClass: AttackClass | null): string {
  return attackClass === null ? 'The pack' : CLASS_TITLES[attackClass];
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
}
