import { PDFDict, type PDFDocument, PDFHexString, PDFName, PDFString } from '@cantoo/pdf-lib';

/* What an archive and a screen reader ask for beside the pages: PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1). */

interface Described {
  title: string;
  author: string;
  subject: string;
  creator: string;
  /** ISO date. */
  date: string;
}

/** Describes a document in XMP, as what it is and to whom it can be read, and says which colours it means. */
export function makeArchivable(document: PDFDocument, described: Described): void {
  const { context, catalog } = document;
  const xmp = context.stream(Buffer.from(xmpOf(described), 'utf8'), { Type: 'Metadata', Subtype: 'XML' });
  catalog.set(PDFName.of('Metadata'), context.register(xmp));
  const profile = context.register(context.flateStream(srgbProfile(), { N: 3 }));
  const intent = context.obj({
    Type: 'OutputIntent',
    S: 'GTS_PDFA1',
    OutputConditionIdentifier: PDFString.of('sRGB'),
    Info: PDFString.of('sRGB IEC61966-2.1'),
    DestOutputProfile: profile,
  });
  catalog.set(PDFName.of('OutputIntents'), context.obj([intent]));
}

/** Says of every link where it leads. @param titleOf what stands at a named destination */
export function describeLinks(document: PDFDocument, titleOf: (destination: string) => string): void {
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFDict) || object.get(PDFName.of('Subtype')) !== PDFName.of('Link')) continue;
    if (object.has(PDFName.of('Contents'))) continue;
    const destination = object.lookup(PDFName.of('Dest'));
    const name = destination instanceof PDFName ? destination.decodeText() : '';
    object.set(PDFName.of('Contents'), PDFHexString.fromText(titleOf(name)));
  }
}

function escapeXml(text: string): string {
  // XML 1.0 has no way to write other control characters.
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function xmpOf({ title, author, subject, creator, date }: Described): string {
  const day = `${date}T00:00:00Z`;
  const alternative = (text: string): string =>
    `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt>`;
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:format>application/pdf</dc:format>
<dc:title>${alternative(title)}</dc:title>
<dc:creator><rdf:Seq><rdf:li>${escapeXml(author)}</rdf:li></rdf:Seq></dc:creator>
<dc:description>${alternative(subject)}</dc:description>
<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>${escapeXml(creator)}</xmp:CreatorTool>
<xmp:CreateDate>${day}</xmp:CreateDate>
<xmp:ModifyDate>${day}</xmp:ModifyDate>
<pdf:Producer>${escapeXml(creator)}</pdf:Producer>
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;
}

/** sRGB (IEC 61966-2-1) as an ICC profile of version 4: primaries adapted to D50, and the curve as a function. */
function srgbProfile(): Uint8Array {
  const fixed = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => {
      bytes.writeInt32BE(Math.round(value * 65536), index * 4);
    });
    return bytes;
  };
  const typed = (type: string, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(type, 'latin1'), Buffer.alloc(4), body]);
  const text = (words: string): Buffer => {
    const head = Buffer.alloc(20);
    head.writeUInt32BE(1, 0);
    head.writeUInt32BE(12, 4);
    head.write('enUS', 8, 'latin1');
    head.writeUInt32BE(words.length * 2, 12);
    head.writeUInt32BE(28, 16);
    const utf16 = Buffer.from(words, 'utf16le').swap16();
    return typed('mluc', Buffer.concat([head, utf16]));
  };
  const curve = typed(
    'para',
    Buffer.concat([Buffer.from([0, 3, 0, 0]), fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)]),
  );
  const tags: [string, Buffer][] = [
    ['desc', text('sRGB')],
    ['cprt', text('No copyright')],
    ['wtpt', typed('XYZ ', fixed(0.9642, 1, 0.82491))],
    ['chad', typed('sf32', fixed(1.04788, 0.02292, -0.0502, 0.02959, 0.99048, -0.01706, -0.00923, 0.01508, 0.75168))],
    ['rXYZ', typed('XYZ ', fixed(0.43607, 0.22249, 0.01392))],
    ['gXYZ', typed('XYZ ', fixed(0.38515, 0.71687, 0.09708))],
    ['bXYZ', typed('XYZ ', fixed(0.14307, 0.06061, 0.7141))],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ];
  const directory = Buffer.alloc(4 + tags.length * 12);
  directory.writeUInt32BE(tags.length, 0);
  const bodies: Buffer[] = [];
  const places = new Map<Buffer, number>();
  let offset = 128 + directory.length;
  tags.forEach(([name, body], index) => {
    if (!places.has(body)) {
      const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
      places.set(body, offset);
      bodies.push(padded);
      offset += padded.length;
    }
    directory.write(name, 4 + index * 12, 'latin1');
    directory.writeUInt32BE(places.get(body) as number, 8 + index * 12);
    directory.writeUInt32BE(body.length, 12 + index * 12);
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(0x04300000, 8);
  header.write('mntrRGB XYZ ', 12, 'latin1');
  header.writeUInt16BE(2026, 24);
  header.writeUInt16BE(1, 26);
  header.writeUInt16BE(1, 28);
  header.write('acsp', 36, 'latin1');
  fixed(0.9642, 1, 0.82491).copy(header, 68);
  return Buffer.concat([header, directory, ...bodies]);
}
