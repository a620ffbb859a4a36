// Who else is at a case: a case page signs every 25 s, pages ask who is there when the mark of their check has moved.
// #here holds the names; in a queue they are copied into the rows. Nothing is announced, nothing is locked.
import { post, signedOut } from './session.js';

const EVERY = 25000;
const box = () => document.getElementById('here');
const onCase = () => box()?.dataset.here.startsWith('/cases/');
let known = '', asked = 0, doing = '';

function place() {
  const names = box();
  if (!names || onCase()) return;
  for (const old of document.querySelectorAll('[data-row] .here')) old.remove();
  for (const one of names.querySelectorAll('.here')) {
    document.querySelector(`#case-${one.dataset.case} .subj-in`)?.append(one.cloneNode(true));
  }
}

async function ask() {
  const turn = ++asked, url = box()?.dataset.here;
  if (!url) return;
  try {
    const answer = await fetch(url, { cache: 'no-store', headers: { 'HX-Request': 'true', 'HX-PTag': 'here' } });
    if (!answer.ok || turn !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('here');
    if (fresh) box()?.replaceWith(fresh);
    place();
  } catch { known = ''; }
}

const present = () => document.querySelector('#deed form, form[id^="deed-"]') ? 'edit' : 'look';

function sign(what = present(), options = {}) {
  if (!onCase() || signedOut()) return;
  doing = what;
  post(box().dataset.here, new URLSearchParams({ doing }), { headers: { 'HX-PTag': 'here' }, ...options }).catch(() => {});
}

document.addEventListener('htmx:after:request', event => {
  const { response, sourceElement } = event.detail.ctx;
  if (sourceElement?.id !== 'feed' || response.status >= 400) return;
  const mark = response.headers.get('X-Here') ?? '';
  if (mark === known) return;
  known = mark;
  ask();
});
document.addEventListener('htmx:after:swap', () => {
  place();
  if (onCase() && doing && present() !== doing) sign();
});
if (onCase()) {
  sign();
  setInterval(() => { if (!document.hidden) sign(); }, EVERY);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) sign(); });
  addEventListener('pagehide', () => sign('gone', { keepalive: true }));
}
