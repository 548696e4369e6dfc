// What people choose for this browser: names and clocks over the pictures.

import { recall, remember } from './memory.js';

const CHOICES = ['names', 'clocks'];

const chosen = (choice) => recall(choice, true);

function show() {
  for (const choice of CHOICES) document.body.dataset[choice] = chosen(choice);
}

// boxes: checkboxes whose names are those of the choices.
export function offerChoices(boxes, onchange) {
  show();
  for (const box of boxes) {
    box.checked = chosen(box.name);
    box.addEventListener('change', () => {
      remember(box.name, box.checked);
      show();
      onchange();
    });
  }
}
