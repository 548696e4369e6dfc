// What the keys do; the list for people is in index.html. Enter needs nothing: a tile is a link.

export function listen({ step, move, carry, openNth, fullScreen, save, float, zoom, help, back, isLarge, isHelp }) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const act = () => {
      const { key } = event;
      if (key === '?') return event.repeat ? false : help();
      if (isHelp()) return false;
      if (key in moves && event.shiftKey) return isLarge() ? false : carry(...moves[key]);
      if (key in moves) return isLarge() ? step(moves[key][0] + moves[key][1]) : move(...moves[key]);
      if (key === '+' || key === '=') return zoom(1.25);
      if (key === '-') return zoom(0.8);
      if (key === '0') return zoom(0);
      if (event.repeat) return false;
      if (key >= '1' && key <= '9') return openNth(Number(key));
      if (key === 'f' || key === 'F') return fullScreen();
      if (key === 's' || key === 'S') return save();
      if (key === 'p' || key === 'P') return float();
      if (key === 'Escape') return back();
      return false;
    };
    if (act() !== false) event.preventDefault();
  });
}
