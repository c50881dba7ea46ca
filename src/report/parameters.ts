import { percent } from '../measure/figures.ts';
import { table } from '../table.ts';
import { grouped } from '../wording.ts';

/* Thresholds of a profile in words: what each asks, and its value as readers write it. */

type Value = number | string;
type Write = (value: Value) => string;

const share: Write = (value) => (typeof value === 'number' ? percent(value) : value);
const area: Write = (value) => (typeof value === 'number' ? value.toFixed(3) : value);
const bits: Write = (value) => (typeof value === 'number' ? `${value.toFixed(2)} bits` : value);
const count: Write = (value) => (typeof value === 'number' ? grouped(value) : value);
const plain: Write = (value) => String(value);
const yesNo: Write = (value) => (value === 0 ? 'no' : 'yes');
/** `P90D` is "90 days". */
const days: Write = (value) => {
  const found = /^P(\d+)D$/.exec(String(value));
  return found ? `${found[1]} ${found[1] === '1' ? 'day' : 'days'}` : String(value);
};
const hours: Write = (value) => `${value} hours`;
const minutes: Write = (value) => `${value} minutes`;
const control: Write = (value) =>
  value === 0 ? 'not for strong techniques' : value === 1 ? 'yes, by counts' : 'yes, by a file of scores';

const PARAMETERS = table<readonly [title: string, write: Write]>({
  'mi-tpr-0.1pct': ['Training records recognised while 1 in 1,000 others is wrongly accused, at most', share],
  'mi-tpr-1pct': ['Training records recognised while 1 in 100 others is wrongly accused, at most', share],
  'mi-auc': ['Area under the ROC curve of membership inference, at most', area],
  'mi-canary-exposure': ['Exposure of a planted record, at most', bits],
  'mi-canary-share': ['Planted records exposed beyond that limit, at most', share],
  'mi-retrieval-advantage': ['Advantage over guessing which documents are in the store, at most', share],
  'mi-score-decimals': ['Decimals of scores that an interface gives out, at most', plain],
  'mi-loss-gap': ['Gap between training and held-out loss, at most', share],
  'mi-control': ['Membership tests show by a positive control that they could have succeeded', control],
  'trial-control': ['Tests by attempts always need a positive control', yesNo],
  'mi-baseline-margin': ['Distance from one half within which a baseline without the model has to stay', area],
  'inv-extraction-rate': ['Training text or inputs recovered, at most', share],
  'inv-extraction-n': ['Samples of a target that count in extraction', count],
  'inv-extraction-p': ['Chance of success within them that counts as extracted', share],
  'inv-attribute-advantage': ['Advantage over imputation in inferring an attribute, at most', share],
  'inv-prompt-leakage': ['Attempts that bring out hidden prompts, at most', share],
  'inv-secret-recovery': ['Attempts that bring out a planted secret, bounded by', share],
  'inv-context-leakage': ["Attempts that bring out another caller's context, at most", share],
  'inv-connected-leakage': ['Attempts that bring more out of stores and tools than the caller may see, at most', share],
  'inv-embedding': ['Texts recovered from embeddings, at most', share],
  'inv-disclosure': ['Sensitive items recovered within the query budget, at most', share],
  'inv-query-budget': ['Queries within which disclosure is judged', count],
  'probe-max-age': ['Age of a test, at most', days],
  'inventory-max-age': ['Age of an access inventory, at most', days],
  'secret-max-age': ['Age of a credential, at most', days],
  'unused-max-age': ['Time without use after which an identity is unused', days],
  'attestation-max-age': ['Age of a statement by a person, at most', days],
  'threat-model-max-age': ['Age of a threat model, at most', days],
  'third-party-review-max-age': ['Age of the review of a third party, at most', days],
  'secret-scan-max-age': ['Age of a secret scan, at most', days],
  'log-sample-max-age': ['Age of a sample of logs, at most', days],
  'containment-exercise-max-age': ['Age of a containment exercise, at most', days],
  'exercise-max-age': ['Age of any other exercise, at most', days],
  'tool-review-max-age': ['Age of the review of a tool, at most', days],
  'impact-max-age': ['Age of an impact assessment, at most', days],
  'impact-ahead': ['How long before its next review an impact assessment is due again', days],
  'impact-residual-risk': ['Residual risk that an impact assessment may leave, at most', plain],
  'residual-risk-from': ['Residual risk from which a sign-off is not enough', plain],
  'blast-max-resources': ['Resources that one machine identity reaches, at most', count],
  'blast-max-weight': ['The same, weighted by sensitivity, at most', count],
  'trace-min-outputs': ['Outputs traced back to their data, at least', count],
  'contain-max-minutes': ['Time to contain a disclosure, at most', minutes],
  'notification-max-hours': ['Time to notify a breach, at most', hours],
  'revocation-max-hours': ['Time to revoke a leaked secret, at most', hours],
  'erasure-max': ['Time to carry out an erasure, at most', days],
  'threat-from-severity': ['Severity from which open threats need a decision', plain],
  'approval-from': ['Severity of actions from which a person approves', plain],
  'predeployment-window': ['Time before a deployment within which it is tested', days],
  'vendor-retention-max': ['Time for which a vendor keeps what is sent, at most', days],
  'store-max-readers': ['Readers of a store, at most', count],
  'backup-max': ['Time after which backups end, at most', days],
  'memory-max': ["Time after which entries of an agent's memory end, at most", days],
  'memory-min-asked': ['Entries asked for again after a reset, at least', count],
  'trace-max': ['Time after which traces end, at most', days],
  'masking-min-entries': ['Entries looked through for what was not masked, at least', count],
  'query-budget-per-day': ['Queries of one identity in a day, at most', count],
  'weights-max-copiers': ['Identities that may copy weights, at most', count],
  'waiver-max': ['Time for which a risk may be accepted, at most', days],
  'pool-probes': ['Small runs of different probes are put together', yesNo],
  'plan-required': ['Only tests that a plan names beforehand count', yesNo],
});

const SIMILARITY = /^similarity-(.+)$/;

/** What a threshold asks, in words; one of an organisation's own is told by its name. */
export function parameterTitle(name: string): string {
  const known = PARAMETERS[name];
  if (known) return known[0];
  const metric = SIMILARITY.exec(name)?.[1];
  if (metric) return `A target counts as recovered from this ${metric.replaceAll('-', ' ')}`;
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
}

/** Its value as readers write it. */
export function parameterValue(name: string, value: number | string): string {
  return (PARAMETERS[name]?.[1] ?? (typeof value === 'string' ? days : plain))(value);
}
