// Everything the pages need from script; each part stands in its own file and works on elements it finds by id or data attribute.
import './sla-timer.js';
import './session.js';
import './live.js';
import './keys.js';
import './drafts.js';
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
  const closer = event.target.closest('dialog [data-close]');
  if (closer) closer.closest('dialog').close();
});
document.addEventListener('click', event => { if (event.target.closest('[data-print]')) print(); });
