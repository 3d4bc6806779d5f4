from django.utils.translation import gettext_lazy as _

from apps.notifications.kinds import LetterKind, topic
from apps.record.verbs import Verb

ADOPTED = Verb("initiatives.adopted", _("%(group)s adopted %(initiative)s"), counts=True)
UPDATED = Verb("initiatives.updated", _("%(group)s posted an update on %(initiative)s"), counts=True)
RENEWED = Verb("initiatives.renewed", _("%(group)s renewed its term on %(initiative)s"), counts=True)
STEPPED_DOWN = Verb("initiatives.stepped_down", _("%(group)s stepped down from %(initiative)s, with thanks"))
LAPSED = Verb(
    "initiatives.lapsed", _("The term of %(group)s on %(initiative)s lapsed after 90 quiet days, with thanks")
)
EXPIRED = Verb("initiatives.expired", _("The term of %(group)s on %(initiative)s ended and was not renewed"))
INTERESTED = Verb("initiatives.interested", _("Somebody is interested in %(initiative)s"))
PLACE_ADDED = Verb("initiatives.place_added", _("%(by)s added a place where %(initiative)s is discussed"))

TOOK_THE_LEAD = Verb("initiatives.took_the_lead", _("%(group)s leads %(initiative)s from now on"), counts=True)
BID = Verb("initiatives.bid", _("%(group)s would lead %(initiative)s, too"))
BID_WITHDRAWN = Verb("initiatives.bid_withdrawn", _("The wish that %(group)s leads %(initiative)s was taken back"))
DECLINED = Verb("initiatives.declined", _("%(group)s does not lead %(initiative)s: the answer was no"))
DECLINED_BY_LEAD = Verb(
    "initiatives.declined_by_lead", _("%(group)s does not lead %(initiative)s, too: its lead said no"), counts=True
)
WENT_ON = Verb("initiatives.went_on", _("%(group)s woke up and leads %(initiative)s on, with evidence"), counts=True)
OFFERED = Verb("initiatives.offered", _("%(group)s offered the lead of %(initiative)s to %(successor)s"))
OFFER_LAPSED = Verb(
    "initiatives.offer_lapsed", _("%(group)s did not answer the offer to lead %(initiative)s; nothing changes")
)
HANDED_OVER = Verb("initiatives.handed_over", _("%(group)s handed %(initiative)s over, with thanks"))
SEEKS_SUCCESSOR = Verb("initiatives.seeks_successor", _("%(group)s seeks a successor for %(initiative)s"))
STAYS = Verb("initiatives.stays", _("%(group)s leads %(initiative)s on and seeks no successor any more"))
ON_HOLD = Verb("initiatives.on_hold", _("%(group)s put %(initiative)s on hold"))
HOLD_LONGER = Verb("initiatives.hold_longer", _("%(group)s looked again at %(initiative)s: it is on hold for longer"))
RESUMED = Verb("initiatives.resumed", _("%(group)s resumed %(initiative)s"), counts=True)
HOLD_FORGOTTEN = Verb(
    "initiatives.hold_forgotten",
    _("%(group)s did not look again at %(initiative)s, which was on hold: it reads quiet"),
)
CONCLUDES = Verb("initiatives.concludes", _("%(group)s says that %(initiative)s is done"), counts=True)
GOES_ON = Verb("initiatives.goes_on", _("%(group)s goes on with %(initiative)s: it is not done yet"))
CONCLUDED = Verb("initiatives.concluded", _("%(initiative)s is done; %(group)s led it, with thanks"))
NOT_CONCLUDED = Verb(
    "initiatives.not_concluded", _("%(initiative)s is not done yet: a must-step is not settled any more")
)
OBJECTED = Verb("initiatives.objected_to", _("%(by)s objected to the adoption of %(initiative)s"))
OBJECTION_DISMISSED = Verb(
    "initiatives.objection_dismissed", _("A reviewer decided on an objection: the adoption of %(initiative)s stands")
)
OBJECTION_SHARED = Verb(
    "initiatives.objection_shared", _("A reviewer decided on an objection: two groups lead %(initiative)s")
)
OBJECTION_UPHELD = Verb("initiatives.objection_upheld", _("A reviewer upheld an objection about %(initiative)s"))
ENDED_BY_OBJECTION = Verb(
    "initiatives.ended_by_objection", _("The lead of %(group)s on %(initiative)s ended after an objection")
)
STANDS_BY_SILENCE = Verb(
    "initiatives.stands_by_silence", _("Nobody decided on an objection: the adoption of %(initiative)s stands")
)
OBJECTION_WITHDRAWN = Verb("initiatives.objection_withdrawn", _("An objection about %(initiative)s was taken back"))
IN_THE_WAY = Verb("initiatives.in_the_way", _("%(group)s says what is in the way of %(initiative)s"))
OBSTACLE_ANSWERED = Verb("initiatives.obstacle_answered", _("Somebody answered what was in the way of %(initiative)s"))
OBSTACLE_UNANSWERED = Verb(
    "initiatives.obstacle_unanswered", _("Nobody answered for 14 days what is in the way of %(initiative)s")
)
OBSTACLE_GONE = Verb("initiatives.obstacle_gone", _("Something is out of the way of %(initiative)s"))
HINTED = Verb("initiatives.hinted", _("Somebody left a hint who leads %(initiative)s"))

topic("initiatives", _("Initiatives"))
SECOND_INTEREST = LetterKind(
    "initiatives.second_interest",
    title=_("Somebody else is interested in the same initiative"),
    subject=_("You are not alone: %(initiative)s"),
    happened=_("You are interested in “%(initiative)s”, and so is somebody else. Nobody leads it yet."),
    asked=_("Any of you can adopt it at once, with a group that begins with one person."),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
LOOKS_FOR_PEOPLE = _("It looks for people: you can ask to join.")
ANYBODY_CAN_ASK = _("You can ask to join.")
ADOPTED_LETTER = LetterKind(
    "initiatives.adopted",
    title=_("A group adopts an initiative that interests me"),
    subject=_("%(group)s leads “%(initiative)s” now"),
    happened=_("The working group %(group)s adopted “%(initiative)s” and leads it from today. %(how_to_join)s"),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
TERM_ENDED = LetterKind(
    "initiatives.term_ended",
    title=_("The term of one of my groups ended"),
    subject=_("Thank you: your term on “%(initiative)s” has ended"),
    happened=_(
        "The term of %(group)s on “%(initiative)s” has ended: %(how)s. What you did stays in its history. Thank you."
    ),
    asked=_("You can adopt it again at any time."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of the group."),
)
PART_ENDED = LetterKind(
    "initiatives.part_ended",
    title=_("One of my groups leads no more, and others do"),
    subject=_("Thank you: %(group)s no longer leads “%(initiative)s”"),
    happened=_("%(group)s no longer leads “%(initiative)s”: %(how)s. What you did stays in its history. Thank you."),
    link_words=_("See who leads it"),
    why=_("You get this because you are a member of the group."),
)
NEXT_IN_LINE = LetterKind(
    "initiatives.next_in_line",
    title=_("My group leads what it waited for"),
    subject=_("%(group)s leads “%(initiative)s” now"),
    happened=_(
        "Your group asked for a part in the lead of “%(initiative)s”. Nobody else leads it any more, so %(group)s "
        "leads it from today, by the plan that you wrote."
    ),
    asked=_("One update, or one entry of the checklist, is a good beginning."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of the group."),
)
BID_VOID = LetterKind(
    "initiatives.bid_void",
    title=_("The term ended in which my group asked for a part in the lead"),
    subject=_("“%(initiative)s” has no lead any more"),
    happened=_(
        "%(group)s asked for a part in the lead of “%(initiative)s”. Before an answer came its term ended: %(how)s."
    ),
    asked=_("Your group can adopt it at once; nobody has to be asked."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of the group."),
)
FREE_AGAIN = LetterKind(
    "initiatives.free_again",
    title=_("An initiative that interests me has no lead any more"),
    subject=_("“%(initiative)s” has no lead any more"),
    happened=_("Nobody leads “%(initiative)s” since today: %(how)s."),
    asked=_("You can adopt it at once; nobody has to be asked."),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
DONE_LETTER = LetterKind(
    "initiatives.done",
    title=_("An initiative that interests me is done"),
    subject=_("Done: “%(initiative)s”"),
    happened=_("“%(initiative)s” is done since today: %(how)s. Its page says what was reached."),
    asked=_("If something is missing, anybody can reopen it by adopting it again."),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
CONCLUDES_LETTER = LetterKind(
    "initiatives.concludes",
    title=_("The lead of an initiative that interests me says that it is done"),
    subject=_("On %(concludes_at)s “%(initiative)s” is done"),
    happened=_("%(group)s says that “%(initiative)s” is done, and what was reached. Its notice runs for 14 days."),
    asked=_("If something is missing, tell the group by %(concludes_at)s; it can take the conclusion back."),
    silence=_("Otherwise it is done on that day. Anybody can reopen it later."),
    link_words=_("Read what was reached"),
    why=_("You get this because you asked to be told about this initiative."),
)
NOT_CONCLUDED_LETTER = LetterKind(
    "initiatives.not_concluded",
    title=_("My group said that an initiative is done, and a must-step is open again"),
    subject=_("“%(initiative)s” is not done yet"),
    happened=_(
        "Your group said that “%(initiative)s” is done. Meanwhile a must-step of its checklist is not settled any "
        "more, so the conclusion has no effect, and your group leads on."
    ),
    asked=_("Hand the step in, and conclude again once it is settled."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of the group."),
)
SUCCESSOR_SOUGHT = LetterKind(
    "initiatives.successor_sought",
    title=_("A lead seeks a successor"),
    subject=_("Will you lead “%(initiative)s”?"),
    happened=_("%(group)s leads “%(initiative)s” and seeks a successor. It goes on until one takes over."),
    asked=_("Any group can take over at once; a group can begin with you alone."),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
ON_HOLD_LETTER = LetterKind(
    "initiatives.on_hold",
    title=_("An initiative that interests me is put on hold"),
    subject=_("On hold until %(review_at)s: “%(initiative)s”"),
    happened=_("%(group)s put “%(initiative)s” on hold and looks at it again on %(review_at)s. Its page says why."),
    asked=_("If you know how to clear the way, tell the group."),
    silence=_(
        "If it does not look again within 14 days of that date, the initiative reads quiet, and others can adopt it."
    ),
    link_words=_("Open the initiative"),
    why=_("You get this because you asked to be told about this initiative."),
)
HOLD_FORGOTTEN_LETTER = LetterKind(
    "initiatives.hold_forgotten",
    title=_("My group forgot what it had put on hold"),
    subject=_("“%(initiative)s” reads quiet now"),
    happened=_(
        "Your group had put “%(initiative)s” on hold, and nobody looked at it again within 14 days of the date that "
        "you had set. It reads quiet now, and another group can adopt it."
    ),
    asked=_("An update is enough to lead it on."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of the group."),
)
BID_FOR_QUIET = LetterKind(
    "initiatives.bid_for_quiet",
    title=_("A group adopts a quiet initiative of mine"),
    subject=_("By %(due_at)s: %(group)s adopts “%(initiative)s”"),
    happened=_("“%(initiative)s”, which your group leads, is quiet. %(group)s adopts it, with a plan of its own."),
    asked=_(
        "Hand over, share, or go on with an update that has evidence, by %(due_at)s. Going on works once in a term."
    ),
    silence=_("If nobody answers, both groups lead together from that day. That is no shame."),
    link_words=_("Read the plan and answer"),
    why=_("You get this because you coordinate a leading group."),
    urgent=True,
)
BID_TO_JOIN = LetterKind(
    "initiatives.bid_to_join",
    title=_("A group asks to lead with mine"),
    subject=_("By %(due_at)s: %(group)s would lead “%(initiative)s”, too"),
    happened=_("%(group)s asks to join the lead of “%(initiative)s”, with a plan of its own."),
    asked=_("Share the lead, or decline with a reason, by %(due_at)s."),
    silence=_("If nobody answers, both groups lead together from that day."),
    link_words=_("Read the plan and answer"),
    why=_("You get this because you coordinate a leading group."),
)
BID_ANSWERED = LetterKind(
    "initiatives.bid_answered",
    title=_("Answers about a part in the lead"),
    subject=_("“%(initiative)s”: %(outcome)s"),
    happened=_("%(group)s asked for a part in the lead of “%(initiative)s”. The answer: %(outcome)s."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of one of the groups."),
)
JOINED_LETTER = LetterKind(
    "initiatives.joined_by_silence",
    title=_("Another group leads with mine since nobody answered"),
    subject=_("“%(initiative)s” has two leads now"),
    happened=_("Nobody answered for 14 days, so %(group)s leads “%(initiative)s” from today, beside whoever led it."),
    asked=_("Write to each other: one update by either group keeps the badge alive."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of one of the groups."),
)
OFFERED_LETTER = LetterKind(
    "initiatives.offered",
    title=_("A group offers the lead to mine"),
    subject=_("By %(due_at)s: will %(successor)s lead “%(initiative)s”?"),
    happened=_("%(group)s offers the lead of “%(initiative)s” to %(successor)s."),
    asked=_("Accept with a plan of your own, or decline, by %(due_at)s."),
    silence=_("If nobody answers, nothing changes: %(group)s leads on."),
    link_words=_("Answer the offer"),
    why=_("You get this because you coordinate the group."),
)
OFFER_ANSWERED = LetterKind(
    "initiatives.offer_answered",
    title=_("Answers to an offer of the lead"),
    subject=_("The offer to lead “%(initiative)s”: %(outcome)s"),
    happened=_("%(group)s was offered the lead of “%(initiative)s”. The answer: %(outcome)s."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of one of the groups."),
)
OFFER_LAPSED_LETTER = LetterKind(
    "initiatives.offer_lapsed",
    title=_("An offer of the lead that nobody answered"),
    subject=_("“%(initiative)s” was not handed over"),
    happened=_("%(group)s did not answer the offer to lead “%(initiative)s”. Nothing changes."),
    asked=_("Whoever leads it can ask another group, seek a successor in public, or step down."),
    link_words=_("Open the initiative"),
    why=_("You get this because you are a member of one of the groups."),
)
OBJECTION_TO_DECIDE = LetterKind(
    "initiatives.objection_to_decide",
    title=_("Objections that I can decide"),
    subject=_("By %(due_at)s: decide on an objection about “%(initiative)s”"),
    happened=_(
        "Somebody objects to the adoption of “%(initiative)s”. You have no part in it; any one reviewer decides."
    ),
    asked=_("Let the adoption stand, let both lead, or end it, by %(due_at)s, with a reason."),
    silence=_("If nobody decides by %(silence_at)s, the adoption stands."),
    link_words=_("Read both sides and decide"),
    why=_("You get this because you are a reviewer."),
)
OBJECTED_LETTER = LetterKind(
    "initiatives.objected",
    title=_("Objections to an adoption by my groups"),
    subject=_("Somebody objects to your adoption of “%(initiative)s”"),
    happened=_(
        "Somebody objects to your group's adoption of “%(initiative)s”, with a reason. Any one reviewer without a part "
        "in it decides in 14 days; silence means that the adoption stands. Your group leads on meanwhile."
    ),
    link_words=_("Read the objection"),
    why=_("You get this because you are a member of the group."),
)
OBJECTION_DECIDED = LetterKind(
    "initiatives.objection_decided",
    title=_("Decisions on my objections"),
    subject=_("“%(initiative)s”: %(outcome)s"),
    happened=_("Your objection about “%(initiative)s” has its answer: %(outcome)s."),
    link_words=_("Read why"),
    why=_("You get this because you objected."),
)
OBJECTION_DECIDED_LEAD = LetterKind(
    "initiatives.objection_decided_lead",
    title=_("Decisions on objections to my groups"),
    subject=_("The objection about “%(initiative)s”: %(outcome)s"),
    happened=_("The objection about “%(initiative)s” has its answer: %(outcome)s."),
    link_words=_("Read why"),
    why=_("You get this because you are a member of a leading group."),
)
OBSTACLE_ASKED = LetterKind(
    "initiatives.obstacle_asked",
    title=_("Whether something waits for me"),
    subject=_("By %(due_at)s: does “%(initiative)s” wait for you?"),
    happened=_("The lead of “%(initiative)s” says that something is in the way, and thinks that it waits for you."),
    asked=_("Say by %(due_at)s whether it does. Your name is shown to nobody, whatever you say."),
    silence=_("If you do not answer, it waits for nobody, and you are not asked again about it."),
    link_words=_("Read what is in the way"),
    why=_("You get this because a member of the group named you."),
)
OBSTACLE_TO_CLEAR = LetterKind(
    "initiatives.obstacle_to_clear",
    title=_("What is in the way of an initiative and waits for me"),
    subject=_("By %(due_at)s: something is in the way of “%(initiative)s”"),
    happened=_("Something is in the way of “%(initiative)s”, and it waits for an answer that you can give."),
    asked=_("Answer by %(due_at)s; two sentences are enough."),
    silence=_("If nobody answers by %(silence_at)s, it reads “nobody answered”, in public."),
    link_words=_("Read it and answer"),
    why=_("You get this because you can answer it."),
)
OBSTACLE_SETTLED = LetterKind(
    "initiatives.obstacle_settled",
    title=_("What was in the way of my initiative"),
    subject=_("In the way of “%(initiative)s”: %(outcome)s"),
    happened=_("What your group named as being in the way of “%(initiative)s” has changed: %(outcome)s."),
    link_words=_("Open it"),
    why=_("You get this because you are a member of the group."),
)
