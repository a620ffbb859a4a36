// The server's clock in the browser: every countdown and the line "Beijing time" read it, never the computer's own clock.
const meta = document.querySelector('meta[name="server-now"]');
let base = (Number(meta?.content) || Date.now()) - performance.now();
const listeners = new Set(), bells = new Set(), alarms = new Set();

/** Milliseconds since 1970 by the server's clock. */
export const now = () => base + performance.now();

/** Takes the X-Now header (ms) of an answer; such an answer is proof that the server lives. */
export function hear(headers) {
  const ms = Number(headers?.get?.('X-Now'));
  if (!ms) return false;
  base = ms - performance.now();
  for (const tell of listeners) tell(ms);
  const bell = headers.get('X-Bell');
  if (bell) for (const tell of bells) tell(bell);
  if (bell) for (const tell of alarms) tell(headers.get('X-Alarm') ?? '0');
  return true;
}

/** Calls back after each proof of life. */
export const onProof = tell => listeners.add(tell);

/** Calls back with the bell's figures ("unread.newest") that an answer carries. */
export const onBell = tell => bells.add(tell);

/** Calls back with the mark of the incidents that run ("0" for none) that an answer with the bell carries. */
export const onAlarm = tell => alarms.add(tell);

const two = n => String(n).padStart(2, '0');

/** Beijing wall time, "2026-11-24 09:12:05"; China has one zone and no summer time. */
export function beijing(ms) {
  return new Date(ms + 8 * 3600e3).toISOString().slice(0, 19).replace('T', ' ');
}

/** Seconds as 00:04:30, from a day on as "1 d 04:20". */
export function span(seconds, day) {
  const s = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(s / 3600), minutes = two(Math.floor(s / 60) % 60);
  return s >= 86400 ? `${Math.floor(s / 86400)} ${day} ${two(hours % 24)}:${minutes}` : `${two(hours)}:${minutes}:${two(s % 60)}`;
}
