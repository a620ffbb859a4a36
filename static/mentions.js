// @name in a note: people who may see the case are offered while somebody types; without script the plain @name does the same.
const BEHIND = /(?:^|[^A-Za-z0-9._-])[@＠]([^\s@＠]{0,20})$/;
const PAUSE = 150;
let list = null, field = null, chosen = -1, timer = 0, asked = 0;

const typed = () => BEHIND.exec(field.value.slice(0, field.selectionStart))?.[1];

function close() {
  clearTimeout(timer);
  asked += 1;
  list?.remove();
  for (const name of ['aria-controls', 'aria-activedescendant']) field?.removeAttribute(name);
  list = null;
  chosen = -1;
}

function mark(at) {
  const options = [...list.children];
  chosen = (at + options.length) % options.length;
  options.forEach((option, n) => option.setAttribute('aria-selected', String(n === chosen)));
  field.setAttribute('aria-activedescendant', options[chosen].id);
  options[chosen].scrollIntoView({ block: 'nearest' });
}

function take(option) {
  const behind = typed();
  if (behind === undefined) { close(); return; }
  const end = field.selectionStart, text = `${option.dataset.name} `;
  field.focus();
  field.setSelectionRange(end - behind.length, end);
  if (!document.execCommand('insertText', false, text)) { // else the browser's own undo knows it
    field.setRangeText(text, end - behind.length, end, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  close();
}

function show(people) {
  close();
  if (!people.length) return;
  list = document.createElement('ul');
  Object.assign(list, { id: 'mention-list', className: 'mention-list' });
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', field.dataset.say);
  people.forEach((one, n) => {
    const option = document.createElement('li'), unit = document.createElement('span');
    const twins = people.filter(other => other.name === one.name).length > 1;
    Object.assign(option, { id: `mention-${n}`, textContent: one.name });
    Object.assign(unit, { className: 'muted sm', textContent: `${one.login} ${one.unit}` });
    option.setAttribute('role', 'option');
    option.dataset.name = twins ? one.login : one.name;
    option.append(unit);
    option.addEventListener('mousedown', event => { event.preventDefault(); take(option); });
    list.append(option);
  });
  field.after(list);
  field.setAttribute('aria-controls', list.id);
  mark(0);
  const region = document.getElementById('status-region');
  if (region) region.textContent = `${people.length} ${field.dataset.say}`;
}

async function ask(behind) {
  const mine = ++asked, url = `${field.dataset.mentions}?q=${encodeURIComponent(behind)}`;
  try {
    const answer = await fetch(url, { headers: { Accept: 'application/json' } });
    if (answer.ok && mine === asked) show((await answer.json()).people);
  } catch { /* the plain name does the same */ }
}

document.addEventListener('input', event => {
  if (!event.target.matches?.('[data-mentions]')) return;
  field = event.target;
  const behind = typed();
  if (behind === undefined) { close(); return; }
  clearTimeout(timer);
  timer = setTimeout(() => ask(behind), PAUSE);
});
document.addEventListener('keydown', event => {
  if (!list || event.target !== field || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'ArrowDown') mark(chosen + 1);
  else if (event.key === 'ArrowUp') mark(chosen - 1);
  else if (event.key === 'Enter' || event.key === 'Tab') take(list.children[chosen]);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener('focusout', event => { if (event.target === field) close(); });
