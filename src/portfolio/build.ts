import { createHash } from 'node:crypto';
import { ProbityError } from '../errors.ts';
import { mapText } from '../evidence/text.ts';
import { sealStatement } from '../pack/attestation.ts';
import { ATTESTATION_FILE, PORTFOLIO_FILES } from '../pack/files.ts';
import { portfolioStatement } from '../pack/statement.ts';
import { subjectName } from '../pki/certificates.ts';
import type { Signer } from '../pki/signer.ts';
import type { SealOptions } from '../sign/pdf/levels.ts';
import { visible } from '../visible.ts';
import type { Portfolio } from './portfolio.ts';

const PORTFOLIO_FORMATS = ['json', 'xlsx', 'html', 'pdf'] as const;
export type PortfolioFormat = (typeof PORTFOLIO_FORMATS)[number];

/** The formats of a list with commas; `all` is every one. @throws ProbityError USAGE */
export function portfolioFormats(text: string): PortfolioFormat[] {
  const wanted = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (wanted.includes('all')) return [...PORTFOLIO_FORMATS];
  const unknown = wanted.find((one) => !PORTFOLIO_FORMATS.some((format) => format === one));
  if (wanted.length === 0 || unknown !== undefined)
    throw new ProbityError('USAGE', unknown === undefined ? '--format names none' : `there is no format "${unknown}"`, {
      remedy: `Use one or more of ${PORTFOLIO_FORMATS.join(', ')}, or all`,
    });
  return PORTFOLIO_FORMATS.filter((format) => wanted.includes(format));
}

/** The canonical bytes of a portfolio. */
export function serialisePortfolio(portfolio: Portfolio): string {
  return `${JSON.stringify(portfolio, null, 1)}\n`;
}

/** A portfolio as files held in memory, signed and attested as a pack is. Names to bytes, in writing order. */
export async function buildPortfolio(
  collected: Portfolio,
  options: {
    formats: readonly PortfolioFormat[];
    identity?: Signer | undefined;
    signing: SealOptions;
    onStep?: (what: string) => void;
  },
): Promise<Map<string, Uint8Array>> {
  const { identity, signing, onStep } = options;
  const portfolio = mapText(collected, visible);
  const text = serialisePortfolio(portfolio);
  const digest = createHash('sha256').update(text).digest('hex');
  const line = identity ? `Signed as ${signing.role} by ${subjectName(identity.certificate)}.` : 'Not signed.';
  const files = new Map<string, Uint8Array>();
  for (const format of options.formats) {
    onStep?.(PORTFOLIO_FILES[format]);
    files.set(PORTFOLIO_FILES[format], await MAKERS[format](portfolio, { text, digest, line, identity, signing }));
  }
  if (identity) {
    onStep?.('attestation');
    files.set(ATTESTATION_FILE, await sealStatement(portfolioStatement(portfolio, files), identity, signing));
  }
  return files;
}

interface Making {
  /** The portfolio as it is written. */
  text: string;
  digest: string;
  /** What is said about the signature. */
  line: string;
  identity: Signer | undefined;
  signing: SealOptions;
}

const MAKERS: Record<PortfolioFormat, (portfolio: Portfolio, making: Making) => Promise<Uint8Array>> = {
  json: async (_portfolio, { text }) => Buffer.from(text),
  xlsx: async (portfolio, { digest, line, identity, signing }) => {
    const { renderPortfolioWorkbook } = await import('./workbook.ts');
    const bytes = renderPortfolioWorkbook(portfolio, digest, line);
    return identity ? (await import('../sign/xlsx/seal.ts')).sealXlsx(bytes, identity, signing) : bytes;
  },
  html: async (portfolio, { line }) => {
    const { renderPage } = await import('../report/html.ts');
    const { portfolioView } = await import('./view.ts');
    return Buffer.from(await renderPage('portfolio', { ...portfolioView(portfolio), signing: line }));
  },
  pdf: async (portfolio, { text, line, identity, signing }) => {
    const { renderPortfolioPdf } = await import('./pdf.ts');
    const bytes = await renderPortfolioPdf(portfolio, text, line);
    return identity ? (await import('../sign/pdf/seal.ts')).sealPdf(bytes, identity, signing) : bytes;
  },
};
