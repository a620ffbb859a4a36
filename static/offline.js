// The offline form, in the browser's own keeping or as a file of the emergency kit. What is typed waits in this browser's
// local storage until the portal has it, at most 72 hours (ADR 36); it cannot be read back on the page.
(() => {
  'use strict';
  const NAME = 'portal-offline';
  const DAY = 86400000;
  const LONGEST = 3 * DAY;
  const portal = document.documentElement.dataset.mode === 'portal';
  const at = id => document.getElementById(id);
  const form = at('offline');
  const show = (id, shown) => { const found = at(id); if (found) found.hidden = !shown; };

  function waiting() {
    try { return JSON.parse(localStorage.getItem(NAME)) || []; } catch { return []; }
  }
  function keep(entries) {
    try { localStorage.setItem(NAME, JSON.stringify(entries)); } catch { return false; }
    return true;
  }
  function unique() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  }
  // the house's clock is Beijing time, whatever zone this machine is set to
  const beijing = () => new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 16);
  const seconds = text => Math.floor(Date.parse(`${text}:00+08:00`) / 1000);
  const called = one => [one.serial, one.typed].filter(Boolean).join(' · ');

  function draw() {
    const entries = waiting();
    at('count').textContent = entries.length;
    at('list').replaceChildren(...entries.map(one => {
      const line = document.createElement('li');
      line.textContent = called(one);
      return line;
    }));
    show('none', entries.length === 0);
    show('say-old', entries.some(one => Date.now() - one.at > DAY));
  }
  function forget() {
    const entries = waiting();
    const old = entries.filter(one => Date.now() - one.at > LONGEST);
    if (!old.length) return;
    keep(entries.filter(one => !old.includes(one)));
    at('gone').textContent = old.map(called).join(', ');
    show('say-gone', true);
  }

  form.addEventListener('submit', event => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(form));
    const entry = { ...typed, key: unique(), heard: seconds(typed.heard), at: Date.now(), typed: beijing().replace('T', ' ') };
    const kept = keep([...waiting(), entry]);
    show('kept', kept);
    show('full', !kept);
    draw();
    if (!kept) return;
    const who = typed.heard_by;
    form.reset();
    form.elements.heard.value = beijing();
    form.elements.heard_by.value = who;
    form.elements.serial.focus();
    if (portal) send();
  });
  form.addEventListener('input', () => show('kept', false));

  function state(name) {
    for (const id of ['away', 'back', 'sign-in']) show(`say-${id}`, id === name);
  }
  let sending = false;
  async function send() {
    if (sending) return;
    sending = true;
    try { await deliver(); } catch { state('away'); } finally { sending = false; }
  }
  async function deliver() {
    const about = await fetch('/session/token', { cache: 'no-store' });
    if (!about.ok) return state('away');
    const { csrf, who } = await about.json();
    if (!who) return state('sign-in');
    state('back');
    const entries = waiting();
    if (!entries.length) return;
    const answer = await fetch('/offline/send', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf },
      body: JSON.stringify({ entries: entries.slice(0, 50).map(({ at: _at, typed: _typed, ...said }) => said) }),
    });
    if (!answer.ok) return state('away');
    const { taken, refused } = await answer.json();
    keep(waiting().filter(one => !taken.includes(one.key)));
    const wrong = Object.values(refused);
    at('refused').textContent = wrong.join(' ');
    show('say-refused', wrong.length > 0);
    draw();
  }

  function save() {
    const entries = waiting();
    if (!entries.length) return;
    const body = JSON.stringify({ entries: entries.map(({ at: _at, typed: _typed, ...said }) => said) });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([body], { type: 'application/json' }));
    link.download = `offline-${beijing().replace(/[T:]/g, '-')}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
    show('clear', true);
  }

  form.elements.heard.value = beijing();
  forget();
  draw();
  setInterval(() => { forget(); draw(); }, 60000);
  if (!portal) {
    at('save').addEventListener('click', save);
    at('clear').addEventListener('click', () => { keep([]); show('clear', false); draw(); });
    return;
  }
  at('send').addEventListener('click', send);
  addEventListener('online', send);
  setInterval(send, 20000);
  send();
  if (!('serviceWorker' in navigator)) { show('say-plain', true); return; }
  navigator.serviceWorker.register('/offline/worker.js', { scope: '/offline/' })
    .then(() => navigator.serviceWorker.ready).then(() => show('say-ready', true)).catch(() => show('say-plain', true));
})();
