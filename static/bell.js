// The bell: its figure comes with the checks a page makes anyway (X-Bell: unread.newest); what is new is said once for all tabs,
// on the desktop and with a short sound, as the person has chosen. Without customer data: the server words it.
import { signedOut } from './session.js';
import { hear as heard, onBell } from './server-clock.js';

const bell = document.getElementById('bell');
const KEY = `portal-bell-${bell?.dataset.person}`, RECENT = 120000, HELD = 5000, LOUD_ENOUGH = 0.08;
let shown = Number(bell?.dataset.newest) || 0, asking = false;

const known = () => { try { return JSON.parse(localStorage.getItem(KEY)) ?? { id: 0, at: 0 }; } catch { return { id: 0, at: 0 }; } };
const keep = id => { try { localStorage.setItem(KEY, JSON.stringify({ id, at: Date.now() })); } catch { /* each tab for itself */ } };

function show(count) {
  const figure = bell.querySelector('b');
  figure.hidden = !count;
  figure.textContent = count < 100 ? String(count) : '99+';
  bell.setAttribute('aria-label', bell.dataset.say.replace('{n}', count));
}

/** Two short tones; a browser that has not been clicked in yet stays silent. */
export function sound() {
  const Audio = window.AudioContext;
  if (!Audio) return;
  const audio = new Audio();
  [[660, 0], [880, 0.16]].forEach(([tone, start]) => {
    const source = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime + start;
    source.frequency.value = tone;
    loud.gain.setValueAtTime(LOUD_ENOUGH, at);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.15);
    source.connect(loud).connect(audio.destination);
    source.start(at);
    source.stop(at + 0.16);
  });
  setTimeout(() => audio.close(), 1000);
}

function onDesktop(text, url, tag) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const note = new Notification(document.querySelector('.brand-name')?.textContent ?? document.title, { body: text, tag });
  note.onclick = () => { window.focus(); location.assign(url); note.close(); };
}

async function announce(after) {
  const answer = await fetch(`/notices/fresh?after=${after}`, { cache: 'no-store', headers: { Accept: 'application/json', 'HX-PTag': 'bell' } });
  if (!answer.ok) return 0;
  const { items, most, held } = await answer.json(), seen = items.filter(one => one.ways.includes('desktop'));
  if (items.some(one => one.ways.includes('sound'))) sound();
  if (seen.length > most) onDesktop(bell.dataset.many.replace('{n}', seen.length), '/notices', 'portal-many');
  else for (const one of seen) onDesktop(one.text, one.url, `portal-${one.id}`);
  return held;
}

// one tab at a time asks what was said already; the others find it said
const alone = work => (navigator.locks ? navigator.locks.request(KEY, work)
  : new Promise(done => setTimeout(done, Math.random() * 300)).then(work));

async function tell(newest) {
  if (asking) return;
  asking = true;
  try {
    await alone(async () => {
      const last = known().id;
      if (last >= newest) return;
      keep(newest);
      // an act on many cases still counts them: what it gave is said once, a little later
      const held = await announce(last);
      if (held) { keep(held - 1); setTimeout(() => tell(newest), HELD); }
    });
  } catch { /* the bell shows it */ }
  asking = false;
}

// this person's browser is being looked after: written down at most twice a minute
function stamp() {
  const last = known();
  if (Date.now() - last.at > 30000) keep(last.id);
}

function hear(text) {
  const [count, newest] = text.split('.').map(Number);
  if (!Number.isFinite(count) || !Number.isFinite(newest) || signedOut()) return;
  show(count);
  if (newest > shown) { shown = newest; tell(newest); } else stamp();
}

function begin() {
  const last = known();
  // what came while a page was being left is new; what came while nobody was here only stands behind the bell
  if (last.id && last.id < shown && Date.now() - last.at < RECENT) tell(shown);
  else if (last.id < shown || !last.at) keep(shown);
}

if (bell) {
  begin();
  onBell(hear);
}

// pages ask nothing while they are hidden; for somebody who wants desktop notices one of them asks once a minute
setInterval(() => {
  const wanted = bell && document.hidden && !signedOut() && 'Notification' in window && Notification.permission === 'granted';
  if (!wanted || Date.now() - known().at < 45000) return;
  keep(known().id);
  fetch(document.querySelector('meta[name="clock-url"]').content, { cache: 'no-store', headers: { 'HX-PTag': 'bell' } })
    .then(answer => { if (answer.ok) heard(answer.headers); }, () => {});
}, 60000);

const box = document.querySelector('[data-desktop]');
function permission() {
  if (!box) return;
  const state = 'Notification' in window && isSecureContext ? Notification.permission : 'unknown';
  box.querySelector('[data-text]').textContent = box.dataset[state] ?? '';
  box.querySelector('[data-ask-desktop]').hidden = state !== 'default';
}
permission();
box?.addEventListener('click', async event => {
  if (event.target.closest('[data-try-sound]')) sound();
  if (!event.target.closest('[data-ask-desktop]')) return;
  await Notification.requestPermission();
  permission();
});
