"""One module a page; each has `render(words)`. Not here: queries, formats, charts as such."""
