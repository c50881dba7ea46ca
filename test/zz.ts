import { writeFileSync } from 'node:fs';
import { exampleAssessment } from './support/example.ts';
import { manyFindings } from './support/many.ts';
import { renderHtml } from '../src/report/html/index.ts';
import { inBrowser } from './support/page.ts';
writeFileSync('/tmp/many.html', await renderHtml(manyFindings(await exampleAssessment(), 10000), undefined));
await inBrowser('about:blank', async (page) => {
  await page.goto('file:///tmp/many.html#part-a', { waitUntil: 'load' });
  await new Promise(r => setTimeout(r, 4000));
  console.log(await page.evaluate(`(async () => {
    const out = [];
    const form = document.querySelector('#part-a .filters');
    for (let i = 0; i < 4; i++) for (const q of ['finding 49', '']) {
      let t = performance.now(); form.elements.q.value = q; form.dispatchEvent(new Event('input', { bubbles: true })); const a = performance.now() - t;
      t = performance.now(); document.body.getBoundingClientRect(); out.push([q, Math.round(a), Math.round(performance.now() - t)]);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    const w = [...document.querySelectorAll('#part-a .wide')]; for (const x of w) x.style.contain = 'layout style'; 
    for (let i = 0; i < 3; i++) for (const q of ['finding 49', '']) {
      let t = performance.now(); form.elements.q.value = q; form.dispatchEvent(new Event('input', { bubbles: true })); const a = performance.now() - t;
      t = performance.now(); document.body.getBoundingClientRect(); out.push([q, Math.round(a), Math.round(performance.now() - t)]);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    for (const x of w) x.style.display = 'none'; document.body.getBoundingClientRect();
    for (let i = 0; i < 3; i++) for (const q of ['finding 49', '']) {
      let t = performance.now(); form.elements.q.value = q; form.dispatchEvent(new Event('input', { bubbles: true })); const a = performance.now() - t;
      t = performance.now(); document.body.getBoundingClientRect(); out.push([q, Math.round(a), Math.round(performance.now() - t)]);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    return JSON.stringify(out);
  })()`));
});
