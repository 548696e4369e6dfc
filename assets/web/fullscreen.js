// The whole page on the whole screen; what is not picture hides while nobody moves.

const IDLE = 2500;

let timer = 0;

export const canFullScreen = document.fullscreenEnabled ?? false; // not on an iPhone

export function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
}

export function hideWhenIdle(onchange) {
  const wake = () => {
    delete document.body.dataset.idle;
    clearTimeout(timer);
    if (document.fullscreenElement) timer = setTimeout(() => (document.body.dataset.idle = 'true'), IDLE);
  };
  for (const event of ['pointermove', 'pointerdown', 'keydown', 'focusin']) addEventListener(event, wake, { passive: true });
  document.addEventListener('fullscreenchange', () => {
    wake();
    onchange(document.fullscreenElement !== null);
  });
}
