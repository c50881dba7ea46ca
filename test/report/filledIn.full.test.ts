import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipBounded, zipSame } from '../../src/files/zip.ts';
import { signingLine } from '../../src/report/signing.ts';
import { foreignChanges } from '../../src/report/xlsx/filledIn.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import { importResponses } from '../../src/responses/import.ts';
import { briefAssessment, exampleAssessment } from '../support/example.ts';
import { changed } from '../support/workbooks.ts';

const assessment = briefAssessment(await exampleAssessment());
const bytes = await renderXlsx(assessment, undefined);
const said = (other: Uint8Array): string[] => foreignChanges(other, assessment, signingLine(undefined));
const GAPS = 'xl/worksheets/sheet5.xml';

/** The workbook with one part rewritten. */
function rewritten(part: string, change: (text: string) => string): Uint8Array {
  const parts = unzipBounded(bytes, 'x');
  const before = Buffer.from(parts.get(part) ?? []).toString('utf8');
  const after = change(before);
  assert.notEqual(after, before, `${part} was changed by the test`);
  parts.set(part, Buffer.from(after));
  return zipSame(parts);
}

/** The workbook with a part more, to which another refers. */
function withPart(name: string, content: string, from: string, relationship: string): Uint8Array {
  const parts = unzipBounded(bytes, 'x');
  parts.set(name, Buffer.from(content));
  const relationships = Buffer.from(parts.get(from) ?? []).toString('utf8');
  parts.set(from, Buffer.from(relationships.replace('</Relationships>', `${relationship}</Relationships>`)));
  return zipSame(parts);
}

test('the workbook as it was made, and saved by another program with the user’s columns filled in, is as signed', async () => {
  assert.deepEqual(said(bytes), []);
  const filled = await changed(bytes, ({ cell }) => {
    for (let row = 1; row <= 5; row++) {
      cell(row, 'Owner').value = `Owner ${row}`;
      cell(row, 'Due date').value = new Date('2026-12-01T00:00:00Z');
      cell(row, 'Status').value = 'closed';
      cell(row, 'Status').fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FF00FF00' } };
    }
  });
  assert.deepEqual(said(filled), []);
});

/** What Excel adds to a workbook when it saves it, as far as files of its own show it. */
function asExcelSaves(): Uint8Array {
  const parts = unzipBounded(bytes, 'x');
  const edit = (part: string, ...changes: [from: string | RegExp, to: string][]): void => {
    let text = Buffer.from(parts.get(part) ?? []).toString('utf8');
    for (const [from, to] of changes) {
      assert.ok(typeof from === 'string' ? text.includes(from) : from.test(text), `${part}: ${String(from)}`);
      text = text.replace(from, to);
    }
    parts.set(part, Buffer.from(text));
  };
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const extensions =
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"';
  edit(
    'xl/workbook.xml',
    ['<workbook ', `<workbook ${extensions} `],
    [
      '<workbookPr/>',
      '<fileVersion appName="xl" lastEdited="7" lowestEdited="7" rupBuild="29127"/><workbookPr defaultThemeVersion="202300"/><mc:AlternateContent><mc:Choice Requires="x15"><x15ac:absPath url="C:\\\\" xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent><xr:revisionPtr revIDLastSave="0" documentId="8_{0}"/>',
    ],
    [
      '</workbook>',
      '<calcPr calcId="191029"/><extLst><ext uri="{140A7094-0E35-4892-8432-C4D2E57EDEB5}" xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst></workbook>',
    ],
  );
  edit(
    GAPS,
    ['<worksheet ', `<worksheet ${extensions} xr:uid="{0}" `],
    ['<sheetFormatPr defaultRowHeight="15"/>', '<sheetFormatPr defaultRowHeight="14.4" x14ac:dyDescent="0.3"/>'],
    ['<sheetViews>', '<dimension ref="A1:X40"/><sheetViews>'],
    [/<row r="5" /, '<row r="5" spans="1:24" x14ac:dyDescent="0.3" '],
    [/<c r="R5"( s="\d+")\/>/, '<c r="R5"$1 t="inlineStr"><is><t>Ada</t></is></c>'],
    ['<pageSetup ', '<pageSetup r:id="rId9" '],
  );
  edit('xl/worksheets/_rels/sheet5.xml.rels', [
    '</Relationships>',
    `<Relationship Id="rId9" Type="${office}/printerSettings" Target="../printerSettings/printerSettings1.bin"/></Relationships>`,
  ]);
  edit('xl/tables/table5.xml', ['<table ', `<table ${extensions} xr:uid="{1}" `]);
  edit('xl/_rels/workbook.xml.rels', [
    '</Relationships>',
    `<Relationship Id="rId99" Type="${office}/theme" Target="theme/theme1.xml"/></Relationships>`,
  ]);
  edit('xl/styles.xml', [
    '</styleSheet>',
    '<extLst><ext uri="{EB79DEF2-80B8-43e5-95BD-54CBDDF9020C}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:slicerStyles defaultSlicerStyle="SlicerStyleLight1"/></ext></extLst></styleSheet>',
  ]);
  parts.set('xl/printerSettings/printerSettings1.bin', Buffer.from([0, 1, 2]));
  parts.set('xl/theme/theme1.xml', Buffer.from('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><theme/>'));
  return zipSame(parts);
}

test('what Excel adds when it saves is no change', () => {
  assert.deepEqual(said(asExcelSaves()), []);
  const known = new Set(assessment.findings.map(({ id }) => id));
  const { responses, problems } = importResponses(asExcelSaves(), 'x', { known, asOf: '2026-11-21' });
  assert.deepEqual(problems, []);
  assert.deepEqual(responses.responses, [{ finding: assessment.findings[0]?.id, owner: 'Ada', status: 'open' }]);
});

test('rows of the gaps may be sorted, with all of their columns', async () => {
  const sorted = await changed(bytes, ({ sheet, header }) => {
    const [first, second] = [header + 1, header + 2].map((row) => sheet.getRow(row));
    for (let column = 1; column <= 24; column++) {
      const [a, b] = [first?.getCell(column), second?.getCell(column)];
      if (!a || !b) continue;
      const [value, style] = [a.value, a.style];
      Object.assign(a, { value: b.value, style: b.style });
      Object.assign(b, { value, style });
    }
  });
  assert.deepEqual(said(sorted), []);
});

test('an address in the user’s columns may link to itself', async () => {
  const linked = (to: string) =>
    changed(bytes, ({ cell }) => {
      cell(1, 'Owner').value = { text: 'ada@example.org', hyperlink: `mailto:${to}` };
    });
  assert.deepEqual(said(await linked('ada@example.org')), []);
  assert.match(said(await linked('eve@example.org')).join(), /leads somewhere else/);
});

const CELL = /(<c r="H5"[^>]*t="s"><v>)(\d+)(<\/v>)/;

/** Each as somebody would do it who wants readers to see something else; with what is said of it. */
const TAMPERINGS: [name: string, make: () => Uint8Array | Promise<Uint8Array>, said: RegExp][] = [
  [
    'a state rewritten',
    () => changed(bytes, ({ cell }) => Object.assign(cell(1, 'State'), { value: 'Satisfied' })),
    /Gaps: D5 was changed/,
  ],
  [
    'a severity rewritten',
    () => changed(bytes, ({ cell }) => Object.assign(cell(1, 'Severity'), { value: 'low' })),
    /was changed/,
  ],
  [
    'a number rewritten',
    () =>
      rewritten('xl/worksheets/sheet1.xml', (text) =>
        text.replace(/<v>(\d+)<\/v><\/c>(?=<c r="[E-G]7")/, '<v>99</v></c>'),
      ),
    /was changed/,
  ],
  [
    'a shared text rewritten',
    () => rewritten('xl/sharedStrings.xml', (text) => text.replace('Not satisfied', 'Satisfied')),
    /was changed|its table/,
  ],
  ['a row taken away', () => changed(bytes, ({ sheet, header }) => sheet.spliceRows(header + 1, 1)), /missing|table/],
  [
    'a row added',
    () => changed(bytes, ({ cell }) => Object.assign(cell(400, 'Id'), { value: 'MI-99.inversion' })),
    /holds something that was not there/,
  ],
  [
    'a column added',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.getCell('AA5'), { value: 'note' })),
    /AA5 holds something/,
  ],
  [
    'a formula in a cell of ours',
    () => rewritten(GAPS, (text) => text.replace(CELL, '$1$2</v><f>1+1</f>')),
    /holds a formula/,
  ],
  [
    'a formula in a cell of the user’s',
    () => changed(bytes, ({ cell }) => Object.assign(cell(1, 'Owner'), { value: { formula: 'A1', result: 'x' } })),
    /holds a formula/,
  ],
  ['a hidden sheet', () => changed(bytes, ({ sheet }) => Object.assign(sheet, { state: 'hidden' })), /is hidden/],
  [
    'a very hidden sheet',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet, { state: 'veryHidden' })),
    /is hidden/,
  ],
  ['a sheet added', () => changed(bytes, (_, workbook) => void workbook.addWorksheet('Verdict')), /its sheets are/],
  [
    'a sheet taken away',
    () => changed(bytes, ({ sheet }, workbook) => workbook.removeWorksheet(sheet.id)),
    /its sheets are/,
  ],
  [
    'a hidden row',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.getRow(5), { hidden: true })),
    /rows are hidden/,
  ],
  [
    'a row too low to see',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.getRow(5), { height: 1 })),
    /too low to be read/,
  ],
  [
    'all rows hidden unless said',
    () => rewritten(GAPS, (text) => text.replace('<sheetFormatPr ', '<sheetFormatPr zeroHeight="1" ')),
    /rows are hidden/,
  ],
  [
    'a hidden column',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.getColumn(4), { hidden: true })),
    /column D is hidden/,
  ],
  [
    'a column too narrow',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.getColumn(4), { width: 0.5 })),
    /too narrow/,
  ],
  [
    'white on white',
    () =>
      changed(bytes, ({ cell }) =>
        Object.assign(cell(1, 'State'), { font: { name: 'Calibri', size: 10, color: { argb: 'FFFFFFFF' } } }),
      ),
    /other colours/,
  ],
  [
    'black on black',
    () =>
      changed(bytes, ({ cell }) =>
        Object.assign(cell(1, 'State'), { fill: { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FF1B1F24' } } }),
      ),
    /other colours/,
  ],
  [
    'a colour of the theme',
    () => rewritten('xl/styles.xml', (text) => text.replaceAll('<color rgb="FF1B1F24"/>', '<color theme="0"/>')),
    /other colours/,
  ],
  [
    'a font of symbols',
    () => rewritten('xl/styles.xml', (text) => text.replaceAll('"Calibri"', '"Wingdings"')),
    /another font/,
  ],
  [
    'letters of one point',
    () => rewritten('xl/styles.xml', (text) => text.replaceAll('<sz val="10"/>', '<sz val="1"/>')),
    /another font/,
  ],
  [
    'a text struck through',
    () =>
      changed(bytes, ({ cell }) =>
        Object.assign(cell(1, 'State'), {
          font: { name: 'Calibri', size: 10, strike: true, color: { argb: 'FF1B1F24' } },
        }),
      ),
    /another font/,
  ],
  [
    'a number format that says something else',
    () => rewritten('xl/styles.xml', (text) => text.replaceAll('"0.000"', '"&quot;0.001&quot;"')),
    /another format/,
  ],
  [
    'a text that is not shown',
    () => changed(bytes, ({ cell }) => Object.assign(cell(1, 'State'), { numFmt: ';;;' })),
    /another format/,
  ],
  [
    'a text turned',
    () => changed(bytes, ({ cell }) => Object.assign(cell(1, 'State'), { alignment: { textRotation: 90 } })),
    /turned|not broken into lines/,
  ],
  [
    'a part of a text in white',
    () =>
      rewritten('xl/sharedStrings.xml', (text) =>
        text.replace(/<si><t[^>]*>([^<]*Not satisfied)<\/t>/, '<si><r><rPr><color rgb="FFFFFFFF"/></rPr><t>$1</t></r>'),
      ),
    /looks otherwise in part/,
  ],
  [
    'cells merged over others',
    () => changed(bytes, ({ sheet }) => void sheet.mergeCells('A5:D5')),
    /mergeCells|was changed/,
  ],
  [
    'a rule that paints',
    () =>
      changed(bytes, ({ sheet }) =>
        sheet.addConditionalFormatting({
          ref: 'D5:D9',
          rules: [
            { type: 'expression', priority: 9, formulae: ['TRUE'], style: { font: { color: { argb: 'FFFFFFFF' } } } },
          ],
        }),
      ),
    /painted by a rule/,
  ],
  [
    'paint in another colour',
    () => rewritten('xl/styles.xml', (text) => text.replace('<bgColor rgb="FF7F1D1D"/>', '<bgColor rgb="FFFFFFFF"/>')),
    /painted by a rule/,
  ],
  [
    'paint with a number format',
    () =>
      rewritten('xl/styles.xml', (text) =>
        text.replace('<dxf><font>', '<dxf><numFmt numFmtId="200" formatCode=";;;"/><font>'),
      ),
    /painted by a rule/,
  ],
  [
    'a choice over a cell of ours',
    () => rewritten(GAPS, (text) => text.replace(/(<dataValidation [^>]*sqref=")T/, '$1D')),
    /list of choices|was changed/,
  ],
  [
    'zeros that are not shown',
    () => rewritten(GAPS, (text) => text.replace('<sheetView ', '<sheetView showZeros="0" ')),
    /values are not shown/,
  ],
  [
    'a link that leads elsewhere',
    () => rewritten(GAPS, (text) => text.replace(/location="'Evidence index'!A\d+"/, 'location="\'Gaps\'!A1"')),
    /leads somewhere else/,
  ],
  [
    'a link out of the workbook',
    () =>
      changed(bytes, ({ cell }) =>
        Object.assign(cell(1, 'Management response'), { value: { text: 'see', hyperlink: 'https://evil.example' } }),
      ),
    /leads somewhere else/,
  ],
  [
    'a defined name',
    () =>
      rewritten('xl/workbook.xml', (text) =>
        text.replace('</definedNames>', '<definedName name="Verdict">1</definedName></definedNames>'),
      ),
    /defines the name Verdict/,
  ],
  [
    'a print area',
    () =>
      rewritten('xl/workbook.xml', (text) =>
        text.replace(
          '</definedNames>',
          '<definedName name="_xlnm.Print_Area" localSheetId="0">\'Summary\'!$A$1:$A$2</definedName></definedNames>',
        ),
      ),
    /defines the name/,
  ],
  [
    'a link to another workbook',
    () =>
      withPart(
        'xl/externalLinks/externalLink1.xml',
        '<externalLink/>',
        'xl/_rels/workbook.xml.rels',
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="externalLinks/externalLink1.xml"/>',
      ),
    /externalLink that was not there/,
  ],
  [
    'a macro',
    () =>
      withPart(
        'xl/vbaProject.bin',
        'x',
        'xl/_rels/workbook.xml.rels',
        '<Relationship Id="rIdX" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>',
      ),
    /vbaProject that was not there/,
  ],
  [
    'a picture over the sheet',
    () =>
      withPart(
        'xl/drawings/drawing1.xml',
        '<x/>',
        'xl/worksheets/_rels/sheet5.xml.rels',
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" Target="../drawings/drawing1.xml"/>',
      ),
    /drawing that was not there/,
  ],
  [
    'a comment',
    () => changed(bytes, ({ cell }) => Object.assign(cell(1, 'State'), { note: 'This is satisfied.' })),
    /comments|drawing/,
  ],
  [
    'a part that nothing refers to',
    () => withPart('xl/other.xml', '<x/>', '_rels/.rels', ''),
    /holds the part xl\/other\.xml/,
  ],
  [
    'a header on every page',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.headerFooter, { oddHeader: '&CSatisfied' })),
    /printed header/,
  ],
  [
    'a footer rewritten',
    () => changed(bytes, ({ sheet }) => Object.assign(sheet.headerFooter, { oddFooter: '&LSatisfied' })),
    /printed header or footer/,
  ],
  [
    'a column of the table renamed',
    () => changed(bytes, ({ cell }) => Object.assign(cell(0, 'Severity'), { value: 'Old severity' })),
    /was changed/,
  ],
  [
    'a cell there twice',
    () => rewritten(GAPS, (text) => text.replace(/<c r="D5"[^>]*>.*?<\/c>/, (cell) => `${cell}${cell}`)),
    /not in their order/,
  ],
  [
    'an extension of the sheet',
    () => rewritten(GAPS, (text) => text.replace('</worksheet>', '<extLst><ext uri="x"/></extLst></worksheet>')),
    /extLst/,
  ],
  [
    'a look of tables of its own',
    () =>
      rewritten('xl/styles.xml', (text) =>
        text.replace(
          /<tableStyles[^>]*\/>/,
          '<tableStyles count="1"><tableStyle name="TableStyleLight1"/></tableStyles>',
        ),
      ),
    /look of tables/,
  ],
  [
    'the digest of another assessment',
    () =>
      changed(bytes, (_, workbook) =>
        workbook.getWorksheet('About')?.eachRow((row) => {
          if (row.getCell(1).value === 'Assessment, SHA-256') row.getCell(2).value = '0'.repeat(64);
        }),
      ),
    /About: B\d+ was changed/,
  ],
  [
    'another encoding than the one it is read by',
    () => rewritten(GAPS, (text) => text.replace('encoding="UTF-8"', 'encoding="UTF-7"')),
    /UTF-8/,
  ],
  [
    'two tables of texts',
    () =>
      withPart(
        'xl/more.xml',
        '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
        'xl/_rels/workbook.xml.rels',
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="more.xml"/>',
      ),
    /refers to something twice/,
  ],
  [
    'one reference with two meanings',
    () => rewritten('xl/_rels/workbook.xml.rels', (text) => text.replace('Id="rId2"', 'Id="rId1"')),
    /twice|its sheets are/,
  ],
  [
    'a font that the theme decides',
    () =>
      rewritten('xl/styles.xml', (text) =>
        text.replaceAll('<family val="2"/></font>', '<family val="2"/><scheme val="minor"/></font>'),
      ),
    /other colours/,
  ],
  [
    'a font said twice',
    () =>
      rewritten('xl/styles.xml', (text) =>
        text.replaceAll('<name val="Calibri"/>', '<name val="Wingdings"/><name val="Calibri"/>'),
      ),
    /another font/,
  ],
  [
    'cells crossed out',
    () => rewritten('xl/styles.xml', (text) => text.replaceAll('<border>', '<border diagonalUp="1">')),
    /turned, shrunk or moved aside/,
  ],
  [
    'tabs that are not shown',
    () => rewritten('xl/workbook.xml', (text) => text.replace('<workbookView ', '<workbookView showSheetTabs="0" ')),
    /its window is hidden/,
  ],
  [
    'a value said twice',
    () =>
      rewritten('xl/worksheets/sheet1.xml', (text) =>
        text.replace(/(<c r="C7"[^>]*>)<v>(\d)(\d*)<\/v>/, '$1<v>$2</v><v>$3</v>'),
      ),
    /looks otherwise in part/,
  ],
  [
    'a text said in two pieces',
    () => rewritten('xl/sharedStrings.xml', (text) => text.replace('>Not satisfied</t>', '>Not </t><t>satisfied</t>')),
    /looks otherwise in part|was changed/,
  ],
  [
    'rows in the dialect that is passed over',
    () =>
      rewritten(GAPS, (text) =>
        text.replace('<sheetData>', '<sheetData xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main">'),
      ),
    /another dialect/,
  ],
  [
    'a sheet of another type',
    () =>
      rewritten('[Content_Types].xml', (text) =>
        text.replace('spreadsheetml.worksheet+xml', 'spreadsheetml.dialogsheet+xml'),
      ),
    /said to be something else/,
  ],
  [
    'rows that have no height unless said',
    () => rewritten(GAPS, (text) => text.replace('defaultRowHeight="15"', 'defaultRowHeight="0"')),
    /rows are hidden/,
  ],
  [
    'cells there in two lists',
    () => rewritten(GAPS, (text) => text.replace('</sheetData>', '</sheetData><sheetData/>')),
    /not in their order/,
  ],
];

for (const [name, make, expected] of TAMPERINGS)
  test(`${name} is not filling in`, async () => {
    assert.match(said(await make()).join('\n'), expected);
  });

test('a workbook that unpacks to far more than workbooks do is not gone through', () => {
  const cell = '<c r="A1000"><v>1</v></c>';
  const bomb = rewritten(GAPS, (text) =>
    text.replace('</sheetData>', `<row r="1000">${cell.repeat(1_000_000)}</row></sheetData>`),
  );
  const start = process.cpuUsage();
  assert.match(said(bomb).join(), /unpacks to far more than workbooks do/);
  assert.ok(process.cpuUsage(start).user < 2_000_000);
});

test('what is no workbook is said to be none', () => {
  assert.match(said(Buffer.from('PK')).join(), /cannot be read/);
  assert.match(said(rewritten(GAPS, (text) => text.slice(0, -30))).join(), /cannot be read/);
});
