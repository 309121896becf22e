/* The raw connection: a script cannot send bytes of its own making, so the
 * server's endpoint opens a connection to itself, sends them and returns the
 * transcript.  Where the endpoint is off, WireOff says why. */

export class WireOff extends Error {}

const ENDPOINT = '.httpconsole/exchange';
const TRIES = 5;
const PAUSE = 300; /* ms, between tries while the endpoint is busy */

/* The folder of this page as the browser names it, with slashes around. */
export const folder = new URL('.', location.href).pathname;

function bytesOfText(text) {
	return Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff);
}

export function textOfBytes(bytes) {
	let text = '';
	for (const byte of bytes)
		text += String.fromCharCode(byte);
	return text;
}

function toBase64url(text) {
	return btoa(textOfBytes(bytesOfText(text)))
	    .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64(text) {
	return bytesOfText(atob(text));
}

/* A response as it came: head and content apart, fields in their order. */
export class Message {
	constructor(bytes, total) {
		const text = textOfBytes(bytes);
		const end = text.indexOf('\r\n\r\n');

		this.complete = end >= 0;
		this.head = this.complete ? text.slice(0, end + 4) : text;
		this.body = bytes.subarray(this.head.length);
		/* of the content, also of the part that was not handed over */
		this.bodySize = total - this.head.length;

		const lines = this.head.split('\r\n');
		const start = /^HTTP\/(\d\.\d) (\d{3}) ?(.*)$/.exec(lines[0]);
		this.line = lines[0];
		this.status = start ? Number(start[2]) : 0;
		this.fields = lines.slice(1).filter(Boolean).map((line) => {
			const colon = line.indexOf(':');
			return [line.slice(0, colon),
			    line.slice(colon + 1).trim()];
		});
	}

	get(name) {
		const wanted = name.toLowerCase();
		const found = this.fields.find(
		    ([n]) => n.toLowerCase() === wanted);
		return found ? found[1] : null;
	}

	get length() {
		const value = this.get('content-length');
		return value === null ? null : Number(value);
	}

	get isText() {
		return /^text\/|json|xml|javascript/.test(
		    this.get('content-type') ?? '');
	}

	get bodyText() {
		return new TextDecoder().decode(this.body);
	}

	/* What an error page gives as its reason; null when it gives none. */
	get reason() {
		let text = this.bodyText;
		if (/html/.test(this.get('content-type') ?? '')) {
			const page = new DOMParser().parseFromString(
			    text, 'text/html');
			text = [...page.querySelectorAll('p, h1, h2')]
			    .map((e) => e.textContent).join('\n');
		}
		return /^Why: *(.*)$/m.exec(text)?.[1] ?? null;
	}
}

export class Wire {
	constructor() {
		this.state = 'unknown'; /* then 'on' or 'off' */
		this.why = '';
		/* where the endpoint may be, and how its server names this
		 * folder: itself, or as a proxy before it strips the path */
		this.places = [{ endpoint: '/', base: folder }];
		if (folder !== '/')
			this.places.push({ endpoint: folder, base: '/' });
	}

	get base() {
		return this.places[0].base;
	}

	/* Find the endpoint, once: one HEAD of the text file. */
	async open() {
		while (this.state === 'unknown') {
			try {
				await this.ask([this.head('files/hello.txt')]);
				this.state = 'on';
			} catch (e) {
				if (!(e instanceof WireOff))
					throw e;
				if (this.places.length > 1) {
					this.places.shift();
					continue;
				}
				this.state = 'off';
				this.why = e.message;
			}
		}
		return this.state === 'on';
	}

	/* The bytes of a request for a file of this page's folder.  `fields`
	 * are lines; what HTTP/1.1 demands is put before them. */
	request(method, path, fields = [], version = '1.1', content = '') {
		return [
			`${method} ${this.base}${path} HTTP/${version}`,
			`Host: ${location.host}`,
			'User-Agent: httpconsole-test-page',
			...fields, '', content,
		].join('\r\n');
	}

	get(path, ...fields) {
		return this.request('GET', path, fields);
	}

	head(path, ...fields) {
		return this.request('HEAD', path, fields);
	}

	/* Send these requests on one new connection, each after the answer to
	 * the one before. */
	async exchange(requests) {
		const answer = await this.ask(requests);
		const steps = answer.steps.map((step, i) => ({
			sent: requests[i],
			message: new Message(
			    fromBase64(step.received), step.received_bytes),
			size: step.received_bytes,
			ms: step.ms,
			outcome: step.outcome,
		}));
		return { client: answer.client, server: answer.server,
		    closed: answer.closed, steps };
	}

	async ask(requests) {
		const query = requests.map((r) => `send=${toBase64url(r)}`);
		const url = this.places[0].endpoint + ENDPOINT + '?' +
		    query.join('&');

		for (let tries = 1;; tries++) {
			const response = await fetch(url, { cache: 'no-store' });
			if (response.status === 503 && tries < TRIES) {
				await new Promise((r) => setTimeout(r, PAUSE));
				continue;
			}
			const type = response.headers.get('content-type') ?? '';
			if (response.ok && type.includes('json'))
				return response.json();
			await response.text();
			if (response.status === 503)
				throw new Error('all places of the raw ' +
				    'connection are taken; try again');
			throw new WireOff(response.ok || response.status === 404
			    ? 'the server offers one only while it listens ' +
			      'on loopback alone, and not with lab: false'
			    : `the server answered ${response.status}`);
		}
	}
}

/* What a script can see of an exchange that the browser makes. */
export async function seen(path, options = {}) {
	const url = new URL(path, new URL(folder, location.href));
	const response = await fetch(url, { cache: 'no-store', ...options });
	const bytes = new Uint8Array(await response.arrayBuffer());

	return {
		method: options.method ?? 'GET',
		path: url.pathname + url.search,
		status: response.status,
		phrase: response.statusText,
		fields: [...response.headers],
		get: (name) => response.headers.get(name),
		bytes,
	};
}
