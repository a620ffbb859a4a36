// Standard wording: a button puts its text at the caret of the text field that was last in use in its form; nothing typed is lost.
const TEXT = 'textarea, input[type="text"], input:not([type])';
let last = null;

function insert(field, text) {
  const end = field.selectionEnd ?? field.value.length;
  const gap = /[!-~]$/.test(field.value.slice(0, end)) && /^[!-~]/.test(text) ? ' ' : '';
  field.focus();
  field.setSelectionRange(end, end);
  // the one way that the browser's own undo knows; where it is refused the value is set as from the keyboard
  if (document.execCommand('insertText', false, gap + text)) return;
  field.setRangeText(gap + text, end, end, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

// the form says which texts were used when it is sent
function note(form, ref) {
  if ([...form.querySelectorAll('input[name="wording"]')].some(field => field.value === ref)) return;
  const field = document.createElement('input');
  Object.assign(field, { type: 'hidden', name: 'wording', value: ref });
  form.append(field);
}

document.addEventListener('focusin', event => { if (event.target.matches(TEXT)) last = event.target; });
document.addEventListener('click', event => {
  const button = event.target.closest('[data-wording]'), bar = button?.closest('[data-wordings]');
  const form = bar && document.getElementById(bar.dataset.wordings);
  if (!form) return;
  const field = last?.isConnected && form.contains(last) && !last.readOnly ? last : form.elements[bar.dataset.into];
  if (!field) return;
  insert(field, button.dataset.text);
  note(form, button.dataset.wording);
});
