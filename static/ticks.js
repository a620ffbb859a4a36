// Ticked rows of a queue: kept while rows change under them, counted in the bar below the list. Without script the bar always stands.
const bar = document.getElementById('bulk');
const boxes = () => [...document.querySelectorAll('[data-row] input[name="no"]')];
const ticked = new Set();

function show() {
  const shown = boxes();
  for (const gone of [...ticked].filter(no => !shown.some(box => box.value === no))) ticked.delete(gone);
  for (const box of shown) {
    box.checked = ticked.has(box.value);
    box.closest('[data-row]').toggleAttribute('data-ticked', box.checked);
  }
  bar.hidden = !ticked.size;
  const line = bar.querySelector('.say');
  line.textContent = ticked.size ? line.dataset.some.replace('{n}', ticked.size) : line.dataset.none;
}

function all(on) {
  for (const box of boxes()) if (on) ticked.add(box.value); else ticked.delete(box.value);
  show();
}

if (bar) {
  for (const button of bar.querySelectorAll('[data-tick-all], [data-tick-none]')) button.hidden = false;
  for (const box of boxes()) if (box.checked) ticked.add(box.value); // the browser's way back
  show();
  document.addEventListener('change', event => {
    if (!event.target.matches('[data-row] input[name="no"]')) return;
    if (event.target.checked) ticked.add(event.target.value); else ticked.delete(event.target.value);
    show();
  });
  document.addEventListener('htmx:after:swap', show);
  bar.querySelector('[data-tick-all]').addEventListener('click', () => all(true));
  bar.querySelector('[data-tick-none]').addEventListener('click', () => all(false));
}
