// Drafts: what is typed into form[data-draft] goes to the server one second later; the line under the form says what the server said.
import { post, word } from './session.js';

const line = () => document.getElementById('draft-status');
const WAIT = 1000, RETRY = 4000;

class Draft {
  constructor(form) { Object.assign(this, { form, dirty: false, busy: false, failedAt: 0 }); }

  touch() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT);
  }

  data() {
    const data = new FormData(this.form);
    for (const field of this.form.querySelectorAll('input[type="file"], input[type="password"]')) data.delete(field.name);
    return data;
  }

  async save() {
    if (this.busy || !this.dirty) return;
    this.busy = true;
    this.dirty = false;
    try {
      const answer = await post(this.form.dataset.draft, this.data(), { headers: { 'HX-Request': 'true' } });
      if (!answer.ok) throw new Error(answer.status);
      this.stored(answer.headers, await answer.text());
    } catch { this.failed(); }
    this.busy = false;
    if (this.dirty) this.touch();
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
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), RETRY);
  }

  flush() {
    if (this.dirty && !this.form.dataset.sent) post(this.form.dataset.draft, this.data(), { keepalive: true }).catch(() => {});
  }
}

const drafts = new WeakMap(), open = new Set();
document.addEventListener('input', event => {
  const form = event.target.form ?? event.target.closest?.('form');
  if (!form?.dataset.draft) return;
  if (!drafts.has(form)) { drafts.set(form, new Draft(form)); open.add(drafts.get(form)); }
  drafts.get(form).touch();
});
document.addEventListener('submit', event => {
  const draft = drafts.get(event.target);
  if (draft) { clearTimeout(draft.timer); draft.dirty = false; }
});
addEventListener('pagehide', () => { for (const draft of open) draft.flush(); });
