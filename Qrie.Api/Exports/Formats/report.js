'use strict';
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const columns = ['arn', 'policy', 'account', 'service', 'type', 'region', 'severity', 'state', 'since', 'evaluated', 'evidence', 'why', 'baseline'];
  const rows = read('rows').map(row => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  const policies = read('policies');
  const atOnce = 200;
  const form = document.querySelector('form');
  const body = document.querySelector('#findings tbody');
  const count = document.getElementById('count');
  const more = document.getElementById('more');
  const bands = ['critical', 'high', 'medium', 'low'];
  const bandOf = severity => severity >= 90 ? 'critical' : severity >= 50 ? 'high' : severity >= 25 ? 'medium' : 'low';
  let matching = [];
  let shown = 0;

  // Only text is ever inserted: names of resources are chosen by others.
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const fill = (select, values) => {
    for (const value of [...new Set(values)].sort()) {
      const option = element('option', value);
      option.value = value;
      select.append(option);
    }
  };

  const details = row => {
    const policy = policies[row.policy];
    const made = element('details');
    made.append(element('summary', policy.title));
    if (row.why) made.append(element('p', row.why));
    if (policy.description) made.append(element('p', policy.description));
    if (row.evidence) made.append(element('pre', row.evidence));
    if (policy.remediation) made.append(element('pre', policy.remediation));
    for (const reference of policy.references) {
      if (!reference.startsWith('https://')) continue;
      const link = element('a', reference);
      link.href = reference;
      link.rel = 'noreferrer';
      made.append(link, element('br'));
    }
    return made;
  };

  const add = () => {
    const next = matching.slice(shown, shown + atOnce);
    for (const row of next) {
      const line = element('tr');
      const state = row.state === 'ACTIVE' ? (row.baseline || 'active') : row.state.toLowerCase();
      line.append(element('td', `${bandOf(row.severity)} ${row.severity}`, `severity ${bandOf(row.severity)}`), element('td', state));
      const what = element('td');
      what.append(details(row));
      line.append(what, element('td', row.arn), element('td', row.account), element('td', row.region), element('td', row.since ? row.since.slice(0, 10) : ''));
      body.append(line);
    }
    shown += next.length;
    more.hidden = shown >= matching.length;
  };

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.text.toLowerCase().split(/\s+/).filter(word => word);
    matching = rows.filter(row =>
      (!wanted.severity || bands.indexOf(bandOf(row.severity)) <= bands.indexOf(wanted.severity))
      && (!wanted.state || (wanted.state === 'new' ? row.baseline === 'new' : row.state === wanted.state))
      && (!wanted.service || row.service === wanted.service)
      && (!wanted.account || row.account === wanted.account)
      && words.every(word => `${row.arn} ${row.policy} ${policies[row.policy].title} ${row.region} ${row.type}`.toLowerCase().includes(word)));
    count.textContent = `${matching.length} of ${rows.length}`;
    body.replaceChildren();
    shown = 0;
    add();
  };

  rows.sort((a, b) => b.severity - a.severity || (a.policy < b.policy ? -1 : a.policy > b.policy ? 1 : 0));
  fill(form.elements.service, rows.map(row => row.service));
  fill(form.elements.account, rows.map(row => row.account));
  form.addEventListener('input', filter);
  form.addEventListener('submit', event => event.preventDefault());
  more.addEventListener('click', add);
  filter();
})();
