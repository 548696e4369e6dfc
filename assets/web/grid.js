// The tiles, in the server's order, as large as the screen allows.

import { Tile } from './tile.js';

const SMALLEST = 150; // px; with more cameras than fit at this width, the page scrolls
const GAP = 8;
const CAPTION = 36; // px, also in viewer.css
const GOOD_ENOUGH = 0.9; // of the largest possible picture, for the sake of full rows
const WIDE = 16 / 9;

export class Grid extends EventTarget {
  // Event "view": other tiles are in view than before.

  tiles = [];
  columns = 1;

  #element;
  #seen;

  constructor(element) {
    super();
    this.#element = element;
    this.#seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const tile = this.find(target.dataset.camera);
        if (tile) tile.inView = isIntersecting;
      }
      this.dispatchEvent(new Event('view'));
    });
    new ResizeObserver(() => this.fit()).observe(element.parentElement);
  }

  find(id) {
    return this.tiles.find((tile) => tile.camera.id === id);
  }

  // Adds, removes and orders tiles; those of cameras that stay are not touched.
  update(cameras, date) {
    const before = new Map(this.tiles.map((tile) => [tile.camera.id, tile]));
    this.tiles = cameras.map((camera) => {
      const tile = before.get(camera.id) ?? new Tile(camera);
      before.delete(camera.id);
      tile.update(camera, date);
      return tile;
    });
    for (const tile of before.values()) {
      this.#seen.unobserve(tile.element);
      tile.remove();
    }
    let place = this.#element.firstElementChild;
    for (const { element } of this.tiles) {
      if (element === place) {
        place = place.nextElementSibling;
        continue;
      }
      const isNew = !element.isConnected;
      this.#element.insertBefore(element, place);
      if (isNew) this.#seen.observe(element);
    }
  }

  // Chooses the number of columns with which the pictures are largest, or nearly so and the rows full.
  fit() {
    const count = this.tiles.length;
    if (count === 0) return;
    const room = getComputedStyle(this.#element.parentElement);
    const width = this.#element.parentElement.clientWidth - parseFloat(room.paddingLeft) - parseFloat(room.paddingRight);
    const height = this.#element.parentElement.clientHeight - parseFloat(room.paddingTop) - parseFloat(room.paddingBottom);
    const aspect = this.#aspect();

    const sizes = [];
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns);
      const across = (width - GAP * (columns - 1)) / columns;
      const down = (height - GAP * (rows - 1)) / rows;
      sizes.push({ columns, tile: Math.min(across, (down - CAPTION) * aspect), gaps: columns * rows - count });
    }
    const largest = Math.max(...sizes.map(({ tile }) => tile));
    const good = sizes.filter(({ tile }) => tile >= largest * GOOD_ENOUGH);
    let best = good.reduce((a, b) => (b.gaps < a.gaps || (b.gaps === a.gaps && b.tile > a.tile) ? b : a));
    if (best.tile < SMALLEST) {
      const columns = Math.max(1, Math.floor((width + GAP) / (SMALLEST + GAP)));
      best = { columns: Math.min(columns, count), tile: (width - GAP * (columns - 1)) / columns };
    }
    this.columns = best.columns;
    this.#element.style.setProperty('--columns', best.columns);
    this.#element.style.setProperty('--tile', `${Math.floor(best.tile)}px`);
    this.#element.style.setProperty('--aspect', aspect);
  }

  // The middle one of the cameras' shapes.
  #aspect() {
    const shapes = this.tiles.map((tile) => tile.aspect).filter((aspect) => aspect > 0).sort((a, b) => a - b);
    return shapes.length > 0 ? shapes[Math.floor(shapes.length / 2)] : WIDE;
  }
}
