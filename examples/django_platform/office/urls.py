"""The office's pages."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import path, re_path

from office import views

urlpatterns = [
    path("", views.board, name="board"),
    path("register/", views.register, name="register"),
    path("issue/<str:issue_id>/", views.issue, name="issue"),
    path("issue/<str:issue_id>/move/<str:name>/", views.move, name="move"),
    path("issue/<str:issue_id>/reveal/", views.reveal, name="reveal"),
    path("calendar/", views.calendar, name="calendar"),
    path("report/", views.report, name="report"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # For the demonstration only: a real site has its web server do this.
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
]
