"""Requests given to this server and to other parsers, and what each frames.

corpus.py   the requests, and mutations of them from a fixed seed
engines.py  the parsers: this server, Node, h11, nginx
compare.py  the verdict on each request, and the differences that are wanted
"""
