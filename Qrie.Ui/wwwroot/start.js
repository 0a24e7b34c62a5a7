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
if (document.querySelector('[data-sign-in]')) {
  document.getElementById('q-boot')?.remove();
} else {
  Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 1000, retryIntervalMilliseconds: (n) => Math.min(500 * (n + 1), 5000) } } })
    .finally(() => document.getElementById('q-boot')?.remove());
}
