// Keeps the offline form and its three files in this browser, and nothing else: no page and no data of the portal.
'use strict';
const STORE = 'offline-1';
const PAGE = '/offline/';
const FILES = ['/static/tokens.css', '/static/offline.css', '/static/offline.js'];

async function fetched(path) {
  const answer = await fetch(path, { cache: 'no-store' });
  if (!answer.ok || answer.redirected) throw new Error(path);
  return answer;
}
async function renew() {
  const store = await caches.open(STORE);
  await Promise.all([PAGE, ...FILES].map(async path => store.put(path, await fetched(path))));
}
self.addEventListener('install', event => { event.waitUntil(renew().then(() => self.skipWaiting())); });
self.addEventListener('activate', event => {
  event.waitUntil(
    caches.keys()
      .then(names => Promise.all(names.filter(name => name !== STORE).map(name => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener('fetch', event => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin || ![PAGE, ...FILES].includes(pathname)) return;
  // the portal's own answer while it is there, so that a new form comes by itself; else what was kept
  event.respondWith(
    fetched(pathname)
      .then(async answer => { (await caches.open(STORE)).put(pathname, answer.clone()); return answer; })
      .catch(async () => (await caches.match(pathname)) || Response.error()),
  );
});
