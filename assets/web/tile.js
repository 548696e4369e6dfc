// One camera on the page. Renders what it is given; decides nothing but whether its picture is late.

import { Screen } from './screen.js';
import * as words from './words.js';

const template = document.getElementById('tile');

const RATE_OVER = 3000; // ms that the rate is measured over

export class Tile {
  camera;
  inView = false;
  state = ''; // as far as the page knows; beyond the camera's: "lost", "late", "refused"
  refused = ''; // why the server does not let this page watch
  refusedUntil = 0; // performance.now()

  #parts;
  #progress = 0; // when the server's newest frame was taken, on performance.now()'s clock; 0: never
  #taken = 0; // when the picture was taken that is shown, on the same clock; 0: unknown
  #asked = 0; // since when its pictures are sent to this page one by one; 0: they are not
  #shown = []; // when the last pictures were shown
  #clock = 0;

  constructor(camera) {
    this.element = template.content.cloneNode(true).firstElementChild;
    this.element.dataset.camera = camera.id;
    this.path = `cameras/${encodeURIComponent(camera.id)}`;
    const part = (selector) => this.element.querySelector(selector);
    this.#parts = {
      open: part('.open'), name: part('.name'), word: part('.word'), format: part('.format'), fresh: part('.fresh'),
      count: part('.count'), viewers: part('.viewers .unseen'), clock: part('.clock'),
      words: part('.words'), reason: part('.reason'), age: part('.age'), picture: part('.picture'),
    };
    this.#parts.name.id = `name-${camera.id}`;
    this.element.setAttribute('aria-labelledby', this.#parts.name.id);
    this.screen = new Screen(this.#parts.picture, part('.still'));
    this.link = this.#parts.open;
    this.view = part('.screen');
  }

  // now: the server's clock when it answered (ms since 1970), so that the viewer's clock may be wrong.
  update(camera, now) {
    const taken = performance.now() - Math.max(0, now - Date.parse(camera.last_frame));
    const first = !this.camera && camera.last_frame && camera.frames > 0;
    if (first || (this.camera && camera.frames !== this.camera.frames && camera.last_frame)) this.#progress = taken;
    this.camera = camera;
    this.screen.natural = camera.width;
    this.screen.turned = Boolean(camera.rotate || camera.mirror);
  }

  // A picture is on the screen that was taken then, on performance.now()'s clock.
  shown(taken) {
    const now = performance.now();
    this.#taken = taken;
    this.#shown = this.#shown.filter((at) => now - at < RATE_OVER);
    this.#shown.push(now);
    this.#tick();
  }

  // Its pictures are sent to this page one by one from now on, or no more.
  ask(yes) {
    if (yes === this.#asked > 0) return;
    this.#asked = yes ? performance.now() : 0;
    this.#shown = [];
    if (!yes) this.screen.stop();
  }

  // The computer slept for as long, and its clock stood.
  slept(ms) {
    if (this.#taken) this.#taken -= ms;
    if (this.#progress) this.#progress -= ms;
  }

  // ms since the picture was taken that is shown; NaN before the first.
  get age() {
    const taken = this.#asked && this.#taken ? this.#taken : this.#progress;
    return taken === 0 ? NaN : Math.max(0, performance.now() - taken);
  }

  get stale() {
    return this.state !== 'live';
  }

  get aspect() {
    const { width, height } = this.camera;
    return width > 0 && height > 0 ? width / height : 0;
  }

  // Whether the server has pictures of it to send: a camera that is down may keep its last one.
  get playable() {
    return this.camera.state === 'live' || this.camera.state === 'stalled' || Boolean(this.camera.kept);
  }

  // Pictures a second that are shown here; what the camera sends where that is not known.
  get fps() {
    const [first] = this.#shown;
    const last = this.#shown.at(-1);
    if (!this.#asked || performance.now() - last > RATE_OVER) return this.camera.fps;
    return last - first > RATE_OVER / 3 ? ((this.#shown.length - 1) * 1000) / (last - first) : this.camera.fps;
  }

  // large: this tile is the large one; explained: the banner gives the reason for all.
  render({ state, large, explained }) {
    const { camera } = this;
    const parts = this.#parts;
    if (state === 'live' && this.refused) state = 'refused';
    else if (state === 'live' && this.#late) state = this.#late;
    this.state = state;
    this.element.dataset.state = state;
    this.element.dataset.stale = this.stale;
    this.element.dataset.empty = this.screen.empty;

    write(parts.name, camera.name);
    parts.name.title = camera.name;
    write(parts.word, words.stateWord(state));
    write(parts.format, words.format(camera, state, this.fps));
    write(parts.fresh, state === 'live' ? words.fresh(this.age) : '');
    write(parts.count, String(camera.viewers));
    write(parts.viewers, words.viewers(camera.viewers));
    write(parts.reason, explained || state === 'live' ? '' : words.stateReason(state, this.refused || camera.reason));
    write(parts.age, this.stale && !this.screen.empty && this.age >= 1000 ? words.age(this.age) : '');
    parts.words.hidden = !parts.reason.textContent && !parts.age.textContent;
    this.#tick();

    set(parts.picture, 'alt', `Picture of ${camera.name}`);
    set(this.link, 'href', large ? `./${location.search}` : this.path + location.search);
    set(this.link, 'aria-label', large ? 'Show all cameras' : `Show ${camera.name} large`);
  }

  // The server calls a camera stalled only after 10 s; a frozen picture must not pass for a live one
  // until then, nor may one that is live at the server but does not get here.
  get #late() {
    const { fps } = this.camera;
    const limit = fps > 0 ? Math.max(2000, (5 * 1000) / fps) : 10_000;
    const now = performance.now();
    if (now - this.#progress > limit) return 'stalled';
    return this.#asked && now - Math.max(this.#taken, this.#asked) > limit ? 'late' : '';
  }

  // When the picture was taken, on the viewer's clock.
  #tick() {
    const { age } = this;
    const second = Number.isNaN(age) ? 0 : Math.floor((Date.now() - age) / 1000);
    if (second === this.#clock) return;
    this.#clock = second;
    write(this.#parts.clock, second ? words.clock(new Date(second * 1000)) : '');
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
