// Drafts: what is typed into form[data-draft] is on the server one second later; the line at the form says what the server said.
import { post, word } from './session.js';

const line = () => document.getElementById('draft-status');
const WAIT = 1000, RETRY = 4000;

class Draft {
  constructor(form) { Object.assign(this, { form, dirty: false, busy: false, failedAt: 0, timer: 0 }); }

  // whoever types on and on is saved every second all the same: a save that waits is not put off
  touch() {
    this.dirty = true;
    if (!this.timer) this.later(WAIT);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  data() {
    const data = new FormData(this.form);
    for (const field of this.form.querySelectorAll('input[type="file"], input[type="password"]')) data.delete(field.name);
    return data;
  }

  async save() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.busy || !this.dirty || !this.form.isConnected) return;
    this.busy = true;
    this.dirty = false;
    try {
      const answer = await post(this.form.dataset.draft, this.data(), { headers: { 'HX-Request': 'true' } });
      if (!answer.ok) throw new Error(answer.status);
      this.stored(answer.headers, await answer.text());
    } catch { this.failed(); }
    this.busy = false;
    if (this.dirty && !this.timer) this.later(WAIT);
  }

  stored(headers, text) {
    const id = headers.get('X-Draft'), field = this.form.elements.draft_id;
    if (id && field) field.value = id;
    this.failedAt = 0;
    const status = line();
    if (status) { status.textContent = text; status.classList.remove('draft-bad'); }
  }

  failed() {
    this.failedAt ||= Date.now();
    this.dirty = true;
    const status = line(), seconds = Math.round((Date.now() - this.failedAt) / 1000);
    if (status) { status.textContent = word('draftFailed').replace('{n}', seconds); status.classList.add('draft-bad'); }
    this.later(RETRY);
  }

  flush() {
    if (!this.dirty || this.form.dataset.sent || !this.form.isConnected) return;
    post(this.form.dataset.draft, this.data(), { keepalive: true }).catch(() => {});
  }
}

const drafts = new WeakMap(), open = new Set();
function typed(event) {
  const form = event.target.form ?? event.target.closest?.('form');
  if (!form?.dataset.draft) return;
  if (!drafts.has(form)) { drafts.set(form, new Draft(form)); open.add(drafts.get(form)); }
  drafts.get(form).touch();
}
document.addEventListener('input', typed);
document.addEventListener('submit', event => {
  const draft = drafts.get(event.target);
  if (draft) { clearTimeout(draft.timer); draft.timer = 0; draft.dirty = false; return; }
  for (const other of open) other.flush(); // signing out, say: the text goes first
});
// a link that puts another form in the place of this one
document.addEventListener('click', event => {
  if (event.target.closest('a[hx-get]')) for (const draft of open) draft.flush();
}, true);
addEventListener('pagehide', () => { for (const draft of open) draft.flush(); });
// what could not be sent is a draft again
for (const name of ['htmx:error', 'htmx:response:error']) {
  document.addEventListener(name, event => drafts.get(event.detail.ctx?.sourceElement)?.touch());
}
// signed in again, or the line is back: at once, not with the next try
const retry = () => { for (const draft of open) if (draft.dirty) draft.save(); };
document.addEventListener('portal:wake', retry);
addEventListener('online', retry);
