// Before the first paint: else a dark page would flash in white.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem('qrie-theme'); } catch { /* storage may be switched off */ }
  const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
