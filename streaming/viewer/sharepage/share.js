const said = document.querySelector('#said');

for (const button of document.querySelectorAll('button[data-copy]')) {
  // Browsers give the clipboard to pages on this computer, and to some pages only.
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    const from = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(from.textContent);
      said.textContent = 'Copied.';
    } catch {
      getSelection().selectAllChildren(from);
      said.textContent = 'The browser does not let this page copy. It is selected: press Ctrl+C.';
    }
  });
}
