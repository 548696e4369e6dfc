// One camera on the page. Renders what it is given; decides nothing but whether its picture is late.

import { Screen } from './screen.js';
import * as words from './words.js';

const template = document.getElementById('tile');

export class Tile {
  camera;
  inView = false;
  state = ''; // the camera's state as far as the page knows; "lost" while the server does not answer

  #parts;
  #progress = 0; // when the newest frame came, on performance.now()'s clock; 0: never

  constructor(camera) {
    this.element = template.content.cloneNode(true).firstElementChild;
    this.element.dataset.camera = camera.id;
    this.path = `cameras/${encodeURIComponent(camera.id)}`;
    const part = (selector) => this.element.querySelector(selector);
    this.#parts = {
      open: part('.open'), name: part('.name'), word: part('.word'), format: part('.format'),
      count: part('.count'), viewers: part('.viewers .unseen'),
      words: part('.words'), reason: part('.reason'), age: part('.age'), picture: part('.picture'),
    };
    this.#parts.name.id = `name-${camera.id}`;
    this.element.setAttribute('aria-labelledby', this.#parts.name.id);
    this.screen = new Screen(this.#parts.picture, part('.still'));
    this.link = this.#parts.open;
  }

  // date: the server's clock when it answered (ms since 1970), so that the viewer's clock may be wrong.
  update(camera, date) {
    const now = performance.now();
    if (!this.camera && camera.last_frame && camera.frames > 0) {
      this.#progress = now - Math.max(0, date - Date.parse(camera.last_frame));
    } else if (this.camera && camera.frames !== this.camera.frames) {
      this.#progress = now;
    }
    this.camera = camera;
  }

  get age() {
    return this.#progress === 0 ? NaN : performance.now() - this.#progress;
  }

  get stale() {
    return this.state !== 'live';
  }

  get aspect() {
    const { width, height } = this.camera;
    return width > 0 && height > 0 ? width / height : 0;
  }

  // Whether the server has pictures of it to send.
  get playable() {
    return this.state === 'live' || this.state === 'stalled';
  }

  // large: this tile is the large one; explained: the banner gives the reason for all.
  render({ state, large, explained }) {
    const { camera } = this;
    const parts = this.#parts;
    if (state === 'live' && this.#late) state = 'stalled';
    this.state = state;
    this.element.dataset.state = state;
    this.element.dataset.stale = this.stale;
    this.element.dataset.empty = this.screen.empty;

    write(parts.name, camera.name);
    parts.name.title = camera.name;
    write(parts.word, words.stateWord(state));
    write(parts.format, words.format(camera, state));
    write(parts.count, String(camera.viewers));
    write(parts.viewers, words.viewers(camera.viewers));
    write(parts.reason, explained || state === 'live' ? '' : words.stateReason(state, camera.reason));
    write(parts.age, this.stale && !this.screen.empty && this.age >= 1000 ? words.age(this.age) : '');
    parts.words.hidden = !parts.reason.textContent && !parts.age.textContent;

    set(parts.picture, 'alt', `Picture of ${camera.name}`);
    set(this.link, 'href', large ? './' : this.path);
    set(this.link, 'aria-label', large ? 'Show all cameras' : `Show ${camera.name} large`);
  }

  // The server calls a camera stalled only after 10 s; a frozen picture must not pass for a live one until then.
  get #late() {
    const { fps } = this.camera;
    return this.age > (fps > 0 ? Math.max(2000, (5 * 1000) / fps) : 10_000);
  }

  remove() {
    this.screen.close();
    this.element.remove();
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function set(element, attribute, value) {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}
