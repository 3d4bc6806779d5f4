from django.utils.translation import gettext_lazy as _

from apps.record.verbs import Verb

LINKED_STAFF = Verb("accounts.linked_staff", _("%(by)s linked a staff sign-in"))
