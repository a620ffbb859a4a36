// Everything the pages need from script; each part stands in its own file and works on elements it finds by id or data attribute.
import './sla-timer.js';
import './session.js';
import './live.js';
import './keys.js';
import './drafts.js';
import './files.js';
import './presence.js';
import './bell.js';
import './frame.js';
import './ticks.js';
import './wording.js';
import './mentions.js';
import './searching.js';
import './proposals.js';
import { post } from './session.js';

const root = document.documentElement;

function otherTheme() {
  const shown = root.dataset.bsTheme;
  const dark = shown === 'dark' || (shown === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  return dark ? 'light' : 'dark';
}

document.addEventListener('submit', event => {
  const form = event.target;
  if (!form.matches('[data-theme-form]')) return;
  event.preventDefault();
  delete form.dataset.sent;
  const theme = otherTheme();
  root.dataset.bsTheme = theme;
  const data = new FormData(form);
  data.set('theme', theme);
  post(form.action, data, { headers: { 'HX-Request': 'true' } }).catch(() => {});
});

document.addEventListener('click', event => {
  const button = event.target.closest('[data-menu-button]');
  if (!button) return;
  const open = document.body.dataset.menu !== 'open';
  document.body.dataset.menu = open ? 'open' : '';
  button.setAttribute('aria-expanded', String(open));
});

// a list behind a select or a row of checkboxes is asked for at once; without script its button does it
document.addEventListener('change', event => {
  if (event.target.matches('[data-go]')) event.target.form?.requestSubmit();
});

document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy]');
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy).catch(() => {});
  const region = document.getElementById('status-region');
  if (region && button.dataset.said) region.textContent = button.dataset.said;
});
document.addEventListener('click', event => {
  if (event.target.closest('[data-print]')) window.print();
});
document.addEventListener('click', event => {
  const closer = event.target.closest('dialog [data-close]');
  if (closer) closer.closest('dialog').close();
});
// a panel that can be put away; a link among these leads on from there
document.addEventListener('click', event => {
  const button = event.target.closest('[data-close-panel]'), field = button?.hash ? document.getElementById(button.hash.slice(1)) : null;
  if (!button) return;
  event.preventDefault();
  button.closest('[data-panel]')?.remove();
  field?.focus();
});
// after a refused post: the first wrong field has the focus, and the banner above the form is in view
document.addEventListener('htmx:after:swap', event => {
  if (event.detail.ctx?.response?.status !== 422) return;
  const banner = document.getElementById('error-summary');
  setTimeout(() => {
    banner?.scrollIntoView({ block: 'start' });
    const wrong = banner?.closest('form').querySelector('.is-invalid, fieldset:has(.field-error)');
    unfold(wrong);
    wrong?.focus({ preventScroll: true });
  });
});
// what is said of a field in a fold is seen: the fold opens, also by the link above the form
function unfold(field) {
  const fold = field?.closest('details');
  if (fold) fold.open = true;
}
document.addEventListener('click', event => {
  const link = event.target.closest('#error-summary a');
  if (link) unfold(document.getElementById(link.hash.slice(1)));
});
// a message about an empty field goes once the field is filled
document.addEventListener('input', event => {
  const field = event.target;
  if (!field.matches?.('.is-invalid') || !field.value.trim()) return;
  field.classList.remove('is-invalid');
  field.removeAttribute('aria-invalid');
  document.getElementById(`${field.id}-error`)?.remove();
});
// who ticks a fact as read back that is not written down yet is led to its field
document.addEventListener('change', event => {
  const box = event.target, reads = box.checked && box.closest('[data-reads]');
  const field = reads && document.getElementById(JSON.parse(reads.dataset.reads)[box.value]);
  if (!field || field.value.trim()) return;
  unfold(field);
  field.focus();
});
// a form that opens below what is seen comes into view with its first field ready; once it is sent, the page's top with
// what was done and what comes next does
document.addEventListener('htmx:after:swap', event => {
  const { ctx } = event.detail, panel = ctx?.target?.id === 'deed' && ctx.response?.status === 200 && ctx.target.querySelector('form');
  if (!panel) return;
  panel.scrollIntoView({ block: 'nearest' });
  panel.querySelector('input:not([type=hidden]), select, textarea')?.focus({ preventScroll: true });
});
document.addEventListener('htmx:after:request', event => {
  const { ctx } = event.detail;
  if (!ctx?.response?.headers?.get('X-Done')) return;
  setTimeout(() => scrollTo({ top: 0 }));
  figures(); // one's own deed moves the figures of the navigation at once
});

// a picture larger than its place begins at what is under way; what fits needs no tool to see it whole
function show(view) {
  const frame = [...view.querySelectorAll('.flow-frame')].find(one => one.offsetWidth);
  if (!frame || view.dataset.shown) return;
  view.dataset.shown = '1';
  view.classList.toggle('fits', frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight);
  const here = frame.querySelector('.is-late, .is-running')?.getBoundingClientRect(), box = frame.getBoundingClientRect();
  if (!here) return;
  frame.scrollLeft += here.left - box.left - (box.width - here.width) / 2;
  frame.scrollTop += here.top - box.top - (box.height - here.height) / 2;
}
const pictures = () => document.querySelectorAll('.flow-view').forEach(show);
pictures();
document.addEventListener('htmx:after:swap', pictures);
// on a page that keeps itself up to date, a form that somebody opens or fills in stays: the checks say so
for (const kind of ['input', 'click']) {
  document.addEventListener(kind, event => {
    const typed = document.getElementById('typed');
    if (typed && event.target.closest?.(kind === 'click' ? '.deed > summary' : '.deed form')) typed.value = '1';
  });
}

// the figures of the navigation go along while a page stays open and somebody looks at it
const side = document.getElementById('side');
async function figures() {
  if (!side || document.hidden) return;
  const answer = await fetch('/counts', { cache: 'no-store', headers: { Accept: 'application/json', 'HX-PTag': 'counts' } });
  if (!answer.ok) return;
  for (const [url, [figure, late, words]] of Object.entries(await answer.json())) {
    const link = side.querySelector(`a[href="${url}"]`), old = link?.querySelector('[data-figure]');
    if (!link || (old?.textContent ?? '') === figure + words) continue;
    old?.remove();
    if (!figure) continue;
    const shown = document.createElement('span');
    shown.dataset.figure = '';
    shown.className = late ? 'late-text' : '';
    shown.textContent = figure;
    if (words) shown.append(Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: words }));
    link.append(shown);
  }
}
setInterval(() => figures().catch(() => {}), 30000);

// a file that takes seconds to make: its link says so until the file is here
async function fetched(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) return location.assign(link.href);
  const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? '';
  const file = document.createElement('a');
  file.href = URL.createObjectURL(await answer.blob());
  file.download = name;
  file.click();
  setTimeout(() => URL.revokeObjectURL(file.href), 60000);
  return undefined;
}

document.addEventListener('click', async event => {
  const link = event.target.closest('a[data-busy]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute('aria-busy') === 'true') return;
  const place = link.querySelector('span') ?? link, before = place.textContent;
  link.setAttribute('aria-busy', 'true');
  place.textContent = link.dataset.busy;
  const region = document.getElementById('status-region');
  if (region) region.textContent = link.dataset.busy;
  try { await fetched(link); } catch { location.assign(link.href); }
  place.textContent = before;
  link.removeAttribute('aria-busy');
});
