// The pulse of a live page: asks every two seconds, says when the picture is old, holds rows still while one has the focus.
import { beijing, hear, now, onProof } from './server-clock.js';
import { signedOut, word } from './session.js';

const EVERY = 2000, PATIENCE = 6000;
const feed = () => document.getElementById('feed');
const banner = document.getElementById('stale-banner');
let proof = performance.now(), stale = false, held = 0, releasing = false, before = ['', ''];
let acted = '', focused = null; // the row somebody last did something in; during a swap, the rows that get a lost focus back

function tick() {
  if (!document.hidden && !signedOut()) feed()?.dispatchEvent(new Event('feed:tick'));
}

function announce(text) {
  const region = document.getElementById('status-region');
  if (region) region.textContent = text;
}

function setStale(on) {
  if (on === stale || (on && signedOut())) return;
  stale = on;
  for (const part of document.querySelectorAll('[data-live]')) part.classList.toggle('is-stale', on);
  for (const control of document.querySelectorAll('[data-needs-live]')) control.disabled = on;
  const watch = document.getElementById('watch');
  if (watch && on) before = [watch.textContent, watch.className];
  if (watch) [watch.textContent, watch.className] = on ? [word('watchUnknown'), 'late-text'] : before;
  if (banner) {
    const time = banner.querySelector('[data-last]');
    if (time && on) time.textContent = document.getElementById('last-update')?.textContent ?? '';
    banner.hidden = !on;
  }
  announce(on ? word('staleSay') : word('freshSay'));
}

onProof(ms => {
  proof = performance.now();
  const last = document.getElementById('last-update');
  if (last) last.textContent = beijing(ms).slice(11);
  setStale(false);
});

function check() {
  const clock = document.getElementById('beijing-time'), text = beijing(now()).slice(0, 16);
  if (clock && clock.textContent !== text) clock.textContent = text;
  if (feed() && !document.hidden && performance.now() - proof > PATIENCE) setStale(true);
}

async function askTheTime() {
  const url = document.querySelector('meta[name="clock-url"]')?.content;
  if (feed() || document.hidden || !url) return;
  try { hear((await fetch(url, { cache: 'no-store' })).headers); } catch { /* the next try tells */ }
}

// waking up: the first answer decides, so the banner gets its full patience again
function wake() {
  if (document.hidden) return;
  proof = Math.max(proof, performance.now() - PATIENCE + 2500);
  tick();
  askTheTime();
}

// rows are held still while one of them has the focus: a whole new body waits behind a button, and of it only the rows
// that stand here already are drawn anew, each in its place
const rowsOf = task => [...(task.fragment?.content ?? task.fragment)?.querySelectorAll?.('[data-row]') ?? []];

function inPlace(task, fresh) {
  const pairs = fresh.map(row => [document.getElementById(row.id), row]);
  return pairs.filter(([old, row]) => old && old.dataset.v !== row.dataset.v).map(([target, row]) => {
    const fragment = document.createDocumentFragment();
    fragment.append(row);
    return { ...task, target, fragment, swapSpec: { ...task.swapSpec, style: 'outerMorph' } };
  });
}

// how many rows come or go; where it is the order alone that changes, one
function differences(task, fresh) {
  const ids = new Set([...task.target.querySelectorAll('[data-row]')].map(row => row.id));
  const come = fresh.filter(row => !ids.delete(row.id));
  return Math.max(1, come.length + ids.size);
}

function showHeld() {
  const box = document.getElementById('held');
  if (!box) return;
  box.hidden = !held;
  const text = box.querySelector('[data-text]');
  if (text) text.textContent = word('held').replace('{n}', held);
}

function release() {
  if (!held) return;
  held = 0;
  releasing = true;
  showHeld();
  const element = feed();
  if (element?._htmx) element._htmx.ptag = 'all';
  tick();
}

document.addEventListener('htmx:before:swap', event => {
  const { ctx, tasks } = event.detail;
  if (ctx.sourceElement.id !== 'feed' || !tasks || !document.getElementById('held')) return;
  const here = document.activeElement, row = here?.closest('[data-live-body] [data-row]');
  focused = row && here.matches(':focus-visible') ? [row.id, row.nextElementSibling?.id] : [];
  for (const task of [...tasks]) {
    const body = task.target?.matches?.('[data-live-body]') && task.target;
    if (!body || releasing || !body.contains(here)) continue;
    const fresh = rowsOf(task), gone = acted && !fresh.some(one => one.id === acted);
    held = gone ? 0 : differences(task, fresh); // whom one's own act takes out of the list is not held in it
    if (!gone) tasks.splice(tasks.indexOf(task), 1, ...inPlace(task, fresh));
    showHeld();
  }
  if (tasks.some(task => task.target?.id === acted || task.target?.matches?.('[data-live-body]'))) acted = '';
});
document.addEventListener('htmx:after:swap', event => {
  if (event.detail.ctx.sourceElement?.id !== 'feed') return;
  const lost = !document.activeElement?.closest('[data-live-body]');
  const row = lost ? focused?.map(id => document.getElementById(id)).find(Boolean) : null;
  focused = null;
  row?.querySelector('[data-open]')?.focus({ preventScroll: true });
  if (held && lost && !row) release();
});
document.addEventListener('htmx:config:request', event => {
  const { request, sourceElement } = event.detail.ctx;
  if (request.method === 'POST') acted = sourceElement.closest('[data-live-body] [data-row]')?.id ?? '';
  // htmx may begin before its extension is loaded, which then has not read what the page itself shows
  const shown = sourceElement.getAttribute('hx-ptag');
  if (shown && !sourceElement._htmx?.ptag) request.headers['HX-PTag'] = shown;
});
document.addEventListener('htmx:finally:request', event => {
  if (event.detail.ctx.sourceElement?.id === 'feed') { releasing = false; focused = null; }
});
document.addEventListener('click', event => { if (event.target.closest('#held')) release(); });
document.addEventListener('focusout', event => {
  const body = event.target.closest?.('[data-live-body]');
  if (held && body && !focused && !body.contains(event.relatedTarget)) release();
});

setTimeout(() => { tick(); setInterval(tick, EVERY); }, EVERY * (0.8 + Math.random() * 0.4));
setInterval(check, 1000);
setInterval(askTheTime, 60000);
check();
document.addEventListener('visibilitychange', wake);
document.addEventListener('portal:wake', wake);
addEventListener('pageshow', event => { if (event.persisted) wake(); });
document.addEventListener('portal:signed-out', () => setStale(false)); // a refusal is an answer
addEventListener('online', wake);
addEventListener('offline', () => { if (feed()) setStale(true); });
