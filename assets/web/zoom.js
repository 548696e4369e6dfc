// Looking closer at the large picture: wheel or pinch to zoom, drag to move about.

const MOST = 10; // times
const WHEEL = 0.0015; // per px
const FAR = 6; // px that a pointer moves before it drags

export class Zoom {
  onchange = () => {};
  factor = 1;

  #x = 0;
  #y = 0;
  #view = null; // the element that the picture is seen through
  #pointers = new Map();
  #moved = false;

  // of tells the element that shows the large picture, or null.
  constructor(element, of) {
    element.addEventListener('wheel', (event) => {
      this.#view = of();
      if (!this.#view || event.ctrlKey && !event.cancelable) return;
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1; // Firefox tells lines
      const speed = event.ctrlKey ? 6 : 1; // a pinch on a touchpad
      this.by(Math.exp(-event.deltaY * lines * WHEEL * speed), event.clientX, event.clientY);
    }, { passive: false });

    element.addEventListener('pointerdown', (event) => {
      this.#view = of();
      if (!this.#view || event.button !== 0) return;
      if (this.#pointers.size === 0) this.#moved = false;
      this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, far: 0 });
    });
    addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel']) addEventListener(end, (event) => this.#pointers.delete(event.pointerId));

    // Dragging is no click, and a click in a zoomed picture leads back to the whole one first.
    element.addEventListener('click', (event) => {
      if (!this.#moved && this.factor === 1) return;
      event.preventDefault();
      event.stopPropagation();
      if (!this.#moved) this.reset();
      this.#moved = false;
    }, { capture: true });
  }

  // Zooms about a point of the page, or the middle.
  by(times, x, y) {
    if (!this.#view) return;
    const box = this.#view.getBoundingClientRect();
    const [ax, ay] = [(x ?? box.left + box.width / 2) - box.left, (y ?? box.top + box.height / 2) - box.top];
    const before = this.factor;
    this.factor = Math.min(MOST, Math.max(1, before * times));
    this.#x = ax - ((ax - this.#x) * this.factor) / before;
    this.#y = ay - ((ay - this.#y) * this.factor) / before;
    this.#apply(box);
  }

  // With a key: view is the element that shows the large picture.
  step(times, view) {
    this.#view = view;
    this.by(times);
  }

  reset() {
    if (this.factor === 1) return false;
    this.factor = 1;
    this.#apply(this.#view.getBoundingClientRect());
    this.#pointers.clear();
  }

  #move(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) return;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    pointer.far += Math.hypot(dx, dy);
    if (pointer.far > FAR) this.#moved ||= this.factor > 1 || this.#pointers.size > 1;
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const distance = ({ x, y }) => Math.hypot(x - other.x, y - other.y) || 1;
      const times = distance({ x: event.clientX, y: event.clientY }) / distance(pointer);
      this.by(times, (event.clientX + other.x) / 2, (event.clientY + other.y) / 2);
    }
    const share = 1 / this.#pointers.size; // two fingers that move alike move the picture once
    pointer.x = event.clientX;
    pointer.y = event.clientY;
    if (this.factor === 1) return;
    this.#x += dx * share;
    this.#y += dy * share;
    this.#apply(this.#view.getBoundingClientRect());
  }

  #apply({ width, height }) {
    if (this.factor < 1.01) this.factor = 1;
    this.#x = Math.min(0, Math.max(width * (1 - this.factor), this.#x));
    this.#y = Math.min(0, Math.max(height * (1 - this.factor), this.#y));
    const { style } = this.#view;
    style.setProperty('--zoom', this.factor);
    style.setProperty('--x', `${this.#x}px`);
    style.setProperty('--y', `${this.#y}px`);
    this.onchange();
  }
}
