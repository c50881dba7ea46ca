import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editionsText, type LookUp, lookUp, resolveIdentifier } from '../../src/catalog/identifiers.ts';
import { catalog } from '../support/reading.ts';

const frameworks = catalog.frameworks.map(({ document }) => document);

/**
 * What people write, and the answer to it. `(noted)`: with a sentence on what was taken, or on where it went since.
 * `any of`: none is taken before the others, and the answer says so.
 */
const LOOK_UPS: readonly (readonly [cited: string, answer: string])[] = [
  // As published.
  ['PR.AA-05', 'PR.AA-05'],
  ['PR.DS-01', 'PR.DS-01'],
  ['GV.RM-01', 'GV.RM-01'],
  ['MEASURE 2.10', 'MEASURE 2.10'],
  ['GOVERN 1.3', 'GOVERN 1.3'],
  ['AML.T0024.000', 'AML.T0024.000'],
  ['AML.M0035', 'AML.M0035'],
  ['NISTAML.033', 'NISTAML.033'],
  ['ASI03', 'ASI03'],
  ['ASI10', 'ASI10'],
  ['NHI5:2025', 'NHI5:2025'],
  ['ML04:2023', 'ML04:2023'],
  ['LLM02:2026', 'LLM02:2026'],
  ['LLM08:2026', 'LLM08:2026 (noted)'],
  ['MS-2.10-001', 'MS-2.10-001'],
  ['C11.2.5', 'C11.2.5'],
  ['C5.2.2', 'C5.2.2'],
  ['AITG-MOD-04', 'AITG-MOD-04'],
  ['AITG-MOD-05', 'AITG-MOD-05'],
  ['AC-23', 'AC-23'],
  ['IA-5(7)', 'IA-5(7)'],
  ['SI-19(6)', 'SI-19(6)'],
  ['A.6.2.4', 'A.6.2.4'],
  ['L3', 'L3'],
  ['DSP-17', 'DSP-17'],
  ['Article 5(1)(f)', 'Article 5(1)(f) (noted)'],
  ['Article 73', 'Article 73 (noted)'],
  // Spelt otherwise.
  ['pr.aa-5', 'PR.AA-05'],
  ['PR AA 05', 'PR.AA-05'],
  ['pr_aa_05', 'PR.AA-05'],
  ['PR.AA-005', 'PR.AA-05'],
  ['MEASURE-2.10', 'MEASURE 2.10'],
  ['measure_2_10', 'MEASURE 2.10'],
  ['measure 2.10', 'MEASURE 2.10'],
  ['Measure  2.10', 'MEASURE 2.10'],
  ['ASI-03', 'ASI03'],
  ['asi 3', 'ASI03'],
  ['ASI_03', 'ASI03'],
  ['NHI-05', 'NHI5:2025 (noted)'],
  ['nhi05', 'NHI5:2025 (noted)'],
  ['NHI5', 'NHI5:2025 (noted)'],
  ['nhi_5:2025', 'NHI5:2025'],
  ['ML4', 'ML04:2023 (noted)'],
  ['ml-04:2023', 'ML04:2023'],
  ['ms-2.10-1', 'MS-2.10-001'],
  ['MS 2.10 001', 'MS-2.10-001'],
  ['aml.t0024', 'AML.T0024'],
  ['T0024', 'AML.T0024'],
  ['t0024.000', 'AML.T0024.000'],
  ['M0002', 'AML.M0002 (noted)'],
  ['nistaml.33', 'NISTAML.033'],
  ['11.2.5', 'C11.2.5 (noted)'],
  ['AISVS-11.2.5', 'C11.2.5'],
  ['v1.0-C11.2.5', 'C11.2.5'],
  ['aitg_mod_4', 'AITG-MOD-04'],
  ['MOD-04', 'AITG-MOD-04'],
  ['ac-02', 'AC-2'],
  ['AC 2', 'AC-2'],
  ['ia-05(07)', 'IA-5(7)'],
  ['IA-5 (7)', 'IA-5(7)'],
  ['si-19-6', 'SI-19(6)'],
  ['a.6.2.4', 'A.6.2.4'],
  ['l3', 'L3'],
  // With the name of its framework.
  ['OWASP LLM02:2026', 'LLM02:2026'],
  ['OWASP-LLM02:2026', 'LLM02:2026'],
  ['OWASP Top 10 for LLM LLM02:2026', 'LLM02:2026'],
  ['owasp nhi 5', 'NHI5:2025 (noted)'],
  ['OWASP ASI03', 'ASI03'],
  ['MITRE ATLAS AML.T0057', 'AML.T0057'],
  ['ATLAS T0057', 'AML.T0057'],
  ['ATLAS:AML.T0057', 'AML.T0057'],
  ['NIST CSF PR.AA-05', 'PR.AA-05'],
  ['CSF 2.0 PR.AA-05', 'PR.AA-05'],
  ['NIST AI RMF MEASURE 2.7', 'MEASURE 2.7'],
  ['NIST AI 600-1 2.4', '2.4'],
  ['NIST SP 800-53 AC-2', 'AC-2'],
  ['800-53 SC-4', 'SC-4'],
  ['GDPR 5(1)(f)', 'Article 5(1)(f)'],
  ['GDPR Art. 32', 'Article 32'],
  ['gdpr article 33(5)', 'Article 33(5)'],
  ['AI Act Article 15', 'Article 15'],
  ['EU AI Act Art. 27', 'Article 27'],
  ['CSA MAESTRO L2', 'L2'],
  ['ISO 42001 A.7.5', 'A.7.5'],
  ['EDPB membership-inference', 'membership-inference'],
  // Names of frameworks.
  ['CSA MAESTRO', 'csa-maestro'],
  ['ATLAS', 'any of mitre-atlas or mitre-atlas-5.6.0'],
  ['MITRE ATLAS 2026.09', 'mitre-atlas'],
  ['ATLAS 5.6.0', 'mitre-atlas-5.6.0'],
  ['OWASP NHI', 'owasp-nhi-2025'],
  ['OWASP Agentic AI Top 10', 'owasp-agentic-2026'],
  ['OWASP LLM Top 10', 'any of owasp-llm-2026 or owasp-llm-2025 or owasp-llm-2023-24'],
  ['OWASP LLM Top 10 2025', 'owasp-llm-2025'],
  ['NIST CSF', 'nist-csf-2.0'],
  ['CSF 1.1', 'nist-csf-2.0 (noted)'],
  ['AI Act', 'eu-ai-act'],
  ['GDPR', 'gdpr'],
  ['AISVS', 'owasp-aisvs-1.0'],
  ['owasp-llm-2026', 'owasp-llm-2026'],
  ['OWASP AI Testing Guide', 'owasp-aitg-1.0'],
  // With its edition.
  ['LLM03:2026', 'LLM03:2026'],
  ['LLM03:2025', 'LLM03:2025 (noted)'],
  ['LLM03:2023-24', 'LLM03:2023-24 (noted)'],
  ['LLM02:2023-24', 'LLM02:2023-24 (noted)'],
  ['LLM02:2023/2024', 'LLM02:2023-24 (noted)'],
  ['LLM10:2023-24', 'LLM10:2023-24 (noted)'],
  ['LLM07:2025', 'LLM07:2025 (noted)'],
  ['LLM02 2025', 'LLM02:2025 (noted)'],
  ['LLM02 (2025)', 'LLM02:2025 (noted)'],
  ['llm-02_2025', 'LLM02:2025 (noted)'],
  ['LLM 6:2026', 'LLM06:2026'],
  ['AML.M0002:5.6.0', 'AML.M0002 (noted)'],
  ['AML.M0002:2026.09', 'AML.M0002 (noted)'],
  ['ASI01:2026', 'ASI01'],
  ['PR.AC-4:1.1', 'PR.AA-05 (noted)'],
  ['PR.AA-05:2.0', 'PR.AA-05'],
  ['MS-2.10-001:2024', 'MS-2.10-001'],
  // Of no such edition.
  ['ASI01:2025', 'not in that edition, but ASI01'],
  ['ASI-01:2025', 'not in that edition, but ASI01'],
  ['LLM01:2030', 'not in that edition, but LLM01:2026, LLM01:2025, LLM01:2023-24'],
  ['LLM03:2024', 'not in that edition, but LLM03:2026, LLM03:2025, LLM03:2023-24'],
  ['LLM02:2023', 'not in that edition, but LLM02:2026, LLM02:2025, LLM02:2023-24'],
  ['NHI5:2024', 'not in that edition, but NHI5:2025'],
  ['ML04:2025', 'not in that edition, but ML04:2023'],
  ['AML.T0024:5.5.0', 'not in that edition, but AML.T0024, AML.T0024'],
  ['PR.AA-05:1.1', 'not in that edition, but PR.AA-05'],
  ['OWASP LLM06:2027', 'not in that edition, but LLM06:2026, LLM06:2025, LLM06:2023-24'],
  ['MS-2.10-001:2023', 'not in that edition, but MS-2.10-001'],
  // Of several editions.
  ['LLM06', 'any of LLM06:2026 or LLM06:2025 or LLM06:2023-24'],
  ['LLM6', 'any of LLM06:2026 or LLM06:2025 or LLM06:2023-24'],
  ['llm-06', 'any of LLM06:2026 or LLM06:2025 or LLM06:2023-24'],
  ['LLM01', 'any of LLM01:2026 or LLM01:2025 or LLM01:2023-24'],
  ['LLM08', 'any of LLM08:2026 or LLM08:2025 or LLM08:2023-24'],
  ['OWASP LLM02', 'any of LLM02:2026 or LLM02:2025 or LLM02:2023-24'],
  ['Article 17', 'any of gdpr Article 17 or eu-ai-act Article 17'],
  ['Art. 9', 'Article 9 (noted)'],
  // Former and informal.
  ['PR.AC-4', 'PR.AA-05 (noted)'],
  ['PR.AC-04', 'PR.AA-05 (noted)'],
  ['pr.ac-4', 'PR.AA-05 (noted)'],
  ['CSF 1.1 PR.AC-4', 'PR.AA-05 (noted)'],
  ['CSF 2.0 PR.AC-4', 'PR.AA-05 (noted)'],
  ['PR.DS-1', 'PR.DS-01 (noted)'],
  ['pr ds 5', 'PR.DS-01, PR.DS-02, PR.DS-10 (noted)'],
  ['PR.AC', 'PR.AA-01, PR.AA-02, PR.AA-03, PR.AA-04, PR.AA-05, PR.AA-06 (noted)'],
  ['ID.GV-1', 'GV.PO-01, GV.PO-02 (noted)'],
  ['ID.SC-2', 'GV.OC-02, GV.SC-03, GV.SC-04, GV.SC-07, ID.RA-10 (noted)'],
  ['PR.IP-12', 'ID.RA-01, PR.PS-02 (noted)'],
  ['PR.PT-4', 'PR.AA-06, PR.IR-01 (noted)'],
  ['PR.MA-1', 'ID.AM-08, PR.PS-03 (noted)'],
  ['DE.CM-8', 'ID.RA-01 (noted)'],
  ['DE.DP-4', 'DE.AE-06 (noted)'],
  ['RS.AN-5', 'ID.RA-08 (noted)'],
  ['RS.IM-2', 'ID.IM-03 (noted)'],
  ['RC.CO-1', 'RC.CO-04 (noted)'],
  ['A1', 'ASI01 (noted)'],
  ['A01', 'ASI01 (noted)'],
  ['A2', 'ASI02 (noted)'],
  ['A03', 'ASI03 (noted)'],
  ['A7', 'ASI07 (noted)'],
  ['A10', 'ASI10 (noted)'],
  ['T1', 'ASI06 (noted)'],
  ['T6', 'ASI01 (noted)'],
  ['T17', 'ASI04 (noted)'],
  ['T-3', 'ASI03 (noted)'],
  // Nothing.
  ['', 'nothing'],
  ['nonsense', 'nothing'],
  ['LLM11', 'nothing'],
  ['LLM11:2026', 'nothing'],
  ['LLM00', 'nothing'],
  ['ASI11', 'nothing'],
  ['NHI11', 'nothing'],
  ['A11', 'nothing'],
  ['T18', 'nothing'],
  ['PR.ZZ-01', 'nothing'],
  ['PR.AC-9', 'nothing'],
  ['AML.M0099', 'nothing'],
  ['MEASURE 2.14', 'nothing'],
  ['MEASURE 21', 'nothing'],
  ['32', 'nothing'],
  ['5', 'nothing'],
  ['ML', 'nothing'],
  ['LLM', 'nothing'],
  ['OWASP Top 10 for Toasters', 'nothing'],
  ['AC-99', 'nothing'],
  ['C99.1.1', 'nothing'],
  ['2025', 'nothing'],
  ['OWASP MEASURE 2.10', 'nothing'],
  // Groups.
  ['PR.AA', 'PR.AA-01, PR.AA-02, PR.AA-03, PR.AA-04, PR.AA-05, PR.AA-06'],
  ['GOVERN 4', 'GOVERN 4.1, GOVERN 4.2, GOVERN 4.3'],
  ['C11.2', 'C11.2.1, C11.2.2, C11.2.3, C11.2.4, C11.2.5'],
  ['A.3', 'A.3.2, A.3.3'],
  ['MS-2.10', 'MS-2.10-001, MS-2.10-002, MS-2.10-003'],
  [
    'NISTAML.03',
    'NISTAML.031, NISTAML.032, NISTAML.033, NISTAML.034, NISTAML.035, NISTAML.036, NISTAML.037, NISTAML.038, NISTAML.039',
  ],
];

/** An answer in one line. */
function inShort(answer: LookUp): string {
  if (answer.kind === 'unknown') return 'nothing';
  if (answer.kind === 'wrong-edition')
    return `not in that edition, but ${answer.editions.flatMap(({ items }) => items).join(', ')}`;
  const lists = answer.found.map(({ items }) => items.join(', '));
  const alike = new Set(lists).size < lists.length;
  const said = answer.found.map(({ framework }, index) =>
    lists[index] === '' ? framework : `${alike ? `${framework} ` : ''}${lists[index]}`,
  );
  if (answer.found.some(({ ambiguous }) => ambiguous)) return `any of ${said.join(' or ')}`;
  const noted = answer.found.some(({ legacy, note }) => legacy !== undefined || note !== undefined);
  return `${said.join(' or ')}${noted ? ' (noted)' : ''}`;
}

test('each look-up has the answer it must have', () => {
  assert.ok(LOOK_UPS.length >= 120);
  assert.equal(new Set(LOOK_UPS.map(([cited]) => cited)).size, LOOK_UPS.length, 'each once');
  assert.deepEqual(
    LOOK_UPS.map(([cited]) => [cited, inShort(lookUp(frameworks, cited))]),
    LOOK_UPS.map(([cited, answer]) => [cited, answer]),
  );
});

test('every identifier of every framework finds itself, however its separators are written', () => {
  for (const framework of frameworks)
    for (const { id } of framework.items)
      for (const cited of [id, id.toLowerCase(), id.replace(/[ .]/g, '_')])
        assert.ok(
          resolveIdentifier(frameworks, cited).some(
            (found) => found.items.includes(id) && (found.framework === framework.id || framework.supersededBy),
          ),
          `${framework.id} ${cited}`,
        );
});

test('what is ambiguous, former or of another edition says so in a sentence', () => {
  const said = (cited: string): string =>
    resolveIdentifier(frameworks, cited)
      .map(({ legacy, note }) => `${legacy ?? ''} ${note ?? ''}`)
      .join(' ');
  assert.match(said('LLM06'), /LLM06:2026 Unbounded Consumption .*LLM06:2025 Excessive Agency/);
  assert.match(said('LLM03:2025'), /in edition 2026 it is LLM04:2026 Supply Chain \(renumbered\)/);
  assert.match(said('LLM02:2023-24'), /LLM05:2025 .*LLM10:2026 Improper Output Handling/);
  assert.match(said('AML.M0004'), /Formerly AML.M0004 Restrict Number of AI Model Queries/);
  assert.match(said('A1'), /by its number as ASI01.*ASI02/);
  assert.match(said('T3'), /secondary source/);
  const wrong = lookUp(frameworks, 'LLM01:2030');
  assert.ok(wrong.kind === 'wrong-edition');
  assert.match(editionsText('LLM01:2030', wrong), /LLM01:2026 .*LLM01:2025 .*LLM01:2023-24/);
});

test('all 108 subcategories of CSF 1.1 lead to subcategories of 2.0', () => {
  const csf = frameworks.find(({ id }) => id === 'nist-csf-2.0');
  assert.ok(csf);
  const ids = new Set(csf.items.map(({ id }) => id));
  const former = csf.legacy.filter(({ id }) => id.includes('-'));
  assert.equal(former.length, 108);
  for (const { id } of former)
    for (const cited of [id, id.replace(/-(\d)$/, '-0$1')]) {
      const found = resolveIdentifier(frameworks, cited);
      assert.ok(found.length === 1 && (found[0]?.items ?? []).length > 0, cited);
      for (const item of found[0]?.items ?? []) assert.ok(ids.has(item), `${cited} leads to ${item}`);
    }
});
