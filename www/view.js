/* What a step shows: checks, connections with their exchanges, tables. */

const BODY_LINES = 6;
const BODY_CHARS = 360;
const DUMP_BYTES = 32;

export function element(name, attributes = {}, ...children) {
	const node = document.createElement(name);
	for (const [key, value] of Object.entries(attributes))
		node.setAttribute(key, value);
	node.append(...children);
	return node;
}

export function plural(n, one, many = `${one}s`) {
	return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/* A head with its line ends to be seen, every other byte that is not a
 * printable character in hexadecimal.  The style draws the pictures of CR and
 * LF, which few fonts have. */
function headMarked(text) {
	const out = document.createDocumentFragment();
	let plain = '';
	const flush = () => {
		out.append(plain);
		plain = '';
	};
	const mark = (kind, shown) => {
		flush();
		out.append(element('span', { class: kind }, shown));
	};

	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (text.startsWith('\r\n', i)) {
			mark('eol cr', '␍');
			mark('eol lf', '␊');
			plain += '\n';
			i++;
		} else if (code === 10) {
			mark('eol lf odd', '␊');
			plain += '\n';
		} else if (code < 32 || code > 126) {
			mark('odd', '\\x' +
			    code.toString(16).toUpperCase().padStart(2, '0'));
		} else {
			plain += text[i];
		}
	}
	flush();
	return out;
}

function bodyStart(message) {
	if (!message.isText) {
		const bytes = message.body.subarray(0, DUMP_BYTES);
		const hex = [...bytes].map(
		    (b) => b.toString(16).padStart(2, '0')).join(' ');
		return [hex, bytes.length];
	}
	const lines = message.bodyText.split('\n').slice(0, BODY_LINES);
	const shown = lines.join('\n').slice(0, BODY_CHARS).trimEnd();
	return [shown, new TextEncoder().encode(shown).length];
}

function bodyView(message) {
	const [shown, bytes] = bodyStart(message);
	const more = message.bodySize - bytes;
	const node = element('span', { class: 'body' }, shown);
	if (more > 1)
		node.append(element('span', { class: 'more' },
		    `\n… ${plural(more, 'more byte')}`));
	return node;
}

const OUTCOMES = {
	response: 'complete; the connection stays open',
	closed: 'the server closed the connection',
	timeout: 'no complete answer within 2 s',
	refused: 'not sent: the server has closed the connection',
};

/* Head and content of a request that this page made. */
function requestView(text) {
	const end = text.indexOf('\r\n\r\n');
	const split = end < 0 ? text.length : end + 4;
	const pre = element('pre', { class: 'sent', role: 'group',
	    'aria-label': 'Request' }, headMarked(text.slice(0, split)));
	if (split < text.length)
		pre.append(element('span', { class: 'body' },
		    text.slice(split)));
	return pre;
}

function exchangeView(step, closed) {
	const node = element('div', { class: 'exchange',
	    'data-outcome': step.outcome }, requestView(step.sent));
	if (step.size > 0) {
		const pre = element('pre', { class: 'received', role: 'group',
		    'aria-label': 'Response' }, headMarked(step.message.head));
		if (step.message.bodySize > 0)
			pre.append(bodyView(step.message));
		node.append(pre);
	}
	const facts = [step.outcome === 'refused' && !closed
	    ? 'not sent: the one before had no answer'
	    : OUTCOMES[step.outcome] ?? step.outcome];
	if (step.size > 0)
		facts.unshift(plural(step.size, 'byte'),
		    `${step.ms.toFixed(step.ms < 10 ? 2 : 0)} ms`);
	node.append(element('p', { class: 'outcome' }, facts.join(' · ')));
	return node;
}

/* One connection: a line from its opening to its end. */
export function connectionView(connection, title) {
	const node = element('section', { class: 'connection',
	    'data-closed': connection.closed, 'data-client': connection.client,
	    'aria-label': `Connection ${connection.client}` });
	if (title)
		node.append(element('h3', {}, title));
	node.append(element('p', { class: 'opened' },
	    element('code', {}, connection.client), ' connects to ',
	    element('code', {}, connection.server)));
	node.append(...connection.steps.map(
	    (step) => exchangeView(step, connection.closed)));
	node.append(element('p', { class: 'ended' }, connection.closed
	    ? 'closed by the server' : 'still open; the page hangs up'));
	return node;
}

/* An exchange of the browser's own: never as bytes, since none were seen. */
export function seenView(answer) {
	return element('section', { class: 'seen' },
	    element('p', { class: 'opened' }, 'As a script sees it: ',
	        element('code', {}, `${answer.method} ${answer.path}`), ' → ',
	        element('code', {}, `${answer.status} ${answer.phrase}`.trim())),
	    fieldsView(answer.fields),
	    element('p', { class: 'outcome' },
	        `${plural(answer.bytes.length, 'byte')} of content`));
}

const MEANINGS = {
	'accept-ranges': 'whether parts may be asked for',
	allow: 'the methods that this file answers to',
	'cache-control': 'no-cache: a copy may be kept, but ask before using it',
	connection: 'whether the connection stays open',
	'content-encoding': 'how the content is compressed',
	'content-length': 'where the content ends, in bytes',
	'content-type': 'what the content is',
	date: 'when this answer was made',
	etag: 'a name for exactly this content',
	'keep-alive': 'for how long, in seconds of silence',
	'last-modified': 'when the file was last changed',
	'referrer-policy': 'what a link from here tells the next site',
	server: 'the program that answers',
	vary: 'the request’s fields that choose the answer',
	'x-content-type-options': 'the browser must not guess another type',
};

export function fieldsView(fields, meanings = false) {
	const body = element('tbody');
	for (const [name, value] of fields) {
		const row = element('tr', {},
		    element('th', { scope: 'row' }, name),
		    element('td', {}, element('code', {}, value)));
		const meaning = MEANINGS[name.toLowerCase()];
		if (meanings && meaning)
			row.lastChild.append(
			    element('span', { class: 'meaning' }, meaning));
		body.append(row);
	}
	return element('table', { class: 'fields' }, body);
}

export function checksView(checks) {
	const body = element('tbody');
	for (const { verdict, expected, came } of checks)
		body.append(element('tr', { 'data-check': verdict },
		    element('td', { class: 'mark', 'aria-label': verdict }),
		    element('td', {}, expected),
		    element('td', {}, came)));
	return element('table', { class: 'checks' },
	    element('thead', {}, element('tr', {},
	        element('td', { class: 'mark' }),
	        element('th', { scope: 'col' }, 'Expected'),
	        element('th', { scope: 'col' }, 'What came'))), body);
}
