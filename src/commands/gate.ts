import { Args, Flags } from '@oclif/core';
import { asOfDate, BaseCommand, commonFlags, quoted } from '../cli/command.ts';
import { decisionInputs, policyFromFlags } from '../cli/gating.ts';
import { identityFlags, openSigner } from '../cli/signing.ts';
import { ProbityError } from '../errors.ts';
import type { Decision } from '../gate/decide.ts';

export default class Gate extends BaseCommand {
  static override summary = 'Decide about a release: 0 open, 1 closed, 2 cannot say.';
  static override description =
    'Judges an assessment or a pack by a policy (kind: GatePolicy) or, for the simple case, by flags. It opens on proof only: what cannot be read, does not verify, or is not there never opens it. Without a policy both classes must be satisfied; --fail-on says which states of a control close it instead. Ages count by --as-of alone; without it the decision is made on the day of the assessment, and a rule about age is not answered.';
  static override examples = [
    { description: 'Both classes satisfied', command: '<%= config.bin %> <%= command.id %> out' },
    {
      description: 'By a policy, for the artifact that is released',
      command:
        '<%= config.bin %> <%= command.id %> out --policy gate.yaml --artifact app.tar --trust ca.pem --previous last-quarter/ --as-of 2026-11-28',
    },
    {
      description: 'In a pipeline: nothing may fail, reasons for the step summary, a signed decision for the cluster',
      command:
        '<%= config.bin %> <%= command.id %> out --fail-on not-satisfied --markdown summary.md --identity ci.p12 --summary gate.dsse.json',
    },
  ];
  static override args = {
    path: Args.string({ required: true, description: 'a pack (folder or zip) or an assessment.json' }),
  };
  static override flags = {
    policy: Flags.string({ description: 'the policy file, kind: GatePolicy' }),
    'fail-on': Flags.string({
      description: 'without a policy: close when a control of either class is in this state, or a worse one',
      options: ['not-satisfied', 'not-assessed'],
      multiple: true,
      exclusive: ['policy'],
    }),
    artifact: Flags.string({ description: 'a file that is released; the pack must speak for it', multiple: true }),
    image: Flags.string({ description: 'an image that is released, NAME@sha256:DIGEST', multiple: true }),
    previous: Flags.string({
      description: 'the assessment or pack before this one; may be given more than once, the last is compared with',
      multiple: true,
    }),
    trust: Flags.string({ description: 'certificates to trust, PEM; every signer must lead to one of them' }),
    signer: Flags.string({
      description: 'who must have signed: a fingerprint (16 digits or more), or with --trust a name',
      multiple: true,
    }),
    'as-of': Flags.string({ description: 'the day of the decision, YYYY-MM-DD' }),
    explain: Flags.boolean({ description: 'print the rules that held as well' }),
    markdown: Flags.string({ description: 'write the decision as Markdown to this file' }),
    junit: Flags.string({ description: 'write the decision as JUnit XML to this file' }),
    summary: Flags.string({
      description: 'write a signed verification summary (SLSA VSA in DSSE) to this file; goes with --identity',
      dependsOn: ['identity'],
    }),
    ...identityFlags,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Gate);
    this.settle(flags);
    if (flags.identity !== undefined && flags.summary === undefined)
      throw new ProbityError('USAGE', '--identity goes with --summary', { remedy: 'Name the file to write to' });
    const asOf = flags['as-of'] === undefined ? undefined : await asOfDate(flags['as-of']);
    const stated = await policyFromFlags(flags);
    const signer = flags.identity === undefined ? undefined : await openSigner(flags.identity, flags);
    const input = await decisionInputs(args.path, stated.policy, { ...flags, asOf });
    const { decide } = await import('../gate/decide.ts');
    const { decisionDocument, decisionJunit, decisionMarkdown } = await import('../gate/documents.ts');
    const decision = decide(input);
    const { system } = input.handed.assessment;
    const { writeAlone } = await import('../files/write.ts');
    const what = `${system.name} (${system.id})`;
    if (flags.markdown !== undefined) await writeAlone(flags.markdown, decisionMarkdown(decision, what, flags.explain));
    if (flags.junit !== undefined) await writeAlone(flags.junit, decisionJunit(decision));
    const summary = decision.state === 'cannot-say' ? undefined : flags.summary;
    if (summary !== undefined && signer) {
      const { verificationSummary } = await import('../gate/summary.ts');
      const { sealEnvelope } = await import('../pki/dsse.ts');
      await writeAlone(
        summary,
        sealEnvelope(verificationSummary(decision, stated, input.handed, input.artifacts), signer),
      );
    }
    await this.print(decision, what, flags.explain, asOf === undefined);
    if (summary !== undefined) this.say(`Signed decision: ${summary}`);
    if (decision.state !== 'open') this.say(`Next: probity verify ${quoted(args.path)}`);
    this.emit(decisionDocument(decision));
    if (decision.state !== 'open') this.exit(decision.state === 'closed' ? 1 : 2);
  }

  private async print(decision: Decision, what: string, explain: boolean, ownDay: boolean): Promise<void> {
    const { actionsOf, answersInWords, RULE_TITLES, STATE_WORDS, subjectOf, why } = await import('../gate/words.ts');
    const mood = { open: 'good', closed: 'bad', 'cannot-say': 'unsure' } as const;
    this.say(
      `${this.bold(this.tint(STATE_WORDS[decision.state], mood[decision.state]))}: ${what}, as of ${decision.asOf}`,
    );
    if (ownDay) this.say('  Decided on the day of the assessment itself; --as-of decides on the day of the release.');
    if (decision.judged.some(({ fact }) => fact.is === 'unsigned'))
      this.say('  Nothing is signed: it follows from itself, and nothing shows who made it.');
    for (const one of decision.judged.filter(({ holds }) => explain || holds !== true)) {
      const sign =
        one.holds === true
          ? this.tint('held  ', 'good')
          : one.holds === false
            ? this.tint('closed', 'bad')
            : this.tint('unsaid', 'unsure');
      this.say(
        `  ${sign} ${RULE_TITLES[one.rule]}; ${subjectOf(one.attackClass)}${one.control ? `, ${one.control}` : ''}: ${why(one)}`,
      );
    }
    const actions = actionsOf(decision);
    if (actions.length > 0) this.say('What would open it:');
    for (const [index, one] of actions.entries()) {
      this.say(`  ${index + 1}. ${one.action}`);
      this.say(`     for ${answersInWords(one)}`);
    }
  }
}
