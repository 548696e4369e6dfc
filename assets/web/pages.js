// How many pages of this server are in view in this browser: they share its six connections.

const HERE = 1000;
const GONE = 3500;

export class Pages {
  #channel = new BroadcastChannel('traycam');
  #name = Math.random().toString(36);
  #others = new Map(); // name → when it was last heard
  #timer = 0;

  constructor() {
    this.#channel.onmessage = ({ data: { name, inView } }) => {
      if (inView) this.#others.set(name, performance.now());
      else this.#others.delete(name);
    };
  }

  get inView() {
    for (const [name, heard] of this.#others) {
      if (performance.now() - heard > GONE) this.#others.delete(name);
    }
    return 1 + this.#others.size;
  }

  show() {
    this.#say(true);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#say(true), HERE);
  }

  hide() {
    clearInterval(this.#timer);
    this.#say(false);
  }

  #say(inView) {
    this.#channel.postMessage({ name: this.#name, inView });
  }
}
