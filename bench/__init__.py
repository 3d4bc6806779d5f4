"""`make bench`: how fast the site is, beside the least that the same work could cost."""
