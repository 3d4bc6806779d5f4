from django.utils.translation import gettext_lazy as _

from apps.record.verbs import Verb

PUBLISHED = Verb("guidelines.published", _("Guidelines %(version)s were published"))
