// Which camera is large stands in the address: ./ for none, cameras/ID for one.

const base = () => new URL(document.baseURI).pathname;

export class Address extends EventTarget {
  // Event "change", when large() may have changed.

  constructor() {
    super();
    addEventListener('popstate', () => this.#changed());
  }

  large() {
    const rest = location.pathname.startsWith(base()) ? location.pathname.slice(base().length) : '';
    const [, id] = rest.match(/^cameras\/([^/]+)\/?$/) ?? [];
    try {
      return id ? decodeURIComponent(id) : '';
    } catch {
      return id; // a % that escapes nothing
    }
  }

  // From one large camera to another there is no new step to go back by.
  open(id) {
    const url = `cameras/${encodeURIComponent(id)}${location.search}`;
    if (this.large()) history.replaceState(history.state, '', url);
    else history.pushState({ fromAll: true }, '', url);
    this.#changed();
  }

  openAll() {
    if (!this.large()) return;
    if (history.state?.fromAll) {
      history.back();
      return;
    }
    history.replaceState(null, '', base() + location.search);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
