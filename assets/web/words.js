// What the page says, in one place.

const STATES = {
  live: ['Live', ''],
  connecting: ['Connecting', 'Connecting to the camera…'],
  waiting: ['Waiting', 'Waiting for the camera to connect.'],
  stalled: ['Stalled', 'The camera is connected but sends no pictures.'],
  retrying: ['Trying again', 'The camera does not answer. Trying again…'],
  off: ['Off', 'This camera is turned off.'],
  late: ['Late', 'Pictures come late: the connection or this device is too slow.'],
  refused: ['Not shown', ''],
  lost: ['No answer', 'Traycam does not answer. Trying again…'],
};

export const stateWord = (state) => STATES[state]?.[0] ?? state;

export const stateReason = (state, reason) => (state === 'lost' ? '' : reason) || (STATES[state]?.[1] ?? '');

export const BANNERS = {
  lost: 'Traycam does not answer. Trying again…',
  stopped: 'Streaming is stopped. Start it in Traycam, and the pictures come back here by themselves.',
  refused: 'This address is no longer valid. Ask for a new link.',
};

export const MESSAGES = {
  empty: ['No camera yet', 'Add one in Traycam, and it appears here by itself.'],
  missing: ['This camera is not here', 'It may have been removed, or the address has a typing mistake.'],
};

export function viewers(count) {
  return count === 1 ? '1 viewer' : `${count} viewers`;
}

export function format(camera, state, fps) {
  if (state !== 'live') return '';
  const facts = [];
  if (camera.width > 0) facts.push(`${camera.width}×${camera.height}`);
  if (fps > 0) facts.push(`${fps < 9.95 ? fps.toFixed(1) : Math.round(fps)} fps`);
  return facts.join(' · ');
}

// How old a live picture is, in few letters.
export function fresh(ms) {
  if (Number.isNaN(ms)) return '';
  return ms < 995 ? `${Math.round(ms / 10) * 10} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function clock(date) {
  return date.toLocaleTimeString();
}

export function age(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `Picture ${seconds} s old`;
  if (seconds < 100 * 60) return `Picture ${Math.round(seconds / 60)} min old`;
  if (seconds < 48 * 3600) return `Picture ${Math.round(seconds / 3600)} h old`;
  return `Picture ${Math.round(seconds / 86400)} days old`;
}

export function summary(cameras, states, watching) {
  if (cameras.length === 0) return '';
  const live = states.filter((state) => state === 'live').length;
  return `${live} of ${cameras.length} live · ${viewers(watching)}`;
}
