// How pictures come to the tiles: over one WebSocket, and by <img> where there is none.

import { Images } from './images.js';
import { Socket } from './socket.js';

const PATIENCE = 3000; // for a WebSocket to open; then <img> begins
const AGAIN = 10_000; // between two tries while <img> does well
const REFUSED_AGAIN = 2000;
const MANY = 16; // tiles; with more of them, each is shown MANY_FPS times a second at most
const MANY_FPS = 15;

export class Transport extends EventTarget {
  // Events: "state" with detail {state, now}; "alive"; "ended": the server may be gone; "shown" with
  // detail {tile}: a picture was painted.

  kind = 'socket'; // or images

  #socket = new Socket();
  #images = new Images();
  #tiles = [];
  #streams = 0;
  #next = 0; // when to try again, performance.now()
  #patience = 0;

  constructor() {
    super();
    this.#socket.addEventListener('open', () => this.#opened());
    this.#socket.addEventListener('closed', ({ detail }) => this.#closed(detail.opened));
    this.#socket.addEventListener('alive', () => this.dispatchEvent(new Event('alive')));
    this.#socket.addEventListener('state', ({ detail }) => this.dispatchEvent(new CustomEvent('state', { detail })));
    this.#socket.addEventListener('picture', ({ detail }) => this.#show(detail));
    this.#socket.addEventListener('refused', ({ detail }) => this.#refuse(detail));
  }

  // Shows exactly these tiles. streams: how many of them <img> may play.
  watch(tiles, streams = 0) {
    for (const tile of this.#tiles) {
      if (!tiles.includes(tile)) tile.ask(false);
    }
    this.#tiles = tiles;
    this.#streams = streams;
    this.#apply();
  }

  // To be called with every answer of /state, while the server streams.
  check() {
    if (!this.#socket.open && !this.#socket.connecting && performance.now() >= this.#next) this.connect();
    if (this.kind === 'images') this.#images.check();
    this.#apply();
  }

  // Begins anew: what is open may have ended, and no event would have told.
  reopen() {
    if (this.kind === 'images') this.#images.reopen();
    if (!this.#socket.connecting) this.connect();
  }

  connect() {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#socket.close(), PATIENCE);
    this.#socket.connect();
  }

  close() {
    this.watch([]);
    clearTimeout(this.#patience);
    this.#socket.close();
    this.#next = 0;
  }

  #opened() {
    clearTimeout(this.#patience);
    this.kind = 'socket';
    this.#images.watch([]);
    this.#apply();
  }

  #closed(opened) {
    clearTimeout(this.#patience);
    if (opened) {
      this.#next = 0;
      this.dispatchEvent(new Event('ended'));
      return;
    }
    this.kind = 'images';
    this.#next = performance.now() + AGAIN;
    this.#apply();
  }

  #apply() {
    if (this.kind === 'images') {
      for (const tile of this.#tiles) tile.ask(false);
      this.#images.watch(this.#tiles, this.#streams);
      return;
    }
    if (!this.#socket.open) return;
    for (const tile of this.#tiles) tile.ask(true);
    const fps = this.#tiles.length > MANY ? MANY_FPS : 0;
    const wanted = this.#tiles.filter((tile) => performance.now() >= tile.refusedUntil);
    this.#socket.watch(wanted.map((tile) => ({ camera: tile.camera.id, fps })));
  }

  #tile(camera) {
    return this.#tiles.find((tile) => tile.camera.id === camera);
  }

  async #show({ camera, jpeg, offline, taken, painted }) {
    const tile = this.#tile(camera);
    if (tile && !offline) {
      tile.refused = '';
      if (await tile.screen.paint(jpeg)) {
        tile.shown(taken);
        this.dispatchEvent(new CustomEvent('shown', { detail: { tile } }));
      }
    }
    painted();
  }

  #refuse({ camera, why }) {
    const tile = this.#tile(camera);
    if (!tile) return;
    tile.refused = why;
    tile.refusedUntil = performance.now() + REFUSED_AGAIN;
  }
}
