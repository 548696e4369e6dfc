// The page's WebSocket: pictures of all cameras, and the state. docs/websocket.md tells what is said.

const HEAD = 20; // bytes before each piece of a picture
const PAINTED = 6; // bytes for each camera in what is said of it
const OFFLINE = 1;
const MORE = 2;
const DRIFT = 0.05; // ms per second that two clocks may run apart

export class Socket extends EventTarget {
  // Events: "open"; "closed" with detail {opened}; "alive" when anything came; "state" with detail
  // {state, now}; "picture" with detail {camera, jpeg, offline, taken, painted}, where painted is to be
  // called when it has been; "refused" with detail {camera, why}.

  #web = null;
  #opened = false;
  #watched = new Map(); // camera → {number, fps}
  #cameras = new Map(); // number → camera
  #pieces = new Map(); // number → what came of a picture
  #painted = new Map(); // number → serial, to be told
  #number = 0;
  #shortest = Infinity; // ms from the server's clock to this one, with the shortest way that was seen

  get open() {
    return this.#opened;
  }

  get connecting() {
    return this.#web !== null && !this.#opened;
  }

  connect() {
    this.close();
    const web = new WebSocket(new URL('ws', document.baseURI.replace(/^http/, 'ws')));
    this.#web = web;
    this.#shortest = Infinity;
    web.binaryType = 'arraybuffer';
    web.onopen = () => {
      this.#opened = true;
      this.#tell('open');
    };
    web.onclose = () => this.#closed();
    web.onmessage = ({ data }) => {
      this.#tell('alive');
      if (typeof data === 'string') this.#hear(JSON.parse(data));
      else this.#see(data);
    };
  }

  close() {
    const web = this.#web;
    if (!web) return;
    web.onopen = web.onclose = web.onmessage = null;
    web.close();
    this.#closed();
  }

  // Watches exactly these: [{camera, fps}].
  watch(all) {
    const before = this.#watched;
    this.#watched = new Map();
    let changed = before.size !== all.length;
    for (const { camera, fps } of all) {
      const number = before.get(camera)?.number ?? this.#freeNumber();
      changed ||= before.get(camera)?.fps !== fps;
      this.#watched.set(camera, { number, fps });
      this.#cameras.set(number, camera);
    }
    for (const [camera, { number }] of before) {
      if (!this.#watched.has(camera)) this.#forget(number);
    }
    if (changed) this.#say({ watch: [...this.#watched].map(([camera, { number, fps }]) => ({ camera, number, fps })) });
  }

  #freeNumber() {
    do this.#number = (this.#number + 1) % 65536;
    while (this.#cameras.has(this.#number));
    return this.#number;
  }

  #forget(number) {
    this.#cameras.delete(number);
    this.#pieces.delete(number);
    this.#painted.delete(number);
  }

  #closed() {
    const opened = this.#opened;
    this.#web = null;
    this.#opened = false;
    this.#watched.clear();
    this.#cameras.clear();
    this.#pieces.clear();
    this.#painted.clear();
    this.#tell('closed', { opened });
  }

  #hear(said) {
    if (said.state) {
      this.#shortest += DRIFT;
      this.#sayPainted(); // the server lets go of a page that says nothing
      this.#tell('state', said);
    } else if ('refused' in said && this.#cameras.get(said.refused) === said.camera) {
      this.#watched.delete(said.camera);
      this.#forget(said.refused);
      this.#tell('refused', said);
    }
  }

  #see(data) {
    const now = performance.now();
    const head = new DataView(data, 0, HEAD);
    const number = head.getUint16(0);
    const flags = head.getUint16(2);
    const serial = head.getUint32(4);
    const age = head.getUint32(12);
    const way = now - head.getUint32(16);
    this.#shortest = Math.min(this.#shortest, way);

    const camera = this.#cameras.get(number);
    if (camera === undefined) return; // let go of meanwhile
    const pieces = this.#pieces.get(number) ?? [];
    pieces.push(new Uint8Array(data, HEAD));
    if (flags & MORE) {
      this.#pieces.set(number, pieces);
      return;
    }
    this.#pieces.delete(number);
    this.#tell('picture', {
      camera,
      jpeg: new Blob(pieces, { type: 'image/jpeg' }),
      offline: (flags & OFFLINE) !== 0,
      taken: now - (way - this.#shortest) - age, // on performance.now()'s clock
      painted: () => this.#acknowledge(number, serial, camera),
    });
  }

  // With the next picture of the screen, so that a page with too much to do is sent less.
  #acknowledge(number, serial, camera) {
    if (this.#cameras.get(number) !== camera) return;
    const first = this.#painted.size === 0;
    this.#painted.set(number, Math.max(serial, this.#painted.get(number) ?? 0));
    if (document.hidden) this.#sayPainted(); // its screen has no next picture
    else if (first) requestAnimationFrame(() => this.#painted.size > 0 && this.#sayPainted());
  }

  #sayPainted() {
    const message = new DataView(new ArrayBuffer(PAINTED * this.#painted.size));
    let at = 0;
    for (const [number, serial] of this.#painted) {
      message.setUint16(at, number);
      message.setUint32(at + 2, serial);
      at += PAINTED;
    }
    this.#painted.clear();
    if (this.#opened) this.#web.send(message);
  }

  #say(message) {
    if (this.#opened) this.#web.send(JSON.stringify(message));
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
