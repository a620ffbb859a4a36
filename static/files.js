// Files beside a form: picked, dropped, pasted or photographed, they go to the server at once; the form sends them along.
import { post } from './session.js';

const waiting = new Map(); // upload box -> files that could not be sent while signed out

function show(box, html) {
  const old = box.querySelector('#files-waiting'), made = document.createElement('template');
  made.innerHTML = html;
  const fresh = made.content.querySelector('#files-waiting');
  if (old && fresh) old.replaceWith(fresh);
}

function say(box, text, wrong = false) {
  const place = box.querySelector('#files-waiting'), line = document.createElement('p');
  if (!place) return;
  for (const old of place.querySelectorAll('[data-said]')) old.remove();
  line.dataset.said = '';
  line.className = wrong ? 'field-error' : 'field-hint';
  line.textContent = text;
  if (text) place.prepend(line);
}

async function send(box, files) {
  const form = box.closest('form'), told = [];
  for (const [n, file] of files.entries()) {
    say(box, `${box.dataset.busy} ${file.name}${files.length > 1 ? ` (${n + 1}/${files.length})` : ''}`);
    form.dataset.uploading = '1';
    const data = new FormData();
    data.append('files', file, file.name || 'image.png');
    try {
      const answer = await post(box.dataset.upload, data, { headers: { 'HX-Request': 'true' } });
      if (answer.status === 401) { waiting.set(box, files.slice(n)); break; }
      if (answer.status !== 200 && answer.status !== 422) throw new Error(answer.status);
      show(box, await answer.text());
      if (answer.status === 422) told.push(...[...box.querySelectorAll('#files-waiting .field-error')].map(e => e.cloneNode(true)));
    } catch { say(box, box.dataset.failed, true); told.push(box.querySelector('[data-said]')); }
  }
  delete form.dataset.uploading;
  const place = box.querySelector('#files-waiting');
  for (const line of place.querySelectorAll('.field-error, [data-said]')) line.remove();
  place.prepend(...told.filter(Boolean));
}

const boxOf = target => (target.closest?.('form') ?? document.querySelector('main form:has([data-upload])'))?.querySelector('[data-upload]');

document.addEventListener('change', event => {
  const box = event.target.matches('input[type="file"]') ? event.target.closest('[data-upload]') : null;
  if (!box || !event.target.files.length) return;
  const files = [...event.target.files];
  event.target.value = '';
  send(box, files);
});
document.addEventListener('paste', event => {
  const files = [...(event.clipboardData?.files ?? [])], box = files.length ? boxOf(event.target) : null;
  if (!box || event.clipboardData.types.includes('text/plain')) return;
  event.preventDefault();
  send(box, files);
});
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, event => {
    const box = event.dataTransfer?.types.includes('Files') ? boxOf(event.target) : null;
    if (!box) return;
    event.preventDefault();
    box.toggleAttribute('data-over', kind === 'dragover');
    if (kind === 'drop' && event.dataTransfer.files.length) send(box, [...event.dataTransfer.files]);
  });
}
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-away]'), box = button?.closest('[data-upload]');
  if (!box) return;
  const answer = await post(button.dataset.away, new FormData(), { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (answer?.ok) show(box, await answer.text());
  box.querySelector('input[type="file"]')?.focus();
});
// a form waits until its files have arrived
document.addEventListener('submit', event => {
  if (!event.target.dataset.uploading) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  delete event.target.dataset.sent;
}, true);
document.addEventListener('portal:wake', () => {
  for (const [box, files] of waiting) { waiting.delete(box); send(box, files); }
});
