// Saves a camera's newest frame as a file.

export async function save(tile) {
  const response = await fetch(`${tile.path}/snapshot.jpg`, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`snapshot: ${response.status}`);
  const stamp = Number(response.headers.get('X-Timestamp'));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${tile.camera.id} ${clock(stamp > 0 ? new Date(stamp * 1000) : new Date())}.jpg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return link.download;
}

// Local time, without the colons that Windows refuses in a file's name.
function clock(date) {
  const two = (number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('.')}`;
}
