// The page of FlowForge. It asks the API every so often and shows what it says. What comes from tasks is only ever set as
// text, never as markup. The API key lives in this tab's session storage.

const STATES = ['queued', 'running', 'succeeded', 'dead', 'cancelled'];
const ROWS = 25;
const MOVING = 700; // milliseconds between two looks while something is queued or running
const RESTING = 3000;
const LONGEST = 15000; // however often the service did not answer
const PATIENCE = 8000; // for one answer

const $ = id => document.getElementById(id);
const KEY = 'flowforge-api-key';

class Refused extends Error {
  constructor(status, body) {
    super(body.error ?? `the service answered ${status}`);
    this.status = status;
    this.field = body.field;
  }
}

async function ask(method, path, body, headers = {}) {
  const response = await fetch(path, {
    method,
    headers: { 'X-API-Key': sessionStorage.getItem(KEY) ?? '', ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
    cache: 'no-store',
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/* The key */

function showDoor(fault = '') {
  sessionStorage.removeItem(KEY);
  $('door').hidden = false;
  $('board').hidden = true;
  $('session').hidden = true;
  $('key').value = '';
  $('key').toggleAttribute('aria-invalid', false);
  if (fault) $('key').setAttribute('aria-invalid', 'true');
  $('key-fault').textContent = fault;
  $('key').focus();
}

function showBoard() {
  $('door').hidden = true;
  $('board').hidden = false;
  $('session').hidden = false;
}

$('key-form').addEventListener('submit', async event => {
  event.preventDefault();
  try {
    sessionStorage.setItem(KEY, $('key').value);
    await ask('GET', 'api/version');
    $('key').value = '';
    $('key-fault').textContent = '';
    showBoard();
    $('main').focus();
    follow();
  } catch (e) {
    showDoor(e.status === 401 ? 'The service does not know this key.' : `${saying(e)} Try again.`);
  }
});

$('forget').addEventListener('click', () => { say(''); showDoor(); });

/* What is said */

function saying(e) {
  return e instanceof Refused ? e.message : 'The service does not answer.';
}

function say(text) {
  $('says').hidden = !text;
  $('says').textContent = text;
}

function ago(time) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : new Date(time).toLocaleDateString();
}

function span(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/* Drawing: what is there is changed, not replaced, so that the focus stays where it was */

function element(name, className = '', text = '') {
  const e = document.createElement(name);
  e.className = className;
  e.textContent = text;
  return e;
}

function set(node, text, className = node.className) {
  if (node.textContent !== text) node.textContent = text;
  if (node.className !== className) node.className = className;
}

function draw(list, items, idOf, make, update) {
  const old = new Map([...list.children].map(row => [row.dataset.id, row]));
  let after = null;
  for (const item of items) {
    const id = idOf(item);
    let row = old.get(id);
    old.delete(id);
    if (!row) {
      row = make(item);
      row.dataset.id = id;
    }
    update(row, item);
    const place = after ? after.nextSibling : list.firstChild;
    if (row !== place) list.insertBefore(row, place);
    after = row;
  }
  old.forEach(row => row.remove());
}

function cells(...classes) {
  const row = element('tr');
  classes.forEach((c, i) => {
    const cell = element(i === 0 ? 'th' : 'td', c);
    if (i === 0) cell.scope = 'row';
    row.append(cell);
  });
  return row;
}

function drawTiles(stats) {
  const tiles = [...STATES.map(s => [s, String(stats.tasks[s])]), ['wait', span(stats.oldestWaitSeconds)]];
  draw($('tiles'), tiles, t => t[0], ([name]) => {
    const tile = element('div', name);
    tile.append(element('dt', '', name === 'wait' ? 'oldest wait' : name), element('dd'));
    return tile;
  }, (tile, [, value]) => set(tile.lastChild, value));
}

function drawTypes(stats) {
  draw($('types'), Object.entries(stats.types), t => t[0],
    () => cells('', ...STATES.map(() => 'number'), 'number'),
    (row, [name, type]) => {
      set(row.children[0], name);
      STATES.forEach((s, i) => set(row.children[i + 1], String(type.tasks[s]), type.tasks[s] ? 'number' : 'number zero'));
      set(row.children[STATES.length + 1], type.oldestWaitSeconds ? span(type.oldestWaitSeconds) : '–');
    });
}

function act(cell, task, name, path, done) {
  const button = element('button', 'quiet', name);
  button.type = 'button';
  button.setAttribute('aria-label', `${name} ${task.type} task ${task.id}`);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await ask('POST', `api/tasks/${task.id}/${path}`);
      say(done);
    } catch (e) {
      say(saying(e));
    } finally {
      button.disabled = false;
    }
    look.now();
  });
  cell.replaceChildren(button);
}

function drawDead(tasks, count) {
  $('no-dead').hidden = count > 0;
  $('dead-table').hidden = count === 0;
  $('more-dead').textContent = count > tasks.length ? `The newest ${tasks.length} of ${count}.` : '';
  draw($('dead'), tasks, t => t.id, task => {
    const row = cells('', 'text', 'number', 'when', 'action');
    act(row.lastChild, task, 'Retry', 'retry', `The ${task.type} task is queued again.`);
    return row;
  }, (row, task) => {
    set(row.children[0], task.type);
    set(row.children[1], task.error ?? '');
    row.children[1].title = task.error ?? '';
    set(row.children[2], `${task.attempts} of ${task.maxAttempts}`);
    set(row.children[3], ago(task.finishedAt ?? task.createdAt));
  });
}

function outcome(task) {
  if (task.status === 'succeeded') return JSON.stringify(task.result);
  return task.error ?? '';
}

function drawRecent(tasks) {
  $('no-tasks').hidden = tasks.length > 0;
  $('recent-table').hidden = tasks.length === 0;
  draw($('recent'), tasks, t => t.id, () => {
    const row = cells('', '', 'number', 'text', 'when', 'action');
    row.children[1].append(element('span', 'pill'));
    return row;
  }, (row, task) => {
    set(row.children[0], task.type);
    set(row.children[1].firstChild, task.status, `pill ${task.status}`);
    set(row.children[2], `${task.attempts} of ${task.maxAttempts}`);
    set(row.children[3], outcome(task));
    row.children[3].title = outcome(task);
    set(row.children[4], ago(task.createdAt));
    const cell = row.lastChild;
    if (cell.dataset.status !== task.status) {
      cell.dataset.status = task.status;
      cell.replaceChildren();
      if (task.status === 'queued') act(cell, task, 'Cancel', 'cancel', `The ${task.type} task is cancelled.`);
      if (task.status === 'cancelled') act(cell, task, 'Retry', 'retry', `The ${task.type} task is queued again.`);
    }
  });
}

/* Looking: one round at a time, seldom while nothing moves or nobody looks */

const look = {
  wake: () => {},
  asked: false,
  now() { this.asked = true; this.wake(); },
  async later(milliseconds) {
    if (!this.asked) {
      await new Promise(resolve => { this.wake = resolve; setTimeout(resolve, milliseconds); });
    }
    this.asked = false;
  },
};

document.addEventListener('visibilitychange', () => { if (!document.hidden) look.now(); });

async function round() {
  const [stats, recent] = await Promise.all([ask('GET', 'api/stats'), ask('GET', `api/tasks?limit=${ROWS}`)]);
  const dead = stats.tasks.dead ? await ask('GET', `api/tasks?status=dead&limit=${ROWS}`) : { items: [] };
  drawTiles(stats);
  drawTypes(stats);
  drawDead(dead.items, stats.tasks.dead);
  drawRecent(recent.items);
  return stats.tasks.queued + stats.tasks.running > 0;
}

let following = false;

async function follow() {
  if (following) return;
  following = true;
  let failures = 0;
  while (sessionStorage.getItem(KEY)) {
    let pause = RESTING;
    try {
      if (!$('type').options.length) await learnTypes();
      if (await round()) pause = MOVING;
      failures = 0;
      set($('live'), 'Live', 'live');
    } catch (e) {
      if (e.status === 401) {
        // The key may have been forgotten while this was under way, and then nothing is to be said.
        if (sessionStorage.getItem(KEY)) showDoor('The service does not know this key any more.');
        break;
      }
      failures++;
      pause = Math.min(LONGEST, RESTING * 2 ** Math.min(failures - 1, 5));
      set($('live'), `${saying(e)} Trying again.`, 'live lost');
    }
    await look.later(document.hidden ? LONGEST : pause);
  }
  following = false;
}

/* Posting */

let types = [];
let idempotencyKey = null; // of what stands in the form, until it has been posted

async function learnTypes() {
  types = (await ask('GET', 'api')).taskTypes;
  $('type').replaceChildren(...types.map(t => new Option(t.type, t.type)));
  chooseType();
}

function chooseType() {
  const type = types.find(t => t.type === $('type').value);
  $('purpose').textContent = type.purpose;
  $('payload').value = JSON.stringify(type.example, null, 2);
  $('takes').textContent = Array.isArray(type.payload)
    ? type.payload.map(f => `${f.name}: ${f.is}${f.required ? '' : ', optional'}`).join('; ') : '';
  fault('');
}

function fault(text, field = '') {
  $('task-fault').textContent = text;
  for (const id of ['type', 'payload', 'priority', 'delaySeconds', 'maxAttempts']) {
    const wrong = field === id || field.startsWith(`${id}.`) || field.startsWith(`${id}[`);
    if (wrong) $(id).setAttribute('aria-invalid', 'true'); else $(id).removeAttribute('aria-invalid');
  }
}

$('type').addEventListener('change', chooseType);
$('task-form').addEventListener('input', () => { idempotencyKey = null; });

$('task-form').addEventListener('submit', async event => {
  event.preventDefault();
  const task = { type: $('type').value };
  try {
    task.payload = JSON.parse($('payload').value || '{}');
  } catch (e) {
    fault(`The payload is not JSON: ${e.message}`, 'payload');
    return;
  }
  for (const id of ['priority', 'delaySeconds', 'maxAttempts']) task[id] = $(id).valueAsNumber;
  // Without an answer one does not know whether the task was queued: the same key again queues it once.
  idempotencyKey ??= Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
  const button = $('task-form').querySelector('button[type=submit]');
  button.disabled = true;
  try {
    const posted = await ask('POST', 'api/tasks', task, { 'Idempotency-Key': idempotencyKey });
    idempotencyKey = null;
    fault('');
    say(`Posted a task of type ${posted.type}.`);
  } catch (e) {
    fault(saying(e), e.field ?? '');
  } finally {
    button.disabled = false;
  }
  look.now();
});

$('types-head').append(...['Type', ...STATES, 'oldest wait'].map((name, i) => {
  const cell = element('th', i ? 'number' : '', name);
  cell.scope = 'col';
  return cell;
}));

if (sessionStorage.getItem(KEY)) {
  showBoard();
  follow();
} else {
  showDoor();
}
