// Where one camera's pictures appear: the moving <img>, and beneath it a still of what it
// showed last, which stays visible while a stream is opened again.

const STILL_WIDTH = 1280;

export class Screen {
  kind = 'none'; // none, stream or snapshot
  begun = 0; // when kind last changed, performance.now()

  #img;
  #still;
  #blob = '';
  #turn = 0;

  constructor(img, still) {
    this.#img = img;
    this.#still = still;
    img.addEventListener('load', () => {
      if (this.kind !== 'none') this.#shown(true);
    });
    img.addEventListener('error', () => {
      if (this.kind === 'stream' && img.getAttribute('src')) this.stop();
    });
  }

  // No event tells that a stream was cut. Inside a part, Chromium then has no picture at all.
  get broken() {
    return this.kind === 'stream' && this.#img.dataset.shown === 'true' && this.#img.naturalWidth === 0;
  }

  // Nothing has been shown yet.
  get empty() {
    return this.#img.dataset.shown !== 'true' && !this.#still.hasAttribute('width');
  }

  async stream(url) {
    const turn = this.#begin('stream');
    await this.keep();
    if (turn !== this.#turn) return;
    this.#shown(false);
    this.#img.src = url;
    this.#forgetBlob();
  }

  async snapshot(jpeg) {
    const turn = this.#begin('snapshot');
    const url = URL.createObjectURL(jpeg);
    const image = new Image();
    image.src = url;
    try {
      await image.decode(); // so that the swap below does not flash
    } catch {
      URL.revokeObjectURL(url);
      return;
    }
    if (turn !== this.#turn) {
      URL.revokeObjectURL(url);
      return;
    }
    this.#img.src = url;
    this.#shown(true);
    this.#forgetBlob();
    this.#blob = url;
  }

  // Closes the stream: removing the element alone would leave it open. The still stays.
  stop() {
    if (this.kind === 'none') return;
    const wasStream = this.kind === 'stream';
    this.#begin('none');
    if (!wasStream) return;
    this.#shown(false);
    this.#img.src = '';
  }

  close() {
    this.#begin('none');
    this.#img.src = '';
    this.#forgetBlob();
  }

  // Keeps what is visible now as the still. Not drawImage: in Firefox that is the first frame for ever.
  async keep() {
    const img = this.#img;
    if (img.dataset.shown !== 'true' || img.naturalWidth === 0) return;
    const turn = this.#turn;
    const small = { resizeWidth: Math.min(img.naturalWidth, STILL_WIDTH), resizeQuality: 'low' };
    try {
      const bitmap = await createImageBitmap(img, small);
      if (turn === this.#turn) this.#setStill(bitmap);
      else bitmap.close();
    } catch {
      // Cut in the middle of a picture: the still of a second ago is good enough.
    }
  }

  #setStill(bitmap) {
    const canvas = this.#still;
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    canvas.getContext('bitmaprenderer').transferFromImageBitmap(bitmap);
  }

  #begin(kind) {
    if (kind !== this.kind || kind === 'stream') this.begun = performance.now();
    this.kind = kind;
    return ++this.#turn;
  }

  #shown(yes) {
    this.#img.dataset.shown = yes;
  }

  #forgetBlob() {
    if (this.#blob) URL.revokeObjectURL(this.#blob);
    this.#blob = '';
  }
}
