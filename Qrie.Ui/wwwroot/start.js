// What the console asks of the browser.
window.qrie = {
  environment: () => ({
    dark: document.documentElement.dataset.theme === 'dark',
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC',
  }),
  setTheme: (dark) => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    try { localStorage.setItem('qrie-theme', dark ? 'dark' : 'light'); } catch { /* it lasts until the page is left */ }
  },
  copy: async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* only https and localhost may */ }
    const area = document.createElement('textarea');
    area.value = text; area.style.position = 'fixed'; area.style.opacity = '0';
    document.body.append(area); area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  },
  save: (name, type, text) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name; link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  },
  // A panel that opens takes the focus, and gives it back when it closes.
  focusPanel: (panel) => { window.qrie.before = document.activeElement; panel?.focus(); },
  focusBack: () => { window.qrie.before?.isConnected && window.qrie.before.focus(); window.qrie.before = null; },
};
// Blazor tells the dialog of a lost connection what happens.
(() => {
  const dialog = document.getElementById('components-reconnect-modal');
  const show = (state) => { dialog.dataset.state = state; dialog.open || dialog.showModal(); };
  // What is written in a field when the connection is lost was not sent, and sending it fails: it is sent once more afterwards.
  const unsent = new Set();
  const keep = (field) => field?.matches?.('input:not([type=file]), textarea, select') && unsent.add(field);
  const send = () => { unsent.forEach((field) => field.dispatchEvent(new Event('change', { bubbles: true }))); unsent.clear(); };
  document.addEventListener('change', (e) => dialog?.open && keep(e.target), true);
  dialog?.addEventListener('components-reconnect-state-changed', (e) => {
    switch (e.detail.state) {
      case 'show': case 'retrying': case 'paused': dialog.open || keep(document.activeElement); show('lost'); break;
      case 'hide': dialog.close(); send(); break;
      default: show('gone'); // the service does not know the session any more
    }
  });
  dialog?.addEventListener('cancel', (e) => e.preventDefault()); // nothing behind it would work
  dialog?.addEventListener('click', async (e) => {
    const what = e.target.closest('[data-do]')?.dataset.do;
    if (what === 'reload') { location.reload(); }
    // False: the service answers, but has forgotten the session. An exception: it does not answer yet.
    if (what === 'reconnect') { try { await Blazor.reconnect() || show('gone'); } catch { /* the next try comes by itself */ } }
  });
})();
if (document.querySelector('[data-sign-in]')) {
  document.getElementById('q-boot')?.remove();
} else {
  Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1000, retryIntervalMilliseconds: (n) => Math.min(500 * (n + 1), 5000) } } })
    .finally(() => document.getElementById('q-boot')?.remove());
}
