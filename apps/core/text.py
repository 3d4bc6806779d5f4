"""A sentence, translated now or when it is shown."""

from django.utils.functional import Promise

Words = str | Promise
