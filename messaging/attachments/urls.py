"""The pages of files, and the files themselves."""

from django.urls import path

from messaging.attachments import views

urlpatterns = [
    path("<uuid:key>/", views.file, name="file"),
    path("<uuid:key>/content/", views.content, name="file-content"),
    path("<uuid:key>/thumbnail/", views.thumbnail, name="file-thumbnail"),
    path("<uuid:key>/large/", views.large, name="file-large"),
]
