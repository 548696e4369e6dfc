// The tiles, in the person's order, as large as the screen allows.

import { inOrder, keepOrder } from './order.js';
import { Tile } from './tile.js';

const SMALLEST = 104; // px; with more cameras than fit at this width, the page scrolls
const NARROW = 170; // px; captions are lower in tiles that are narrower: also in viewer.css
const CAPTIONS = { narrow: 24, wide: 36 }; // px, also in viewer.css
const GAP = 8;
const GOOD_ENOUGH = 0.9; // of the largest possible picture, for the sake of full rows
const WIDE = 16 / 9;

export class Grid extends EventTarget {
  // Event "view": other tiles are in view than before.

  tiles = [];
  columns = 1;

  #element;
  #seen;
  #sized;
  #cameras = []; // as the server has them

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
    this.#sized = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        const tile = this.tiles.find(({ view }) => view === target);
        if (tile) tile.screen.wide = Math.ceil(contentRect.width * devicePixelRatio);
      }
    });
    new ResizeObserver(() => this.fit()).observe(element.parentElement);
  }

  find(id) {
    return this.tiles.find((tile) => tile.camera.id === id);
  }

  // Adds, removes and orders tiles; those of cameras that stay are not touched.
  update(cameras, now) {
    this.#cameras = cameras;
    const before = new Map(this.tiles.map((tile) => [tile.camera.id, tile]));
    this.tiles = inOrder(cameras).map((camera) => {
      const tile = before.get(camera.id) ?? new Tile(camera);
      before.delete(camera.id);
      tile.update(camera, now);
      return tile;
    });
    for (const tile of before.values()) {
      this.#seen.unobserve(tile.element);
      this.#sized.unobserve(tile.view);
      tile.remove();
    }
    this.#place();
  }

  // Puts a tile to another place, for good: when it is dropped.
  move(tile, to) {
    this.shift(tile, to);
    this.drop();
  }

  // Shows a tile in another place while it is dragged. The elements stay where they are: a finger's
  // events would end with the element that it is on.
  shift(tile, to) {
    this.tiles = this.tiles.filter((one) => one !== tile).toSpliced(to, 0, tile);
    this.tiles.forEach(({ element }, at) => (element.style.order = at));
  }

  drop() {
    for (const { element } of this.tiles) element.style.order = '';
    keepOrder(this.tiles.map(({ camera }) => camera.id));
    this.#place();
  }

  reorder() {
    const places = inOrder(this.#cameras);
    this.tiles.sort((a, b) => places.indexOf(a.camera) - places.indexOf(b.camera));
    this.#place();
  }

  #place() {
    const focused = document.activeElement;
    let place = this.#element.firstElementChild;
    for (const { element, view } of this.tiles) {
      if (element === place) {
        place = place.nextElementSibling;
        continue;
      }
      const isNew = !element.isConnected;
      this.#element.insertBefore(element, place);
      if (isNew) {
        this.#seen.observe(element);
        this.#sized.observe(view);
      }
    }
    if (focused !== document.activeElement) focused.focus({ preventScroll: true }); // an element that is moved loses it
  }

  // Chooses the number of columns with which the pictures are largest, or nearly so and the rows full.
  fit() {
    const count = this.tiles.length;
    if (count === 0) return;
    const room = getComputedStyle(this.#element.parentElement);
    const width = this.#element.parentElement.clientWidth - parseFloat(room.paddingLeft) - parseFloat(room.paddingRight);
    const height = this.#element.parentElement.clientHeight - parseFloat(room.paddingTop) - parseFloat(room.paddingBottom);
    const aspect = this.#aspect();
    const named = document.body.dataset.names !== 'false' && !('kiosk' in document.body.dataset);
    const { narrow, wide } = named ? CAPTIONS : { narrow: 0, wide: 0 };

    const sizes = [];
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns);
      const across = (width - GAP * (columns - 1)) / columns;
      const down = (height - GAP * (rows - 1)) / rows;
      const within = (caption) => Math.min(across, (down - caption) * aspect);
      const tile = within(wide) >= NARROW ? within(wide) : Math.min(NARROW - 1, within(narrow));
      sizes.push({ columns, tile, gaps: columns * rows - count });
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
