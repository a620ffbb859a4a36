// Takes a proposal over into the form: data-take names the form, data-take-<field> the values.
const PREFIX = 'data-take-';

document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-take]');
  const form = button && document.getElementById(button.dataset.take);
  if (!form) return;
  for (const { name, value } of button.attributes) {
    const field = name.startsWith(PREFIX) && form.elements[name.slice(PREFIX.length)];
    if (!field) continue;
    field.value = value;
    field.closest?.('details')?.setAttribute('open', '');
  }
  for (const kind of ['input', 'change']) form.dispatchEvent(new Event(kind, { bubbles: true }));
});
