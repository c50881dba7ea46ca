import type { Head } from './file.ts';

/**
 * By the first match: what the bytes of an unrecognised file look like, and what to hand in instead. No pattern scans on
 * from each of many beginnings, which would take time by the square of the head's length.
 */
const SHAPES: readonly [RegExp, string][] = [
  [
    /^SQLite format 3/,
    'an SQLite database; of PyRIT, hand in its table of results: sqlite3 -csv -header FILE "select * from AttackResultEntries"',
  ],
  [
    /^\S?NUMPY/,
    'a single numpy array: save scores and memberships together with numpy.savez(file, scores=..., memberships=...)',
  ],
  [/"entry_type"\s*:|"garak_version"\s*:/, 'a garak file that is not a report: hand in the .report.jsonl'],
  [/^%PDF-/, 'a PDF, which is for reading: hand in the data behind it'],
  [/^\s*\{[\s\S]*"nbformat"\s*:/, 'a notebook: hand in the file that it writes, not the notebook'],
  [
    /^ARROW1|^\S?HDF/,
    'a table of numbers in Arrow or HDF5: save it as CSV or Parquet with columns score and is_member',
  ],
  [
    /"AccessKeyMetadata"\s*:|"(Users|Roles|Groups)"\s*:\s*\[\s*\{\s*"Path"\s*:/,
    'a listing of AWS IAM of one kind alone: hand in aws iam get-account-authorization-details and aws iam get-credential-report',
  ],
  [
    /"planned_values"\s*:|^\s*(resource|terraform|provider)\s+("|\{)/m,
    'a plan or configuration of Terraform: hand in a listing of the cloud itself, or the state (terraform state pull)',
  ],
  [/"diagramJson"|"diagrams"/, 'a Threat Dragon model that is not whole: open it in version 2 and save it'],
  [
    /"mcpServers"\s*:|^\[mcp_servers\./m,
    'an agent configuration that is not plain JSON: hand it in as JSON without comments',
  ],
  [
    /"assessment-results"\s*:|"system-security-plan"\s*:|"oscal-version"\s*:/,
    'an OSCAL document without results of an assessment: hand in the evidence itself',
  ],
  [/"bomFormat"\s*:/, 'a CycloneDX document without a threat model, which says nothing of these attacks'],
  [
    /"?apiVersion"?\s*:\s*"?(v1|apps\/v1|batch\/v1|rbac\.authorization\.k8s\.io)/,
    'a Kubernetes manifest without roles, bindings or service accounts: hand in kubectl get serviceaccounts,roles,clusterroles,rolebindings,clusterrolebindings,secrets -A -o json',
  ],
  [
    /^\s*<[\s\S]*giskard/i,
    'a Giskard report for reading: it counts issues and not attempts; give the counts of its tests as trials in a ProbeResult',
  ],
  [
    /^\s*[[{][\s\S]*giskard/i,
    'a Giskard report, which counts issues and not attempts: give the counts of its tests as trials in a ProbeResult',
  ],
  [
    /^\s*<(!doctype html|html)/i,
    'a page for reading: hand in the data behind it (JSON, JSON Lines or CSV of the same tool)',
  ],
  [/"evalId"\s*:|"pluginId"\s*:/, 'promptfoo output: write it again with promptfoo export eval ID -o results.json'],
  [
    /\[(PASS|FAIL|ERROR)\]|^"?pluginId"?,|,"?pluginId"?,|,Status,Score,Named Scores,/m,
    'a promptfoo table without plugins, of which nothing can be told: use promptfoo eval -o results.json, or promptfoo export eval ID -o results.json',
  ],
  [/"eval"\s*:\s*\{|_journal/, 'an Inspect log that is not whole'],
  [
    /"(roc_?auc|auc|tpr|attacker_advantage)"\s*:\s*[\d[]/i,
    'results of membership inference without counts: give scores with labels (CSV with columns score and is_member), or the counts at one threshold as operatingPoint in a ProbeResult; the bare number goes in as stated',
  ],
  [
    /^\s*(?:<\?xml[^>]*>\s*)?<testsuites?[\s>]/,
    'a JUnit report, which shows no more than its words: hand in JSON or SARIF of the same tool (gitleaks: --report-format json)',
  ],
  [/"entities_with_incidents"\s*:/, 'ggshield output: hand in SARIF (ggshield secret scan --format sarif)'],
  [
    /"stringsFound"\s*:|"message"\s*:\s*"High Entropy"/,
    'trufflehog 2 or trufflehog3 output: hand in what trufflehog 3 prints (trufflehog git URL --json)',
  ],
  [
    /"raw_source_code_extract"\s*:/,
    "GitLab's report of secret detection: hand in SARIF of the scanner behind it (gitleaks)",
  ],
  [/"check_id"\s*:/, 'Semgrep or Checkov output: hand in SARIF (semgrep scan --sarif, checkov -o sarif)'],
  [/"SEVERITY\.(?:HIGH|LOW)"\s*:/, 'Bandit output: hand in SARIF (bandit -f sarif)'],
  [
    /"ProductArn"\s*:|"AwsAccountId"\s*:/,
    'findings of AWS Security Hub (ASFF): of Prowler, hand in its OCSF (json-ocsf) or CSV',
  ],
  [
    /"CheckID"\s*:|CHECK_RESULT_EXTENDED|"Control ID"\s*:/,
    'an output of an older Prowler: hand in OCSF (prowler aws -M json-ocsf) or CSV of version 4 or later',
  ],
  [/"finding_info"|CHECK_ID/, 'a Prowler output that is not whole: hand in its CSV or OCSF JSON'],
  [
    /^(?=[^\n]{0,4000}\b(user(?:name)?|account|principal|identity)\b)(?=[^\n]{0,4000}\b(role|owner|last|key|permission|mfa|enabled)\b)[^\n]{0,4000}[,;\t]/i,
    'a listing of identities: say which column is what, under access in sources',
  ],
  [/^\s*[[{]/, 'JSON of an unknown tool'],
  [
    /^(?=[^\n]*\bscores?\b)[^\n,;\t]*[,;\t][^\n]*\n/i,
    'a table with scores and no label: membership scores need a column is_member as well',
  ],
  [/^[^\n,;\t]*[,;\t][^\n]*\n/, 'a table of an unknown tool'],
  [/^\s*<[?!a-z]/i, 'XML of an unknown tool'],
  [
    /^[A-Za-z][\w-]{0,60}[ \t]*:(?:[ \t]|\r?\n)/m,
    'YAML without the header of a kind: begin it with apiVersion: probity/v1 and kind',
  ],
];

const PICKLE =
  'a Python pickle, which is never opened: of TensorFlow Privacy or ART, save scores and labels as CSV with columns score and is_member';

const DUCKDB =
  'a DuckDB database; of PyRIT, hand in its table of results: duckdb FILE -csv "select * from AttackResultEntries"';

/** What the first bytes give away where they are no text, in hexadecimal. */
const BYTES: readonly [string, string][] = [
  ...['02', '03', '04', '05'].map((version): [string, string] => [`80${version}`, PICKLE]),
  [
    '504b0304',
    'a zip archive of another kind: scores as .npz need arrays named scores and memberships, an Inspect log its header.json',
  ],
];

/** Kinds of zip archives by a name that they hold. */
const ARCHIVES: readonly [string, string][] = [
  ['xl/', 'an Excel workbook: save the sheet as CSV'],
  ['word/', 'a Word document, which is for reading: hand in the data behind it'],
  ['data.pkl', 'saved tensors of PyTorch, which are never opened: save scores and labels as CSV or Parquet'],
];

/** What an unrecognised file looks most like, with what would be read instead where there is such; '' when nothing fits. */
export function nearestGuess(head: Head): string {
  if (head.bytes.subarray(8, 12).toString('latin1') === 'DUCK') return `; it looks like ${DUCKDB}`;
  const start = head.bytes.subarray(0, 4).toString('hex');
  const archive = start === '504b0304' && ARCHIVES.find(([name]) => head.bytes.includes(name))?.[1];
  const guess =
    (archive || BYTES.find(([bytes]) => start.startsWith(bytes))?.[1]) ??
    SHAPES.find(([shape]) => shape.test(head.text))?.[1];
  return guess ? `; it looks like ${guess}` : '';
}
