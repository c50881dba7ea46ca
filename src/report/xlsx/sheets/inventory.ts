import { grouped } from '../../../wording.ts';
import { sheetOf } from '../sheet.ts';
import { evidenceLink } from './common.ts';

export const identities = sheetOf({
  name: 'Identities',
  table: 'Identities',
  intro: (assessment) => [
    'Identities',
    `${grouped(assessment.identities.total)} identities are known. Listed are the machine identities that reach furthest, by themselves and by becoming others.`,
  ],
  items: (assessment) => assessment.identities.widest,
  columns: [
    { name: 'Identity', width: 40, cell: ({ id }) => id },
    { name: 'Name', width: 30, cell: ({ name }) => name },
    { name: 'Resources reached', width: 12, format: '#,##0', cell: ({ resources }) => resources },
    { name: 'Weight', width: 12, format: '#,##0', cell: ({ weight }) => weight },
    {
      name: 'By sensitivity',
      width: 30,
      cell: ({ bySensitivity }) =>
        Object.entries(bySensitivity)
          .map(([sensitivity, count]) => `${count} ${sensitivity}`)
          .join(', '),
    },
    {
      name: 'Path to the most sensitive resource',
      width: 60,
      cell: ({ path }) => path.map(({ how, to }) => `${how} ${to}`).join(', '),
    },
    {
      name: 'Complete',
      width: 20,
      cell: ({ atLeast, closed }) => {
        if (atLeast) return 'partial (lower bound)';
        return closed ? 'yes' : 'partial (not all of it is in an inventory)';
      },
    },
    { name: 'Evidence', width: 34, cell: ({ source }, assessment) => evidenceLink(assessment, [source]) },
  ],
});

function collectedText(collected: string | undefined, asOf: string): string {
  if (collected === undefined) return 'undated';
  const day = collected.slice(0, 10);
  return day > asOf.slice(0, 10) ? `${day}, not yet valid` : day;
}

export const evidence = sheetOf({
  name: 'Evidence index',
  table: 'EvidenceIndex',
  intro: (assessment) => ['Evidence index', `Merkle root over this list: ${assessment.evidenceRoot}`],
  items: (assessment) => assessment.evidence,
  columns: [
    { name: 'File', width: 40, cell: ({ path }) => path },
    { name: 'SHA-256', width: 68, cell: ({ sha256 }) => sha256 },
    { name: 'Bytes', width: 12, format: '#,##0', cell: ({ bytes }) => bytes },
    { name: 'Format', width: 26, cell: ({ format }) => format },
    { name: 'Tool', width: 26, cell: ({ tool }) => (tool ? `${tool.name} ${tool.version ?? ''}`.trim() : null) },
    { name: 'Collected', width: 12, cell: ({ collected }, { asOf }) => collectedText(collected, asOf) },
    { name: 'Accepted', width: 10, cell: ({ accepted }) => (accepted ? 'yes' : 'rejected') },
    { name: 'Observations', width: 13, cell: ({ observations }) => observations },
    {
      name: 'Reason or warnings',
      width: 60,
      cell: ({ reason, warnings }) => [reason, ...warnings].filter(Boolean).join('\n') || null,
    },
    {
      name: 'Unmapped tests',
      width: 40,
      cell: ({ unmapped }) =>
        unmapped.map((one) => `${one.probe}: ${one.successes} of ${one.trials}, ${one.at}`).join('\n') || null,
    },
  ],
});
