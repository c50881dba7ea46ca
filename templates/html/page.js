'use strict';
// Everything can be read without this. With it: tabs, filters, sorting, values of drawings, links into what is folded.
document.documentElement.classList.add('js');
addEventListener('DOMContentLoaded', () => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const tabs = all('#tabs a');
  const sections = all('.tab');

  // Tabs: one part is shown, and the two classes never together.
  const list = document.getElementById('tabs');
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-label', 'Parts of the report');
  for (const tab of tabs) {
    const section = document.getElementById(tab.hash.slice(1));
    tab.parentElement.setAttribute('role', 'presentation');
    tab.id = `tab-${section.id}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', section.id);
    section.setAttribute('role', 'tabpanel');
    section.setAttribute('aria-labelledby', tab.id);
  }
  const show = (section) => {
    for (const one of sections) one.classList.toggle('current', one === section);
    for (const tab of tabs) {
      const chosen = tab.hash === `#${section.id}`;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
  };
  list.addEventListener('keydown', (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    history.replaceState(null, '', tab.hash);
    show(document.getElementById(tab.hash.slice(1)));
  });
  list.addEventListener('click', (event) => {
    const tab = event.target.closest('a');
    if (!tab) return;
    event.preventDefault();
    history.pushState(null, '', tab.hash);
    show(document.getElementById(tab.hash.slice(1)));
    scrollTo(0, 0);
  });

  // Gaps of one class: search and filters.
  const filters = new Map();
  for (const form of all('.filters')) {
    const section = form.closest('.tab');
    const gaps = all('.gap', section).map((element) => ({ element, data: { ...element.dataset }, text: undefined, fits: true, hidden: element.hidden }));
    const status = form.querySelector('.shown');
    // What is out of sight is neither styled nor laid out, chunk by chunk.
    const chunks = all('.chunk', section).map((element) => ({ element, count: 0 }));
    const chunkOf = new Map(chunks.map((chunk) => [chunk.element, chunk]));
    for (const gap of gaps) gap.chunk = chunkOf.get(gap.element.parentElement);
    const textOf = (gap) => (gap.text ??= `${gap.element.id} ${gap.element.textContent}`.toLowerCase());
    const apply = () => {
      const fields = [...new FormData(form)].filter(([, value]) => value !== '');
      const words = fields.filter(([name]) => name === 'q').flatMap(([, value]) => value.toLowerCase().split(/\s+/).filter(Boolean));
      const chosen = fields.filter(([name]) => name !== 'q');
      let count = 0;
      for (const chunk of chunks) chunk.count = 0;
      for (const gap of gaps) {
        gap.fits =
          chosen.every(([name, value]) =>
            name === 'framework' || name === 'surface' ? ` ${gap.data[name]} `.includes(` ${value} `) : gap.data[name] === value,
          ) && words.every((word) => textOf(gap).includes(word));
        if (!gap.fits) continue;
        count++;
        gap.chunk.count++;
      }
      // A chunk of which nothing fits is put away as it is.
      for (const { element, count: inChunk } of chunks) {
        if (element.hidden !== (inChunk === 0)) element.hidden = inChunk === 0;
        const size = `auto ${3.2 * inChunk}rem`;
        if (inChunk > 0 && element.style.containIntrinsicSize !== size) element.style.containIntrinsicSize = size;
      }
      for (const gap of gaps)
        if (gap.chunk.count > 0 && gap.hidden === gap.fits) gap.element.hidden = gap.hidden = !gap.fits;
      status.textContent = count === gaps.length ? `All ${count} gaps of this class are shown.` : `${count} of ${gaps.length} gaps of this class are shown.`;
    };
    form.hidden = false;
    form.addEventListener('input', apply);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(apply));
    // Escape clears what is searched for, and a second time every filter.
    form.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      const search = form.elements.q;
      if (event.target === search && search.value !== '') search.value = '';
      else form.reset();
      apply();
    });
    form.querySelector('.expand').addEventListener('click', () => {
      const shown = gaps.filter(({ fits }) => fits);
      const open = !shown.every(({ element }) => element.open);
      for (const { element } of shown) element.open = open;
    });
    filters.set(section, { form, apply });
    apply();
    // Texts are made searchable while nobody waits.
    let next = 0;
    const prepare = () => {
      for (const end = performance.now() + 8; next < gaps.length && performance.now() < end; next++) textOf(gaps[next]);
      if (next < gaps.length) setTimeout(prepare);
    };
    setTimeout(prepare, 200);
  }

  // A link leads into the part where its target is, and unfolds it.
  const follow = () => {
    let id = '';
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {}
    const target = id === '' ? undefined : document.getElementById(id);
    const section = target?.closest('.tab') ?? sections[0];
    show(section);
    // A part that was hidden when the browser looked for it begins at its beginning.
    if (target === section) section.scrollIntoView({ block: 'start', behavior: 'instant' });
    if (!target || target === section || !section.contains(target)) return;
    if (target.hidden || target.parentElement.hidden) {
      const filter = filters.get(section);
      filter?.form.reset();
      filter?.apply();
    }
    for (let one = target; one; one = one.parentElement) if (one.tagName === 'DETAILS') one.open = true;
    // What comes into sight is laid out only then, and moves it: it is brought there until it stays.
    const settle = (times) => {
      target.scrollIntoView({ block: 'start', behavior: 'instant' });
      if (times > 0) requestAnimationFrame(() => settle(times - 1));
    };
    settle(4);
    (target.querySelector(':scope > summary') ?? target).focus({ preventScroll: true });
  };
  addEventListener('hashchange', follow);
  addEventListener('popstate', follow);
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('main a[href^="#"], .skip');
    if (link && link.hash === location.hash) follow();
  });
  follow();

  // Tables are sorted by the heads of their columns.
  const valueOf = (row, column) => {
    const text = row.cells[column]?.textContent.trim() ?? '';
    const rank = ['critical', 'high', 'medium', 'low'].indexOf(text);
    if (rank !== -1) return rank;
    const number = /^(?:at least )?-?[\d\s\u202f]*\d(?:\.\d+)?(?:e-?\d+)?%?(?![\w-])/.exec(text);
    return number ? Number.parseFloat(number[0].replace('at least ', '').replace(/[\s\u202f]/g, '')) : text.toLowerCase();
  };
  for (const table of all('table.sortable'))
    for (const head of all('thead th', table)) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') === 'ascending';
        for (const one of all('thead th', table)) one.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const body = table.tBodies[0];
        const keyed = [...body.rows].map((row, index) => ({ row, index, value: valueOf(row, head.cellIndex) }));
        keyed.sort((a, b) => {
          const order = typeof a.value === typeof b.value
            ? a.value < b.value ? -1 : a.value > b.value ? 1 : 0
            : typeof a.value === 'number' ? -1 : 1;
          return (down ? -order : order) || a.index - b.index;
        });
        body.append(...keyed.map(({ row }) => row));
      });
    }

  // Drawings say their values to whoever points at them or comes to them by keys.
  const tip = document.getElementById('tip');
  let now;
  const say = (text, box) => {
    tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, box.left + box.width / 2 - width / 2))}px`;
    tip.style.top = `${box.top - height - 8 > 0 ? box.top - height - 8 : box.bottom + 8}px`;
  };
  const quiet = () => {
    tip.hidden = true;
    now?.classList.remove('now');
    now = undefined;
  };
  const point = (hit) => {
    now?.classList.remove('now');
    now = hit;
    hit.classList.add('now');
    say(hit.dataset.say, hit.getBoundingClientRect());
  };
  document.addEventListener('pointerover', (event) => {
    const hit = event.target.closest?.('.hit');
    const drawing = event.target.closest?.('svg[role="img"]');
    if (hit) point(hit);
    else if (drawing && !drawing.querySelector('.hit')) say(drawing.getAttribute('aria-label'), drawing.getBoundingClientRect());
    else if (!drawing || now === undefined) quiet();
  });
  document.addEventListener('focusin', (event) => {
    const drawing = event.target.closest?.('svg[role="img"]');
    if (drawing) say(drawing.getAttribute('aria-label'), drawing.getBoundingClientRect());
    else quiet();
  });
  document.addEventListener('focusout', quiet);
  // What is reached by keys is scrolled to, and keeps saying its values.
  const again = () => {
    const drawing = document.activeElement?.closest?.('svg[role="img"]');
    if (drawing && !tip.hidden) say(now?.dataset.say ?? drawing.getAttribute('aria-label'), (now ?? drawing).getBoundingClientRect());
    else quiet();
  };
  addEventListener('scroll', again, { passive: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') quiet();
    const hits = document.activeElement?.tagName === 'svg' ? all('.hit', document.activeElement) : [];
    if (hits.length === 0 || !['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    event.preventDefault();
    const at = hits.indexOf(now);
    point(hits[Math.max(0, Math.min(hits.length - 1, at + (event.key === 'ArrowRight' ? 1 : -1)))]);
  });

  // Light and dark.
  const button = document.getElementById('theme');
  const dark = () => (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const name = () => {
    button.textContent = dark() ? 'Light' : 'Dark';
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = dark() ? 'light' : 'dark';
    name();
  });
  name();

  // On paper nothing is folded.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = all('details:not([open])').filter((one) => !one.hidden && !one.parentElement.hidden);
    for (const one of folded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
  });
});
