// Dragging tiles into another order: with a mouse at once, with a finger after holding it down.

const FAR = 8; // px that a mouse moves before it drags
const HELD = 400; // ms that a finger stays

// may tells whether tiles can be dragged now.
export function dragToOrder(grid, element, may) {
  let tile = null; // pressed
  let from = null; // where
  let dragging = false;
  let dragged = false; // a click that follows is none
  let timer = 0;

  const tileAt = (target) => grid.tiles.find((one) => one.element === target?.closest('.tile'));

  function begin() {
    dragging = true;
    tile.element.dataset.dragged = 'true';
  }

  function end() {
    clearTimeout(timer);
    if (dragging) {
      delete tile.element.dataset.dragged;
      grid.drop();
      dragged = true;
      setTimeout(() => (dragged = false));
    }
    dragging = false;
    tile = null;
  }

  element.addEventListener('pointerdown', (event) => {
    end();
    if (!may() || !event.isPrimary || event.button !== 0) return;
    tile = tileAt(event.target);
    from = event;
    if (tile && event.pointerType !== 'mouse') timer = setTimeout(begin, HELD);
  });

  addEventListener('pointermove', (event) => {
    if (!tile || !event.isPrimary) return;
    const far = Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > FAR;
    if (!dragging && far) {
      if (event.pointerType !== 'mouse') return end();
      begin();
    }
    if (!dragging) return;
    const over = tileAt(document.elementFromPoint(event.clientX, event.clientY));
    if (over && over !== tile) grid.shift(tile, grid.tiles.indexOf(over));
  });

  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
  element.addEventListener('touchmove', (event) => dragging && event.preventDefault(), { passive: false });
  element.addEventListener('contextmenu', (event) => tile && from.pointerType !== 'mouse' && event.preventDefault());
  element.addEventListener('click', (event) => {
    if (!dragged) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
}
