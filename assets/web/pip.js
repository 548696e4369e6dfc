// Picture-in-picture: one camera in a small window above all others, where the browser has such.
// It is made for <video>, so pictures are drawn into one.

export const canFloat = Boolean(document.pictureInPictureEnabled && HTMLCanvasElement.prototype.captureStream);

const PERIOD = 100; // ms between pictures of an <img> stream, which tells of none

export class Floating {
  tile = null; // the one that floats
  onchange = () => {};

  #video = null;
  #source = null;
  #timer = 0;

  async toggle(tile) {
    if (this.tile) {
      await document.exitPictureInPicture();
      return;
    }
    const first = await tile.screen.grab();
    if (!first) throw new Error('no picture');
    this.#video = document.createElement('video');
    this.#video.muted = true;
    this.#source = makeSource();
    this.#video.srcObject = new MediaStream([this.#source.track]);
    this.#source.draw(first);
    await this.#video.play();
    await this.#video.requestPictureInPicture();
    this.tile = tile;
    this.#video.addEventListener('leavepictureinpicture', () => this.#end(), { once: true });
    this.#timer = setInterval(() => this.tile.screen.kind !== 'painted' && this.draw(this.tile), PERIOD);
    this.onchange();
  }

  // To be called with every picture of a tile.
  async draw(tile) {
    if (tile !== this.tile) return;
    const picture = await tile.screen.grab();
    if (picture && this.tile === tile) this.#source.draw(picture);
    else picture?.close();
  }

  #end() {
    clearInterval(this.#timer);
    this.#source.track.stop();
    this.tile = null;
    this.#video = null;
    this.onchange();
  }
}

// A canvas stands still while the tab is hidden; a track generator does not, where there is one.
function makeSource() {
  if (typeof MediaStreamTrackGenerator === 'function') {
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    const draw = (picture) => {
      const frame = new VideoFrame(picture, { timestamp: performance.now() * 1000 });
      picture.close();
      writer.write(frame).catch(() => {}); // it was stopped
    };
    return { track, draw };
  }
  const canvas = document.createElement('canvas');
  const draw = (picture) => {
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext('2d').drawImage(picture, 0, 0);
    picture.close();
  };
  return { track: canvas.captureStream().getVideoTracks()[0], draw };
}
