"""One module for each noun: fetch, act, answer."""
