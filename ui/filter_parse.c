/* From the text of a filter to its terms and the ways between them.
 *
 * Operators and operands go over two stacks (precedence climbing without
 * recursion: a pasted text must not decide how deep the stack gets); what comes
 * out is a tree in postfix order.  Then, from the root down, each part is told
 * where to go on when it is true and when it is not. */
#include <stdlib.h>

#include "base/printable.h"
#include "ui/filter_parts.h"

#define NODES	 (4 * FILTER_TERMS)
#define PENDING	 (3 * FILTER_DEPTH)
#define OPERANDS (3 * FILTER_DEPTH)

enum node_kind { NODE_OR, NODE_AND, NODE_NOT, NODE_TERM, NODE_OPEN };

struct node {
	uint8_t kind;
	uint8_t first; /* the term that is asked first */
	uint8_t cost;
	uint8_t yes;
	uint8_t no;
	uint8_t term;
	uint16_t left; /* nodes; of NODE_NOT the only one */
	uint16_t right;
};

struct pending {
	uint8_t kind; /* enum node_kind */
	uint16_t at;  /* in the text */
};

struct parser {
	struct filter *f;
	struct filter_error *err;
	struct span text;
	size_t at;
	bool operand; /* one has just ended: a blank means "and" */
	unsigned nodes;
	unsigned pendings;
	unsigned operands;
	struct node node[NODES];
	struct pending pending[PENDING];
	uint16_t of[OPERANDS]; /* nodes that wait for their operator */
};

static bool
fail(struct parser *p, size_t at, size_t n, const char *what)
{
	struct buf b = buf_over(p->err->text, sizeof(p->err->text) - 1);

	p->err->at = at;
	p->err->n = n;
	printable_put(&b, span_str(what), PRINTABLE_UTF8);
	p->err->text[b.n] = '\0';
	return false;
}

/* Asking the cheap things first changes no answer. */
static uint8_t
term_cost(const struct filter_term *t)
{
	uint8_t cost = t->kind == TERM_RANGE || t->kind == TERM_MARK ? 0 : 1;

	if (t->kind == TERM_REGEX || t->kind == TERM_FIELD_REGEX)
		cost = 3;
	if (t->needs & FILTER_COSTLY)
		cost = (uint8_t)(cost + 4);
	return cost;
}

static bool
push_operand(struct parser *p, struct node node)
{
	if (p->nodes == NODES || p->operands == OPERANDS)
		return fail(p, p->at, 0, "a shorter filter");
	p->node[p->nodes] = node;
	p->of[p->operands++] = (uint16_t)p->nodes++;
	return true;
}

static bool
push_term(struct parser *p, const struct filter_term *t, size_t at, size_t n)
{
	char text[48];
	struct buf b = buf_over(text, sizeof(text));

	if (p->f->n == FILTER_TERMS) {
		buf_printf(&b, "at most %d terms", FILTER_TERMS);
		return fail(p, at, n, buf_cstr(&b));
	}
	p->f->term[p->f->n] = *t;
	p->f->needs |= t->needs | t->instead;
	return push_operand(p,
	    (struct node){ .kind = NODE_TERM,
		.cost = term_cost(t),
		.first = p->f->n,
		.term = p->f->n++ });
}

/* Make a node of the operator and the operands that wait. */
static bool
reduce(struct parser *p, enum node_kind kind)
{
	struct node node = { .kind = (uint8_t)kind };
	const struct node *l;
	const struct node *r;

	node.right = p->of[--p->operands];
	node.left = kind == NODE_NOT ? node.right : p->of[--p->operands];
	l = &p->node[node.left];
	r = &p->node[node.right];
	if (r->cost < l->cost) {
		const struct node *swap = l;
		uint16_t left = node.left;

		l = r, r = swap;
		node.left = node.right, node.right = left;
	}
	node.first = l->first;
	node.cost = r->cost;
	return push_operand(p, node);
}

/* Operators that bind as tight as `kind`, or tighter, are done first. */
static bool
reduce_from(struct parser *p, enum node_kind kind)
{
	while (p->pendings) {
		enum node_kind top = p->pending[p->pendings - 1].kind;

		if (top == NODE_OPEN || top < kind)
			return true;
		p->pendings--;
		if (!reduce(p, top))
			return false;
	}
	return true;
}

static bool
push_operator(struct parser *p, enum node_kind kind)
{
	if (kind != NODE_NOT && kind != NODE_OPEN && !reduce_from(p, kind))
		return false;
	if (p->pendings == PENDING)
		return fail(p, p->at, 1, "fewer parentheses and negations");
	p->pending[p->pendings++] =
	    (struct pending){ (uint8_t)kind, (uint16_t)p->at };
	p->operand = false;
	return true;
}

/* Before an operand: the blank before it may mean "and". */
static bool
begin_operand(struct parser *p)
{
	return !p->operand || push_operator(p, NODE_AND);
}

/* A value or word at p->at; moves on behind it. */
static bool
take_text(struct parser *p, struct buf *out)
{
	if (filter_take_text(p->text, &p->at, out))
		return true;
	return fail(p, p->at, p->text.n - p->at, "a quote at the end of it");
}

static bool
fail_key(struct parser *p, size_t at, size_t n)
{
	struct span name = span_of(p->text.p + at, n);
	const char *near = filter_key_near(name);
	char text[160];
	struct buf b = buf_over(text, sizeof(text));

	buf_puts(&b, "no key is named \"");
	buf_put(&b, span_of(name.p, name.n < 40 ? name.n : 40));
	buf_puts(&b, "\"; ");
	if (near)
		buf_printf(&b, "did you mean %s?", near);
	else
		buf_puts(&b, "in quotes it is a text to look for");
	return fail(p, at, n, buf_cstr(&b));
}

/* Keys of which several values make sense: ext:css,js */
static bool
takes_list(const struct filter_key *key, enum filter_op op)
{
	return (op == OP_IS || op == OP_EQUAL || op == OP_DIFFER) &&
	    (key->form == FORM_STATUS || key->form == FORM_METHOD ||
		key->form == FORM_EXT);
}

/* The terms of "key op a,b", any of which will do; "!=" and "!~" negate all. */
static bool
add_values(struct parser *p, const struct filter_key *key, enum filter_op op,
    struct span value, size_t at)
{
	bool negate = op == OP_DIFFER || op == OP_UNLIKE;
	bool list = takes_list(key, op);
	bool more = false;

	if (negate)
		op = op == OP_DIFFER ? OP_EQUAL : OP_LIKE;
	for (;;) {
		const char *comma =
		    list && value.n ? memchr(value.p, ',', value.n) : NULL;
		size_t n = comma ? (size_t)(comma - value.p) : value.n;
		char text[160];
		struct buf why = buf_over(text, sizeof(text));
		struct filter_term t;

		if (!filter_term_make(
			p->f, &t, key, op, span_of(value.p, n), &why))
			return fail(p, at, p->at - at, buf_cstr(&why));
		if (!push_term(p, &t, at, p->at - at))
			return false;
		if (more && !reduce(p, NODE_OR))
			return false;
		if (comma == NULL)
			return !negate || reduce(p, NODE_NOT);
		value = span_skip(value, n + 1);
		more = true;
	}
}

/* "key op value" at p->at, the name being `n` bytes. */
static bool
add_keyed(struct parser *p, size_t n, size_t op_n, enum filter_op op)
{
	size_t from = p->at;
	const struct filter_key *key =
	    filter_key_find(span_of(p->text.p + from, n));
	char mem[FILTER_TEXT];
	struct buf value = buf_over(mem, sizeof(mem));
	size_t at;

	if (key == NULL)
		return fail_key(p, from, n);
	at = p->at = from + n + op_n;
	if (!take_text(p, &value))
		return false;
	if (value.n == 0)
		return fail(p, from, p->at - from, key->help);
	return add_values(p, key, op, buf_span(&value), at);
}

/* What other languages have words for. */
static const char *
spoken(struct span word)
{
	static const struct {
		const char *word, *says;
	} row[] = {
		{ "and", "nothing: a blank means and; \"and\" is a text" },
		{ "&&", "nothing: a blank means and; \"&&\" is a text" },
		{ "or", "| for or, as in x | y; \"or\" is a text" },
		{ "not", "! for not, as in !x; \"not\" is a text" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (span_eq_nocase(word, span_str(row[i].word)))
			return row[i].says;
	return NULL;
}

static bool
add_word(struct parser *p)
{
	size_t from = p->at;
	bool quoted = p->text.p[from] == '"';
	char mem[FILTER_TEXT];
	struct buf word = buf_over(mem, sizeof(mem));
	char text[80];
	struct buf why = buf_over(text, sizeof(text));
	struct filter_term t;

	if (!take_text(p, &word))
		return false;
	if (word.n == 0)
		return fail(p, from, p->at - from, "a text to look for");
	if (!quoted && spoken(buf_span(&word)))
		return fail(p, from, p->at - from, spoken(buf_span(&word)));
	if (!quoted && span_eq_nocase(buf_span(&word), SPAN("mark")))
		t = (struct filter_term){
			.kind = TERM_MARK, .of = OF_MARK, .needs = FILTER_MARK
		};
	else if (!filter_term_word(p->f, &t, buf_span(&word), &why))
		return fail(p, from, p->at - from, buf_cstr(&why));
	return push_term(p, &t, from, p->at - from);
}

static bool
add_term(struct parser *p)
{
	struct span s = span_skip(p->text, p->at);
	size_t n = filter_name_length(s);
	enum filter_op op = OP_IS;
	size_t op_n = filter_operator(span_skip(s, n), &op);
	bool ok;

	if (!begin_operand(p))
		return false;
	if (n == 0 && op_n)
		return fail(
		    p, p->at, op_n, "a key right before it, without a blank");
	ok = n && op_n ? add_keyed(p, n, op_n, op) : add_word(p);
	p->operand = true;
	return ok;
}

static bool
add_close(struct parser *p)
{
	if (!p->operand)
		return fail(p, p->at, 1, "something to look for before ')'");
	if (!reduce_from(p, NODE_OR))
		return false;
	if (p->pendings == 0)
		return fail(p, p->at, 1, "a '(' for this ')'");
	p->pendings--;
	p->at++;
	/* what stands before the group may bind it: !(x) */
	return true;
}

static bool
add_negation(struct parser *p)
{
	enum filter_op op;

	/* "!=" and "!~" belong behind a key */
	if (filter_operator(span_skip(p->text, p->at), &op))
		return add_term(p);
	if (!begin_operand(p) || !push_operator(p, NODE_NOT))
		return false;
	p->at++;
	return true;
}

static bool
add_next(struct parser *p)
{
	switch (p->text.p[p->at]) {
	case '(':
		if (!begin_operand(p) || !push_operator(p, NODE_OPEN))
			return false;
		p->at++;
		return true;
	case ')':
		return add_close(p);
	case '|':
		if (!p->operand)
			return fail(
			    p, p->at, 1, "something to look for before '|'");
		if (!push_operator(p, NODE_OR))
			return false;
		p->at++;
		return true;
	case '!':
		return add_negation(p);
	default:
		return add_term(p);
	}
}

static bool
parse_end(struct parser *p)
{
	if (!p->operand)
		return fail(p, p->text.n, 0, "something to look for");
	if (!reduce_from(p, NODE_OR))
		return false;
	if (p->pendings)
		return fail(
		    p, p->pending[p->pendings - 1].at, 1, "a ')' for this '('");
	return true;
}

static bool
parse(struct parser *p)
{
	while (p->at < p->text.n) {
		if (filter_is_blank(p->text.p[p->at]))
			p->at++;
		else if (!add_next(p))
			return false;
	}
	return p->nodes == 0 && p->pendings == 0 ? true : parse_end(p);
}

/* Parents come after their children, so that from the last to the first each
 * node knows where it goes on before it tells its children. */
static void
link_terms(struct parser *p)
{
	struct node *root = &p->node[p->of[0]];

	p->f->start = root->first;
	root->yes = FILTER_YES;
	root->no = FILTER_NO;
	for (unsigned i = p->nodes; i-- > 0;) {
		const struct node *n = &p->node[i];
		struct node *l = &p->node[n->left];
		struct node *r = &p->node[n->right];

		if (n->kind == NODE_TERM) {
			p->f->term[n->term].yes = n->yes;
			p->f->term[n->term].no = n->no;
		} else if (n->kind == NODE_NOT) {
			l->yes = n->no;
			l->no = n->yes;
		} else {
			bool both = n->kind == NODE_AND;

			r->yes = n->yes;
			r->no = n->no;
			l->yes = both ? r->first : n->yes;
			l->no = both ? n->no : r->first;
		}
	}
}

static struct filter *
filter_new(void)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f) {
		f->magic = FILTER_MAGIC;
		f->start = FILTER_YES;
		f->store = buf_over(f->text, sizeof(f->text));
	}
	return f;
}

struct filter *
filter_compile(struct span text, struct filter_error *err)
{
	struct parser p = { .text = text, .err = err };

	*err = (struct filter_error){ 0 };
	if (text.n > FILTER_TEXT) {
		fail(&p, FILTER_TEXT, text.n - FILTER_TEXT, "a shorter filter");
		return NULL;
	}
	p.f = filter_new();
	if (p.f == NULL) {
		fail(&p, 0, 0, "memory is short");
		return NULL;
	}
	if (!parse(&p)) {
		filter_free(p.f);
		return NULL;
	}
	if (p.nodes)
		link_terms(&p);
	return p.f;
}
