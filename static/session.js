// What a refused request looks like: one door for words, CSRF tokens, signing in again and double submits.
import { hear } from './server-clock.js';

const words = document.getElementById('words')?.dataset ?? {};
const meta = document.querySelector('meta[name="csrf-token"]');
const dialog = document.getElementById('relogin');
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('portal-session') : null;
const WRITES = /^(POST|PUT|PATCH|DELETE)$/;

export const csrf = () => meta?.content ?? '';
export const word = key => words[key] ?? '';
export const signedOut = () => Boolean(dialog?.open);

/** Says one sentence in the alert line of the page. */
export function say(text) {
  const notice = document.getElementById('notice');
  if (!notice) return;
  notice.textContent = '';
  if (!text) return;
  const line = document.createElement('div'), sentence = document.createElement('span');
  line.className = 'banner banner-late';
  sentence.className = 'say';
  sentence.textContent = text;
  line.append(sentence);
  notice.append(line);
}

function setToken(token) {
  if (!token) return;
  if (meta) meta.content = token;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
}

const mine = document.getElementById('relogin-login')?.defaultValue ?? '';

// somebody else has signed in in this browser: what was typed here is not theirs to see or to send
let leaving = false;
function leave() {
  if (leaving) return;
  leaving = true;
  document.body.setAttribute('data-signed-out', '');
  for (const form of document.querySelectorAll('form[data-draft]')) form.dataset.sent = '1';
  location.replace('/');
}

/** Asks the server for the token of the session as it is now; a page of another person than that session's goes away. */
export async function freshToken() {
  const answer = await fetch('/session/token', { cache: 'no-store', headers: { Accept: 'application/json' } });
  const told = await answer.json();
  if (mine && told.who && told.who !== mine) { leave(); throw new Error('another person'); }
  setToken(told.csrf);
}

let era = 0; // counts sign-ins on this page: a refusal of what was sent before the last one asks for nothing

/** POST with the token; a token gone stale is renewed once, a session gone asks for the password. */
export async function post(url, body, options = {}) {
  const send = () => fetch(url, { method: 'POST', body, ...options, headers: { 'X-CSRFToken': csrf(), ...options.headers } });
  const begun = era;
  let answer = await send();
  hear(answer.headers);
  if (answer.headers.get('X-CSRF-Failed')) {
    await freshToken();
    if (body instanceof FormData && body.has('csrf_token')) body.set('csrf_token', csrf());
    answer = await send();
  }
  if (answer.status === 401 && begun === era) askPassword();
  return answer;
}

const changed = field => {
  if (field.matches('[type="checkbox"], [type="radio"]')) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some(option => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
  return field.value !== field.defaultValue && field.value.trim() !== '';
};
const typed = () => [...document.querySelectorAll('main form[method="post"] :is(textarea, select, input:not([type="hidden"]))')].some(changed);

// whoever sits here now may not be the one who was signed in: the page waits unseen, with what was typed on it
export function askPassword() {
  if (!dialog) { location.assign('/session/sign-in'); return; }
  if (dialog.open) return;
  const waits = typed();
  dialog.querySelector('[data-typed]').hidden = !waits;
  document.body.setAttribute('data-signed-out', '');
  document.dispatchEvent(new Event('portal:signed-out'));
  dialog.showModal();
  dialog.querySelector('input[type="password"]')?.focus();
}

function cameBack(token) {
  era += 1;
  setToken(token);
  if (dialog?.open) dialog.close();
  document.body.removeAttribute('data-signed-out');
  say('');
  document.dispatchEvent(new Event('portal:wake'));
}

async function signInAgain(event) {
  event.preventDefault();
  const form = event.target, error = form.querySelector('[data-error]'), button = form.querySelector('button');
  if (button.disabled) return;
  button.disabled = true;
  error.hidden = true;
  const fail = text => { error.lastElementChild.textContent = text; error.hidden = false; };
  try {
    await freshToken();
    const data = new FormData(form);
    data.set('csrf_token', csrf());
    const answer = await fetch(form.action, { method: 'POST', body: data, headers: { 'X-CSRFToken': csrf(), Accept: 'application/json' } });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) fail(told.message || word('wrongPassword'));
    else {
      form.reset();
      cameBack(told.csrf);
      channel?.postMessage('signed-in');
    }
  } catch { fail(word('network')); }
  button.disabled = false;
}

dialog?.querySelector('form')?.addEventListener('submit', signInAgain);
dialog?.addEventListener('cancel', event => event.preventDefault());
channel?.addEventListener('message', async event => {
  if (event.data?.here) {
    if (mine && event.data.here !== mine) leave();
    return;
  }
  if (dialog?.open) { await freshToken(); cameBack(csrf()); }
});
if (mine) channel?.postMessage({ here: mine }); // pages of somebody else that are still open go away

document.addEventListener('htmx:config:request', event => {
  const request = event.detail.ctx.request;
  event.detail.ctx.era = era;
  if (!WRITES.test(request.method)) return;
  say('');
  request.headers['X-CSRFToken'] = csrf();
  if (request.body?.has?.('csrf_token')) request.body.set('csrf_token', csrf());
});

// the second try waits until htmx has let go of the first: its queue would drop it, its buttons are still disabled
async function again(element, submitter) {
  const free = new Promise(done => document.addEventListener('htmx:finally:request', function ended(event) {
    if (event.detail.ctx.sourceElement !== element) return;
    document.removeEventListener('htmx:finally:request', ended);
    done();
  }));
  element.dataset.again = '1';
  await Promise.all([freshToken(), free]);
  await new Promise(done => setTimeout(done, 20));
  if (element.requestSubmit) element.requestSubmit(submitter?.form === element ? submitter : undefined);
  else element.click();
}

function refused(ctx) {
  const { status, headers } = ctx.response, source = ctx.sourceElement;
  const target = headers.get('HX-Retarget') && document.querySelector(headers.get('HX-Retarget'));
  if (status === 401) return ctx.era === era ? askPassword() : undefined;
  if (target && ctx.text && ctx.status !== 'swapped') {
    target.innerHTML = ctx.text;
    return target.scrollIntoView({ block: 'nearest' });
  }
  if (status < 500 && source.hasAttribute(`hx-status:${status}`)) return undefined;
  if (source.id === 'feed') return undefined;
  return say(status >= 500 ? word('failed') : word('refused'));
}

document.addEventListener('htmx:response:error', event => {
  const ctx = event.detail.ctx, source = ctx.sourceElement;
  if (ctx.response.headers.get('X-CSRF-Failed') && !source.dataset.again) {
    again(source, ctx.request.submitter).catch(() => say(word('network')));
    return;
  }
  delete source.dataset.again;
  refused(ctx);
});

document.addEventListener('htmx:after:request', event => {
  const { response, sourceElement } = event.detail.ctx;
  hear(response.headers);
  if (response.status >= 400) return;
  delete sourceElement.dataset.again;
  const notice = document.getElementById('notice');
  if (sourceElement.id !== 'feed' && notice && !notice.contains(sourceElement)) notice.textContent = '';
});

document.addEventListener('htmx:error', event => {
  if (event.detail.ctx.sourceElement?.id !== 'feed') say(word('network'));
});

// plain forms: the second click of a double click sends nothing (htmx forms use hx-sync and hx-disable)
document.addEventListener('submit', event => {
  const form = event.target;
  if (form.method !== 'post' || form.hasAttribute('hx-post') || form.closest('dialog')) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = '1';
}, true);
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
