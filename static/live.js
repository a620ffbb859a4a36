// The pulse of a live page: asks every two seconds, says when the picture is old, holds rows still while one has the focus.
import { beijing, hear, now, onProof } from './server-clock.js';
import { signedOut, word } from './session.js';

const EVERY = 2000, PATIENCE = 6000;
const feed = () => document.getElementById('feed');
const banner = document.getElementById('stale-banner');
let proof = performance.now(), stale = false, held = 0, releasing = false, before = ['', ''];

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

// rows are held still while one of them has the focus: a whole new body waits behind a button
function differences(task) {
  const ids = new Map([...task.target.querySelectorAll('[data-row]')].map(row => [row.id, row.dataset.v]));
  let changed = 0;
  const fresh = (task.fragment?.content ?? task.fragment)?.querySelectorAll?.('[data-row]') ?? [];
  for (const row of fresh) {
    if (!ids.has(row.id) || ids.get(row.id) !== row.dataset.v) changed += 1;
    ids.delete(row.id);
  }
  return Math.max(1, changed + ids.size);
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
  for (const task of [...tasks]) {
    const body = task.target?.matches?.('[data-live-body]') && task.target;
    if (!body || releasing || !body.contains(document.activeElement)) continue;
    held = differences(task);
    tasks.splice(tasks.indexOf(task), 1);
    showHeld();
  }
});
document.addEventListener('htmx:finally:request', event => {
  if (event.detail.ctx.sourceElement?.id === 'feed') releasing = false;
});
document.addEventListener('click', event => { if (event.target.closest('#held')) release(); });
document.addEventListener('focusout', event => {
  const body = event.target.closest?.('[data-live-body]');
  if (held && body && !body.contains(event.relatedTarget)) release();
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
