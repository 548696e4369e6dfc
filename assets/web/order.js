// The order of the cameras on this device: the server's, until the person drags them into another one.

import { forget, recall, remember } from './memory.js';

const KEY = 'order';

// Cameras that are new since then stand behind the others.
export function inOrder(cameras) {
  const order = recall(KEY, []);
  const place = ({ id }) => (order.includes(id) ? order.indexOf(id) : order.length);
  return cameras.toSorted((a, b) => place(a) - place(b));
}

export const keepOrder = (ids) => remember(KEY, ids);

export const forgetOrder = () => forget(KEY);
