// The search box: keys and values that fit are offered while somebody types; Enter searches unless one of them was gone to with the arrows.
const PAUSE = 150;
let box = null, list = null, chosen = -1, timer = 0, asked = 0;

function close() {
  clearTimeout(timer);
  asked += 1;
  list?.remove();
  for (const name of ['aria-controls', 'aria-activedescendant']) box?.removeAttribute(name);
  box?.setAttribute('aria-expanded', 'false');
  list = null;
  chosen = -1;
}

function mark(at) {
  const options = [...list.children];
  chosen = (at + options.length) % options.length;
  options.forEach((option, n) => option.setAttribute('aria-selected', String(n === chosen)));
  box.setAttribute('aria-activedescendant', options[chosen].id);
  options[chosen].scrollIntoView({ block: 'nearest' });
}

function take(option) {
  const line = option.dataset.line;
  close();
  box.value = line;
  box.focus();
  box.setSelectionRange(line.length, line.length);
  if (line.endsWith(':')) ask();
}

function show(offered) {
  close();
  if (!offered.length) return;
  list = document.createElement('ul');
  Object.assign(list, { id: 'complete-list', className: 'mention-list' });
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', box.dataset.say);
  offered.forEach((one, n) => {
    const option = document.createElement('li'), word = document.createElement('code'), what = document.createElement('span');
    word.textContent = one.shown;
    Object.assign(what, { className: 'muted sm', textContent: one.what });
    option.id = `complete-${n}`;
    option.setAttribute('role', 'option');
    option.dataset.line = one.line;
    option.append(word, what);
    option.addEventListener('mousedown', event => { event.preventDefault(); take(option); });
    list.append(option);
  });
  box.after(list);
  box.setAttribute('aria-controls', list.id);
  box.setAttribute('aria-expanded', 'true');
  const region = document.getElementById('status-region');
  if (region) region.textContent = `${offered.length} ${box.dataset.say}`;
}

async function ask() {
  const mine = ++asked, line = box.value;
  if (!line.trim() || box.selectionStart !== line.length) { close(); return; }
  try {
    const answer = await fetch(`${box.dataset.complete}?q=${encodeURIComponent(line)}`, { headers: { Accept: 'application/json' } });
    if (answer.ok && mine === asked && box.value === line) show((await answer.json()).offered);
  } catch { /* the line is understood all the same */ }
}

document.addEventListener('input', event => {
  if (!event.target.matches?.('[data-complete]') || event.isComposing) return;
  box = event.target;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
document.addEventListener('keydown', event => {
  if (!list || event.target !== box || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'ArrowDown') mark(chosen + 1);
  else if (event.key === 'ArrowUp') mark(chosen < 0 ? -1 : chosen - 1);
  else if (event.key === 'Escape') close();
  else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0) take(list.children[chosen]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener('focusout', event => { if (event.target === box) close(); });
