"""Addresses below /notifications/."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("", views.notification_list, name="notifications"),
    path("changes/", views.changes, name="notification-changes"),
    path("reading/", views.read_all, name="notifications-reading"),
    path("<int:pk>/reading/", views.read_one, name="notification-reading"),
]
