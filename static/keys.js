// The keyboard map. An element says which key it answers to: data-key="c", "g q", "alt 1". Off while somebody types.
const TYPING = 'input:not([type="checkbox"]):not([type="radio"]):not([type="button"]):not([type="submit"]), textarea, select, [contenteditable]';
let first = '', firstAt = 0;

const visible = element => element.getClientRects().length > 0;
const answering = key => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(e => visible(e) && !e.disabled);

function act(key) {
  const element = answering(key);
  if (!element) return false;
  if (element.matches(TYPING)) { element.focus(); element.select?.(); } else { element.focus(); element.click(); }
  return true;
}

function move(step) {
  const rows = [...document.querySelectorAll('[data-row]')].filter(visible);
  if (!rows.length) return false;
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  (row.querySelector('[data-open]') ?? row.querySelector('a, button'))?.focus();
  row.scrollIntoView({ block: 'nearest' });
  return true;
}

function select() {
  const box = document.activeElement?.closest('[data-row]')?.querySelector('input[type="checkbox"]');
  box?.click();
  return Boolean(box);
}

function help() {
  const dialog = document.getElementById('help');
  if (!dialog) return false;
  if (dialog.open) { dialog.close(); return true; }
  for (const line of dialog.querySelectorAll('[data-answers]')) {
    const key = line.dataset.answers;
    line.hidden = key === 'rows' ? !document.querySelector('main [data-row]') : !answering(key);
  }
  dialog.showModal();
  return true;
}

function submit() {
  const form = document.activeElement?.closest('form') ?? document.querySelector('main form[data-submit-key]');
  const button = form?.querySelector('[data-submit]') ?? form?.querySelector('button[type="submit"], button:not([type])');
  if (!form || !button || button.disabled) return false;
  form.requestSubmit(button);
  return true;
}

function single(key) {
  const pair = first && Date.now() - firstAt < 1500 ? `${first} ${key}` : '';
  first = '';
  if (pair && act(pair)) return true;
  if (key === 'g') { first = 'g'; firstAt = Date.now(); return false; }
  if (key === '?') return help();
  if (act(key)) return true;
  if (key === 'j') return move(1);
  if (key === 'k') return move(-1);
  return key === 'x' && select();
}

function closePopovers() {
  for (const open of document.querySelectorAll('details.why[open], details.menu[open]')) {
    const inside = open.contains(document.activeElement);
    open.open = false;
    if (inside) open.querySelector('summary').focus();
  }
}

document.addEventListener('keydown', event => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.key === 'Escape') { closePopovers(); return; }
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { if (submit()) event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey) return;
  if (event.altKey) {
    if (act(`alt ${event.code.replace(/^(Key|Digit)/, '').toLowerCase()}`)) event.preventDefault();
    return;
  }
  const modal = document.querySelector('dialog[open]');
  if (document.body.dataset.keys === 'off' || event.target.matches?.(TYPING) || (modal && modal.id !== 'help')) return;
  if (single(event.key)) event.preventDefault();
});
document.addEventListener('click', event => {
  if (event.target.closest('[data-help]')) help();
  for (const open of document.querySelectorAll('details.why[open], details.menu[open]')) {
    if (!open.contains(event.target) || event.target.closest('.menu-box :is(a, button)')) open.open = false;
  }
});
