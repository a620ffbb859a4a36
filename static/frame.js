// The incidents that run, in the top bar of an open page: drawn anew when a check says that they moved (X-Alarm). And rows of tabs and days.
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

// in a row of tabs that is wider than the screen the chosen one is brought into sight
for (const tab of document.querySelectorAll('.seg [aria-current]')) {
  const row = tab.closest('.seg');
  if (row.scrollWidth <= row.clientWidth) continue;
  const [here, frame] = [tab.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += here.left - frame.left - (frame.width - here.width) / 2;
}

// a week that is wider than the screen begins at today, behind the column of names that stays
for (const day of document.querySelectorAll('.roster-table [aria-current="date"]')) {
  const wrap = day.closest('.table-wrap'), names = day.parentElement.firstElementChild;
  if (wrap.scrollWidth > wrap.clientWidth) wrap.scrollLeft += day.getBoundingClientRect().left - names.getBoundingClientRect().right;
}
