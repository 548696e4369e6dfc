// What this browser remembers of the page. Where it may remember nothing, it lasts as long as the page.

const kept = new Map();

export function recall(key, otherwise) {
  if (!kept.has(key)) kept.set(key, read(key) ?? otherwise);
  return kept.get(key);
}

export function remember(key, value) {
  kept.set(key, value);
  try {
    localStorage.setItem(`traycam-${key}`, JSON.stringify(value));
  } catch {
    // Full, or forbidden by the person.
  }
}

export function forget(key) {
  kept.delete(key);
  try {
    localStorage.removeItem(`traycam-${key}`);
  } catch {
    // Forbidden: then there is nothing.
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(`traycam-${key}`));
  } catch {
    return null;
  }
}
