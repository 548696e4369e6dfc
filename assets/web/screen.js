// Where one camera's pictures appear. A stream moves in an <img>; beneath it is a still of what it
// showed last, which stays visible while the stream is opened again. Single pictures are painted on the
// still itself, or in Firefox on the <img>: its createImageBitmap keeps the page busy, and lags.

const STILL_WIDTH = 1280;
const ON_IMAGE = CSS.supports('-moz-appearance', 'none');
const WORTH_SHRINKING = 1.5; // times as wide as there is room for

export class Screen {
  kind = 'none'; // none, stream, snapshot or painted
  wide = 0; // px of the screen that a picture has; 0: not known yet
  zoom = 1;
  natural = 0; // px that the camera's pictures have
  turned = false; // they say that they are to be shown turned (EXIF)
  begun = 0; // when kind last changed, performance.now()

  #img;
  #still;
  #way = 'bitmaprenderer'; // that the still is painted in
  #blob = '';
  #turn = 0;
  #offered = 0; // pictures to paint
  #painted = 0; // the newest of them that was
  #superseded = () => {};

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

  // Paints a picture, unless a newer one is there. Returns whether it did.
  async paint(jpeg) {
    if (this.kind !== 'painted') {
      if (this.kind === 'stream') this.stop();
      this.#begin('painted');
    }
    const turn = this.#turn;
    const number = ++this.#offered;
    if (ON_IMAGE) return this.#paintImage(jpeg);
    try {
      const bitmap = await createImageBitmap(jpeg, this.#size);
      if (turn !== this.#turn || number < this.#painted) {
        bitmap.close();
        return false;
      }
      this.#painted = number;
      this.#shown(false);
      this.#setStill(bitmap);
      return true;
    } catch {
      return false; // not a picture
    }
  }

  // What a picture may be shrunk to while it is decoded: 64 large ones fill a computer's memory.
  get #size() {
    const wide = Math.ceil(this.wide * this.zoom);
    return wide > 0 && this.natural > wide * WORTH_SHRINKING ? { resizeWidth: wide, resizeQuality: 'medium' } : {};
  }

  #paintImage(jpeg) {
    this.#superseded(false);
    const url = URL.createObjectURL(jpeg);
    const before = this.#blob;
    this.#blob = url;
    return new Promise((done) => {
      const end = (painted) => {
        if (before) URL.revokeObjectURL(before);
        done(painted);
      };
      this.#superseded = end;
      this.#img.onload = () => end(true);
      this.#img.onerror = () => end(false);
      this.#img.src = url;
    });
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

  // A copy of what is visible now, or null.
  async grab() {
    const img = this.#img;
    if (img.dataset.shown !== 'true') return this.#still.hasAttribute('width') ? createImageBitmap(this.#still) : null;
    return img.naturalWidth > 0 ? createImageBitmap(img) : null;
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

  // Chromium's bitmaprenderer shows a bitmap as its JPEG lies, though it knows how it is turned and has that
  // size. What is drawn lies as it is shown.
  #setStill(bitmap) {
    const way = this.turned ? '2d' : 'bitmaprenderer';
    if (way !== this.#way) this.#renew(way);
    const canvas = this.#still;
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    if (way === 'bitmaprenderer') {
      canvas.getContext(way).transferFromImageBitmap(bitmap);
      return;
    }
    canvas.getContext(way).drawImage(bitmap, 0, 0);
    bitmap.close();
  }

  // A canvas is painted in one way, for ever.
  #renew(way) {
    const canvas = this.#still.cloneNode();
    this.#still.replaceWith(canvas);
    this.#still = canvas;
    this.#way = way;
  }

  #begin(kind) {
    if (kind !== this.kind || kind === 'stream') this.begun = performance.now();
    this.kind = kind;
    this.#superseded(false);
    this.#superseded = () => {};
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
