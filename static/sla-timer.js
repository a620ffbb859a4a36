// <sla-timer kind due start warn state text say up>: writes its text and its state, nothing else. Instants are epoch seconds.
// state met, missed, paused and idle are the server's verdict: the attribute "text" is shown as it is.
// Otherwise the state is ok, warn or late by the server's clock; "up" counts upwards from start without a word.
import { now, span } from './server-clock.js';

const FIXED = ['met', 'missed', 'paused', 'idle'];
const words = JSON.parse(document.querySelector('meta[name="timer-words"]')?.content || '{}');
const word = (key, fallback) => words[key] || fallback;
const timers = new Set();
const crossed = [];
let lastSaid = -Infinity;

class SlaTimer extends HTMLElement {
  static observedAttributes = ['due', 'start', 'warn', 'state', 'text', 'up'];

  connectedCallback() {
    if (!this.hasAttribute('role')) this.setAttribute('role', 'timer');
    if (!this.hasAttribute('aria-live')) this.setAttribute('aria-live', 'off');
    timers.add(this);
    this.refresh();
  }

  disconnectedCallback() { timers.delete(this); }

  attributeChangedCallback(name, before, after) {
    if (before !== after && timers.has(this)) this.refresh();
  }

  refresh() {
    const state = this.getAttribute('state');
    if (FIXED.includes(state)) {
      this.shown = state;
      return this.write(this.getAttribute('text') ?? this.textContent);
    }
    const second = Math.floor(now() / 1000), start = Number(this.getAttribute('start'));
    if (this.hasAttribute('up')) return this.write(span(second - start, word('day', 'd')));
    const due = Number(this.getAttribute('due'));
    if (!due) return undefined;
    const warn = Number(this.getAttribute('warn')) || due - (start ? (due - start) / 4 : 0);
    const next = second >= due ? 'late' : second >= warn ? 'warn' : 'ok';
    const fallback = { ok: 'Left', warn: 'Soon', late: 'Late' }[next];
    this.write(`${word(next, fallback)} ${span(Math.abs(due - second), word('day', 'd'))}`);
    this.cross(next);
    if (state !== next) this.setAttribute('state', next);
    return undefined;
  }

  write(text) { if (this.textContent !== text) this.textContent = text; }

  cross(next) {
    const order = ['ok', 'warn', 'late'];
    const worse = order.indexOf(next) > order.indexOf(this.shown);
    if (worse && order.includes(this.shown)) {
      const name = [this.getAttribute('say'), this.getAttribute('aria-label')].filter(Boolean).join(' ');
      crossed.push(`${name} ${word(next, next)}`.trim());
    }
    this.shown = next;
  }
}

// several crossings are one sentence, at most one sentence in ten seconds
function announce() {
  if (!crossed.length || performance.now() - lastSaid < 10000) return;
  const region = document.getElementById('status-region');
  if (!region) return;
  const all = crossed.splice(0);
  const rest = all.length > 5 ? ` +${all.length - 5}` : '';
  region.textContent = all.slice(0, 5).join(word('join', ', ')) + rest;
  lastSaid = performance.now();
}

function beat() {
  for (const timer of timers) timer.refresh();
  announce();
  setTimeout(beat, 1000 - (now() % 1000) + 5);
}

customElements.define('sla-timer', SlaTimer);
beat();
document.addEventListener('visibilitychange', () => { if (!document.hidden) for (const timer of timers) timer.refresh(); });
