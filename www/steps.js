/* The steps.  raw(): over the raw connection, every byte seen.  seen(): with
 * the browser's fetch, where only what a script can see is judged. */

import { folder, seen, textOfBytes } from './wire.js';
import { element, fieldsView, plural, seenView } from './view.js';

const TEXT = 'files/hello.txt';
const IMAGES = [
	{ path: 'files/picture.png', name: 'PNG', type: 'image/png',
	    alt: 'A lighthouse at dusk, its beam over the sea' },
	{ path: 'files/photo.jpg', name: 'JPEG', type: 'image/jpeg',
	    alt: 'The sun going down over calm water' },
];
const MISSING = 'files/no-such-file.txt';
const PLAIN = 'Accept: text/plain';
const UNSEEN = 'a script cannot see it';
const OTHER_TAG = '"another"';

const shown = (m) => `${m.status || 'no status'} ${m.phrase ??
    m.line.replace(/^\S+ \d+ ?/, '')}`.trim();
const isDate = (value) => value !== null && !Number.isNaN(Date.parse(value));

function statusCheck(report, message, status, expected = String(status)) {
	report.check(expected, shown(message), message.status === status);
}

function fieldCheck(report, message, name, ok, expected) {
	const value = message.get(name);
	report.check(expected, value === null ? `no ${name}`
	    : `${name}: ${value}`, value !== null && ok(value));
}

/* The content is as long as the head says. */
function lengthCheck(report, message) {
	report.check('content as long as Content-Length says',
	    `${plural(message.bodySize, 'byte')}, Content-Length: ` +
	    `${message.length ?? 'none'}`,
	    message.length === message.bodySize);
}

function emptyCheck(report, step) {
	report.check('no content after the head',
	    step.message.complete ? plural(step.message.bodySize, 'byte')
	    : 'no complete head',
	    step.message.complete && step.message.bodySize === 0);
}

/* One day before an HTTP date, as an HTTP date. */
function dayBefore(date) {
	return new Date(Date.parse(date) - 86400e3).toUTCString();
}

const get = {
	async raw(report) {
		const { wire } = report;
		const { steps: [step] } =
		    await report.connection([wire.get(TEXT, PLAIN)]);
		const m = step.message;
		const own = await seen(TEXT);
		const raw = textOfBytes(m.body);

		statusCheck(report, m, 200);
		fieldCheck(report, m, 'Content-Type',
		    (v) => v.startsWith('text/plain'), 'text/plain');
		lengthCheck(report, m);
		fieldCheck(report, m, 'Last-Modified', isDate,
		    'a date of the last change');
		fieldCheck(report, m, 'ETag', (v) => /^(W\/)?".*"$/.test(v),
		    'an entity tag');
		report.check('the bytes that your browser gets, too',
		    `${plural(own.bytes.length, 'byte')} by fetch`,
		    raw.length > 0 && m.bodySize === own.bytes.length &&
		    textOfBytes(own.bytes).startsWith(raw));
	},

	async seen(report) {
		const answer = await seen(TEXT);

		report.show(seenView(answer));
		statusCheck(report, answer, 200);
		fieldCheck(report, answer, 'content-type',
		    (v) => v.startsWith('text/plain'), 'text/plain');
		fieldCheck(report, answer, 'last-modified', isDate,
		    'a date of the last change');
		fieldCheck(report, answer, 'etag',
		    (v) => /^(W\/)?".*"$/.test(v), 'an entity tag');
		report.check('content', plural(answer.bytes.length, 'byte'),
		    answer.bytes.length > 0);
	},
};

/* The images as the browser gets them: the proof is their size in pixels. */
async function imagesShow(report) {
	const row = element('div', { class: 'pictures' });

	report.show(row);
	for (const { path, name, alt } of IMAGES) {
		const img = element('img', { alt, width: 960, height: 600,
		    src: new URL(path, new URL(folder, location.href)) });
		row.append(img);
		const ok = await img.decode().then(() => true, () => false);
		report.check(`${name}: an image that your browser can show`,
		    ok ? `${img.naturalWidth} × ${img.naturalHeight} pixels`
		    : 'not an image', ok && img.naturalWidth > 0);
	}
}

const image = {
	async raw(report) {
		const requests =
		    IMAGES.map(({ path }) => report.wire.get(path));
		const { steps } = await report.connection(requests);

		for (const [i, { name, type }] of IMAGES.entries()) {
			const m = steps[i].message;
			statusCheck(report, m, 200, `${name}: 200`);
			fieldCheck(report, m, 'Content-Type',
			    (v) => v === type, type);
			lengthCheck(report, m);
		}
		await imagesShow(report);
	},

	async seen(report) {
		for (const { path, name, type } of IMAGES) {
			const answer = await seen(path);
			report.show(seenView(answer));
			statusCheck(report, answer, 200, `${name}: 200`);
			fieldCheck(report, answer, 'content-type',
			    (v) => v === type, type);
		}
		await imagesShow(report);
	},
};

const head = {
	async raw(report) {
		const { wire } = report;
		const { steps: [first, second] } = await report.connection(
		    [wire.head(TEXT), wire.get(TEXT)]);

		statusCheck(report, first.message, 200);
		emptyCheck(report, first);
		report.check('the Content-Length that GET gives',
		    `${first.message.length} and ${second.message.length}`,
		    first.message.length !== null &&
		    first.message.length === second.message.length);
		report.check('GET on the same connection: 200',
		    second.outcome === 'response' ? shown(second.message)
		    : second.outcome, second.message.status === 200);
		report.show(element('h3', {}, 'The fields of the HEAD answer'),
		    fieldsView(first.message.fields, true));
	},

	async seen(report) {
		const answer = await seen(TEXT, { method: 'HEAD' });
		const full = await seen(TEXT);

		report.show(seenView(answer));
		statusCheck(report, answer, 200);
		report.check('the Content-Length that GET gives',
		    `${answer.get('content-length')} and ` +
		    `${full.get('content-length')}`,
		    answer.get('content-length') !== null &&
		    answer.get('content-length') ===
		    full.get('content-length'));
		report.skip('no content after the head', UNSEEN);
	},
};

/* The reason that the server gives is shown; that it gives one is not
 * something that HTTP demands. */
function refusalCheck(report, name, step) {
	const { reason } = step.message;
	const came = shown(step.message);

	report.check(`${name}: 400`, reason ? `${came}: ${reason}` : came,
	    step.message.status === 400);
}

const badRequest = {
	async raw(report) {
		const { wire } = report;
		const line = `GET ${wire.base}${TEXT}`;
		const host = `Host: ${location.host}`;
		const cases = [
			['No Host field', `${line} HTTP/1.1\r\n${PLAIN}\r\n\r\n`],
			['Line feed alone as line end',
			    `${line} HTTP/1.1\n${host}\n${PLAIN}\n\n`],
			['Blank before a colon', `${line} HTTP/1.1\r\n` +
			    `${host}\r\nAccept : text/plain\r\n\r\n`],
			['Bad percent escape', wire.get('files/100%', PLAIN)],
		];

		for (const [name, request] of cases) {
			const { steps: [step] } =
			    await report.connection([request], name);
			refusalCheck(report, name, step);
		}
	},

	async seen(report) {
		const answer = await seen('files/100%');
		const why = 'a script cannot send it';

		report.show(seenView(answer));
		report.skip('No Host field: 400', why);
		report.skip('Line feed alone as line end: 400', why);
		report.skip('Blank before a colon: 400', why);
		statusCheck(report, answer, 400, 'Bad percent escape: 400');
	},
};

const notFound = {
	async raw(report) {
		const { steps: [step] } = await report.connection(
		    [report.wire.get(MISSING, PLAIN)]);

		statusCheck(report, step.message, 404);
		lengthCheck(report, step.message);
		report.check('the connection stays open',
		    step.outcome === 'response' ? 'open' : step.outcome,
		    step.outcome === 'response');
	},

	async seen(report) {
		const answer = await seen(MISSING);

		report.show(seenView(answer));
		statusCheck(report, answer, 404);
	},
};

function allowCheck(report, message) {
	fieldCheck(report, message, 'Allow', (value) => {
		const methods = value.split(/\s*,\s*/);
		return methods.includes('GET') && methods.includes('HEAD') &&
		    !methods.includes('POST');
	}, 'GET and HEAD in Allow, POST not');
}

const method = {
	async raw(report) {
		const content = 'name=value';
		const { steps: [step] } = await report.connection([
			report.wire.request('POST', TEXT, [PLAIN,
			    'Content-Type: application/x-www-form-urlencoded',
			    `Content-Length: ${content.length}`], '1.1',
			    content),
		]);

		statusCheck(report, step.message, 405);
		allowCheck(report, step.message);
	},

	async seen(report) {
		const answer = await seen(TEXT, { method: 'POST',
		    body: new URLSearchParams({ name: 'value' }) });

		report.show(seenView(answer));
		statusCheck(report, answer, 405);
		allowCheck(report, answer);
	},
};

/* The two steps about 304 differ in the field asked with.  `stale` makes a
 * value that must not match from the one that must. */
function conditional(validator, condition, stale) {
	return {
		async raw(report) {
			const { wire } = report;
			const first = await report.connection(
			    [wire.head(TEXT)], 'First: the validator');
			const value =
			    first.steps[0].message.get(validator);

			report.check(`${validator} in the first answer`, value,
			    value !== null);
			if (value === null)
				return;
			const { steps: [same, other] } =
			    await report.connection([
				    wire.get(TEXT, `${condition}: ${value}`),
				    wire.get(TEXT,
				        `${condition}: ${stale(value)}`),
			    ], 'Then: asked with it, and with another');

			statusCheck(report, same.message, 304);
			emptyCheck(report, same);
			const etag = first.steps[0].message.get('ETag');
			if (etag !== null)
				report.check('the same ETag in the 304',
				    same.message.get('ETag'),
				    same.message.get('ETag') === etag);
			statusCheck(report, other.message, 200,
			    `${condition} with another value: 200`);
			lengthCheck(report, other.message);
		},

		async seen(report) {
			const first = await seen(TEXT, { method: 'HEAD' });
			const value = first.get(validator);

			report.check(`${validator} in the first answer`, value,
			    value !== null);
			if (value === null)
				return;
			const same = await seen(TEXT,
			    { headers: { [condition]: value } });
			const other = await seen(TEXT,
			    { headers: { [condition]: stale(value) } });

			report.show(seenView(same), seenView(other));
			statusCheck(report, same, 304);
			report.skip('no content after the head', UNSEEN);
			statusCheck(report, other, 200,
			    `${condition} with another value: 200`);
		},
	};
}

const REQUESTS_KEPT = 4;

const keepAlive = {
	async raw(report) {
		const { wire } = report;
		const { steps, closed, client } = await report.connection([
			wire.head(TEXT),
			wire.head(TEXT, 'Connection: keep-alive'),
			wire.get(MISSING, PLAIN),
			wire.request('HEAD', TEXT,
			    ['Connection: keep-alive'], '1.0'),
		]);
		const wanted = [200, 200, 404, 200];
		const field = steps.at(-1).message.get('Connection') ?? '';

		report.check(`${REQUESTS_KEPT} answers: ${wanted.join(', ')}`,
		    steps.map((s) => s.message.status || s.outcome).join(', '),
		    steps.length === REQUESTS_KEPT && steps.every((s, i) =>
		        s.message.status === wanted[i] &&
			s.outcome === 'response'));
		report.check('Connection: keep-alive in the answer to HTTP/1.0',
		    field ? `Connection: ${field}` : 'no Connection',
		    field.toLowerCase() === 'keep-alive');
		report.check('one connection, open at the end',
		    closed ? 'closed by the server' : `${client}, open`,
		    !closed);
	},

	async seen(report) {
		report.skip('several requests on one connection',
		    'the browser does not say which connection it used');
	},
};

/* After Connection: close nothing more gets an answer. */
function closedCheck(report, connection, name) {
	const [first, second] = connection.steps;

	statusCheck(report, first.message, 200, `${name}: 200`);
	report.check('the server closes',
	    connection.closed ? 'closed' : 'still open', connection.closed);
	if (second)
		report.check('no answer to a second request',
		    second.size > 0 ? shown(second.message)
		    : second.outcome === 'refused' ? 'it could not be sent'
		    : second.outcome,
		    second.size === 0 && second.outcome !== 'timeout');
}

const close = {
	async raw(report) {
		const { wire } = report;
		const asked = await report.connection([
			wire.head(TEXT, 'Connection: close'),
			wire.head(TEXT),
		], 'HTTP/1.1 with Connection: close');
		const old = await report.connection([
			wire.request('HEAD', TEXT, [], '1.0'),
		], 'HTTP/1.0 without the field');
		const said = asked.steps[0].message.get('Connection') ?? '';

		closedCheck(report, asked, 'Connection: close');
		report.check('Connection: close in the answer',
		    said ? `Connection: ${said}` : 'no Connection',
		    said.toLowerCase() === 'close');
		closedCheck(report, old, 'HTTP/1.0');
	},

	async seen(report) {
		report.skip('the server closes',
		    'a script cannot send Connection, nor see a close');
	},
};

/* The timings of an address; the browser files them a moment after the
 * content is there. */
async function timings(url, count) {
	for (let tries = 0; tries < 40; tries++) {
		const entries = performance.getEntriesByName(url, 'resource');
		if (entries.length >= count)
			return entries;
		await new Promise((r) => setTimeout(r, 50));
	}
	return [];
}

function timingRows(entry, again) {
	const reused = entry.connectStart === entry.connectEnd;
	const wait = entry.responseStart - entry.requestStart;

	return [
		['Protocol', entry.nextHopProtocol || 'not told'],
		['Connection', reused ? 'one that was open already' : 'a new one'],
		['First byte after', `${wait.toFixed(1)} ms`],
		['Received, first time',
		    `about ${plural(entry.transferSize, 'byte')}`],
		['Received, with a copy at hand',
		    `about ${plural(again.transferSize, 'byte')}`],
	];
}

/* Asked with its copy at hand, the browser sends If-None-Match by itself and
 * is answered 304; all that a script sees of that is how little came. */
function revalidationCheck(report, entry, again) {
	const expected = 'the second time no content';

	if (again.transferSize > 0 &&
	    again.transferSize < again.encodedBodySize)
		report.check(expected, `a head, the content from the copy`,
		    true);
	else
		report.skip(expected, 'the browser keeps no copy, or does ' +
		    'not tell');
}

async function browserRun(report) {
	const path = `${TEXT}?from=browser`;
	const { href } = new URL(path, new URL(folder, location.href));

	performance.clearResourceTimings();
	const first = await seen(path, { cache: 'reload' });
	const second = await seen(path, { cache: 'no-cache' });
	const [entry, again] = await timings(href, 2);

	statusCheck(report, first, 200);
	report.check('the same content both times',
	    `${plural(first.bytes.length, 'byte')}, then ` +
	    plural(second.bytes.length, 'byte'),
	    first.bytes.length > 0 &&
	    textOfBytes(first.bytes) === textOfBytes(second.bytes));
	if (!entry) {
		report.skip('a timing', 'the browser keeps none');
		return;
	}
	if (entry.nextHopProtocol === 'http/1.1')
		report.check('HTTP/1.1', entry.nextHopProtocol, true);
	else
		report.skip('HTTP/1.1', entry.nextHopProtocol
		    ? `${entry.nextHopProtocol}: another server is in between`
		    : 'the browser does not tell');
	revalidationCheck(report, entry, again);
	report.show(element('h3', {}, 'How your browser fetched it'),
	    fieldsView(timingRows(entry, again)),
	    element('h3', {}, 'The fields that it got'),
	    fieldsView(first.fields, true));
	report.show(element('p', { class: 'hint' }, 'What it sent: choose ',
	    element('code', {}, new URL(href).pathname +
	        new URL(href).search),
	    ' in the server’s console and press Enter.'));
}

export const steps = {
	get,
	image,
	head,
	'bad-request': badRequest,
	'not-found': notFound,
	method,
	modified: conditional('Last-Modified', 'If-Modified-Since', dayBefore),
	etag: conditional('ETag', 'If-None-Match', () => OTHER_TAG),
	'keep-alive': keepAlive,
	close,
	browser: { raw: browserRun, seen: browserRun },
};
