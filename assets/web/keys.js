// Arrows, 1–9, F, S and Esc. Enter needs nothing: a tile is a link.

export function listen({ step, move, openNth, fullScreen, save, back, isLarge }) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const act = () => {
      const { key } = event;
      if (key in moves) return isLarge() ? step(moves[key][0] + moves[key][1]) : move(...moves[key]);
      if (event.repeat) return false;
      if (key >= '1' && key <= '9') return openNth(Number(key));
      if (key === 'f' || key === 'F') return fullScreen();
      if (key === 's' || key === 'S') return save();
      if (key === 'Escape') return back();
      return false;
    };
    if (act() !== false) event.preventDefault();
  });
}
