// The viewer page: the server's state in, tiles out, pictures by a transport.

import { Address } from './address.js';
import { offerChoices } from './choices.js';
import { dragToOrder } from './drag.js';
import { canFullScreen, hideWhenIdle, toggleFullScreen } from './fullscreen.js';
import { Grid } from './grid.js';
import { STREAMS } from './images.js';
import { listen } from './keys.js';
import { forgetOrder } from './order.js';
import { Pages } from './pages.js';
import { canFloat, Floating } from './pip.js';
import { save } from './save.js';
import { watchSleep } from './sleep.js';
import { StateWatch } from './state.js';
import { Transport } from './transport.js';
import * as words from './words.js';
import { Zoom } from './zoom.js';

const $ = (id) => document.getElementById(id);

const server = new StateWatch();
const grid = new Grid($('grid'));
const transport = new Transport();
const address = new Address();
const pages = new Pages();
const floating = new Floating();
const zoom = new Zoom($('grid'), () => grid.find(address.large())?.view);
const kiosk = new URLSearchParams(location.search).has('kiosk');

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
  grid.update(state.cameras, detail.now);
  render();
  if (interrupted && !trouble) {
    interrupted = false;
    transport.reopen();
  }
  if (!trouble) transport.check();
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

transport.addEventListener('state', ({ detail }) => server.tell(detail.state, detail.now));
transport.addEventListener('alive', () => server.alive());
transport.addEventListener('ended', () => server.hurry());
transport.addEventListener('shown', ({ detail }) => floating.draw(detail.tile));

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
    tile.render({ state: stateOf(tile.camera), large: tile === large, explained: trouble !== '' && !kiosk });
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
  $('float').hidden = !canFloat || !(large || floating.tile);

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
  banner.hidden = trouble === '' || kiosk;
}

// The tiles whose pictures are wanted.
function wanted() {
  if (document.hidden) return floating.tile ? [floating.tile] : [];
  const id = address.large();
  return grid.tiles.filter((tile) => tile === floating.tile || (id ? tile.camera.id === id : tile.inView));
}

function play() {
  if (trouble === 'stopped') {
    transport.watch([]);
    return;
  }
  if (trouble && !document.hidden) return; // the pictures that are there stay
  transport.watch(wanted().filter((tile) => tile.playable), Math.floor(STREAMS / pages.inView));
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

function carry(right, down) {
  const { tiles, columns } = grid;
  const at = tiles.findIndex((tile) => tile.link === document.activeElement);
  const to = at + right + down * columns;
  if (at < 0 || !tiles[to]) return false;
  grid.move(tiles[at], to);
  announce(`${tiles[at].camera.name} is now number ${to + 1} of ${tiles.length}`);
}

const chosen = () => grid.find(address.large()) ?? grid.tiles.find(({ link }) => link === document.activeElement);

async function saveSnapshot() {
  const tile = chosen();
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

async function float() {
  const tile = chosen();
  if (!canFloat) return note('This browser has no picture-in-picture for pages.');
  if (!tile && !floating.tile) return note('Choose a camera first, then press P.');
  try {
    await floating.toggle(tile);
  } catch {
    note(`${tile.camera.name} cannot be shown in a small window just now.`);
  }
}

function help() {
  const dialog = $('view');
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

listen({
  step,
  move,
  carry,
  openNth: (n) => (grid.tiles[n - 1] ? open(grid.tiles[n - 1]) : false),
  fullScreen: toggleFullScreen,
  save: saveSnapshot,
  float,
  zoom: (times) => {
    const large = grid.find(address.large());
    if (!large) return false;
    return times ? zoom.step(times, large.view) : zoom.reset();
  },
  help,
  back() {
    if (zoom.reset() !== false) return;
    return address.large() && !document.fullscreenElement ? address.openAll() : false;
  },
  isLarge: () => address.large() !== '',
  isHelp: () => $('view').open,
});

const isPlainClick = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || event.defaultPrevented || link.hasAttribute('download') || !isPlainClick(event)) return;
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
$('float').addEventListener('click', float);
$('view-button').addEventListener('click', help);
$('view').addEventListener('click', ({ target }) => target === $('view') && help()); // beside it
$('own-order').addEventListener('click', () => {
  forgetOrder();
  grid.reorder();
  grid.fit();
});
offerChoices($('view').querySelectorAll('input'), () => grid.fit());
dragToOrder(grid, $('grid'), () => !address.large() && !kiosk);
zoom.onchange = () => {
  document.body.dataset.zoomed = zoom.factor > 1;
  const large = grid.find(address.large());
  if (large) large.screen.zoom = zoom.factor;
};
floating.onchange = () => {
  $('float').setAttribute('aria-pressed', floating.tile !== null);
  render();
};
if (kiosk) document.body.dataset.kiosk = 'true';
document.querySelector('nav').hidden = false;
hideWhenIdle((full) => {
  $('full-screen').setAttribute('aria-label', full ? 'Leave full screen' : 'Full screen');
});

let largeBefore = address.large();

address.addEventListener('change', () => {
  zoom.reset();
  render();
  const id = address.large();
  grid.find(id || largeBefore)?.link.focus({ preventScroll: id !== '' });
  largeBefore = id;
});

grid.addEventListener('view', play);

// When the page is in view

function follow() {
  if (document.hidden && !floating.tile) {
    server.stop();
    transport.close();
    pages.hide();
    interrupted = true;
  } else if (!document.hidden) {
    pages.show();
    if (!server.running) {
      transport.connect(); // before anything else: beside six streams Firefox lets no WebSocket through
      server.start();
    }
  }
  play();
}

watchSleep((ms) => {
  for (const tile of grid.tiles) tile.slept(ms);
  interrupted = true;
  server.hurry();
});
addEventListener('online', () => server.hurry());
document.addEventListener('visibilitychange', follow);
addEventListener('pagehide', () => pages.hide());
addEventListener('pageshow', ({ persisted }) => persisted && follow());
setInterval(() => {
  if (!document.hidden && known) render(); // the ages of the pictures
}, 1000);
follow();
