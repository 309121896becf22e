/* The page: runs steps one after the other, keeps verdicts and summary. */

import { Wire, WireOff, folder } from './wire.js';
import { checksView, connectionView, element, plural } from './view.js';
import { steps } from './steps.js';

const WORDS = {
	'not-run': 'not run',
	running: 'running …',
	pass: 'pass',
	fail: 'fail',
	skipped: 'skipped',
	partly: 'seen in part',
};

const wire = new Wire();
const sections = [...document.querySelectorAll('section[data-step]')];
let running = false;

/* What a step is given: it shows and judges through this. */
class Report {
	constructor(result) {
		this.wire = wire;
		this.result = result;
		this.checks = [];
	}

	/* `ok` is what makes the verdict; the texts are for people. */
	check(expected, came, ok) {
		this.checks.push({ verdict: ok ? 'pass' : 'fail', expected,
		    came: came ?? 'nothing' });
	}

	/* What cannot be seen from here is never said to be right. */
	skip(expected, why) {
		this.checks.push({ verdict: 'skipped', expected, came: why });
	}

	show(...nodes) {
		this.result.append(...nodes);
	}

	async connection(requests, title) {
		const connection = await wire.exchange(requests);
		this.show(connectionView(connection, title));
		return connection;
	}

	get verdict() {
		const all = this.checks.map((c) => c.verdict);
		if (all.includes('fail') || all.length === 0)
			return 'fail';
		return all.includes('skipped') ? 'skipped' : 'pass';
	}
}

function verdictSet(section, verdict, word = WORDS[verdict]) {
	const link = document.querySelector(
	    `nav li[data-for="${section.dataset.step}"]`);
	section.dataset.verdict = verdict;
	link.dataset.verdict = verdict;
	link.querySelector('a').title = word;
	section.querySelector('.verdict').textContent = word;
}

async function stepRun(section) {
	const result = section.querySelector('.result');
	const report = new Report(result);
	const step = steps[section.dataset.step];

	result.replaceChildren();
	verdictSet(section, 'running');
	try {
		const raw = await wire.open();
		wireShow();
		await (raw ? step.raw(report) : step.seen(report));
	} catch (e) {
		if (e instanceof WireOff)
			report.skip('a raw connection', e.message);
		else
			report.check('an answer', e.message, false);
	}
	result.prepend(checksView(report.checks));
	result.hidden = false;

	const { verdict } = report;
	const partly = verdict === 'skipped' &&
	    report.checks.some((c) => c.verdict === 'pass');
	if (verdict === 'skipped')
		section.querySelector('.by-hand').open = true;
	verdictSet(section, verdict, WORDS[partly ? 'partly' : verdict]);
}

function wireShow() {
	const node = document.getElementById('wire');
	if (wire.state !== 'off')
		return;
	node.replaceChildren(
	    element('b', {}, 'No raw connection'), ` (${wire.why}). The steps ` +
	    'are made with the browser’s own fetch instead: you see what a ' +
	    'script can see. What it cannot see is marked as skipped, with ' +
	    'a command to try by hand.');
	node.hidden = false;
}

function summaryShow() {
	const count = (v) =>
	    sections.filter((s) => s.dataset.verdict === v).length;
	const [passed, failed, skipped] =
	    ['pass', 'fail', 'skipped'].map(count);
	const parts = [`${passed} of ${sections.length} passed`];

	document.body.dataset.passed = passed;
	document.body.dataset.failed = failed;
	document.body.dataset.skipped = skipped;
	if (failed)
		parts.push(`${failed} failed`);
	if (skipped)
		parts.push(`${skipped} skipped`);
	document.getElementById('summary').textContent =
	    passed + failed + skipped === 0
		? `${plural(sections.length, 'step')}, none run yet`
		: parts.join(', ');
}

/* One run at a time: the steps are told apart in the server's console. */
async function run(chosen) {
	if (running)
		return;
	running = true;
	document.body.dataset.state = 'running';
	for (const button of document.querySelectorAll('button'))
		button.setAttribute('aria-disabled', 'true');
	for (const section of chosen) {
		await stepRun(section);
		summaryShow();
	}
	for (const button of document.querySelectorAll('button'))
		button.removeAttribute('aria-disabled');
	running = false;
	document.body.dataset.state = 'done';
}

/* The commands to try by hand, with this server's address in them. */
function commandsFill() {
	const { host, hostname, origin, port, protocol } = location;
	const secure = protocol === 'https:';
	const name = hostname.replace(/^\[(.*)\]$/, '$1');
	const number = port || (secure ? 443 : 80);
	const words = {
		$SITE: origin + folder.replace(/\/$/, ''),
		$HOST: host,
		$RAW: secure
		    ? `openssl s_client -quiet -connect ${host}`
		    : `nc ${name} ${number}`,
	};
	for (const code of document.querySelectorAll('.by-hand code'))
		code.textContent = code.textContent.replace(
		    /\$(SITE|HOST|RAW)\b/g, (word) => words[word]);
}

/* #run runs all, for whoever cannot press a button. */
function hashFollow() {
	if (location.hash === '#run')
		run(sections);
}

function start() {
	const all = document.getElementById('run-all');

	commandsFill();
	for (const section of sections) {
		const button = section.querySelector('button.run');
		const title = section.querySelector('h2').textContent;
		button.hidden = false;
		button.setAttribute('aria-label', `Run step ${title}`);
		button.addEventListener('click', () => run([section]));
		verdictSet(section, 'not-run');
	}
	all.addEventListener('click', () => run(sections));
	all.parentElement.hidden = false;
	summaryShow();
	addEventListener('hashchange', hashFollow);
	hashFollow();
}

start();
