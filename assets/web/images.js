// The transport that needs nothing but <img>: multipart streams for a few tiles, stills for the rest.
//
// Browsers open at most six HTTP/1.1 connections to one host, for all tabs together. Four streams
// leave one for /state and one for snapshots; with a seventh, every request would hang.

export const STREAMS = 4;

const SNAPSHOT_PERIOD = 1000;
const SNAPSHOT_PATIENCE = 2500;
const RETRY = 1000;
const UNSEEN = 3000; // the server counts a viewer by then, or the stream is dead

export class Images {
  #watched = []; // tiles in view, whose cameras have something to show
  #streams = new Set();
  #stills = [];
  #fetched = new WeakMap(); // tile → frame counter of its newest snapshot
  #unseen = new WeakMap(); // tile → answers in a row in which the server saw no viewer
  #opened = 0;
  #polling = false;

  // Plays exactly these tiles; a tile that streams already goes on undisturbed.
  watch(tiles, streams = STREAMS) {
    const kept = tiles.filter((tile) => this.#streams.has(tile)).slice(0, streams);
    const more = tiles.filter((tile) => !kept.includes(tile)).slice(0, streams - kept.length);
    const wanted = new Set([...kept, ...more]);

    for (const tile of this.#watched) {
      if (!tiles.includes(tile) || (this.#streams.has(tile) && !wanted.has(tile))) tile.screen.stop();
    }
    this.#watched = tiles;
    this.#streams = wanted;
    this.#stills = tiles.filter((tile) => !wanted.has(tile));
    for (const tile of wanted) {
      const waited = performance.now() - tile.screen.begun >= RETRY;
      if (tile.screen.kind === 'snapshot' || (tile.screen.kind === 'none' && (waited || more.includes(tile)))) this.#open(tile);
    }
    this.#poll();
  }

  // Opens every stream again: they may have ended, and no event would have told.
  reopen() {
    for (const tile of this.#streams) this.#open(tile);
  }

  // To be called with every answer of /state.
  check() {
    for (const tile of this.#streams) {
      if (tile.screen.kind !== 'stream') continue;
      const unseen = tile.camera.viewers === 0 && performance.now() - tile.screen.begun > UNSEEN;
      this.#unseen.set(tile, unseen ? (this.#unseen.get(tile) ?? 0) + 1 : 0);
      if (tile.screen.broken || this.#unseen.get(tile) >= 2) this.#open(tile);
      else if (!tile.stale) tile.screen.keep();
    }
  }

  #open(tile) {
    this.#unseen.set(tile, 0);
    tile.screen.stream(`${tile.path}/stream.mjpg?n=${++this.#opened}`);
  }

  // One snapshot at a time, hence one connection.
  async #poll() {
    if (this.#polling) return;
    this.#polling = true;
    while (this.#stills.length > 0) {
      const begun = performance.now();
      for (const tile of this.#stills) {
        if (!(await this.#fetch(tile))) break;
      }
      await new Promise((resume) => setTimeout(resume, Math.max(50, begun + SNAPSHOT_PERIOD - performance.now())));
    }
    this.#polling = false;
  }

  // Returns whether the server answered.
  async #fetch(tile) {
    const { frames } = tile.camera;
    const shown = tile.screen.kind === 'snapshot' && this.#fetched.get(tile) === frames;
    if (shown || !this.#stills.includes(tile)) return true;
    try {
      const response = await fetch(`${tile.path}/snapshot.jpg`, { cache: 'no-store', signal: AbortSignal.timeout(SNAPSHOT_PATIENCE) });
      const jpeg = await response.blob();
      if (response.ok && this.#stills.includes(tile)) {
        await tile.screen.snapshot(jpeg);
        this.#fetched.set(tile, frames);
      }
      return true;
    } catch {
      return false;
    }
  }
}
