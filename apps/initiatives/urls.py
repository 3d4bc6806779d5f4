from django.urls import path

from apps.initiatives.views import adopting, answers, catalogue, leading

app_name = "initiatives"
urlpatterns = [
    path("", catalogue.index, name="index"),
    path("<int:number>-<slug:words>/adopt/", adopting.adopt, name="adopt"),
    path("<int:number>-<slug:words>/object/", adopting.object_to, name="object"),
    path("<int:number>-<slug:words>/interest/", catalogue.interest, name="interest"),
    path("<int:number>-<slug:words>/interest/end/", catalogue.end_interest, name="end_interest"),
    path("<int:number>-<slug:words>/interest/group/", catalogue.start_group, name="start_group"),
    path("<int:number>-<slug:words>/places/", catalogue.add_place, name="add_place"),
    path("<int:number>-<slug:words>/hints/", catalogue.add_hint, name="add_hint"),
    path("hints/<int:pk>/take-back/", catalogue.take_back_hint, name="take_back_hint"),
    path("<int:number>-<slug:words>/update/", leading.update, name="update"),
    path("<int:number>-<slug:words>/lead/", leading.options, name="options"),
    path("<int:number>-<slug:words>/lead/renew/", leading.renew, name="renew"),
    path("<int:number>-<slug:words>/lead/hold/", leading.hold, name="hold"),
    path("<int:number>-<slug:words>/lead/resume/", leading.resume, name="resume"),
    path("<int:number>-<slug:words>/lead/offer/", leading.offer, name="offer"),
    path("<int:number>-<slug:words>/lead/seek/", leading.seek, name="seek"),
    path("<int:number>-<slug:words>/lead/conclude/", leading.conclude, name="conclude"),
    path("<int:number>-<slug:words>/lead/go-on/", leading.go_on, name="go_on"),
    path("<int:number>-<slug:words>/lead/step-down/", leading.step_down, name="step_down"),
    path("bids/<int:pk>/", answers.bid, name="bid"),
    path("bids/<int:pk>/answer/", answers.answer_bid, name="answer_bid"),
    path("bids/<int:pk>/go-on/", answers.go_on_alone, name="go_on_alone"),
    path("bids/<int:pk>/decline/", answers.decline_bid, name="decline_bid"),
    path("bids/<int:pk>/accept/", answers.accept_lead, name="accept_lead"),
    path("objections/<int:pk>/", answers.objection, name="objection"),
    path("objections/<int:pk>/decide/", answers.decide_objection, name="decide_objection"),
    path("objections/<int:pk>/take-back/", answers.withdraw_objection, name="withdraw_objection"),
    path("in-the-way/<int:pk>/", answers.obstacle, name="obstacle"),
    path("in-the-way/<int:pk>/answer/", answers.answer_obstacle, name="answer_obstacle"),
    path("in-the-way/<int:pk>/asked/", answers.say_whether_mine, name="say_whether_mine"),
    path("in-the-way/<int:pk>/clear/", answers.clear_obstacle, name="clear_obstacle"),
]
