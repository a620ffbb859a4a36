// The incidents that run, in the top bar of an open page: drawn anew when a check says that they moved (X-Alarm).
import { onAlarm } from './server-clock.js';
import { signedOut } from './session.js';

const place = document.getElementById('alarms');
let asking = false;

async function draw(mark) {
  if (asking || document.hidden || signedOut()) return;
  asking = true;
  try {
    const answer = await fetch('/alarms', { cache: 'no-store', headers: { 'HX-Request': 'true', 'HX-PTag': 'alarms' } });
    if (answer.ok && answer.headers.has('X-Bell')) {
      place.innerHTML = await answer.text();
      place.dataset.mark = mark;
    }
  } catch { /* the next check tells */ }
  asking = false;
}

if (place) onAlarm(mark => { if (mark !== place.dataset.mark) draw(mark); });
