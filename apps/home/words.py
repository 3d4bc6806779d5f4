from django.utils.translation import gettext_lazy

# What the latest counted act of a lead was, by its verb in the record.
LAST_ACT_WORDS = {
    "initiatives.adopted": gettext_lazy("the adoption"),
    "initiatives.updated": gettext_lazy("an update"),
    "initiatives.renewed": gettext_lazy("the renewal of the term"),
    "initiatives.took_the_lead": gettext_lazy("the adoption by another group"),
    "initiatives.declined_by_lead": gettext_lazy("the answer to a group that would lead, too"),
    "initiatives.went_on": gettext_lazy("an update with evidence"),
    "initiatives.resumed": gettext_lazy("the end of the hold"),
    "initiatives.concludes": gettext_lazy("the announcement that it is done"),
    "engagement.logged": gettext_lazy("an engagement entry"),
    "engagement.logged_several": gettext_lazy("engagement entries"),
    "engagement.doubt_answered": gettext_lazy("the answer to a doubt"),
    "feedback.opened_by_lead": gettext_lazy("a feedback round"),
    "feedback.summarised_by_lead": gettext_lazy("the summary of a feedback round"),
    "groups.notes_published": gettext_lazy("the notes of a meeting"),
    "groups.decided": gettext_lazy("a decision"),
    "questions.answered": gettext_lazy("an answer to a question"),
}
