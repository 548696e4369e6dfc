// Notices that the computer slept: the clock of the day went on, that of the page did not, or its timers did not.

const PERIOD = 1000;
const JUMP = 3000;

// onwake is told for how many ms performance.now() stood, which may be none.
export function watchSleep(onwake) {
  let day = Date.now();
  let page = performance.now();
  setInterval(() => {
    const [days, pages] = [Date.now() - day, performance.now() - page];
    day += days;
    page += pages;
    if (days > PERIOD + JUMP && !document.hidden) onwake(Math.max(0, days - pages));
  }, PERIOD);
}
