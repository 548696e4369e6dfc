// The viewer page: /state in, tiles out, pictures by a transport.

import { Address } from './address.js';
import { canFullScreen, hideWhenIdle, toggleFullScreen } from './fullscreen.js';
import { Grid } from './grid.js';
import { Images, STREAMS } from './images.js';
import { listen } from './keys.js';
import { Pages } from './pages.js';
import { save } from './save.js';
import { StateWatch } from './state.js';
import * as words from './words.js';

const $ = (id) => document.getElementById(id);

const server = new StateWatch();
const grid = new Grid($('grid'));
const transport = new Images();
const address = new Address();
const pages = new Pages();

let known = null; // the newest /state
let trouble = ''; // '', lost, stopped or refused
let interrupted = false;

// What the server says

server.addEventListener('answer', ({ detail }) => {
  const { state } = detail;
  const streamingBefore = known?.streaming ?? true;
  known = state;
  trouble = state.streaming ? '' : 'stopped';
  interrupted ||= detail.interrupted || (state.streaming && !streamingBefore);
  grid.update(state.cameras, Date.parse(detail.date) || Date.now());
  render();
  if (interrupted && !trouble) {
    interrupted = false;
    transport.reopen();
  }
  transport.check();
});

server.addEventListener('refused', ({ detail }) => {
  trouble = detail.status === 503 ? 'stopped' : detail.status < 500 ? 'refused' : 'lost';
  interrupted = true;
  render();
});

server.addEventListener('lost', () => {
  trouble = 'lost';
  render();
});

// What the page shows

function stateOf(camera) {
  if (trouble === 'lost' || trouble === 'refused') return 'lost';
  return trouble === 'stopped' ? 'off' : camera.state;
}

function render() {
  const id = address.large();
  const large = id ? grid.find(id) : undefined;
  for (const tile of grid.tiles) {
    const before = tile.state;
    tile.render({ state: stateOf(tile.camera), large: tile === large, explained: trouble !== '' });
    if (before && tile.state !== before && !trouble) announce(`${tile.camera.name}: ${words.stateWord(tile.state)}`);
    tile.element.hidden = id !== '' && tile !== large;
  }
  renderLarge(id, large);
  renderHeader(large);
  renderBanner();
  grid.fit();
  play();
}

function renderLarge(id, large) {
  if (id) document.body.dataset.large = id;
  else delete document.body.dataset.large;
  const many = Boolean(large) && grid.tiles.length > 1;
  $('previous').hidden = $('next').hidden = !many;
  $('save').hidden = !large;
  $('save').disabled = !large?.playable;

  let message = '';
  if (known && id && !large) message = 'missing';
  if (known && !id && grid.tiles.length === 0) message = 'empty';
  $('message').hidden = message === '';
  $('grid').hidden = message !== '';
  if (message) {
    const [title, sentence] = words.MESSAGES[message];
    $('message').querySelector('h1').textContent = title;
    $('message').querySelector('p').textContent = sentence;
    $('message').querySelector('a').hidden = message !== 'missing';
  }
}

function renderHeader(large) {
  const states = grid.tiles.map((tile) => tile.state);
  $('home-words').textContent = address.large() ? 'All cameras' : 'Traycam';
  $('summary').textContent = known && !trouble && !address.large() ? words.summary(known.cameras, states, known.viewers) : '';
  document.title = large ? `${large.camera.name} – Traycam` : 'Traycam';
}

function renderBanner() {
  const banner = $('banner');
  if (banner.dataset.trouble === trouble) return;
  banner.dataset.trouble = trouble;
  banner.textContent = words.BANNERS[trouble] ?? '';
  banner.hidden = trouble === '';
}

function play() {
  if (document.hidden || trouble === 'stopped') {
    transport.watch([]);
    return;
  }
  if (trouble) return; // the pictures that are there stay
  const id = address.large();
  const shown = id ? grid.tiles.filter((tile) => tile.camera.id === id) : grid.tiles.filter((tile) => tile.inView);
  transport.watch(shown.filter((tile) => tile.playable), Math.floor(STREAMS / pages.inView));
}

let noteTimer = 0;

function note(text) {
  $('note').textContent = text;
  $('note').hidden = false;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => ($('note').hidden = true), 4000);
}

function announce(text) {
  $('announcement').textContent = text;
}

// What people do

function open(tile) {
  address.open(tile.camera.id);
}

function step(by) {
  const { tiles } = grid;
  const at = tiles.findIndex((tile) => tile.camera.id === address.large());
  if (at < 0 || tiles.length < 2) return false;
  open(tiles[(at + by + tiles.length) % tiles.length]);
}

function move(right, down) {
  const { tiles, columns } = grid;
  const at = tiles.findIndex((tile) => tile.link === document.activeElement);
  const to = at < 0 ? 0 : at + right + down * columns;
  if (!tiles[to]) return false;
  tiles[to].link.focus();
}

async function saveSnapshot() {
  const tile = grid.find(address.large()) ?? grid.tiles.find(({ link }) => link === document.activeElement);
  if (!tile) {
    note('Choose a camera first, then press S.');
    return;
  }
  try {
    note(`Saved as ${await save(tile)}`);
  } catch {
    note(`${tile.camera.name} has no picture to save just now.`);
  }
}

listen({
  step,
  move,
  openNth: (n) => (grid.tiles[n - 1] ? open(grid.tiles[n - 1]) : false),
  fullScreen: toggleFullScreen,
  save: saveSnapshot,
  back: () => (address.large() && !document.fullscreenElement ? address.openAll() : false),
  isLarge: () => address.large() !== '',
});

const isPlainClick = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || link.hasAttribute('download') || !isPlainClick(event)) return;
  event.preventDefault();
  const tile = grid.tiles.find((candidate) => candidate.link === link);
  if (tile && tile.camera.id !== address.large()) open(tile);
  else address.openAll();
});

$('previous').addEventListener('click', () => step(-1));
$('next').addEventListener('click', () => step(1));
$('save').addEventListener('click', saveSnapshot);
$('full-screen').addEventListener('click', toggleFullScreen);
$('full-screen').hidden = !canFullScreen;
document.querySelector('nav').hidden = false;
hideWhenIdle((full) => {
  $('full-screen').setAttribute('aria-label', full ? 'Leave full screen' : 'Full screen');
});

let largeBefore = address.large();

address.addEventListener('change', () => {
  render();
  const id = address.large();
  grid.find(id || largeBefore)?.link.focus({ preventScroll: id !== '' });
  largeBefore = id;
});

grid.addEventListener('view', play);

// When the page is in view

function follow() {
  if (document.hidden) {
    server.stop();
    pages.hide();
    interrupted = true;
    play();
  } else {
    pages.show();
    server.start();
  }
}

document.addEventListener('visibilitychange', follow);
addEventListener('pagehide', () => pages.hide());
setInterval(() => {
  if (!document.hidden && known) render(); // the ages of the pictures
}, 1000);
follow();
