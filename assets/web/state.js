// Asks the server for /state once a second, unless it tells it unasked, and knows when it stopped answering.

const PERIOD = 1000;
const PERIOD_WHILE_LOST = 500;
const PATIENCE = 2000; // for one answer; with PERIOD it makes the 3 s after which the page has said so
const TOLD = 1300; // a state that was told is good for as long
const SILENCE = 2200; // without any answer: the server counts as lost

export class StateWatch extends EventTarget {
  // Events: "answer" with detail {state, now, interrupted}, "refused" with detail {status}, "lost".
  // interrupted: streams that were open before this answer may have ended unnoticed.

  #running = null; // AbortController while started
  #answered = 0;
  #failed = false;
  #frames = new Map();
  #silence = 0;
  #told = -Infinity; // when the server last told its state unasked
  #hurry = () => {};

  // Takes a state that the server told unasked. now: its clock.
  tell(state, now) {
    if (!this.#running) return;
    this.#told = performance.now();
    this.#accept(state, now);
  }

  // Something came from the server.
  alive() {
    if (this.#running && !this.#failed) this.#awaitAnswer();
  }

  // Asks at once.
  hurry() {
    this.#told = -Infinity;
    this.#hurry();
  }

  get running() {
    return this.#running !== null;
  }

  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#answered = performance.now();
    this.#awaitAnswer();
    this.#poll(this.#running.signal);
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
    clearTimeout(this.#silence);
  }

  async #poll(stopped) {
    while (!stopped.aborted) {
      const begun = performance.now();
      if (begun - this.#told > TOLD) await this.#ask(stopped);
      const period = this.#failed ? PERIOD_WHILE_LOST : PERIOD;
      await this.#pause(Math.max(100, begun + period - performance.now()), stopped);
    }
  }

  #pause(ms, stopped) {
    return new Promise((resume) => {
      const timer = setTimeout(resume, ms);
      const go = () => {
        clearTimeout(timer);
        resume();
      };
      this.#hurry = go;
      stopped.addEventListener('abort', go, { once: true });
    });
  }

  async #ask(stopped) {
    const patience = new AbortController();
    const giveUp = () => patience.abort();
    const timer = setTimeout(giveUp, PATIENCE);
    stopped.addEventListener('abort', giveUp);
    try {
      const response = await fetch('state', { signal: patience.signal, cache: 'no-store' });
      const state = await read(response);
      if (stopped.aborted) return;
      if (state) this.#accept(state, Date.parse(response.headers.get('Date')) || Date.now());
      else this.#refuse(response.status);
    } catch {
      this.#failed = true;
    } finally {
      clearTimeout(timer);
      stopped.removeEventListener('abort', giveUp);
    }
  }

  #accept(state, now) {
    const silent = performance.now() - this.#answered > SILENCE;
    const interrupted = this.#failed || silent || this.#restarted(state.cameras);
    this.#failed = false;
    this.#awaitAnswer();
    this.dispatchEvent(new CustomEvent('answer', { detail: { state, now, interrupted } }));
  }

  #refuse(status) {
    this.#failed = true;
    this.#awaitAnswer();
    this.dispatchEvent(new CustomEvent('refused', { detail: { status } }));
  }

  #awaitAnswer() {
    this.#answered = performance.now();
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#failed = true;
      this.dispatchEvent(new Event('lost'));
    }, SILENCE);
  }

  // A restart quicker than one period shows only in the counters, which begin again.
  #restarted(cameras) {
    const before = this.#frames;
    this.#frames = new Map(cameras.map(({ id, frames }) => [id, frames]));
    return cameras.some(({ id, frames }) => frames < before.get(id));
  }
}

async function read(response) {
  try {
    const state = await response.json();
    return Array.isArray(state.cameras) ? state : null;
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    return null;
  }
}
