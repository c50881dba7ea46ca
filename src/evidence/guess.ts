import type { Head } from './file.ts';

/**
 * By the first match: what the bytes of an unrecognised file look like, and what to hand in instead. No pattern scans on
 * from each of many beginnings, which would take time by the square of the head's length.
 */
const SHAPES: readonly [RegExp, string][] = [
  [/^SQLite format 3/, 'an SQLite database: export the table of results as CSV'],
  [
    /^\S?NUMPY/,
    'a single numpy array: save scores and memberships together with numpy.savez(file, scores=..., memberships=...)',
  ],
  [/"entry_type"|garak/, 'a garak file that is not a report: hand in the .report.jsonl'],
  [/"diagramJson"|"diagrams"/, 'a Threat Dragon model'],
  [
    /"mcpServers"\s*:|^\[mcp_servers\./m,
    'an agent configuration that is not plain JSON: hand it in as JSON without comments',
  ],
  [/"assessment-results"\s*:|"system-security-plan"\s*:|"oscal-version"\s*:/, 'an OSCAL document'],
  [/bomFormat/, 'a CycloneDX document'],
  [
    /"?apiVersion"?\s*:\s*"?(v1|apps\/v1|batch\/v1|rbac\.authorization\.k8s\.io)/,
    'a Kubernetes manifest without roles, bindings or service accounts: hand in kubectl get serviceaccounts,roles,clusterroles,rolebindings,clusterrolebindings,secrets -A -o json',
  ],
  [/giskard/i, 'a Giskard report'],
  [/"evalId"\s*:|"pluginId"\s*:/, 'promptfoo output: write it again with promptfoo eval -o results.json'],
  [
    /\[(PASS|FAIL|ERROR)\]|^"?pluginId"?,|,"?pluginId"?,/m,
    'a promptfoo CSV, which keeps no verdict for each assertion: use promptfoo eval -o results.json',
  ],
  [/"eval"\s*:\s*\{|_journal/, 'an Inspect log'],
  [/finding_info|CHECK_ID/i, 'a Prowler output'],
  [/^\s*[[{]/, 'JSON of an unknown tool'],
  [
    /^(?=[^\n]*\bscores?\b)[^\n,;\t]*[,;\t][^\n]*\n/i,
    'a table with scores and no label: membership scores need a column is_member as well',
  ],
  [/^[^\n,]*,[^\n]*\n/, 'a CSV of an unknown tool'],
];

/** What an unrecognised file looks most like, with what would be read instead where there is such; '' when nothing fits. */
export function nearestGuess(head: Head): string {
  const guess = SHAPES.find(([shape]) => shape.test(head.text))?.[1];
  return guess ? `; it looks like ${guess}` : '';
}
